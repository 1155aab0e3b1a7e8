"""What collecting asks of an account; ``aws`` answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from s3_monitor.model.athena import Statement, StatementResult
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

Count = Callable[[str], None]  # told the operation of every request that is sent
Allowed = Callable[[], bool]  # asked before every request


class Account(Protocol):
    """Every method may be called from any thread, waits for AWS, and raises AwsFailure, or UserError where there
    are no credentials (any more). Pages come as they arrive: what came before a failure stays good."""

    def identity(self, count: Count) -> Identity:
        """Whose credentials these are. To be asked first."""

    def buckets(self, region: str | None, wanted: Callable[[str], bool], count: Count) -> Iterator[list[AccountBucket]]:
        """The account's buckets with a ``wanted`` name, in one region or everywhere."""

    def share(self, region: str, ways: int) -> None:
        """So many shards may ask this region at once: each takes its part of the quotas to begin with."""

    def series(
        self, region: str, metric: str, storage_type: str | None, bucket: str | None, count: Count
    ) -> Iterator[list[SeriesName]]:
        """The series there are of a metric, narrowed to a storage type or a bucket where one is given."""

    def points(
        self, region: str, series: Sequence[SeriesName], start: datetime, end: datetime, count: Count
    ) -> Iterator[MetricDataPage]:
        """The points of at most 500 series between two midnights UTC."""

    def traffic(
        self, bucket: str, filter_id: str, region: str, start: datetime, end: datetime, count: Count
    ) -> RequestMetrics | None:
        """What a bucket's request metrics counted between two midnights UTC; null: nothing yet."""

    def listed_buckets(self, kind: SpecialKind, region: str, count: Count) -> Iterator[list[AccountBucket]]:
        """The buckets of a kind that ListBuckets leaves out; none where AWS does not offer it in the region."""

    def bucket_property(self, bucket: str, region: str, name: str, count: Count) -> object:
        """One of model.bucket_config.OPERATIONS, as Details has it."""

    def objects(self, bucket: str, region: str, count: Count, allowed: Allowed) -> Iterator[ObjectsPage]:
        """A bucket's current objects; Spent where ``allowed`` forbids a request, retries included."""

    def keys(self, bucket: str, region: str, question: ListKeysRequest, count: Count, allowed: Allowed) -> KeysPage:
        """A page of a bucket's keys. Spent where ``allowed`` forbids a request that it takes, retries included."""

    def uploads(
        self, bucket: str, region: str, prefix: str, token: tuple[str, ...], count: Count, allowed: Allowed
    ) -> UploadsPage:
        """A page of a bucket's unfinished multipart uploads of keys that begin with ``prefix``."""

    def parts(
        self, bucket: str, region: str, upload: tuple[str, str], token: tuple[str, ...], count: Count, allowed: Allowed
    ) -> UploadPartsPage:
        """A page of the parts of an upload (key, upload id)."""

    def inventories(self, bucket: str, region: str, count: Count) -> tuple[InventoryConfig, ...]:
        """Where inventories of a bucket are delivered."""

    def folders(self, bucket: str, prefix: str, region: str, count: Count) -> list[str]:
        """The prefixes one "/" further down, in a bucket of the region."""

    def small_object(self, bucket: str, key: str, region: str, largest: int, count: Count) -> bytes:
        """An object of at most so many bytes; AwsFailure of kind ``missing`` where there is none."""

    def download(self, bucket: str, key: str, size: int, md5: str, region: str, into: Path, count: Count) -> None:
        """An object as a file, its size in bytes and MD5 as given."""

    def statement(self, region: str, asked: Statement, stop: threading.Event, count: Count) -> StatementResult:
        """What Athena answers to a statement, which is stopped once ``stop`` is set."""
