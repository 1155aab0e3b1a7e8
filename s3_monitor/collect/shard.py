"""One shard of the plan → one part, also if requests to AWS fail."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from operator import attrgetter

from s3_monitor.collect.account import Account
from s3_monitor.collect.account_collector import AccountCollector
from s3_monitor.collect.bill import collect_bill
from s3_monitor.collect.expected_calls import announce
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.collect.storage_lens import collect_lens
from s3_monitor.collect.unit_data import RegionData, status_of, types_of, unit_data
from s3_monitor.model.call_counts import CallCounter
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Access, Plan, Shard, Unit

_Key = tuple[int, str, bool]  # access, account, and whether it is linked to the account of the access


def collect_shard(
    plan: Plan,
    digest: str,
    shard: Shard,
    connect: Callable[[Access], Account],
    *,
    now: Callable[[], datetime],
    stop: threading.Event,
    log: Callable[[str], None],
    calls: CallCounter | None = None,
) -> Part:
    """Collect the data of a shard, all accounts and regions at the same time, and return its part.

    ``connect`` may raise AwsError or UserError; worker threads call it once for each access. When ``stop`` is set, no
    further requests are sent and the data received so far is returned, while threads may still wait for responses: end
    the process with os._exit then. ``calls`` counts the calls, for a caller that shows progress. No error of AWS is
    raised: missing data is among the part's problems.
    """
    context = ShardContext(plan, digest, shard, connect, now=now, stop=stop, log=log, calls=calls)
    if shard.bill is not None:
        return collect_bill(context, shard.bill)
    if shard.lens is not None:
        return collect_lens(context, shard.lens)
    return _collect_units(context)


def _collect_units(context: ShardContext) -> Part:
    plan, shard, log = context.plan, context.shard, context.log
    log(f"{shard.name}: started, {_scope(shard)}")
    accounts = {key: AccountCollector(context, plan.accesses[key[0]], units) for key, units in _by_account(shard.units)}

    def on_progress() -> None:
        announce(context, [account.contents() for account in accounts.values()])

    context.on_progress = on_progress
    for account in accounts.values():
        account.start()
    context.run()
    return _part(context, {key: account.close() for key, account in accounts.items()})


def _by_account(units: Iterable[Unit]) -> list[tuple[_Key, list[Unit]]]:
    by_account: dict[_Key, list[Unit]] = {}
    for unit in units:
        by_account.setdefault((unit.access, unit.account, unit.linked), []).append(unit)
    return sorted(by_account.items())


def _part(context: ShardContext, data: dict[_Key, dict[str, RegionData]]) -> Part:
    units = sorted(context.shard.units, key=attrgetter("id"))
    types = types_of(region.metrics for regions in data.values() for region in regions.values())
    index = {storage_type: place for place, storage_type in enumerate(types)}
    unit_results = [unit_data(unit, data[unit.access, unit.account, unit.linked][unit.region], index) for unit in units]
    _add_problems(context)
    status = status_of(units, unit_results, context.problems.problems())
    return context.create_part(_extent(data), status, types=types, units=unit_results)


def _add_problems(context: ShardContext) -> None:
    name, report = context.shard.name, context.problems.report
    if context.stop.is_set():
        for account, region in {(unit.account, unit.region) for unit in context.shard.units}:
            report("shard-interrupted", account=account, region=region, shard=name)
    if context.list_budget.exhausted:
        report("listing-requests-exhausted", shard=name, most=context.list_budget.limit)


def _scope(shard: Shard) -> str:
    """Return the account and region of a shard, or how many there are."""
    places = sorted({(unit.account, unit.region) for unit in shard.units})
    if len(places) == 1:
        return "/".join(places[0])
    accounts, regions = len({account for account, _ in places}), len({region for _, region in places})
    return f"{_plural(accounts, 'account')}, {_plural(regions, 'region')}"


def _extent(data: dict[_Key, dict[str, RegionData]]) -> str:
    """Return the number of buckets and series that were found."""
    regions = [region for regions in data.values() for region in regions.values()]
    buckets = sum(len(region.buckets.keys() | region.metrics.sizes.keys()) for region in regions)
    series = sum(len(region.metrics.counts) + sum(map(len, region.metrics.sizes.values())) for region in regions)
    return f"{_plural(buckets, 'bucket')}, {series:,} series"


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else noun + 's'}"
