"""Rows of the tables about a bucket's objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import UNSET

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.priced_object_stats import Bin, Difference, PrefixShare, PricedAmount, PricedObjectStats
from s3_monitor.money.storage_types import storage_classes
from s3_monitor.report import formats

_KEYS_PER_REQUEST = 1000
_SMALL = max(class_.minimum_size for class_ in storage_classes().values())


class Row(NamedTuple):
    """Objects with their cost."""

    name: str
    objects: int
    size: int
    """Bytes."""
    cost: float | None = None
    """USD per month; None: no known price, or no cost by range."""
    level: int = 0
    """Depth in a tree."""


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
    """Return current objects by prefix as a tree: each prefix is followed by its parts, which add up to it."""
    known = {share.prefix for share in stats.prefixes or ()}
    parts: dict[str | None, list[PrefixShare]] = {}
    for share in stats.prefixes or ():
        above = share.prefix.rstrip("/")
        while "/" in above and (above := above[: above.rindex("/") + 1]) not in known:
            above = above.rstrip("/")
        parts.setdefault(above if above in known and above != share.prefix else None, []).append(share)
    return list(_branch(parts, None, stats.current, 0))


def _branch(
    parts: Mapping[str | None, Sequence[PrefixShare]], prefix: str | None, whole: PricedAmount | PrefixShare, level: int
) -> Iterator[Row]:
    """Yield the parts of a prefix with their own parts, and the remaining keys; None: all prefixes."""
    shares = sorted(parts.get(prefix, ()), key=lambda share: (-share.size, share.prefix))
    for share in shares:
        yield Row(share.prefix or "(no prefix)", share.objects, share.size, share.cost, level)
        yield from _branch(parts, share.prefix, share, level + 1)
    objects = whole.objects - sum(share.objects for share in shares)
    if shares and objects > 0:
        costs = [share.cost for share in (whole, *shares)]
        known = [cost for cost in costs if cost is not None]
        cost = known[0] - sum(known[1:]) if len(known) == len(costs) else None
        yield Row("(other keys)", objects, whole.size - sum(share.size for share in shares), cost, level)


def age_rows(stats: PricedObjectStats) -> list[Row]:
    """Return current objects by age."""
    return _bars(stats.ages or (), lambda days: formats.plural(days, "day"), "less than 1 day")


def size_rows(stats: PricedObjectStats) -> list[Row]:
    """Return current objects by size."""
    return _bars(stats.sizes or (), formats.size, "0 B")


def all_size_rows(stats: PricedObjectStats) -> list[Row]:
    """Return all versions by size. Their bytes are unknown."""
    return _bars([Bin(one.below, one.objects, 0) for one in stats.all_sizes or ()], formats.size, "0 B")


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
