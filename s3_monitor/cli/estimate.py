"""What a plan would ask, said before it is asked: `--dry-run`."""

from __future__ import annotations

import sys

from s3_monitor.cli.exits import ExitStatus, say_problems, status_of
from s3_monitor.collect import bill
from s3_monitor.collect.questions import KEYS_A_PAGE, expected_calls
from s3_monitor.model.calls import Calls
from s3_monitor.model.plan import Plan, Shard


def dry_run(plan: Plan, *, quiet: bool) -> ExitStatus:
    """What `--dry-run` does of a plan, whatever the verb."""
    say_problems(plan.problems, notes=not quiet)
    sys.stdout.write(describe(plan))
    return status_of(plan.problems)


def describe(plan: Plan) -> str:
    """A line a shard and the sum: buckets, calls, dollars. All of it about: the series are not known yet."""
    whole = Calls()
    rows = []
    for shard in plan.shards:
        calls = (
            expected_calls(shard.units, plan.window.days, plan.listing, plan.properties, plan.objects)
            if shard.bill is None
            else bill.expected(shard.bill)
        )
        whole.add(calls)
        rows.append(f"{shard.name}: {_extent(shard)}, {_calls(calls)}")
    rows += _of_objects(plan)
    days = f"{plan.window.first} to {plan.window.last}"
    rows.append(f"in all: {len(plan.shards):,} shards, {_calls(whole)}, for the days {days}")
    return "".join(f"{row}\n" for row in rows)


def _of_objects(plan: Plan) -> list[str]:
    """What listings for objects may come to: how many objects there are is not known yet."""
    rule = plan.objects
    if rule.mode not in ("listing", "auto"):
        return []
    buckets = sum(unit.weight for unit in plan.units if unit.rest)
    least = buckets * (2 if rule.versions else 1)
    most = least + buckets * (rule.max_objects // KEYS_A_PAGE)
    if plan.listing.max_requests is not None:
        most = min(most, plan.listing.max_requests * len(plan.shards))
        least = min(least, most)
    low, high = (Calls({"ListObjectsV2": requests}).usd for requests in (least, most))
    uploads = ", and one or more for each unfinished upload" if rule.versions else ""
    every = f"one for each {KEYS_A_PAGE:,} {'versions' if rule.versions else 'objects'}{uploads}"
    return [f"listing objects: {least:,} to {most:,} requests, {low:.4f} to {high:.4f} USD: {every}"]


def _extent(shard: Shard) -> str:
    if shard.bill is not None:
        accounts = len(shard.bill.accounts)
        return f"the bill of {accounts} account{'s' if accounts != 1 else ''}, 0.01 USD a page"
    places = {(unit.account, unit.region): unit.weight for unit in sorted(shard.units, key=lambda unit: unit.weight)}
    regions = len(places)
    return f"{sum(places.values()):,} buckets in {regions} region{'s' if regions != 1 else ''}"


def _calls(calls: Calls) -> str:
    return f"about {calls.total:,} calls and {calls.usd:.4f} USD"
