"""The keys of shards.yaml about the bill, and the shard that reads it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from s3_monitor.model.bill import ENDPOINTS, SHARD, TAG, CostQuery, Costs, last_month
from s3_monitor.model.errors import UserError
from s3_monitor.model.plan import Access, Shard, TimeoutMinutes
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.plan import names
from s3_monitor.plan.field_types import ExternalId, Role, Text

if TYPE_CHECKING:
    from s3_monitor.plan.yaml_document import Document

# AWS: a tag key has up to 128 letters, digits, spaces and these characters.
CostTag = Annotated[str, Meta(pattern=r"^[\w .:/=+@-]{1,128}\Z")]
_ACCOUNT = re.compile(r"[0-9]{12}")
ACCOUNTS_RULE = 'a list of account numbers, 12 digits each and in quotes, like ["111122223333", "444455556666"]'
FAMILIES_RULE = f"a mapping of family names to {ACCOUNTS_RULE}"
_DEFAULT_MINUTES = 60


class Payer(msgspec.Struct, frozen=True, kw_only=True):
    """The payer account and the agent that reads its bill. None: the value in `defaults` applies."""

    profile: Text | None = None
    role_arn: Role | None = None
    external_id: ExternalId | None = None
    agent: Text | None = None
    credentials: Text | None = None
    timeout_minutes: TimeoutMinutes | None = None


class Billing(msgspec.Struct, frozen=True, kw_only=True):
    """The source of costs, from the command line and shards.yaml."""

    costs: Costs = "list"
    tag: str = TAG
    payer: Payer = Payer()
    families: Mapping[str, tuple[str, ...]] = {}


def families_of(document: Document, path: str, value: Any) -> dict[str, tuple[str, ...]]:
    """Return the validated `billing_family`. Raises UserError with the line and the allowed values."""
    if not isinstance(value, dict) or not value:
        document.refuse(path, "is not a mapping of families", FAMILIES_RULE)
    family_of: dict[str, str] = {}
    for name, accounts in value.items():
        of_family = f"{path}.{name}"
        if not names.is_name(name):
            document.refuse(of_family, "is not a valid name", names.NAME_RULE)
        if not isinstance(accounts, list) or not accounts:
            document.refuse(of_family, "is not a list of accounts", ACCOUNTS_RULE)
        for index, account in enumerate(accounts):
            place = f"{of_family}[{index}]"
            # A number would lose its leading zeros or be read as octal.
            if not isinstance(account, str) or not _ACCOUNT.fullmatch(account):
                what = f"{document.shown(place, account)} is not an account id"
                document.refuse(place, what, f"put it in quotes: an item of {ACCOUNTS_RULE}")
            if account in family_of:
                document.refuse(place, f"is already in {family_of[account]}", "each account in one family")
            family_of[account] = of_family
    return {name: tuple(sorted(accounts)) for name, accounts in sorted(value.items())}


class BillShard(msgspec.Struct, frozen=True):
    """The shard that reads the bill; None if costs are list prices."""

    shard: Shard | None
    accesses: list[Access]
    """All accesses of the plan, the payer's included."""
    problems: list[Problem]


def plan_bill(
    billing: Billing,
    accesses: Sequence[Access],
    accounts: Collection[tuple[str, str]],
    profile: str | None,
    today: date,
) -> BillShard:
    """Return the shard that reads the bill of ``accounts`` (account id, partition).

    ``profile``: the default of the payer. Raises UserError if the partition of the payer has no Cost Explorer.
    """
    if billing.costs == "list":
        return BillShard(None, list(accesses), [])
    payer = billing.payer
    access = Access(
        profile=payer.profile or profile,
        role_arn=payer.role_arn,
        external_id=payer.external_id,
        credentials=payer.credentials or "",
    )
    partition = _partition(payer, {partition for _, partition in accounts})
    if partition not in ENDPOINTS:
        advice = "costs: list; or name a payer of another partition"
        raise UserError(f"costs: {billing.costs}: partition {partition} has no Cost Explorer", advice)
    if partition != "aws":
        access = msgspec.structs.replace(access, region=ENDPOINTS[partition])
    all_accesses = list(dict.fromkeys([*accesses, access]))
    start, end = last_month(today)
    target = CostQuery(
        access=all_accesses.index(access),
        partition=partition,
        accounts=tuple(sorted({account for account, its in accounts if its == partition})),
        start=start,
        end=end,
        tag=billing.tag if billing.costs == "tagged" else "",
    )
    shard = Shard(
        SHARD, payer.agent or "", payer.credentials or "", payer.timeout_minutes or _DEFAULT_MINUTES, (), target
    )
    others = sorted({account for account, its in accounts if its != partition})
    problems = [create_problem("accounts-outside-partition", partition=partition, accounts=others)] if others else []
    return BillShard(shard, all_accesses, problems)


def _partition(payer: Payer, of_accounts: Collection[str]) -> str:
    """Return the partition of the role, else that of the accounts; of several, aws comes first."""
    if payer.role_arn:
        return payer.role_arn.split(":")[1]
    return "aws" if "aws" in of_accounts else min(of_accounts)
