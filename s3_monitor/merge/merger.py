"""Parts and their plan become one account of facts."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from operator import attrgetter

from s3_monitor.merge.bucket_resolver import BucketResolver
from s3_monitor.merge.key_filtered import key_filtered_bucket
from s3_monitor.merge.merged_data import BucketRecord, MergedData
from s3_monitor.merge.part_union import PartUnion, Place, ShardResult
from s3_monitor.merge.parts import LoadedPart, validate_part
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan, Shard, Unit
from s3_monitor.model.problem import Problem, create_problem, has_gap, in_order
from s3_monitor.model.summary import ShardLine, ShardStatus


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
                name = _stem(bad.path)
                bad_names.add(name)
                shard_name = name if name in planned else None
                gaps.append(
                    create_problem("part-invalid", shard=shard_name, path=bad.path, detail=bad.what, advice=bad.advice)
                )
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
        problems.append(create_problem("no-usable-part"))
    calls, usd = _calls(plan, gathered.shards.values())
    whole = None
    if plan.objects.narrowed:
        whole, deleted = buckets, []
        buckets = [key_filtered_bucket(record, plan.window) for record in whole]
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
    """Return the problems of a shard: those in its parts, or a gap for each region where data is missing."""
    if answer is None:
        return _missing(shard, shard.units, "invalid" if shard.name in bad_names else "missing")
    if has_gap(answer.problems) or (answer.statuses == {"complete"} and not _owing(shard, answer)):
        return in_order(answer.problems)
    unfulfilled = _unfulfilled(shard, answer)
    is_owed = unfulfilled or shard.bill is not None
    return in_order([*answer.problems, *_missing(shard, unfulfilled if is_owed else shard.units, "incomplete")])


def _missing(shard: Shard, units: Iterable[Unit], reason: str) -> list[Problem]:
    """Return a gap for each region of the units, and one for the bill. ``reason``: missing, invalid or incomplete."""
    code = "part-incomplete" if reason == "incomplete" else f"shard-{reason}"
    places = sorted({(unit.account, unit.region) for unit in units})
    gaps = [create_problem(code, account=account, region=region, shard=shard.name) for account, region in places]
    return [create_problem(f"bill-{reason}", shard=shard.name)] if shard.bill is not None else gaps


def _owing(shard: Shard, answer: ShardResult) -> bool:
    """Return whether data of the shard is missing."""
    return (shard.bill is not None and not any(answer.bills)) or bool(_unfulfilled(shard, answer))


def _unfulfilled(shard: Shard, answer: ShardResult) -> list[Unit]:
    fulfilled = {one.unit.id for one in answer.answers if one.fulfils}
    return [unit for unit in shard.units if unit.id not in fulfilled]


def _shard_line(shard: Shard, answer: ShardResult | None, bad_names: set[str], problems: int) -> ShardLine:
    if answer is None:
        return ShardLine(shard.name, "invalid" if shard.name in bad_names else "missing", 0, problems)
    worst: ShardStatus = "complete"
    if "failed" in answer.statuses:
        worst = "failed"
    elif "partial" in answer.statuses or _owing(shard, answer):
        worst = "partial"
    return ShardLine(shard.name, worst, answer.bucket_count, problems)


def _by_region(problems: Iterable[Problem]) -> dict[tuple[str | None, str | None], set[Problem]]:
    """Return account and region → their problems, those of their buckets included."""
    found: dict[tuple[str | None, str | None], set[Problem]] = {}
    for problem in problems:
        found.setdefault((problem.account, problem.region), set()).add(problem)
    return found


def _count(
    shard: Shard, problems: Iterable[Problem], noted: Mapping[tuple[str | None, str | None], set[Problem]]
) -> int:
    """Count the problems of a shard, and what merging noted about its regions."""
    regions = {(unit.account, unit.region) for unit in shard.units}
    return len(set(problems).union(*(noted.get(region, ()) for region in regions)))


def _by_place(plan: Plan) -> dict[Place, list[Unit]]:
    units: dict[Place, list[Unit]] = {}
    for unit in plan.units:
        units.setdefault((unit.account, unit.region), []).append(unit)
    return units


def _owed(plan: Plan, gathered: PartUnion) -> frozenset[Place]:
    fulfilled = {answer.unit.id for region in gathered.regions.values() for answer in region.answers if answer.fulfils}
    return frozenset((unit.account, unit.region) for unit in plan.units if unit.id not in fulfilled)


def _calls(plan: Plan, shards: Iterable[ShardResult]) -> tuple[CallCounts, Decimal]:
    """Of plan and all runs of all shards."""
    calls, usd = CallCounts(), plan.calls.usd
    calls.add(plan.calls)
    for shard in shards:
        for run_calls, run_usd in shard.runs.values():
            calls.add(run_calls)
            usd += run_usd
    return calls, usd
