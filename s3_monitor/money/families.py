"""Who shares a bill: volume tiers fill over all accounts of one."""

from __future__ import annotations

from s3_monitor.model.plan import Plan


def families(plan: Plan) -> dict[str, str]:
    """Account → billing family: all accounts of the plan in one partition."""
    return {unit.account: unit.partition for unit in plan.units}
