"""Sums over pairs, such as the storage types of a region, from the report's buckets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from s3_monitor.model.bucket import Bucket, StorageLine
from s3_monitor.model.summary import Group, Summary

Place = tuple[str, str]  # account, region


class _Tally:
    """A Group under construction: sums of what is known, None where nothing is, and what they leave out."""

    __slots__ = ("buckets", "cost", "counted", "objects", "size", "unknown", "unpriced", "upper_bound")

    def __init__(self) -> None:
        self.buckets = self.counted = self.unknown = 0
        self.size: float | None = None
        self.cost: float | None = None
        self.objects = self.unpriced = self.upper_bound = 0.0

    def add_bucket(self, bucket: Bucket) -> None:
        self.buckets += 1
        self.unknown += bucket.total_size is None
        self._add(bucket.least_size, bucket.least_cost, bucket.num_objects)
        if bucket.total_cost is None:
            self.unpriced += sum(line.size for line in bucket.storage.values() if line.cost is None)

    def add_line(self, line: StorageLine, *, of_unknown: bool) -> None:
        """Add a storage line. ``of_unknown``: of a bucket whose size is not known."""
        self.buckets += 1
        self.unknown -= of_unknown  # whether that bucket holds the type is known
        objects = line.num_objects if isinstance(line.num_objects, int | float) else None
        self._add(line.size, line.cost, objects)
        if line.cost is None:
            self.unpriced += line.size
        elif line.cost_is_upper_bound is True:
            self.upper_bound += line.size

    def _add(self, size: float | None, cost: float | None, objects: float | None) -> None:
        if size is not None:
            self.size = size if self.size is None else self.size + size
        if cost is not None:
            self.cost = cost if self.cost is None else self.cost + cost
        if objects is not None:
            self.counted += 1
            self.objects += objects

    def merge(self, other: _Tally) -> None:
        self._add(other.size, other.cost, None)
        self.buckets += other.buckets
        self.counted += other.counted
        self.objects += other.objects
        self.unknown += other.unknown
        self.unpriced += other.unpriced
        self.upper_bound += other.upper_bound

    def group(self, *, complete: bool) -> Group:
        return Group(
            buckets=self.buckets,
            size=self.size,
            objects=self.objects if self.counted else None,
            cost=self.cost,
            unpriced_size=self.unpriced,
            unknown_buckets=self.unknown,
            unknown_objects=self.buckets - self.counted,
            complete=complete,
            upper_bound_size=self.upper_bound,
        )


class CrossTotals:
    """For each pair of an account, a region and a storage type: the sums over what is in both."""

    def __init__(
        self, totals: Mapping[Place, _Tally], lines: Mapping[Place, Mapping[str, _Tally]], summary: Summary
    ) -> None:
        """``totals``: of all buckets of a place; ``lines``: of its storage types."""
        self._complete = {
            "account": {name for name, group in summary.by_account.items() if group.complete},
            "region": {name for name, group in summary.by_region.items() if group.complete},
            "storage-type": {name for name, group in summary.by_storage_type.items() if group.complete},
        }
        self._tallies: dict[tuple[str, str, str], dict[str, _Tally]] = {}
        for (account, region), tally in sorted(totals.items()):
            self._merge("region", region, "account", account, tally)
            self._merge("account", account, "region", region, tally)
        for (account, region), types in sorted(lines.items()):
            for name, tally in sorted(types.items()):
                for dimension, key in (("region", region), ("account", account)):
                    self._merge(dimension, key, "storage-type", name, tally)
                    self._merge("storage-type", name, dimension, key, tally)

    def _merge(self, dimension: str, key: str, other: str, other_key: str, tally: _Tally) -> None:
        row = self._tallies.setdefault((dimension, key, other), {})
        if other_key not in row:
            row[other_key] = _Tally()
        row[other_key].merge(tally)

    def totals(self, dimension: str) -> dict[str, Group]:
        """Return the sums of each account, region or storage type."""
        other = "account" if dimension == "region" else "region"
        merged: dict[str, _Tally] = {}
        for (own, key, across), row in self._tallies.items():
            if (own, across) == (dimension, other):
                merged[key] = _Tally()
                for tally in row.values():
                    merged[key].merge(tally)
        return {key: tally.group(complete=key in self._complete[dimension]) for key, tally in merged.items()}

    def parts(self, dimension: str, key: str, other: str) -> dict[str, Group]:
        """Return what ``key`` is made of, by ``other``."""
        own_is_complete = key in self._complete[dimension]
        return {
            name: tally.group(complete=own_is_complete or name in self._complete[other])
            for name, tally in self._tallies.get((dimension, key, other), {}).items()
        }


def cross(buckets: Iterable[Bucket], summary: Summary) -> CrossTotals:
    """Sum up buckets in their order, which must not depend on chance: sums of floats depend on it."""
    totals: dict[Place, _Tally] = {}
    lines: dict[Place, dict[str, _Tally]] = {}
    untyped: dict[Place, int] = {}
    for bucket in buckets:
        place = (bucket.account, bucket.region)
        total = totals.get(place)
        if total is None:
            total, lines[place], untyped[place] = totals.setdefault(place, _Tally()), {}, 0
        total.add_bucket(bucket)
        is_unknown = bucket.total_size is None and bucket.state != "unmeasured"
        untyped[place] += is_unknown
        types = lines[place]
        for name, line in bucket.storage.items():
            tally = types.get(name)
            if tally is None:
                tally = types[name] = _Tally()
            tally.add_line(line, of_unknown=is_unknown)
    for place, types in lines.items():
        for tally in types.values():
            tally.unknown += untyped[place]
        totals[place].upper_bound = sum(tally.upper_bound for tally in types.values())
    return CrossTotals(totals, lines, summary)
