"""Which of the requested data of a bucket was received."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

import msgspec

from s3_monitor.merge.type_set import NOTHING, TypeSet, types_of_unit
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Unit

OBJECT_COUNT = ""  # the object count, among storage types


class UnitCoverage(msgspec.Struct, frozen=True):
    """What one part received of one unit, without its buckets. See model.part.UnitData."""

    unit: Unit
    listed: bool
    """Whether the list of buckets was received completely."""
    sizes: bool
    """Whether the list of byte metrics was received completely."""
    counts: bool
    """Whether the list of object counts was received completely."""
    part_is_complete: bool
    missing: dict[str, frozenset[str]]
    """Bucket → the storage types, or OBJECT_COUNT, whose points were not received."""

    @property
    def is_complete(self) -> bool:
        """Return whether everything that the unit requests was received."""
        requests_sizes = types_of_unit(self.unit) != NOTHING
        return self.listed and not self.missing and (self.sizes or not requests_sizes) and self.has_counts

    @property
    def has_counts(self) -> bool:
        """Return whether the object counts were received, or not requested."""
        return self.counts or not self.unit.rest


class BucketCoverage(NamedTuple):
    """What was received of a bucket."""

    complete: bool
    """Whether all requested byte series were received."""
    counts: bool
    """Whether the object count was received."""
    narrowed: bool
    """Whether only some storage types were requested."""
    listings: bool
    """Whether a complete part includes its listing."""


class RegionCoverage:
    """What the parts received of the buckets of an account and region, compared with the plan."""

    def __init__(self, units: Sequence[Unit], received: Sequence[UnitCoverage]) -> None:
        """``units``: all units of the account and region. ``received``: those of the parts."""
        self._units = units
        self._received = received
        self._patterns = {unit.id: matcher(unit.buckets) for unit in units if unit.buckets}
        self._buckets_with_gaps = {bucket for unit in received for bucket in unit.missing}
        # Buckets that match the same units have the same coverage: a few cases for any number of buckets.
        self._by_matches: dict[tuple[bool, ...], BucketCoverage] = {}

    @property
    def of_all(self) -> BucketCoverage | None:
        """Return the coverage of all buckets; None if it differs, because of patterns or missing series."""
        return None if self._patterns or self._buckets_with_gaps else self.of("")

    def of(self, bucket: str) -> BucketCoverage:
        """Return the coverage of a bucket."""
        matches = tuple([matches(bucket) for matches in self._patterns.values()])
        if bucket in self._buckets_with_gaps:
            return self._compute(bucket, matches)
        coverage = self._by_matches.get(matches)
        if coverage is None:
            coverage = self._by_matches[matches] = self._compute(bucket, matches)
        return coverage

    def _compute(self, bucket: str, matches: tuple[bool, ...]) -> BucketCoverage:
        excluded = {unit for unit, matched in zip(self._patterns, matches, strict=True) if not matched}
        requested = _union(types_of_unit(unit) for unit in self._units if unit.id not in excluded)
        units = [unit for unit in self._received if unit.unit.id not in excluded]
        none: frozenset[str] = frozenset()
        received = _union(
            types_of_unit(unit.unit).without(unit.missing.get(bucket, none) - {OBJECT_COUNT})
            for unit in units
            if unit.sizes
        )
        rest = [unit for unit in units if unit.unit.rest]
        return BucketCoverage(
            complete=requested.within(received),
            counts=any(unit.counts and OBJECT_COUNT not in unit.missing.get(bucket, none) for unit in rest),
            narrowed=not requested.all_but,
            listings=any(unit.part_is_complete for unit in rest),
        )


def _union(sets: Iterable[TypeSet]) -> TypeSet:
    return reduce(TypeSet.union, sets, NOTHING)
