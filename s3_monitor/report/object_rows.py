"""Rows of the tables about a bucket's objects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from msgspec import UNSET

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.priced_object_stats import Bin, Difference, PricedAmount, PricedObjectStats
from s3_monitor.money.storage_types import storage_classes
from s3_monitor.report import bucket_rows, formats

_KEYS_PER_REQUEST = 1000
_SAVINGS = 100  # buckets on objects.html
_SMALL = max(class_.minimum_size for class_ in storage_classes().values())


class Row(NamedTuple):
    """Objects with their cost."""

    name: str
    objects: int
    size: int
    """Bytes."""
    cost: float | None = None
    """USD per month; None: no known price, or no cost by range."""


class Saving(NamedTuple):
    """The noncurrent versions and incomplete uploads of a bucket: what deleting them saves."""

    row: bucket_rows.BucketRow
    noncurrent: PricedAmount | None
    multipart: PricedAmount | None
    complete: bool

    @property
    def _shares(self) -> list[PricedAmount]:
        return [share for share in (self.noncurrent, self.multipart) if share is not None]

    @property
    def cost(self) -> float | None:
        """Return the known cost in USD per month; None: no part has a known cost."""
        known = [share.cost for share in self._shares if share.cost is not None]
        return sum(known) if known else None

    @property
    def cost_is_lower_bound(self) -> bool:
        """Return whether a part of the cost is unknown."""
        return len(self._shares) < 2 or any(share.cost is None for share in self._shares) or not self.complete

    @property
    def size(self) -> int:
        """Return the bytes."""
        return sum(share.size for share in self._shares)


def object_stats_of(bucket: Bucket) -> PricedObjectStats | bool | None:
    """Return the objects of a bucket; False: not requested; None: could not be read."""
    return False if bucket.objects is UNSET else bucket.objects


def class_rows(stats: PricedObjectStats) -> list[Row]:
    """Return current objects by storage class."""
    return [
        Row(name, amount.objects, amount.size, amount.cost)
        for name, amount in sorted(stats.classes.items(), key=lambda item: (-item[1].size, item[0]))
    ]


def prefix_rows(stats: PricedObjectStats) -> list[Row]:
    """Return current objects by prefix."""
    return [Row(one.prefix or "(no prefix)", one.objects, one.size, one.cost) for one in stats.prefixes or ()]


def age_rows(stats: PricedObjectStats) -> list[Row]:
    """Return current objects by age."""
    return _bars(stats.ages or (), lambda days: formats.plural(days, "day"), "less than 1 day")


def size_rows(stats: PricedObjectStats) -> list[Row]:
    """Return current objects by size."""
    return _bars(stats.sizes or (), formats.size, "0 B")


def small_objects(stats: PricedObjectStats) -> Row | None:
    """Return the objects below 128 KB; None: unknown."""
    if stats.sizes is None:
        return None
    small = [one for one in stats.sizes if one.below is not None and one.below <= _SMALL]
    return Row("", sum(one.objects for one in small), sum(one.size for one in small))


def difference_rows(by: Difference) -> list[tuple[str, float | None]]:
    """Return the parts whose sum is CloudWatch's bytes."""
    since = None if by.written_since is None else -by.written_since
    return [
        ("Current objects", by.current),
        ("Noncurrent versions", by.noncurrent),
        ("Parts of incomplete multipart uploads", by.multipart),
        ("Overhead of small and archived objects", by.overhead),
        ("Written since that day", since),
        ("Unexplained: deleted since then, not requested, or measured at a different time", by.unexplained),
    ]


def listing_cost(stats: PricedObjectStats) -> str:
    """Return the requests of such a listing and their cost at the prices of us-east-1."""
    keys = stats.current.objects + (stats.delete_markers or 0)
    keys += stats.noncurrent.objects if stats.noncurrent is not None else 0
    requests = max(1, -(-keys // _KEYS_PER_REQUEST))
    usd = CallCounts({"ListObjectsV2": requests}).usd
    return f"{formats.plural(requests, 'request')}, {usd:.6f} USD"


def top_savings(rows: Iterable[bucket_rows.BucketRow], most: int = _SAVINGS) -> list[Saving]:
    """Return the buckets with the most expensive noncurrent versions and incomplete uploads."""
    savings = [
        Saving(row, row.bucket.objects.noncurrent, row.bucket.objects.multipart, row.bucket.objects.complete)
        for row in rows
        if isinstance(row.bucket.objects, PricedObjectStats)
    ]
    savings = [saving for saving in savings if saving.size]
    return sorted(savings, key=_rank)[:most]


def _rank(saving: Saving) -> tuple[float, int, str, str]:
    bucket = saving.row.bucket
    return (-(saving.cost or 0), -saving.size, bucket.name, bucket.account)


def _bars(bins: Sequence[Bin], limit_text: Callable[[int], str], first: str) -> list[Row]:
    """Return the bins with objects, named by their limits."""
    rows = []
    for number, one in enumerate(bins):
        above = bins[number - 1].below if number else None
        if one.below is None:
            name = f"{limit_text(above or 0)} or more"
        elif above is None:
            name = first
        else:
            name = f"{limit_text(above)} to {limit_text(one.below)}"
        if one.objects:
            rows.append(Row(name, one.objects, one.size))
    return rows
