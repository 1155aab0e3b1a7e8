"""Sums over pairs, such as a region's storage types: what summary.json has no room for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.summary import Group

Place = tuple[str, str]  # account, region


class _Tally:
    """A Group in the making. Sums are of what is known; None: nothing is."""

    __slots__ = ("buckets", "cost", "objects", "size", "unknown_objects")

    def __init__(self) -> None:
        self.buckets = 0
        self.size: float | None = None
        self.cost: float | None = None
        self.objects = 0.0
        self.unknown_objects = 0

    def add(self, size: float | None, cost: float | None, objects: float | None) -> None:
        """A bucket, or one of its lines."""
        self.buckets += 1
        if size is not None:
            self.size = size if self.size is None else self.size + size
        if cost is not None:
            self.cost = cost if self.cost is None else self.cost + cost
        if objects is None:
            self.unknown_objects += 1
        else:
            self.objects += objects

    def unite(self, other: _Tally) -> None:
        self.add(other.size, other.cost, other.objects)
        self.buckets += other.buckets - 1
        self.unknown_objects += other.unknown_objects

    def group(self) -> Group:
        objects = self.objects if self.unknown_objects < self.buckets else None
        return Group(self.buckets, self.size, objects, self.cost, self.unknown_objects)


class Crossing:
    """For each pair of an account, a region and a storage type: the sums over what is in both."""

    def __init__(self, wholes: Mapping[Place, _Tally], lines: Mapping[Place, Mapping[str, _Tally]]) -> None:
        """``wholes``: of all buckets of a place; ``lines``: of its storage types."""
        self._tallies: dict[tuple[str, str, str], dict[str, _Tally]] = {}
        for (account, region), tally in sorted(wholes.items()):
            self._unite("region", region, "account", account, tally)
            self._unite("account", account, "region", region, tally)
        for (account, region), types in sorted(lines.items()):
            for name, tally in sorted(types.items()):
                for dimension, key in (("region", region), ("account", account)):
                    self._unite(dimension, key, "storage-type", name, tally)
                    self._unite("storage-type", name, dimension, key, tally)

    def _unite(self, dimension: str, key: str, other: str, other_key: str, tally: _Tally) -> None:
        row = self._tallies.setdefault((dimension, key, other), {})
        if other_key not in row:
            row[other_key] = _Tally()
        row[other_key].unite(tally)

    def wholes(self, dimension: str) -> dict[str, Group]:
        """The sums of each account, region or storage type."""
        other = "account" if dimension == "region" else "region"
        united: dict[str, _Tally] = {}
        for (own, key, across), row in self._tallies.items():
            if (own, across) == (dimension, other):
                united[key] = _Tally()
                for tally in row.values():
                    united[key].unite(tally)
        return {key: tally.group() for key, tally in united.items()}

    def parts(self, dimension: str, key: str, other: str) -> dict[str, Group]:
        """What ``key`` is made of, by ``other``."""
        return {name: tally.group() for name, tally in self._tallies.get((dimension, key, other), {}).items()}


def cross(buckets: Iterable[Bucket]) -> Crossing:
    """Buckets must come in a fixed order: sums of floats depend on it."""
    wholes: dict[Place, _Tally] = {}
    lines: dict[Place, dict[str, _Tally]] = {}
    for bucket in buckets:
        place = (bucket.account, bucket.region)
        whole = wholes.get(place)
        if whole is None:
            whole, lines[place] = wholes.setdefault(place, _Tally()), {}
        types = lines[place]
        size, cost = bucket.total_size, bucket.total_cost
        for name, line in bucket.storage.items():
            tally = types.get(name)
            if tally is None:
                tally = types[name] = _Tally()
            tally.add(line.size, line.cost, line.num_objects if isinstance(line.num_objects, int | float) else None)
        if bucket.storage and (size is None or cost is None):  # what is known of it counts
            known = [line.cost for line in bucket.storage.values() if line.cost is not None]
            size = sum(line.size for line in bucket.storage.values())
            cost = sum(known) if known else None
        whole.add(size, cost, bucket.num_objects)
    return Crossing(wholes, lines)
