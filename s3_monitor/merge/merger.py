"""Parts and their plan become one account of facts."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from operator import attrgetter

from s3_monitor.merge.bucket_resolver import BucketResolver
from s3_monitor.merge.key_filtered import key_filtered_buckets
from s3_monitor.merge.merged_data import BucketRecord, MergedData
from s3_monitor.merge.part_union import PartUnion, Place, ShardResult
from s3_monitor.merge.parts import LoadedPart, validate_part
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan, Shard, Unit
from s3_monitor.model.problem import Problem, gap, has_gap, in_order
from s3_monitor.model.summary import ShardLine, ShardStatus

_RUN_AGAIN = "run this shard again with `s3-monitor collect`"
_PLACES_SHOWN = 5


def merge(plan: Plan, digest: str, parts: Iterable[Part | LoadedPart | InvalidFileError]) -> MergedData:
    """The facts of all usable parts, in any order. What cannot be used is a gap, and stops nothing.

    ``digest``: of the plan.json that the parts must name. A BadFile stands for a file that could not be read.
    """
    gathered = PartUnion(plan)
    planned = {shard.name: shard for shard in plan.shards}
    gaps: list[Problem] = []
    bad_names: set[str] = set()
    with paused_gc():
        for item in parts:
            try:
                if isinstance(item, InvalidFileError):
                    raise item
                path, part = (item.path, item.part) if isinstance(item, LoadedPart) else (f"shard {item.shard}", item)
                validate_part(part, path, planned, plan.window, digest)
                gathered.add(part)
            except InvalidFileError as bad:
                gaps.append(gap(bad.path, bad.what, bad.advice))
                bad_names.add(_stem(bad.path))
        shard_problems = {
            shard.name: _shard_problems(shard, gathered.shards.get(shard.name), bad_names) for shard in plan.shards
        }
        problems = gaps + [problem for one in shard_problems.values() for problem in one]
        usable = gathered.usable
        buckets: list[BucketRecord] = []
        deleted: list[BucketRecord] = []
        notes = [*gathered.problems]
        units = _by_place(plan)
        for place in sorted(gathered.regions):
            judge = BucketResolver(plan, units[place], gathered.regions[place])
            buckets += judge.records()
            deleted += judge.deleted
            notes += judge.notes
        for records in (buckets, deleted):
            records.sort(key=attrgetter("name"))  # stable: then by account and region
    noted = _by_region(notes)
    if not usable:
        problems.append(gap("all shards", "no shard brought any data: nothing is known", "see the other problems"))
    calls, usd = _calls(plan, gathered.shards.values())
    whole = None
    if plan.objects.narrowed:
        whole, deleted = buckets, []
        buckets = [key_filtered_buckets(record, plan.window) for record in whole]
    return MergedData(
        plan=plan,
        buckets=buckets,
        shards=[
            _shard_line(
                shard, gathered.shards.get(shard.name), bad_names, _count(shard, shard_problems[shard.name], noted)
            )
            for shard in plan.shards
        ],
        problems=in_order([*plan.problems, *problems, *notes]),
        shard_problems=shard_problems,
        owed=_owed(plan, gathered),
        calls=calls,
        usd=usd,
        usable=usable,
        deleted=deleted,
        bill=gathered.bill,
        whole=whole,
        shard_seconds={name: answer.seconds for name, answer in gathered.shards.items()},
    )


@contextmanager
def paused_gc() -> Iterator[None]:
    """Without the cycle collector: it would walk millions of records that hold no cycles, again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removeprefix("shard ").removesuffix(".json")


def _shard_problems(shard: Shard, answer: ShardResult | None, bad_names: set[str]) -> list[Problem]:
    """What a planned shard or its absence brought: its own problems, and a gap for what it owes and does not name."""
    where = f"shard {shard.name}"
    if answer is None:
        reason = "its part cannot be used" if shard.name in bad_names else "no part arrived"
        return [gap(where, f"{reason}: nothing is known of {_places(shard)}", _RUN_AGAIN)]
    if has_gap(answer.problems) or (answer.statuses == {"complete"} and not _owing(shard, answer)):
        return in_order(answer.problems)
    silent = gap(where, f"did not answer all it was asked, and does not say why: {_places(shard)}", _RUN_AGAIN)
    return in_order([*answer.problems, silent])


def _owing(shard: Shard, answer: ShardResult) -> bool:
    fulfilled = {one.unit.id for one in answer.answers if one.fulfils}
    if shard.bill is not None and not any(answer.bills):
        return True
    return any(unit.id not in fulfilled for unit in shard.units)


def _shard_line(shard: Shard, answer: ShardResult | None, bad_names: set[str], problems: int) -> ShardLine:
    if answer is None:
        return ShardLine(shard.name, "invalid" if shard.name in bad_names else "missing", 0, problems)
    worst: ShardStatus = "complete"
    if "failed" in answer.statuses:
        worst = "failed"
    elif "partial" in answer.statuses or _owing(shard, answer):
        worst = "partial"
    return ShardLine(shard.name, worst, answer.bucket_count, problems)


def _by_region(problems: Iterable[Problem]) -> dict[str, set[Problem]]:
    """Return the problems of each `ACCOUNT/REGION`, those of its buckets included."""
    found: dict[str, set[Problem]] = {}
    for problem in problems:
        found.setdefault("/".join(problem.where.split("/")[:2]), set()).add(problem)
    return found


def _count(shard: Shard, problems: Iterable[Problem], noted: Mapping[str, set[Problem]]) -> int:
    """Count the problems of a shard, and what merging noted about its regions."""
    regions = {f"{unit.account}/{unit.region}" for unit in shard.units}
    return len(set(problems).union(*(noted.get(region, ()) for region in regions)))


def _by_place(plan: Plan) -> dict[Place, list[Unit]]:
    units: dict[Place, list[Unit]] = {}
    for unit in plan.units:
        units.setdefault((unit.account, unit.region), []).append(unit)
    return units


def _owed(plan: Plan, gathered: PartUnion) -> frozenset[Place]:
    fulfilled = {answer.unit.id for region in gathered.regions.values() for answer in region.answers if answer.fulfils}
    return frozenset((unit.account, unit.region) for unit in plan.units if unit.id not in fulfilled)


def _places(shard: Shard) -> str:
    if shard.bill is not None:
        return "what was billed"
    places = sorted({f"{unit.account}/{unit.region}" for unit in shard.units})
    more = f" and {len(places) - _PLACES_SHOWN} more" if len(places) > _PLACES_SHOWN else ""
    return ", ".join(places[:_PLACES_SHOWN]) + more


def _calls(plan: Plan, shards: Iterable[ShardResult]) -> tuple[CallCounts, Decimal]:
    """Of plan and all runs of all shards."""
    calls, usd = CallCounts(), plan.calls.usd
    calls.add(plan.calls)
    for shard in shards:
        for run_calls, run_usd in shard.runs.values():
            calls.add(run_calls)
            usd += run_usd
    return calls, usd
