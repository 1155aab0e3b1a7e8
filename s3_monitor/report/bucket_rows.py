"""Rows of tables: a bucket, or a storage type of a bucket."""

from __future__ import annotations

import hashlib
import re

import msgspec

from s3_monitor.model.bucket import SEPARATE_NAMESPACE_KINDS, Bucket, StorageLine
from s3_monitor.model.summary import Summary
from s3_monitor.report import glossary
from s3_monitor.report.sparklines import sparkline_path
from s3_monitor.report.trend_view import History
from s3_monitor.trends.buckets import BucketTrend
from s3_monitor.trends.month_change import TypeChange


class BucketRow(msgspec.Struct, frozen=True, gc=False):
    """A bucket in a table."""

    bucket: Bucket
    page: str | None
    """Stem of the file of its page; None: it has none."""
    share: float | None
    """Share of the total cost."""
    bar: float
    """Cost in percent of the most expensive bucket's."""
    why: str
    """Why a figure is unknown."""
    trend: BucketTrend | None = None
    """None: there is no history."""
    spark: str = ""
    """Path of the line of its daily bytes."""


class StorageTypeRow(msgspec.Struct, frozen=True, gc=False):
    """A storage type of a bucket in a table."""

    row: BucketRow
    storage_type: str
    line: StorageLine
    share: float | None
    """Share of the cost of all lines of the table."""
    bar: float
    """Cost in percent of the most expensive line's."""
    change: TypeChange | None = None
    """The 30-day change, on the page of the bucket; None: unknown."""


class BucketRowCache:
    """The rows of buckets, built on first use."""

    def __init__(self, by_cost: list[Bucket], summary: Summary, past: History | None, top: int) -> None:
        self._rows: dict[int, BucketRow] = {}
        self._trends = past.trends if past is not None and past.has_charts else None
        self._total = summary.totals.cost
        self._highest = by_cost[0].least_cost if by_cost else None
        self._paged = {id(bucket) for bucket in by_cost[:top]}

    def __getitem__(self, bucket: Bucket) -> BucketRow:
        row = self._rows.get(id(bucket))
        if row is None:
            page = slug(*namespace_key(bucket), bucket.name) if id(bucket) in self._paged else None
            share = ratio(bucket.least_cost, self._total)
            bar = 100 * (ratio(bucket.least_cost, self._highest) or 0)
            trend = self._trend(bucket)
            row = BucketRow(bucket, page, share, bar, unknown_reason(bucket), trend, sparkline_path(self.daily(trend)))
            self._rows[id(bucket)] = row
        return row

    def daily(self, trend: BucketTrend | None) -> list[int | None]:
        """Return the bytes of each day; empty for a bucket without a history."""
        if trend is None or self._trends is None or not trend.record.sizes:
            return []
        return self._trends.daily(trend.record)

    def _trend(self, bucket: Bucket) -> BucketTrend | None:
        if self._trends is None or bucket.kind in SEPARATE_NAMESPACE_KINDS:
            return None
        return self._trends.buckets.get((bucket.account, bucket.region, bucket.name))


def namespace_key(bucket: Bucket) -> tuple[str, ...]:
    """Return what distinguishes buckets with the same name."""
    place = (bucket.account, bucket.region)
    return (bucket.kind, *place) if bucket.kind in SEPARATE_NAMESPACE_KINDS else place


def unknown_reason(bucket: Bucket) -> str:
    """Return why a figure of a bucket is unknown."""
    unpriced = [name for name, line in bucket.storage.items() if line.cost is None]
    if unpriced and bucket.state == "measured":
        return f"no known price for {', '.join(unpriced)}"
    return glossary.REASONS[bucket.state]


def line_row(row: BucketRow, name: str, total: float | None, highest: float | None) -> StorageTypeRow:
    """Return the row of a storage type. ``total``, ``highest``: the sum and the highest of the costs of the table."""
    line = row.bucket.storage[name]
    return StorageTypeRow(row, name, line, ratio(line.cost, total), 100 * (ratio(line.cost, highest) or 0))


def ratio(part: float | None, total: float | None) -> float | None:
    """Return the share of a part; None if it is unknown or the total is 0."""
    return part / total if part is not None and total else None


def slug(*names: str) -> str:
    """Return a stem of a file for any names: safe, distinct, and readable if the last name is."""
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    readable = re.sub(r"[^a-z0-9]+", "-", names[-1].lower())[:40].strip("-")
    return f"{readable}-{digest}" if readable else digest
