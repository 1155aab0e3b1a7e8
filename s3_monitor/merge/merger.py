"""Merge the parts of a plan."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from itertools import chain
from operator import attrgetter

from s3_monitor.merge.bucket_resolver import BucketResolver
from s3_monitor.merge.key_filtered import key_filtered_bucket
from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.merge.part_union import PartUnion, Place, ShardResult
from s3_monitor.merge.parts import LoadedPart, validate_part
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan, Shard, Unit
from s3_monitor.model.problem import Problem, create_problem, has_gap, in_order
from s3_monitor.model.summary import ShardLine, ShardStatus


def merge(plan: Plan, digest: str, parts: Iterable[Part | LoadedPart | InvalidFileError]) -> MergedData:
    """Merge the usable parts, in any order. A part that cannot be used is a gap.

    ``digest``: of plan.json, which the parts must name. An InvalidFileError represents a file that could not be read.
    """
    with paused_gc():
        union, invalid_shards, part_gaps = _add_parts(plan, digest, parts)
        shard_problems = {
            shard.name: _shard_problems(shard, union.shards.get(shard.name), invalid_shards) for shard in plan.shards
        }
        buckets: list[ResolvedBucket] = []
        deleted: list[ResolvedBucket] = []
        notes = [*union.problems]
        units = _units_by_place(plan)
        for place in sorted(union.regions):
            resolver = BucketResolver(plan, units[place], union.regions[place])
            buckets += resolver.records()
            deleted += resolver.deleted
            notes += resolver.notes
        for records in (buckets, deleted):
            records.sort(key=attrgetter("name"))  # stable: then by account and region
    all_keys = None
    if plan.objects.narrowed:
        all_keys, deleted = buckets, []
        buckets = [key_filtered_bucket(record, plan.window) for record in all_keys]
    problems = [*plan.problems, *part_gaps, *chain.from_iterable(shard_problems.values()), *notes]
    if not union.usable:
        problems.append(create_problem("no-usable-part"))
    calls, usd = _calls(plan, union.shards.values())
    notes_of_regions = _problems_by_region(notes)
    return MergedData(
        plan=plan,
        buckets=buckets,
        shards=[
            _shard_line(
                shard,
                union.shards.get(shard.name),
                invalid_shards,
                _count_problems(shard, shard_problems[shard.name], notes_of_regions),
            )
            for shard in plan.shards
        ],
        problems=in_order(problems),
        shard_problems=shard_problems,
        incomplete_regions=_incomplete_regions(plan, union),
        calls=calls,
        usd=usd,
        usable=union.usable,
        deleted=deleted,
        bill=union.bill,
        all_keys=all_keys,
        shard_seconds={name: result.seconds for name, result in union.shards.items()},
    )


def _add_parts(
    plan: Plan, digest: str, parts: Iterable[Part | LoadedPart | InvalidFileError]
) -> tuple[PartUnion, set[str], list[Problem]]:
    """Return the union of the valid parts, the names of the shards of the others, and a gap for each of these."""
    union = PartUnion(plan)
    shards = {shard.name: shard for shard in plan.shards}
    invalid_shards: set[str] = set()
    gaps = []
    for item in parts:
        try:
            if isinstance(item, InvalidFileError):
                raise item
            path, part = (item.path, item.part) if isinstance(item, LoadedPart) else (f"shard {item.shard}", item)
            validate_part(part, path, shards, plan.window, digest)
            union.add(part)
        except InvalidFileError as error:
            name = _stem(error.path)
            invalid_shards.add(name)
            shard = name if name in shards else None
            gaps.append(
                create_problem("part-invalid", shard=shard, path=error.path, detail=error.what, advice=error.advice)
            )
    return union, invalid_shards, gaps


@contextmanager
def paused_gc() -> Iterator[None]:
    """Pause the cycle collector, which would repeatedly traverse millions of records without cycles."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removeprefix("shard ").removesuffix(".json")


def _shard_problems(shard: Shard, result: ShardResult | None, invalid_shards: set[str]) -> list[Problem]:
    """Return the problems of a shard: those in its parts, or a gap for each region where data is missing."""
    if result is None:
        return _missing_data(shard, shard.units, "invalid" if shard.name in invalid_shards else "missing")
    if has_gap(result.problems) or (result.statuses == {"complete"} and _is_complete(shard, result)):
        return in_order(result.problems)
    units = _incomplete_units(shard, result)
    if not units and shard.bill is None:
        units = list(shard.units)
    return in_order([*result.problems, *_missing_data(shard, units, "incomplete")])


def _missing_data(shard: Shard, units: Iterable[Unit], reason: str) -> list[Problem]:
    """Return a gap for each region of the units, or one for the bill. ``reason``: missing, invalid or incomplete."""
    if shard.bill is not None:
        return [create_problem(f"bill-{reason}", shard=shard.name)]
    code = "part-incomplete" if reason == "incomplete" else f"shard-{reason}"
    places = sorted({(unit.account, unit.region) for unit in units})
    return [create_problem(code, account=account, region=region, shard=shard.name) for account, region in places]


def _is_complete(shard: Shard, result: ShardResult) -> bool:
    return (shard.bill is None or result.has_bill) and not _incomplete_units(shard, result)


def _incomplete_units(shard: Shard, result: ShardResult) -> list[Unit]:
    complete = {unit.unit.id for unit in result.units if unit.is_complete}
    return [unit for unit in shard.units if unit.id not in complete]


def _shard_line(shard: Shard, result: ShardResult | None, invalid_shards: set[str], problems: int) -> ShardLine:
    if result is None:
        return ShardLine(shard.name, "invalid" if shard.name in invalid_shards else "missing", 0, problems)
    status: ShardStatus = "complete"
    if "failed" in result.statuses:
        status = "failed"
    elif "partial" in result.statuses or not _is_complete(shard, result):
        status = "partial"
    return ShardLine(shard.name, status, result.bucket_count, problems)


def _problems_by_region(problems: Iterable[Problem]) -> dict[tuple[str | None, str | None], set[Problem]]:
    """Return account and region → their problems, those of their buckets included."""
    by_region: dict[tuple[str | None, str | None], set[Problem]] = {}
    for problem in problems:
        by_region.setdefault((problem.account, problem.region), set()).add(problem)
    return by_region


def _count_problems(
    shard: Shard, problems: Iterable[Problem], notes: Mapping[tuple[str | None, str | None], set[Problem]]
) -> int:
    """Count the problems of a shard, and the notes of the merge on its regions."""
    regions = {(unit.account, unit.region) for unit in shard.units}
    return len(set(problems).union(*(notes.get(region, ()) for region in regions)))


def _units_by_place(plan: Plan) -> dict[Place, list[Unit]]:
    units: dict[Place, list[Unit]] = {}
    for unit in plan.units:
        units.setdefault((unit.account, unit.region), []).append(unit)
    return units


def _incomplete_regions(plan: Plan, union: PartUnion) -> frozenset[Place]:
    complete = {unit.unit.id for region in union.regions.values() for unit in region.units if unit.is_complete}
    return frozenset((unit.account, unit.region) for unit in plan.units if unit.id not in complete)


def _calls(plan: Plan, shards: Iterable[ShardResult]) -> tuple[CallCounts, Decimal]:
    """Return the requests of the plan and of all runs, and their list price in USD."""
    calls, usd = CallCounts(), plan.calls.usd
    calls.add(plan.calls)
    for shard in shards:
        for run_calls, run_usd in shard.runs.values():
            calls.add(run_calls)
            usd += run_usd
    return calls, usd
