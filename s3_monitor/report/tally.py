"""Sums over pairs, such as a region's storage types: what summary.json has no room for."""

from __future__ import annotations

from collections.abc import Iterable

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.summary import Group


class _Tally:
    """A Group in the making. Sums are of what is known; None: nothing is."""

    __slots__ = ("buckets", "cost", "objects", "size", "unknown_objects")

    def __init__(self) -> None:
        self.buckets = 0
        self.size: float | None = None
        self.cost: float | None = None
        self.objects = 0.0
        self.unknown_objects = 0

    def add(self, size: float | None, cost: float | None) -> None:
        if size is not None:
            self.size = size if self.size is None else self.size + size
        if cost is not None:
            self.cost = cost if self.cost is None else self.cost + cost

    def add_objects(self, objects: float | None) -> None:
        if objects is None:
            self.unknown_objects += 1
        else:
            self.objects += objects

    def group(self) -> Group:
        objects = self.objects if self.unknown_objects < self.buckets else None
        return Group(self.buckets, self.size, objects, self.cost, self.unknown_objects)


class Crossing:
    """For each pair of an account, a region and a storage type: the sums over what is in both."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str, str], dict[str, _Tally]] = {}

    def at(self, dimension: str, key: str, other: str, other_key: str) -> _Tally:
        row = self._tallies.setdefault((dimension, key, other), {})
        tally = row.get(other_key)
        if tally is None:
            tally = row[other_key] = _Tally()
        return tally

    def parts(self, dimension: str, key: str, other: str) -> dict[str, Group]:
        """What ``key`` is made of, by ``other``."""
        return {name: tally.group() for name, tally in self._tallies.get((dimension, key, other), {}).items()}


def cross(buckets: Iterable[Bucket]) -> Crossing:
    """Buckets must come in a fixed order: sums of floats depend on it."""
    crossing = Crossing()
    for bucket in buckets:
        account, region = bucket.account, bucket.region
        both = (
            crossing.at("region", region, "account", account),
            crossing.at("account", account, "region", region),
        )
        for tally in both:
            tally.buckets += 1
            tally.add_objects(bucket.num_objects)
            if not bucket.storage:  # empty: nothing, which is known
                tally.add(bucket.total_size, bucket.total_cost)
        for name, line in bucket.storage.items():
            for tally in both:
                tally.add(line.size, line.cost)
            objects = line.num_objects if isinstance(line.num_objects, int | float) else None
            for tally in (
                crossing.at("region", region, "storage-type", name),
                crossing.at("storage-type", name, "region", region),
                crossing.at("account", account, "storage-type", name),
                crossing.at("storage-type", name, "account", account),
            ):
                tally.buckets += 1
                tally.add(line.size, line.cost)
                tally.add_objects(objects)
    return crossing
