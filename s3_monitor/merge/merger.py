"""Merge the parts of a plan."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from itertools import chain
from operator import attrgetter

import msgspec

from s3_monitor.merge.bucket_resolver import BucketResolver
from s3_monitor.merge.coverage import units_by_place
from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.merge.part_union import PartUnion, ShardResult
from s3_monitor.merge.parts import LoadedPart, validate_part
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan, Shard, Unit
from s3_monitor.model.problem import Problem, create_problem, has_gap, in_order
from s3_monitor.model.series import Window
from s3_monitor.model.summary import ShardLine
from s3_monitor.money.storage_types import allocate_to_types


def merge(plan: Plan, digest: str, parts: Iterable[Part | LoadedPart | InvalidFileError]) -> MergedData:
    """Merge the usable parts, in any order. A part that cannot be used is a gap.

    ``digest``: of plan.json, which the parts must name. An InvalidFileError represents a file that could not be read.
    """
    with paused_gc():
        union, part_gaps = _add_parts(plan, digest, parts)
        shard_problems = {name: _shard_problems(result) for name, result in union.shards.items()}
        buckets: list[ResolvedBucket] = []
        deleted: list[ResolvedBucket] = []
        notes = [*union.problems]
        units = units_by_place(plan.units)
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
        buckets = [_key_filtered(record, plan.window) for record in all_keys]
    problems = [*plan.problems, *part_gaps, *chain.from_iterable(shard_problems.values()), *notes]
    if not union.usable:
        problems.append(create_problem("no-usable-part"))
    calls, usd = _calls(plan, union.shards.values())
    notes_of_regions = _problems_by_region(notes)
    return MergedData(
        plan=plan,
        buckets=buckets,
        shards=[_shard_line(result, shard_problems[name], notes_of_regions) for name, result in union.shards.items()],
        problems=in_order(problems),
        shard_problems=shard_problems,
        incomplete_regions=union.incomplete_regions,
        calls=calls,
        usd=usd,
        usable=union.usable,
        deleted=deleted,
        bill=union.bill,
        all_keys=all_keys,
        shard_seconds={name: result.seconds for name, result in union.shards.items() if result.runs},
    )


def _add_parts(
    plan: Plan, digest: str, parts: Iterable[Part | LoadedPart | InvalidFileError]
) -> tuple[PartUnion, list[Problem]]:
    """Return the union of the valid parts, and a gap for each of the others."""
    union = PartUnion(plan)
    shards = {shard.name: shard for shard in plan.shards}
    gaps = []
    for item in parts:
        try:
            if isinstance(item, InvalidFileError):
                raise item
            path, part = (item.path, item.part) if isinstance(item, LoadedPart) else (f"shard {item.shard}", item)
            validate_part(part, path, shards, plan.window, digest)
            union.add(part)
        except InvalidFileError as error:
            name = error.path.rpartition("/")[2].removeprefix("shard ").removesuffix(".json")
            shard = name if name in shards else None
            if shard is not None:
                union.shards[shard].is_invalid = True
            gaps.append(
                create_problem("part-invalid", shard=shard, path=error.path, detail=error.what, advice=error.advice)
            )
    return union, gaps


def _key_filtered(record: ResolvedBucket, window: Window) -> ResolvedBucket:
    """Return the bucket with the figures of the selected keys, by the listing or inventory.

    Their day is that of the listing or inventory; None if it is not in the window. The history is left out, because
    it is that of all keys.
    """
    contents = record.object_stats
    day = -1 if contents is None else window.offset_of_time(contents.at)
    classes = {} if contents is None else {name: amount.size for name, amount in contents.classes.items()}
    lines = allocate_to_types(classes, record.lines)
    is_complete = contents is not None and contents.complete
    return msgspec.structs.replace(
        record,
        state="incomplete" if not is_complete else "measured" if lines else "empty",
        day=day if 0 <= day < window.days else None,
        types=tuple(lines),
        amounts=tuple(lines.values()),
        objects=contents.current.objects if contents is not None and is_complete else None,
        modified=contents.newest if contents is not None and is_complete else None,
        sizes={},
        counts=None,
    )


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


def _shard_problems(result: ShardResult) -> list[Problem]:
    """Return the problems of a shard: those in its parts, or a gap for each region where data is missing."""
    shard = result.shard
    if not result.runs:
        return _missing_data(shard, shard.units, "invalid" if result.is_invalid else "missing")
    if has_gap(result.problems) or (result.statuses == {"complete"} and result.has_everything):
        return in_order(result.problems)
    units = result.incomplete_units or shard.units
    return in_order([*result.problems, *_missing_data(shard, units, "incomplete")])


def _missing_data(shard: Shard, units: Iterable[Unit], reason: str) -> list[Problem]:
    """Return a gap for each region of the units, or one for the bill or Storage Lens.

    ``reason``: missing, invalid or incomplete.
    """
    if shard.bill is not None:
        return [create_problem(f"bill-{reason}", shard=shard.name)]
    if shard.lens is not None:
        return [create_problem(f"storage-lens-{reason}", shard=shard.name)]
    code = "part-incomplete" if reason == "incomplete" else f"shard-{reason}"
    return [
        create_problem(code, account=account, region=region, shard=shard.name)
        for account, region in sorted(units_by_place(units))
    ]


def _problems_by_region(problems: Iterable[Problem]) -> dict[tuple[str | None, str | None], set[Problem]]:
    """Return account and region → their problems, those of their buckets included."""
    by_region: dict[tuple[str | None, str | None], set[Problem]] = {}
    for problem in problems:
        by_region.setdefault((problem.account, problem.region), set()).add(problem)
    return by_region


def _shard_line(
    result: ShardResult, problems: Iterable[Problem], notes: Mapping[tuple[str | None, str | None], set[Problem]]
) -> ShardLine:
    """Return a shard with the number of its problems and of the notes of the merge on its regions."""
    regions = units_by_place(result.shard.units)
    count = len(set(problems).union(*(notes.get(region, ()) for region in regions)))
    return ShardLine(result.shard.name, result.status, result.bucket_count, count)


def _calls(plan: Plan, shards: Iterable[ShardResult]) -> tuple[CallCounts, Decimal]:
    """Return the requests of the plan and of all runs, and their list price in USD."""
    calls, usd = CallCounts(), plan.calls.usd
    calls.add(plan.calls)
    for shard in shards:
        for run_calls, run_usd in shard.runs.values():
            calls.add(run_calls)
            usd += run_usd
    return calls, usd
