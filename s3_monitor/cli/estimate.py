"""`--dry-run`: the calls and dollars that a plan takes, computed from lists of metrics and object counts."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from s3_monitor.cli.activity import activity
from s3_monitor.cli.exit_status import ExitStatus, exit_status_for, print_problems, print_status
from s3_monitor.collect import bill
from s3_monitor.collect.announcement import describe_calls
from s3_monitor.collect.expected_calls import Place, expected_calls
from s3_monitor.collect.region_contents import RegionContents, read_region_contents
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.plan import Plan, Shard
from s3_monitor.plan.account_discovery import map_concurrently

if TYPE_CHECKING:
    from s3_monitor.cli.discovery import AwsDiscovery


def dry_run(plan: Plan, inquiry: AwsDiscovery, *, quiet: bool) -> ExitStatus:
    """Print a line per shard and the total; the exit status of every command with `--dry-run`."""
    print_problems(plan.problems, notes=not quiet)
    planning = CallCounts()
    planning.add(plan.calls)  # now: the estimate makes calls of its own, which a run does not make
    with activity(lambda: f"reading object counts: {inquiry.calls().total:,} calls", quiet=quiet) as shown:
        inquiry.on_retry = shown.on_retry
        contents = _read_contents(plan, inquiry)
    sys.stdout.write(describe(plan, planning, contents))
    return exit_status_for(plan.problems)


def _read_contents(plan: Plan, inquiry: AwsDiscovery) -> dict[Place, RegionContents]:
    """What the plan's accounts and regions hold. One that cannot be read is named, and missing."""
    places = {(unit.access, unit.region): unit.account for unit in plan.units}

    def read(place: Place) -> RegionContents | AwsError | UserError:
        access, region = plan.accesses[place[0]], place[1]
        try:
            names = [bucket.name for bucket in inquiry.buckets(access) if bucket.region == region]
            return read_region_contents(inquiry.account(access), region, names, plan.window)
        except (AwsError, UserError) as failure:
            return failure

    contents: dict[Place, RegionContents] = {}
    for place, found in map_concurrently(read, places).items():
        if isinstance(found, RegionContents):
            contents[place] = found
        else:
            print_status(f"no estimate for {places[place]}/{place[1]}: {found}")
    return contents


def describe(plan: Plan, planning: CallCounts, contents: Mapping[Place, RegionContents]) -> str:
    """Return a line per shard and the total, the calls of planning included."""
    total = CallCounts()
    total.add(planning)
    lines = []
    for shard in plan.shards:
        calls = _expected(plan, shard, contents)
        total.add(calls)
        lines.append(f"{shard.name}: {_extent(shard, contents)}, {describe_calls(calls)}")
    days = f"{plan.window.first} to {plan.window.last}"
    lines.append(f"total: {_count(len(plan.shards), 'shard')}, {describe_calls(total)}, planning included, {days}")
    return "".join(f"{line}\n" for line in lines)


def _expected(plan: Plan, shard: Shard, contents: Mapping[Place, RegionContents]) -> CallCounts:
    if shard.bill is not None:
        return bill.expected(shard.bill)
    return expected_calls(plan, [unit for unit in shard.units if (unit.access, unit.region) in contents], contents)


def _extent(shard: Shard, contents: Mapping[Place, RegionContents]) -> str:
    if shard.bill is not None:
        return f"the bill of {_count(len(shard.bill.accounts), 'account')}, 0.01 USD per page"
    places = {(unit.access, unit.region) for unit in shard.units}
    buckets = sum(len(contents[place].buckets) for place in places if place in contents)
    return f"{_count(buckets, 'bucket')} in {_count(len(places), 'region')}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
