"""The union of parts: associative, commutative, idempotent."""

from __future__ import annotations

import sys
from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec
from msgspec import UNSET

from s3_monitor.merge.coverage import OBJECT_COUNT, UnitCoverage
from s3_monitor.model.bill import BillData
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.bucket_config import merge_bucket_configs as unite_details
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.identity import SpecialKind
from s3_monitor.model.object_stats import ObjectStats, merge_object_stats
from s3_monitor.model.part import BucketData, Listing, Part, UnitData
from s3_monitor.model.plan import Plan, Unit
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.request_metrics import RequestMetrics, merge_request_metrics
from s3_monitor.model.series import Series, union

Place = tuple[str, str]  # account, region
Run = tuple[datetime, datetime, str, Decimal, object, object]  # started, finished, status, dollars, calls
Conflict = tuple[Literal["values", "created", "unsound"], str]  # what about, and the storage type or OBJECT_COUNT


class MergedBucket(msgspec.Struct, frozen=True, gc=False):
    """What all parts together say of one bucket. ``sizes``: storage type → bytes."""

    created: int | None
    listed: bool
    sizes: dict[str, Series]
    count: Series | None
    listing: Listing | None


class MergedRegion(msgspec.Struct):
    """The answers about one account and region, the buckets they name, and what is known of their objects."""

    answers: list[UnitCoverage] = msgspec.field(default_factory=list)
    buckets: dict[str, MergedBucket] = msgspec.field(default_factory=dict)
    contents: dict[str, ObjectStats] = msgspec.field(default_factory=dict)
    details: dict[str, BucketConfig] = msgspec.field(default_factory=dict)
    traffic: dict[str, RequestMetrics] = msgspec.field(default_factory=dict)
    others: dict[tuple[SpecialKind, str], int | None] = msgspec.field(default_factory=dict)  # when they were made


class ShardResult(msgspec.Struct):
    """What the parts of one shard brought, besides facts."""

    runs: dict[Run, tuple[CallCounts, Decimal]] = msgspec.field(default_factory=dict)
    statuses: set[str] = msgspec.field(default_factory=set)
    problems: set[Problem] = msgspec.field(default_factory=set)
    buckets: dict[Place, list[list[str]]] = msgspec.field(default_factory=dict)  # the names of each answer
    answers: list[UnitCoverage] = msgspec.field(default_factory=list)
    bills: list[bool] = msgspec.field(default_factory=list)  # whether each arrived whole

    @property
    def seconds(self) -> float:
        """Total time of its runs."""
        return sum((finished - started).total_seconds() for started, finished, *_ in self.runs)

    @property
    def bucket_count(self) -> int:
        """Buckets that any answer names, each once. A single answer has none twice."""
        return sum(len(one) if not more else len({*one}.union(*more)) for one, *more in self.buckets.values())


class PartUnion:
    """Parts are added in any order, one by one; the same facts come out."""

    def __init__(self, plan: Plan) -> None:
        self.regions: dict[Place, MergedRegion] = {(unit.account, unit.region): MergedRegion() for unit in plan.units}
        self.shards: dict[str, ShardResult] = {}
        self.problems: set[Problem] = set()
        self.bill: BillData | None = None
        self._units = {unit.id: unit for unit in plan.units}

    @property
    def usable(self) -> bool:
        """Some part brought data: buckets, or the certainty that there are none."""
        return any(
            region.buckets or any(answer.listed or answer.sizes or answer.counts for answer in region.answers)
            for region in self.regions.values()
        )

    def add(self, part: Part) -> None:
        """Unite a sound part with what is there."""
        shard = self.shards.setdefault(part.shard, ShardResult())
        self._count_run(part, shard)
        shard.statuses.add(part.status)
        shard.problems.update(part.problems)
        if part.bill is not UNSET:
            shard.bills.append(part.bill.complete)
            self.bill = _later(self.bill, part.bill)
        types = [sys.intern(name) for name in part.types]
        for facts in part.units:
            unit = self._units[facts.unit]
            answer = _answer(facts, unit, whole=part.status == "complete")
            region = self.regions[unit.account, unit.region]
            region.answers.append(answer)
            shard.answers.append(answer)
            self._unite_buckets(unit, facts.buckets, types)
            for name, contents in facts.objects:
                region.contents[name] = merge_object_stats(region.contents.get(name), contents)
            self._unite_details(unit, facts.details)
            for other in facts.others:
                key = (other.kind, other.name)
                region.others[key] = _larger(region.others.get(key), other.created)
            for name, traffic in facts.traffic:
                region.traffic[name] = merge_request_metrics(region.traffic.get(name), traffic)
            for name in answer.unanswered:
                region.buckets.setdefault(name, _NAMED_ONLY)
            names = [bucket.name for bucket in facts.buckets]
            shard.buckets.setdefault((unit.account, unit.region), []).append(names)

    def _count_run(self, part: Part, shard: ShardResult) -> None:
        """A part given twice made its calls once; a shard that ran twice made them twice."""
        run: Run = (part.started, part.finished, part.status, part.usd, part.calls.metrics, part.calls.total)
        if run in shard.runs:
            self.problems.add(create_problem("part-duplicate", shard=part.shard))
        elif shard.runs:
            self.problems.add(create_problem("shard-repeated", shard=part.shard))
        shard.runs[run] = (part.calls, part.usd)

    def _unite_buckets(self, unit: Unit, buckets: list[BucketData], types: list[str]) -> None:
        known = self.regions[unit.account, unit.region].buckets
        for bucket in buckets:
            sizes = {types[index]: series for index, series in bucket.sizes}
            new = MergedBucket(bucket.created, bucket.listed, sizes, bucket.count, bucket.listing)
            old = known.get(bucket.name)
            if old is None:
                known[bucket.name] = new
            elif old != new:
                united, conflicts = merge_buckets(old, new)
                known[bucket.name] = united
                self.problems.update(_problem(unit, bucket.name, conflict) for conflict in conflicts)

    def _unite_details(self, unit: Unit, details: list[tuple[str, BucketConfig]]) -> None:
        known = self.regions[unit.account, unit.region].details
        for name, new in details:
            known[name], disagreed = unite_details(known.get(name, new), new)
            for what in disagreed:
                self.problems.add(
                    create_problem(
                        "configuration-conflict",
                        account=unit.account,
                        region=unit.region,
                        bucket=name,
                        property=what.replace("_", " "),
                    )
                )


