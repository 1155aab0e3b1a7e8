"""One account as collecting asks it: a connection, and the pace of its quotas."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from s3_monitor.aws import (
    athena,
    bucket_properties,
    cloudwatch,
    cost_explorer,
    inventory_files,
    object_keys,
    request_metrics,
    s3,
    special_buckets,
)
from s3_monitor.aws.api_calls import Clients, Count, RequestAllowed
from s3_monitor.aws.bucket_properties import PROPERTIES, Bucket
from s3_monitor.aws.rate_limiter import RateLimits
from s3_monitor.model.athena import Statement, StatementResult
from s3_monitor.model.bill import CostPage, CostQuery
from s3_monitor.model.bucket_config import InventoryConfig
from s3_monitor.model.identity import AccountBucket, Identity, SpecialKind
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.responses import (
    KeysPage,
    ListKeysRequest,
    MetricDataPage,
    ObjectsPage,
    SeriesName,
    UploadPartsPage,
    UploadsPage,
)


class Connected(Clients, Protocol):
    """A Connection."""

    def identity(self) -> Identity: ...


class AwsAccount:
    """What ``collect`` is handed: see collect/account.py for what each method answers. ``paces`` are shared by all
    accounts of a process, since two connections may lead to one account."""

    def __init__(self, connection: Connected, paces: RateLimits) -> None:
        self._connection = connection
        self._paces = paces
        self._id = ""

    def identity(self, count: Count) -> Identity:
        count("GetCallerIdentity")
        identity = self._connection.identity()
        self._id = identity.account
        return identity

    def buckets(self, region: str | None, wanted: Callable[[str], bool], count: Count) -> Iterator[list[AccountBucket]]:
        return s3.bucket_pages(self._connection, region=region, wanted=wanted, count=count)

    def share(self, region: str, ways: int) -> None:
        self._paces.of(self._id, region).share(ways)

    def series(
        self, region: str, metric: str, storage_type: str | None, bucket: str | None, count: Count
    ) -> Iterator[list[SeriesName]]:
        pace = self._paces.of(self._id, region)
        return cloudwatch.list_series(
            self._connection, region, metric, storage_type=storage_type, bucket=bucket, count=count, pace=pace
        )

    def points(
        self, region: str, series: Sequence[SeriesName], start: datetime, end: datetime, count: Count
    ) -> Iterator[MetricDataPage]:
        pace = self._paces.of(self._id, region)
        return cloudwatch.points(self._connection, region, series, start, end, count=count, pace=pace)

    def traffic(
        self, bucket: str, filter_id: str, region: str, start: datetime, end: datetime, count: Count
    ) -> RequestMetrics | None:
        pace = self._paces.of(self._id, region)
        return request_metrics.traffic(self._connection, bucket, filter_id, region, start, end, count=count, pace=pace)

    def listed_buckets(self, kind: SpecialKind, region: str, count: Count) -> Iterator[list[AccountBucket]]:
        return special_buckets.list_special_buckets(self._connection, kind, region, count)

    def bucket_property(self, bucket: str, region: str, name: str, count: Count) -> object:
        pace = self._paces.of(self._id, region)
        asked = Bucket(self._connection, bucket, region, count, pace.configuration_throttled, pace.configuration)
        return PROPERTIES[name](asked)

    def objects(self, bucket: str, region: str, count: Count, allowed: RequestAllowed) -> Iterator[ObjectsPage]:
        return s3.object_pages(self._connection, bucket, region, count=count, allowed=allowed)

    def keys(
        self, bucket: str, region: str, question: ListKeysRequest, count: Count, allowed: RequestAllowed
    ) -> KeysPage:
        return object_keys.keys_page(self._connection, bucket, region, question, count=count, allowed=allowed)

    def uploads(
        self, bucket: str, region: str, prefix: str, token: tuple[str, ...], count: Count, allowed: RequestAllowed
    ) -> UploadsPage:
        return object_keys.uploads_page(self._connection, bucket, region, prefix, token, count=count, allowed=allowed)

    def parts(
        self,
        bucket: str,
        region: str,
        upload: tuple[str, str],
        token: tuple[str, ...],
        count: Count,
        allowed: RequestAllowed,
    ) -> UploadPartsPage:
        return object_keys.parts_page(self._connection, bucket, region, upload, token, count=count, allowed=allowed)

    def inventories(self, bucket: str, region: str, count: Count) -> tuple[InventoryConfig, ...]:
        return bucket_properties.inventory_configurations(self._connection, bucket, region, count)

    def folders(self, bucket: str, prefix: str, region: str, count: Count) -> list[str]:
        return inventory_files.folders(self._connection, bucket, prefix, region, count)

    def small_object(self, bucket: str, key: str, region: str, largest: int, count: Count) -> bytes:
        return inventory_files.small_object(self._connection, bucket, key, region, largest, count)

    def download(self, bucket: str, key: str, size: int, md5: str, region: str, into: Path, count: Count) -> None:
        inventory_files.download(self._connection, bucket, key, size, md5, region, into, count)

    def costs(self, question: CostQuery, by_tag: bool, count: Count) -> Iterator[CostPage]:
        """Where this account pays: see collect/payer.py."""
        return cost_explorer.pages(self._connection, question, by_tag=by_tag, count=count)

    def statement(self, region: str, asked: Statement, stop: threading.Event, count: Count) -> StatementResult:
        return athena.run(self._connection, region, asked, stop, count)
