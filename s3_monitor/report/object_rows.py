"""What the pages say of a bucket's objects: rows of their small tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from msgspec import UNSET

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.priced_object_stats import Bin, Difference, PricedAmount, PricedObjectStats
from s3_monitor.money.storage_types import storage_classes
from s3_monitor.report import bucket_rows, formats

_KEYS_A_PAGE = 1000
_SAVINGS = 100  # buckets on the page of what could be deleted
_SMALL = max(class_.minimum_size for class_ in storage_classes().values())


class Row(NamedTuple):
    """``cost``: USD a month."""

    name: str
    objects: int
    size: int
    cost: float | None


class Bar(NamedTuple):
    name: str
    objects: int
    size: int


class Saving(NamedTuple):
    """What a bucket keeps beside its current objects: money to save."""

    row: bucket_rows.BucketRow
    noncurrent: PricedAmount | None
    multipart: PricedAmount | None
    complete: bool

    @property
    def _shares(self) -> list[PricedAmount]:
        return [share for share in (self.noncurrent, self.multipart) if share is not None]

    @property
    def cost(self) -> float | None:
        """The known part; None: nothing is known."""
        known = [share.cost for share in self._shares if share.cost is not None]
        return sum(known) if known else None

    @property
    def cost_is_lower_bound(self) -> bool:
        return len(self._shares) < 2 or any(share.cost is None for share in self._shares) or not self.complete

    @property
    def size(self) -> int:
        return sum(share.size for share in self._shares)


def object_stats_of(bucket: Bucket) -> PricedObjectStats | bool | None:
    """False: not asked about. Null: nothing came."""
    return False if bucket.objects is UNSET else bucket.objects


def class_rows(contents: PricedObjectStats) -> list[Row]:
    return [Row(name, *_fields(share)) for name, share in _largest(contents.classes)]


def prefix_rows(contents: PricedObjectStats) -> list[Row]:
    return [Row(one.prefix or "(no prefix)", one.objects, one.size, one.cost) for one in contents.prefixes or ()]


def age_rows(contents: PricedObjectStats) -> list[Bar]:
    return _bars(contents.ages or (), lambda days: formats.plural(days, "day"), "less than 1 day")


def size_rows(contents: PricedObjectStats) -> list[Bar]:
    return _bars(contents.sizes or (), formats.size, "0 B")


def small_objects(contents: PricedObjectStats) -> Bar | None:
    """Those below 128 KB; null where it is not known."""
    if contents.sizes is None:
        return None
    small = [one for one in contents.sizes if one.below is not None and one.below <= _SMALL]
    return Bar("", sum(one.objects for one in small), sum(one.size for one in small))


def difference_rows(by: Difference) -> list[tuple[str, float | None]]:
    """What adds up to CloudWatch's bytes."""
    since = None if by.written_since is None else -by.written_since
    return [
        ("Current objects", by.current),
        ("Noncurrent versions", by.noncurrent),
        ("Parts of incomplete multipart uploads", by.multipart),
        ("Overhead of small and archived objects", by.overhead),
        ("Written since that day", since),
        ("Unexplained: deleted since then, not requested, or measured at a different time", by.unexplained),
    ]


def listing_cost(contents: PricedObjectStats) -> str:
    """What such a listing costs: its requests at us-east-1's price."""
    keys = contents.current.objects + (contents.delete_markers or 0)
    keys += contents.noncurrent.objects if contents.noncurrent is not None else 0
    requests = max(1, -(-keys // _KEYS_A_PAGE))
    usd = CallCounts({"ListObjectsV2": requests}).usd
    return f"{formats.plural(requests, 'request')}, {usd:.6f} USD"


def top_savings(rows: Iterable[bucket_rows.BucketRow], most: int = _SAVINGS) -> list[Saving]:
    """The buckets with the dearest earlier versions and unfinished uploads."""
    found = [
        Saving(row, row.bucket.objects.noncurrent, row.bucket.objects.multipart, row.bucket.objects.complete)
        for row in rows
        if isinstance(row.bucket.objects, PricedObjectStats)
    ]
    found = [one for one in found if one.size]
    return sorted(found, key=lambda one: (-(one.cost or 0), -one.size, one.row.bucket.name, one.row.bucket.account))[
        :most
    ]


def _fields(share: PricedAmount) -> tuple[int, int, float | None]:
    return share.objects, share.size, share.cost


def _largest(shares: dict[str, PricedAmount]) -> list[tuple[str, PricedAmount]]:
    return sorted(shares.items(), key=lambda pair: (-pair[1].size, pair[0]))


def _bars(bins: Sequence[Bin], written: Callable[[int], str], first: str) -> list[Bar]:
    """Bins that hold something, named by their limits."""
    rows = []
    for number, one in enumerate(bins):
        above = bins[number - 1].below if number else None
        if one.below is None:
            name = f"{written(above or 0)} or more"
        elif above is None:
            name = first
        else:
            name = f"{written(above)} to {written(one.below)}"
        if one.objects:
            rows.append(Bar(name, one.objects, one.size))
    return rows


GLOBALS = {
    function.__name__: function
    for function in (
        object_stats_of, class_rows, prefix_rows, age_rows, size_rows, small_objects, difference_rows, listing_cost,
    )
}  # fmt: skip
