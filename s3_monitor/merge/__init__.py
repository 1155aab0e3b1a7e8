"""Parts and their plan become one account of facts."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from operator import attrgetter

from s3_monitor.merge.facts import BucketRecord, Facts
from s3_monitor.merge.gather import Gathered, ShardAnswer
from s3_monitor.merge.judge import Judge
from s3_monitor.merge.parts import Found, check, read_parts
from s3_monitor.model.calls import Calls
from s3_monitor.model.failure import BadFile
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan, Shard
from s3_monitor.model.problem import Problem, gap, has_gap, in_order
from s3_monitor.model.summary import ShardLine, ShardStatus

__all__ = ["BucketRecord", "Facts", "Found", "merge", "paused_gc", "read_parts"]

_RUN_AGAIN = "run this shard again with `s3-monitor collect`"
_PLACES_SHOWN = 5


def merge(plan: Plan, digest: str, parts: Iterable[Part | Found | BadFile]) -> Facts:
    """The facts of all usable parts, in any order. What cannot be used is a gap, and stops nothing.

    ``digest``: of the plan.json that the parts must name. A BadFile stands for a file that could not be read.
    """
    gathered = Gathered(plan)
    gaps: list[Problem] = []
    bad_names: set[str] = set()
    with paused_gc():
        for item in parts:
            try:
                gathered.add(_sound(item, plan, digest))
            except BadFile as bad:
                gaps.append(gap(bad.path, bad.what, bad.advice))
                bad_names.add(_stem(bad.path))
        shards = [_shard_line(shard, gathered.shards.get(shard.name), bad_names, gaps) for shard in plan.shards]
        problems = gaps + [problem for answer in gathered.shards.values() for problem in answer.problems]
        usable = gathered.usable
        buckets: list[BucketRecord] = []
        for place in sorted(gathered.regions):
            judge = Judge(plan, place, gathered.regions[place])
            buckets += judge.records()
            problems += judge.notes
        buckets.sort(key=attrgetter("name"))  # stable: then by account and region
    if not usable:
        problems.append(gap("all shards", "no shard brought any data: nothing is known", "see the other problems"))
    calls, usd = _calls(plan, gathered.shards.values())
    return Facts(plan, buckets, shards, in_order([*plan.problems, *problems, *gathered.notes]), calls, usd, usable)


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


def _sound(item: Part | Found | BadFile, plan: Plan, digest: str) -> Part:
    if isinstance(item, BadFile):
        raise item
    path, part = (item.path, item.part) if isinstance(item, Found) else (f"shard {item.shard}", item)
    check(part, path, plan, digest)
    return part


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removeprefix("shard ").removesuffix(".json")


def _shard_line(shard: Shard, answer: ShardAnswer | None, bad_names: set[str], gaps: list[Problem]) -> ShardLine:
    """How a planned shard ended. A gap for what it owes and did not name itself."""
    where = f"shard {shard.name}"
    if answer is None:
        status: ShardStatus = "invalid" if shard.name in bad_names else "missing"
        reason = "its part cannot be used" if status == "invalid" else "no part arrived"
        gaps.append(gap(where, f"{reason}: nothing is known of {_places(shard)}", _RUN_AGAIN))
        return ShardLine(shard.name, status, 0, 1)
    problems = set(answer.problems)
    fulfilled = {one.unit.id for one in answer.answers if one.fulfils}
    owed = [unit for unit in shard.units if unit.id not in fulfilled]
    status = _worst(answer.statuses)
    if not has_gap(problems) and (owed or status != "complete"):
        problems.add(gap(where, f"did not answer all it was asked, and does not say why: {_places(shard)}", _RUN_AGAIN))
        gaps.extend(problems - answer.problems)
        status = "partial" if status == "complete" else status
    return ShardLine(shard.name, status, len(answer.buckets), len(problems))


def _worst(statuses: set[str]) -> ShardStatus:
    return "failed" if "failed" in statuses else "partial" if "partial" in statuses else "complete"


def _places(shard: Shard) -> str:
    places = sorted({f"{unit.account}/{unit.region}" for unit in shard.units})
    more = f" and {len(places) - _PLACES_SHOWN} more" if len(places) > _PLACES_SHOWN else ""
    return ", ".join(places[:_PLACES_SHOWN]) + more


def _calls(plan: Plan, shards: Iterable[ShardAnswer]) -> tuple[Calls, Decimal]:
    """Of plan and all runs of all shards."""
    calls, usd = Calls(), plan.calls.usd
    calls.add(plan.calls)
    for shard in shards:
        for run_calls, run_usd in shard.runs.values():
            calls.add(run_calls)
            usd += run_usd
    return calls, usd
