"""The union of parts: associative, commutative, idempotent."""

from __future__ import annotations

import sys
from datetime import datetime
from decimal import Decimal
from functools import partial

import msgspec
from msgspec import UNSET

from s3_monitor.merge.coverage import OBJECT_COUNT, UnitCoverage
from s3_monitor.model.bill import BillData
from s3_monitor.model.bucket_config import BucketConfig, merge_bucket_configs
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.identity import SpecialKind
from s3_monitor.model.object_stats import ObjectStats, merge_object_stats
from s3_monitor.model.part import CollectedBucket, Listing, Part, UnitData
from s3_monitor.model.plan import Plan, Shard, Unit
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.request_metrics import RequestMetrics, merge_request_metrics
from s3_monitor.model.series import Series, union
from s3_monitor.model.storage_lens import LensCoverage, LensData
from s3_monitor.model.summary import ShardStatus

Place = tuple[str, str]  # account, region
Run = tuple[datetime, datetime, str, Decimal, object, object]  # started, finished, status, USD, calls
Conflict = tuple[str, str]  # code of a problem, and the storage type or OBJECT_COUNT


class MergedBucket(msgspec.Struct, frozen=True, gc=False):
    """A bucket of all parts together. See model.part.CollectedBucket."""

    created: int | None
    listed: bool
    sizes: dict[str, Series]
    """Storage type → daily bytes, sorted by type."""
    count: Series | None
    listing: Listing | None


class MergedRegion(msgspec.Struct):
    """An account and region of all parts together. Keys are names of buckets."""

    units: list[UnitCoverage] = msgspec.field(default_factory=list)
    """What each part received of each unit."""
    buckets: dict[str, MergedBucket] = msgspec.field(default_factory=dict)
    object_stats: dict[str, ObjectStats] = msgspec.field(default_factory=dict)
    configs: dict[str, BucketConfig] = msgspec.field(default_factory=dict)
    request_metrics: dict[str, RequestMetrics] = msgspec.field(default_factory=dict)
    special_buckets: dict[tuple[SpecialKind, str], int | None] = msgspec.field(default_factory=dict)
    """Kind and name → time of creation; None: unknown."""
    is_in_lens: bool = False
    """Whether a complete export of Storage Lens contains the account."""
    lens_coverage: set[LensCoverage] = msgspec.field(default_factory=set)
    """What complete exports of Storage Lens cover, as far as it is known."""


class ShardResult(msgspec.Struct):
    """The results of the parts of one shard."""

    shard: Shard
    is_invalid: bool = False
    """Whether a part of the shard could not be used."""
    runs: dict[Run, tuple[CallCounts, Decimal]] = msgspec.field(default_factory=dict)
    """Run → its requests to AWS, and their list price in USD. Empty: no part was received."""
    statuses: set[str] = msgspec.field(default_factory=set)
    problems: set[Problem] = msgspec.field(default_factory=set)
    buckets: dict[Place, list[list[str]]] = msgspec.field(default_factory=dict)
    """Account and region → the names of the buckets in each unit of each part."""
    complete_units: set[str] = msgspec.field(default_factory=set)
    """Ids of the units that a part has completely."""
    has_bill: bool = False
    """Whether a part has the complete bill."""
    has_lens: bool = False
    """Whether a part has the complete data of Storage Lens."""

    @property
    def status(self) -> ShardStatus:
        """Return the status in the report."""
        if not self.runs:
            return "invalid" if self.is_invalid else "missing"
        if "failed" in self.statuses:
            return "failed"
        return "partial" if "partial" in self.statuses or not self.has_everything else "complete"

    @property
    def has_everything(self) -> bool:
        """Return whether the parts have all data of the shard."""
        if (self.shard.bill is not None and not self.has_bill) or (self.shard.lens is not None and not self.has_lens):
            return False
        return not self.incomplete_units

    @property
    def incomplete_units(self) -> list[Unit]:
        """Return the units that no part has completely."""
        return [unit for unit in self.shard.units if unit.id not in self.complete_units]

    @property
    def seconds(self) -> float:
        """Return the total time of the runs."""
        return sum((finished - started).total_seconds() for started, finished, *_ in self.runs)

    @property
    def bucket_count(self) -> int:
        """Return the number of distinct buckets. A single unit has no duplicates."""
        return sum(len(names) if not more else len({*names}.union(*more)) for names, *more in self.buckets.values())


