"""One shard of the plan → one part, whatever AWS does."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from s3_monitor import __version__
from s3_monitor.collect.account import Account
from s3_monitor.collect.account_collector import AccountCollector, ShardContext
from s3_monitor.collect.announcement import Announcement
from s3_monitor.collect.call_counter import CallCounter
from s3_monitor.collect.part_check import drop_unreadable
from s3_monitor.collect.unit_data import RegionData, status_of, types_of, unit_data
from s3_monitor.model.part import Part, UnitData
from s3_monitor.model.plan import Access, Plan, Shard, Unit
from s3_monitor.model.problem import Problem, gap, note

_STOPPING_SECONDS = 10.0  # for Athena's statements to be stopped, after an interruption


@contextmanager
def _little_garbage() -> Iterator[None]:
    """What arrives is kept, so looking through it for garbage again and again is a fifth of all CPU, for nothing.
    What is loaded stays, too."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


@_little_garbage()
def collect(
    plan: Plan,
    digest: str,
    shard: Shard,
    connect: Callable[[Access], Account],
    *,
    now: Callable[[], datetime],
    stop: threading.Event,
    log: Callable[[str], None],
    tally: CallCounter | None = None,
) -> Part:
    """Ask everything the shard's units are about, all accounts and regions side by side.

    ``connect`` may raise AwsFailure or UserError; it is called in other threads, once for each access. When ``stop``
    is set, no further requests are sent and the data received so far is returned, while threads may still wait for
    responses: end the process with os._exit then. ``tally`` counts the calls, for a caller that shows progress. Never
    raises for what AWS does: missing data is among the part's problems.
    """
    started, begun = now(), time.monotonic()
    log(f"{shard.name}: started, {_scope(shard)}")
    tally = tally or CallCounter()
    announcement = Announcement(plan, shard, tally, log)
    tools = ShardContext(
        plan, stop, tally, started, lambda: announcement.update([visit.contents() for visit in visits.values()])
    )
    visits = {
        access: AccountCollector(plan.accesses[access], [unit for unit in shard.units if unit.access == access], tools)
        for access in sorted({unit.access for unit in shard.units})
    }
    try:
        for visit in visits.values():
            visit.start(connect)
        tools.crew.fold(stop)
        tools.statements.wait(_STOPPING_SECONDS)
    finally:
        tools.scratch.clear()

    known = {access: visit.close() for access, visit in visits.items()}
    facts, types = _facts(shard.units, known)
    problems = _problems(shard, tools, interrupted=stop.is_set())
    calls = tools.tally.calls()
    part = Part(
        shard=shard.name,
        plan=digest,
        tool=__version__,
        started=started,
        finished=now(),
        status=status_of(sorted(shard.units, key=_id), facts, problems),
        window=plan.window,
        types=types,
        units=facts,
        problems=problems,
        calls=calls,
        usd=calls.usd,
    )
    part = drop_unreadable(part, sorted(shard.units, key=_id))
    log(f"{shard.name}: {_extent(known)}, {calls.total:,} calls, {time.monotonic() - begun:.1f} s, {part.status}")
    return part


def _facts(units: Iterable[Unit], known: dict[int, dict[str, RegionData]]) -> tuple[list[UnitData], list[str]]:
    """The facts by unit, and the storage types they index."""
    types = types_of(place.region for places in known.values() for place in places.values())
    index = {storage_type: place for place, storage_type in enumerate(types)}
    return [unit_data(unit, known[unit.access][unit.region], index) for unit in sorted(units, key=_id)], types


def _id(unit: Unit) -> str:
    return unit.id


def _problems(shard: Shard, tools: ShardContext, *, interrupted: bool) -> list[Problem]:
    where = f"shard {shard.name}"
    if interrupted:
        tools.losses.add(gap(where, "interrupted: what had not arrived by then is missing", "run this shard again"))
    if tools.budget.spent:
        what = f"not every bucket was listed: a shard may send {tools.rule.max_requests:,} list requests"
        tools.losses.add(note(where, what, "raise listing.max_requests in shards.yaml"))
    return tools.losses.problems()


def _scope(shard: Shard) -> str:
    """Return the account and region of a shard, or how many there are."""
    places = sorted({(unit.account, unit.region) for unit in shard.units})
    if len(places) == 1:
        return "/".join(places[0])
    accounts, regions = len({account for account, _ in places}), len({region for _, region in places})
    return f"{accounts:,} {'account' if accounts == 1 else 'accounts'}, {regions:,} regions"


def _extent(known: dict[int, dict[str, RegionData]]) -> str:
    places = [place for places in known.values() for place in places.values()]
    buckets = sum(len(place.here.keys() | place.region.sizes.keys()) for place in places)
    series = sum(len(place.region.counts) + sum(map(len, place.region.sizes.values())) for place in places)
    return f"{buckets:,} buckets, {series:,} series"
