"""What was asked about a bucket, and how much of that was answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple

import msgspec

from s3_monitor.merge.type_set import NOTHING, TypeSet, types_of_unit
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Unit

OBJECT_COUNT = ""  # stands for the object count where storage types are named


class UnitCoverage(msgspec.Struct, frozen=True):
    """How far one part answered one unit: as UnitFacts, without its buckets.

    ``unanswered``: bucket → the storage types (or OBJECT_COUNT) whose points did not arrive.
    ``whole``: the part was complete.
    """

    unit: Unit
    listed: bool
    sizes: bool
    counts: bool
    whole: bool
    unanswered: dict[str, frozenset[str]]

    @property
    def fulfils(self) -> bool:
        """Everything that the unit asked has an answer."""
        asks_sizes = types_of_unit(self.unit) != NOTHING
        return self.listed and not self.unanswered and (self.sizes or not asks_sizes) and self.has_counts

    @property
    def has_counts(self) -> bool:
        return self.counts or not self.unit.rest


class Covered(NamedTuple):
    """``complete``: every byte series that was asked of the bucket has an answer. ``counts``: its object count has.
    ``narrowed``: only some storage types were asked. ``listings``: a complete part answered for its listing."""

    complete: bool
    counts: bool
    narrowed: bool
    listings: bool


class Coverage:
    """The answers about the buckets of one account and region, against what the whole plan asks there."""

    def __init__(self, units: Sequence[Unit], answers: Sequence[UnitCoverage]) -> None:
        self._units = units
        self._answers = answers
        self._patterns = {unit.id: matcher(unit.buckets) for unit in units if unit.buckets}
        self._unanswered = {bucket for answer in answers for bucket in answer.unanswered}
        self._known: dict[tuple[bool, ...], Covered] = {}

    @property
    def of_all(self) -> Covered | None:
        """That of every bucket, where it is the same for all: no unit has patterns, and every series an answer."""
        return None if self._patterns or self._unanswered else self.of("")

    def of(self, bucket: str) -> Covered:
        matches = tuple([matches(bucket) for matches in self._patterns.values()])
        if bucket in self._unanswered:
            return self._cover(bucket, matches)
        # Buckets that the same units match are covered alike: a few cases for any number of buckets.
        known = self._known.get(matches)
        if known is None:
            known = self._known[matches] = self._cover(bucket, matches)
        return known

    def _cover(self, bucket: str, matches: tuple[bool, ...]) -> Covered:
        outside = {unit for unit, matched in zip(self._patterns, matches, strict=True) if not matched}
        asked = union(types_of_unit(unit) for unit in self._units if unit.id not in outside)
        answers = [answer for answer in self._answers if answer.unit.id not in outside]
        nothing: frozenset[str] = frozenset()
        answered = union(
            types_of_unit(answer.unit).without(answer.unanswered.get(bucket, nothing) - {OBJECT_COUNT})
            for answer in answers
            if answer.sizes
        )
        rest = [answer for answer in answers if answer.unit.rest]
        return Covered(
            complete=asked.within(answered),
            counts=any(a.counts and OBJECT_COUNT not in a.unanswered.get(bucket, nothing) for a in rest),
            narrowed=not asked.all_but,
            listings=any(answer.whole for answer in rest),
        )


def union(sets: Iterable[TypeSet]) -> TypeSet:
    return reduce(TypeSet.union, sets, NOTHING)
