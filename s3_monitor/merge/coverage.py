"""Which of the requested data of a bucket was received."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Unit

OBJECT_COUNT = ""  # the object count, among storage types
OTHER_TYPES = "*"  # all storage types that no unit names


def units_by_place(units: Iterable[Unit]) -> dict[tuple[str, str], list[Unit]]:
    """Return account and region → their units."""
    by_place: dict[tuple[str, str], list[Unit]] = {}
    for unit in units:
        by_place.setdefault((unit.account, unit.region), []).append(unit)
    return by_place


def named_types(units: Iterable[Unit]) -> frozenset[str]:
    """Return the storage types that units name, and OTHER_TYPES."""
    return frozenset({OTHER_TYPES}).union(*((*(unit.types or ()), *unit.except_) for unit in units))


def requested_types(unit: Unit, named: Collection[str]) -> frozenset[str]:
    """Return the storage types of ``named`` whose byte series a unit requests."""
    return frozenset(named).difference(unit.except_) if unit.types is None else frozenset(unit.types)


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
        has_sizes = self.sizes or self.unit.types == ()
        has_counts = self.counts or not self.unit.rest
        return (self.listed or self.unit.linked) and not self.missing and has_sizes and has_counts


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
        self._named = named_types(units)
        self._patterns = {unit.id: matcher(unit.buckets) for unit in units if unit.buckets}
        self._buckets_with_gaps = {bucket for unit in received for bucket in unit.missing}
        # Buckets that match the same units have the same coverage: a few cases for any number of buckets.
        self._by_matches: dict[tuple[bool, ...], BucketCoverage] = {}

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
        received = [
            (unit, unit.missing.get(bucket, frozenset())) for unit in self._received if unit.unit.id not in excluded
        ]
        named = self._named.union(*(missing for _, missing in received)) - {OBJECT_COUNT}
        requested = {name for unit in self._units if unit.id not in excluded for name in requested_types(unit, named)}
        covered = set().union(
            *(requested_types(unit.unit, named) - missing for unit, missing in received if unit.sizes)
        )
        rest = [(unit, missing) for unit, missing in received if unit.unit.rest]
        return BucketCoverage(
            complete=requested <= covered,
            counts=any(unit.counts and OBJECT_COUNT not in missing for unit, missing in rest),
            narrowed=OTHER_TYPES not in requested,
            listings=any(unit.part_is_complete for unit, _ in rest),
        )