_NAMED_ONLY = MergedBucket(None, False, {}, None, None)


def merge_buckets(one: MergedBucket, other: MergedBucket) -> tuple[MergedBucket, set[Conflict]]:
    """Both, and what they disagree on."""
    conflicts: set[Conflict] = set()
    sizes = dict(one.sizes)
    for name, series in other.sizes.items():
        sizes[name] = _unite_series(sizes[name], series, name, conflicts) if name in sizes else series
    if list(sizes) != sorted(sizes):
        sizes = {name: sizes[name] for name in sorted(sizes)}
    count = one.count or other.count
    if one.count is not None and other.count is not None:
        count = _unite_series(one.count, other.count, OBJECT_COUNT, conflicts)
    if one.created is not None and other.created is not None and one.created != other.created:
        conflicts.add(("created", OBJECT_COUNT))
    created = _larger(one.created, other.created)
    return MergedBucket(
        created, one.listed or other.listed, sizes, count, _newer(one.listing, other.listing)
    ), conflicts


def _unite_series(one: Series, other: Series, name: str, conflicts: set[Conflict]) -> Series:
    try:
        series, conflict = union(one, other)
    except ValueError:  # a value below zero, which shows only when a history is unpacked
        conflicts.add(("unsound", name))
        newest = max(one, other, key=lambda series: (series.day, series.value))
        return Series(newest.day, newest.value)
    if conflict:
        conflicts.add(("values", name))
    return series


def _newer(one: Listing | None, other: Listing | None) -> Listing | None:
    if one is None or other is None:
        return one or other
    vacant = one.vacant and other.vacant
    return Listing(_larger(one.newest, other.newest), max(one.objects, other.objects), vacant)


def _larger(one: int | None, other: int | None) -> int | None:
    return max((value for value in (one, other) if value is not None), default=None)


def _problem(unit: Unit, bucket: str, conflict: Conflict) -> Problem:
    kind, name = conflict
    code = {
        "created": "creation-date-conflict",
        "unsound": "history-invalid",
        "values": "size-conflict" if name != OBJECT_COUNT else "object-count-conflict",
    }[kind]
    return create_problem(code, account=unit.account, region=unit.region, bucket=bucket, storage_type=name or None)


def _answer(facts: UnitData, unit: Unit, *, whole: bool) -> UnitCoverage:
    unanswered: dict[str, set[str]] = {}
    for bucket, type_ in facts.unanswered:
        unanswered.setdefault(bucket, set()).add(type_)
    frozen = {bucket: frozenset(types) for bucket, types in unanswered.items()}
    return UnitCoverage(unit, facts.listed, facts.sizes, facts.counts, whole, frozen)


def _later(one: BillData | None, other: BillData) -> BillData:
    """Of two answers about one bill the whole one; of two whole ones that which knows more, as bills grow."""
    return other if one is None else max(one, other, key=_fullness)


def _fullness(bill: BillData) -> tuple[object, ...]:
    # The text tells any two apart, so that no order of parts matters.
    rows = sum(len(month.rows) for month in bill.months)
    billed = sum((row.usd for month in bill.months for row in month.rows), Decimal(0))
    return bill.complete, rows, billed, msgspec.json.encode(bill)
