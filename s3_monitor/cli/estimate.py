"""`--dry-run`: the expected calls and dollars of a plan, from the lists of metrics and the object counts."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from s3_monitor.cli.activity import activity
from s3_monitor.cli.exit_status import ExitStatus, exit_status_for, is_quiet, print_problems, print_status
from s3_monitor.collect import bill, storage_lens
from s3_monitor.collect.expected_calls import (
    Place,
    RegionContents,
    describe_calls,
    expected_calls,
    read_region_contents,
)
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.plan import Plan, Shard
from s3_monitor.plan.account_discovery import attempt_concurrently
from s3_monitor.report.formats import plural

if TYPE_CHECKING:
    from s3_monitor.cli.discovery import AwsDiscovery


def dry_run(plan: Plan, discovery: AwsDiscovery) -> ExitStatus:
    """Print the expected calls of each shard and in total; return the exit status."""
    print_problems(plan.problems, notes=not is_quiet())
    planning = CallCounts()
    planning.add(plan.calls)  # before the calls of the estimate itself, which a run does not send
    with activity(lambda: f"reading object counts: {discovery.calls().total:,} calls") as progress:
        discovery.on_retry = progress.on_retry
        contents = _read_contents(plan, discovery)
    sys.stdout.write(describe(plan, planning, contents))
    return exit_status_for(plan.problems)


def _read_contents(plan: Plan, discovery: AwsDiscovery) -> dict[Place, RegionContents]:
    """Return the contents of each account and region of the plan, without those that could not be read."""
    places = {(unit.access, unit.region): unit.account for unit in plan.units if not unit.linked}

    def read(place: Place) -> RegionContents:
        access, region = plan.accesses[place[0]], place[1]
        account = discovery.account(access)
        names = [bucket.name for bucket in account.list_buckets(None) if bucket.region == region]
        return read_region_contents(account, region, names, plan.window)

    contents: dict[Place, RegionContents] = {}
    for place, result in attempt_concurrently(read, places).items():
        if isinstance(result, RegionContents):
            contents[place] = result
        else:
            print_status(f"no estimate for {places[place]}/{place[1]}: {result}")
    return contents


def describe(plan: Plan, planning: CallCounts, contents: Mapping[Place, RegionContents]) -> str:
    """Return the expected calls of each shard and in total, including those of planning."""
    total = CallCounts()
    total.add(planning)
    lines = []
    for shard in plan.shards:
        calls = _expected(plan, shard, contents)
        total.add(calls)
        lines.append(f"{shard.name}: {_extent(plan, shard, contents)}, {describe_calls(calls)}")
    days = f"{plan.window.first} to {plan.window.last}"
    lines.append(f"total: {plural(len(plan.shards), 'shard')}, {describe_calls(total)}, planning included, {days}")
    return "".join(f"{line}\n" for line in lines)


def _expected(plan: Plan, shard: Shard, contents: Mapping[Place, RegionContents]) -> CallCounts:
    if shard.bill is not None:
        return bill.expected(shard.bill)
    if shard.lens is not None:
        return storage_lens.expected(shard.lens)
    return expected_calls(plan, [unit for unit in shard.units if (unit.access, unit.region) in contents], contents)


def _extent(plan: Plan, shard: Shard, contents: Mapping[Place, RegionContents]) -> str:
    if shard.bill is not None:
        source = "0.01 USD per page" if shard.bill.export is None else f"from a billing export{plan.exports.by_athena}"
        return f"the bill of {plural(len(shard.bill.accounts), 'account')}, {source}"
    if shard.lens is not None:
        return f"Storage Lens export s3://{shard.lens.export.bucket}{plan.exports.by_athena}"
    places = {(unit.access, unit.region) for unit in shard.units}
    buckets = sum(len(contents[place].buckets) for place in places if place in contents)
    return f"{plural(buckets, 'bucket')} in {plural(len(places), 'region')}"
