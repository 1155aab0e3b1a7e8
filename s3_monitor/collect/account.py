"""The account that collectors read; ``aws.account.AwsAccount`` implements it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol, Self

from s3_monitor.model.athena import Statement, StatementResult
from s3_monitor.model.bill import CostPage, CostQuery
from s3_monitor.model.bucket_config import InventoryConfig
from s3_monitor.model.call_counts import CallCounter, RequestBudget
from s3_monitor.model.exports import LensScope
from s3_monitor.model.identity import AccountBucket, Identity, SpecialKind
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.responses import (
    KeysPage,
    ListKeysRequest,
    MetricDataPage,
    SeriesName,
    UploadPartsPage,
    UploadsPage,
)


class Account(Protocol):
    """The requests that collecting sends: see the classes in ``aws`` for each.

    Any thread may call a method. It waits for the response and raises AwsError, or UserError without valid
    credentials. Pages received before an error remain valid.
    """

    calls: CallCounter

    def metered(self, calls: CallCounter, list_budget: RequestBudget | None = None) -> Self: ...

    def identity(self) -> Identity: ...

    def of_linked_account(self, owner: str) -> Self: ...

    def share_limits(self, region: str, shards: int) -> None: ...

    def bucket_pages(self, region: str | None, matches: Callable[[str], bool]) -> Iterator[list[AccountBucket]]: ...

    def special_bucket_pages(self, kind: SpecialKind, region: str) -> Iterator[list[AccountBucket]]: ...

    def series_pages(
        self, region: str, metric: str, storage_type: str | None = None, bucket: str | None = None
    ) -> Iterator[list[SeriesName]]: ...

    def point_pages(
        self, region: str, series: Sequence[SeriesName], start: datetime, end: datetime
    ) -> Iterator[MetricDataPage]: ...

    def read_request_metrics(
        self, bucket: str, filter_id: str, region: str, start: datetime, end: datetime
    ) -> RequestMetrics | None: ...

    def read_property(self, bucket: str, region: str, name: str) -> object: ...

    def read_inventories(self, bucket: str, region: str) -> tuple[InventoryConfig, ...]: ...

    def keys_page(self, bucket: str, region: str, request: ListKeysRequest) -> KeysPage: ...

    def uploads_page(self, bucket: str, region: str, prefix: str, token: tuple[str, ...]) -> UploadsPage: ...

    def parts_page(
        self, bucket: str, region: str, upload: tuple[str, str], token: tuple[str, ...]
    ) -> UploadPartsPage: ...

    def list_folders(self, bucket: str, prefix: str, region: str) -> list[str]: ...

    def read_small_object(self, bucket: str, key: str, region: str, max_bytes: int) -> bytes: ...

    def download(self, bucket: str, key: str, size: int, md5: str, region: str, path: Path) -> bool: ...

    def storage_lens_scopes(self, account: str, config: str, region: str) -> dict[str, LensScope]: ...

    def run_statement(self, region: str, statement: Statement, stop: threading.Event) -> StatementResult: ...

    def cost_pages(self, query: CostQuery, by_tag: bool) -> Iterator[CostPage]: ...