class PartUnion:
    """Merges parts. The result does not depend on their order."""

    def __init__(self, plan: Plan) -> None:
        self.regions: dict[Place, MergedRegion] = {(unit.account, unit.region): MergedRegion() for unit in plan.units}
        self.shards = {shard.name: ShardResult(shard) for shard in plan.shards}
        self.problems: set[Problem] = set()
        self.bill: BillData | None = None
        self._units = {unit.id: unit for unit in plan.units}

    @property
    def incomplete_regions(self) -> frozenset[Place]:
        """Return the accounts and regions with an incomplete unit."""
        return frozenset(
            (unit.account, unit.region) for result in self.shards.values() for unit in result.incomplete_units
        )

    @property
    def usable(self) -> bool:
        """Return whether a part delivered data, even if there are no buckets."""
        return any(
            region.buckets or any(unit.listed or unit.sizes or unit.counts for unit in region.units)
            for region in self.regions.values()
        )

    def add(self, part: Part) -> None:
        """Merge a valid part."""
        shard = self.shards[part.shard]
        self._count_run(part, shard)
        shard.statuses.add(part.status)
        shard.problems.update(part.problems)
        if part.bill is not UNSET:
            shard.has_bill |= part.bill.complete
            self.bill = _better_bill(self.bill, part.bill)
        if part.lens is not UNSET:
            shard.has_lens |= part.lens.complete
            self._merge_lens(part.lens)
        types = [sys.intern(name) for name in part.types]
        for data in part.units:
            unit = self._units[data.unit]
            coverage = _coverage(data, unit, part_is_complete=part.status == "complete")
            if coverage.is_complete:
                shard.complete_units.add(unit.id)
            shard.buckets.setdefault((unit.account, unit.region), []).append([bucket.name for bucket in data.buckets])
            self.regions[unit.account, unit.region].units.append(coverage)
            self._merge_unit(unit, data, types)

    def _count_run(self, part: Part, shard: ShardResult) -> None:
        """Count the requests of a run once, even if its part is present twice."""
        run: Run = (part.started, part.finished, part.status, part.usd, part.calls.metrics, part.calls.total)
        if run in shard.runs:
            self.problems.add(create_problem("part-duplicate", shard=part.shard))
        elif shard.runs:
            self.problems.add(create_problem("shard-repeated", shard=part.shard))
        shard.runs[run] = (part.calls, part.usd)

    def _merge_unit(self, unit: Unit, data: UnitData, types: list[str]) -> None:
        region = self.regions[unit.account, unit.region]
        self._merge_buckets(unit, data.buckets, types)
        for name, _ in data.unanswered:
            region.buckets.setdefault(name, _NAME_ONLY)
        for name, stats in data.objects:
            region.object_stats[name] = merge_object_stats(region.object_stats.get(name), stats)
        for name, config in data.details:
            self._merge_config(unit, name, config)
        for special in data.others:
            key = (special.kind, special.name)
            region.special_buckets[key] = _larger(region.special_buckets.get(key), special.created)
        for name, metrics in data.traffic:
            region.request_metrics[name] = merge_request_metrics(region.request_metrics.get(name), metrics)

    def _merge_lens(self, data: LensData) -> None:
        for bucket in data.buckets:
            region = self.regions.get((bucket.account, bucket.region))
            if region is not None:
                stats = merge_object_stats(region.object_stats.get(bucket.name), bucket.stats)
                region.object_stats[bucket.name] = stats
                if bucket.requests is not None:
                    metrics = merge_request_metrics(region.request_metrics.get(bucket.name), bucket.requests)
                    region.request_metrics[bucket.name] = metrics
        if not data.complete:
            return
        accounts = {bucket.account for bucket in data.buckets}
        for (account, _), region in self.regions.items():
            coverage = [one for one in data.coverage if one.account == account]
            region.lens_coverage.update(coverage)
            region.is_in_lens |= account in accounts or bool(coverage)

    def _merge_buckets(self, unit: Unit, buckets: list[CollectedBucket], types: list[str]) -> None:
        merged = self.regions[unit.account, unit.region].buckets
        for bucket in buckets:
            sizes = {types[index]: series for index, series in bucket.sizes}
            new = MergedBucket(bucket.created, bucket.listed, sizes, bucket.count, bucket.listing)
            old = merged.get(bucket.name)
            if old is None:
                merged[bucket.name] = new
            elif old != new:
                merged[bucket.name], conflicts = merge_buckets(old, new)
                create = partial(create_problem, account=unit.account, region=unit.region, bucket=bucket.name)
                self.problems.update(create(code, storage_type=name or None) for code, name in conflicts)

    def _merge_config(self, unit: Unit, name: str, config: BucketConfig) -> None:
        configs = self.regions[unit.account, unit.region].configs
        configs[name], different = merge_bucket_configs(configs.get(name, config), config)
        for property_ in different:
            text = property_.replace("_", " ")
            self.problems.add(
                create_problem(
                    "configuration-conflict", account=unit.account, region=unit.region, bucket=name, property=text
                )
            )


