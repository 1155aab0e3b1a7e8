"""A bucket, or one of its storage types, as a line of a table."""

from __future__ import annotations

import hashlib
import re

import msgspec

from s3_monitor.model.bucket import SEPARATE_NAMESPACE_KINDS, Bucket, StorageLine
from s3_monitor.model.summary import Summary
from s3_monitor.report import glossary
from s3_monitor.report.sparks import spark
from s3_monitor.report.trend_view import History
from s3_monitor.trends.buckets import BucketTrend


class BucketRow(msgspec.Struct, frozen=True, gc=False):
    """A bucket in a table. ``page``: its file's stem, null: it has none. ``share``: of the whole cost.
    ``bar``: its cost in percent of the dearest bucket's. ``why``: why a figure of it is not known. ``trend``, and its
    line in ``spark``: where there is a history."""

    bucket: Bucket
    page: str | None
    share: float | None
    bar: float
    why: str
    trend: BucketTrend | None = None
    spark: str = ""

    @property
    def month(self) -> int | None:
        """The 30-day change in bytes."""
        return None if self.trend is None else self.trend.size_change


class StorageTypeRow(msgspec.Struct, frozen=True, gc=False):
    """A storage line of a bucket. ``share``: its cost in that of all lines it stands with; ``bar``: percent of
    the dearest."""

    row: BucketRow
    storage_type: str
    line: StorageLine
    share: float | None
    bar: float


class BucketRowCache:
    """Rows made once each, when they are asked for."""

    def __init__(self, by_cost: list[Bucket], summary: Summary, past: History | None, top: int) -> None:
        self._rows: dict[int, BucketRow] = {}
        self._trends = past.trends if past is not None and past.drawn else None
        self._whole = summary.totals.cost
        self._dearest = by_cost[0].least_cost if by_cost else None
        self._paged = {id(bucket) for bucket in by_cost[:top]}

    def __getitem__(self, bucket: Bucket) -> BucketRow:
        row = self._rows.get(id(bucket))
        if row is None:
            page = slug(*namespace_key(bucket), bucket.name) if id(bucket) in self._paged else None
            share = ratio(bucket.least_cost, self._whole)
            bar = 100 * (ratio(bucket.least_cost, self._dearest) or 0)
            trend = self._trend(bucket)
            row = BucketRow(bucket, page, share, bar, unknown_reason(bucket), trend, spark(self.daily(trend)))
            self._rows[id(bucket)] = row
        return row

    def daily(self, trend: BucketTrend | None) -> list[int | None]:
        """Bytes of each day; nothing where nothing was ever held."""
        if trend is None or self._trends is None or not trend.record.sizes:
            return []
        return self._trends.daily(trend.record)

    def _trend(self, bucket: Bucket) -> BucketTrend | None:
        if self._trends is None or bucket.kind in SEPARATE_NAMESPACE_KINDS:
            return None
        return self._trends.buckets.get((bucket.account, bucket.region, bucket.name))


def namespace_key(bucket: Bucket) -> tuple[str, ...]:
    """What tells buckets of one name apart."""
    place = (bucket.account, bucket.region)
    return (bucket.kind, *place) if bucket.kind in SEPARATE_NAMESPACE_KINDS else place


def unknown_reason(bucket: Bucket) -> str:
    """Why a figure of this bucket is not known."""
    unpriced = [name for name, line in bucket.storage.items() if line.cost is None]
    if unpriced and bucket.state == "measured":
        return f"no known price for {', '.join(unpriced)}"
    return glossary.REASONS[bucket.state]


def line_row(row: BucketRow, name: str, whole: float | None, dearest: float | None) -> StorageTypeRow:
    line = row.bucket.storage[name]
    return StorageTypeRow(row, name, line, ratio(line.cost, whole), 100 * (ratio(line.cost, dearest) or 0))


def ratio(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def slug(*names: str) -> str:
    """A file's stem for names that may hold anything: readable where they are, always safe, never the same twice."""
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    readable = re.sub(r"[^a-z0-9]+", "-", names[-1].lower())[:40].strip("-")
    return f"{readable}-{digest}" if readable else digest
