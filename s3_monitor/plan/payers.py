"""The shard that reads the bill."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import msgspec

from s3_monitor.model.bill import ENDPOINTS, SHARD, CostQuery, Costs, last_month
from s3_monitor.model.errors import UserError
from s3_monitor.model.plan import Access, Shard
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.plan.shard_keys import AccessKeys
from s3_monitor.plan.shards_file import FileSettings


class BillShard(msgspec.Struct, frozen=True):
    """The shard that reads the bill; None if costs are list prices."""

    shard: Shard | None
    accesses: list[Access]
    """All accesses of the plan, the payer's included."""
    problems: list[Problem]

    @property
    def start(self) -> date | None:
        """The first day of the billed month."""
        return self.shard.bill.start if self.shard is not None and self.shard.bill is not None else None


def plan_bill(
    costs: Costs,
    settings: FileSettings,
    default_profile: str | None,
    accesses: Sequence[Access],
    accounts: Collection[tuple[str, str]],
    today: date,
) -> BillShard:
    """Return the shard that reads the bill of ``accounts`` (account id, partition).

    Raises UserError if `costs: exported` lacks a billing export, or the partition of the payer has no Cost Explorer.
    """
    if costs == "list":
        return BillShard(None, list(accesses), [])
    export = settings.exports.billing if costs == "exported" else None
    if costs == "exported" and export is None:
        advice = "set exports.billing in shards.yaml: see docs/exports.md"
        raise UserError("costs: exported needs the location of a billing export", advice)
    opened = export or settings.payer
    partition = _partition(opened, {partition for _, partition in accounts})
    if export is None and partition not in ENDPOINTS:
        advice = "costs: list; or name a payer of another partition"
        raise UserError(f"costs: {costs}: partition {partition} has no Cost Explorer", advice)
    region = export.region if export else "" if partition == "aws" else ENDPOINTS[partition]
    access = opened.access(region, default_profile)
    all_accesses = list(dict.fromkeys([*accesses, access]))
    start, end = last_month(today)
    target = CostQuery(
        access=all_accesses.index(access),
        partition=partition,
        accounts=tuple(sorted({account for account, its in accounts if its == partition})),
        start=start,
        end=end,
        tag=settings.cost_tag if costs == "tagged" else "",
        export=export.export(settings.cost_tag) if export else None,
    )
    shard = opened.shard(SHARD, bill=target)
    others = sorted({account for account, its in accounts if its != partition})
    problems = [create_problem("accounts-outside-partition", partition=partition, accounts=others)] if others else []
    return BillShard(shard, all_accesses, problems)


def _partition(payer: AccessKeys, of_accounts: Collection[str]) -> str:
    """Return the partition of the role, else that of the accounts; of several, aws comes first."""
    if payer.role_arn:
        return payer.role_arn.split(":")[1]
    return "aws" if "aws" in of_accounts else min(of_accounts)
