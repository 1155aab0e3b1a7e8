"""Who shares a bill: volume tiers fill over all accounts of one."""

from __future__ import annotations

from s3_monitor.model.plan import Plan


def billing_families(plan: Plan) -> dict[str, str]:
    """Account → billing family: the plan's, by name; what none of them names is one in each partition."""
    # No name begins with a slash: the two cannot be taken for each other.
    named = {account: f"/{name}" for name, accounts in plan.families.items() for account in accounts}
    return {unit.account: named.get(unit.account, unit.partition) for unit in plan.units}