_NAME_ONLY = MergedBucket(None, False, {}, None, None)


def merge_buckets(left: MergedBucket, right: MergedBucket) -> tuple[MergedBucket, set[Conflict]]:
    """Merge two results of a bucket, and return their conflicts."""
    conflicts: set[Conflict] = set()
    sizes = dict(left.sizes)
    for name, series in right.sizes.items():
        sizes[name] = _merge_series(sizes[name], series, name, conflicts) if name in sizes else series
    if list(sizes) != sorted(sizes):
        sizes = {name: sizes[name] for name in sorted(sizes)}
    count = left.count or right.count
    if left.count is not None and right.count is not None:
        count = _merge_series(left.count, right.count, OBJECT_COUNT, conflicts)
    if left.created is not None and right.created is not None and left.created != right.created:
        conflicts.add(("creation-date-conflict", OBJECT_COUNT))
    created = _larger(left.created, right.created)
    listing = _merge_listings(left.listing, right.listing)
    return MergedBucket(created, left.listed or right.listed, sizes, count, listing), conflicts


def _merge_series(left: Series, right: Series, name: str, conflicts: set[Conflict]) -> Series:
    try:
        series, conflict = union(left, right)
    except ValueError:  # a value below zero, which only unpacking a history reveals
        conflicts.add(("history-invalid", name))
        newest = max(left, right, key=lambda series: (series.day, series.value))
        return Series(newest.day, newest.value)
    if conflict:
        conflicts.add(("size-conflict" if name != OBJECT_COUNT else "object-count-conflict", name))
    return series


def _merge_listings(left: Listing | None, right: Listing | None) -> Listing | None:
    if left is None or right is None:
        return left or right
    vacant = left.vacant and right.vacant
    return Listing(_larger(left.newest, right.newest), max(left.objects, right.objects), vacant)


def _larger(left: int | None, right: int | None) -> int | None:
    return max((value for value in (left, right) if value is not None), default=None)


def _coverage(data: UnitData, unit: Unit, *, part_is_complete: bool) -> UnitCoverage:
    missing: dict[str, set[str]] = {}
    for bucket, type_ in data.unanswered:
        missing.setdefault(bucket, set()).add(type_)
    frozen = {bucket: frozenset(types) for bucket, types in missing.items()}
    return UnitCoverage(unit, data.listed, data.sizes, data.counts, part_is_complete, frozen)


def _better_bill(left: BillData | None, right: BillData) -> BillData:
    """Return the complete bill; of two complete bills that with more rows and amounts, because bills grow."""
    return right if left is None else max(left, right, key=_bill_rank)


def _bill_rank(bill: BillData) -> tuple[object, ...]:
    # The encoded bill comes last, so that two different bills never have the same rank.
    rows = sum(len(month.rows) for month in bill.months)
    billed = sum((row.usd for month in bill.months for row in month.rows), Decimal(0))
    return bill.complete, rows, billed, msgspec.json.encode(bill)
