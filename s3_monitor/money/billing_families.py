"""The billing family of each account: volume tiers fill over all accounts of one consolidated bill."""

from __future__ import annotations

from s3_monitor.model.plan import Plan


def billing_families(plan: Plan) -> dict[str, str]:
    """Return account → billing family. Accounts that the plan does not assign form one family per partition."""
    # A leading slash keeps the names of the plan apart from partitions.
    named = {account: f"/{name}" for name, accounts in plan.families.items() for account in accounts}
    return {unit.account: named.get(unit.account, unit.partition) for unit in plan.units}
