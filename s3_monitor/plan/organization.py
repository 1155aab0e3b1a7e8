"""The entries of an organization: one for each of its accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import msgspec

from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.identity import OrganizationAccount
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Access
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.plan.account_discovery import Failure, attempt_concurrently
from s3_monitor.plan.discovery import AccountDiscovery
from s3_monitor.plan.names import name_from
from s3_monitor.plan.shard_keys import AccountEntry, OrganizationKeys

_LONGEST_NAME = 45  # leaves room for the account id, and for a region or storage type
_ROOT = "Root"


class ExpandedOrganization(msgspec.Struct, frozen=True):
    """The entries of an organization, and what could not be read of it."""

    entries: tuple[AccountEntry, ...] = ()
    problems: tuple[Problem, ...] = ()
    units: dict[str, str] = {}
    """Account id → path of names of its organizational unit, like Prod/Data."""
    failure: Failure | None = None
    """Why the accounts could not be listed."""


def caller_of(keys: OrganizationKeys, profile: str | None) -> Access:
    """Return the access that lists the accounts. ``profile``: the effective one."""
    external_id = keys.external_id if keys.role_arn else None
    return Access(profile, keys.role_arn, external_id, None, keys.credentials)


def expand(
    keys: OrganizationKeys,
    profile: str | None,
    discovery: AccountDiscovery,
    possible_names: Callable[[AccountEntry], Iterable[str]],
    taken: Collection[str],
) -> ExpandedOrganization:
    """Return an entry for each selected account that accepts requests, and notes about the others.

    ``possible_names``: the names that the shards of an entry may have; ``taken``: those of other entries.
    """
    caller = caller_of(keys, profile)
    accounts, own, failure = _accounts(caller, discovery)
    problems: list[Problem] = []
    if failure is not None:
        code = "organization-incomplete" if accounts else "organization-unreadable"
        problems.append(create_problem(code, error=failure))
    selected, remarks = _select(keys, accounts)
    problems += remarks
    problems += [
        create_problem("account-closed", account=account.id, name=account.name, state=account.state)
        for account in selected
        if not account.is_open
    ]
    members = [account for account in selected if account.is_open]
    entries = [_entry(keys, profile, account, reached_by_caller=account.id == own) for account in members]
    units, unnamed = _unit_paths(members, caller, discovery)
    return ExpandedOrganization(
        tuple(_with_unique_names(entries, possible_names, taken)), (*problems, *unnamed), units, failure
    )


def _accounts(caller: Access, discovery: AccountDiscovery) -> tuple[list[OrganizationAccount], str, Failure | None]:
    """Return the accounts by id, the account id of the caller, and why the list is incomplete."""
    accounts: dict[str, OrganizationAccount] = {}
    own = ""
    try:
        opened = discovery.account(caller)
        own = opened.identity().account
        for page in opened.organization_pages():
            accounts.update((account.id, account) for account in page)
    except (AwsError, UserError) as failure:
        return [accounts[number] for number in sorted(accounts)], own, failure
    return [accounts[number] for number in sorted(accounts)], own, None


def _select(
    keys: OrganizationKeys, accounts: Sequence[OrganizationAccount]
) -> tuple[list[OrganizationAccount], list[Problem]]:
    """Return the selected accounts, and notes about patterns and units without accounts."""
    problems = [
        create_problem("organization-pattern-unmatched", key=key, pattern=pattern)
        for key, patterns in (("include", keys.include), ("exclude", keys.exclude))
        for pattern in patterns
        if accounts and not any(_matches((pattern,), account) for account in accounts)
    ]
    if keys.ous and (unknown := [account.id for account in accounts if account.units is None]):
        problems.append(create_problem("organizational-units-unknown", accounts=unknown))
    problems += [
        create_problem("organizational-unit-empty", unit=unit)
        for unit in keys.ous
        if accounts and not any(unit in (account.units or ()) for account in accounts)
    ]
    selected = [
        account
        for account in accounts
        if (not keys.include or _matches(keys.include, account))
        and not (keys.exclude and _matches(keys.exclude, account))
        and (not keys.ous or not set(keys.ous).isdisjoint(account.units or ()))
    ]
    return selected, problems


def _matches(patterns: Collection[str], account: OrganizationAccount) -> bool:
    return account.id in patterns or matcher(patterns)(account.name)


def _entry(
    keys: OrganizationKeys, profile: str | None, account: OrganizationAccount, *, reached_by_caller: bool
) -> AccountEntry:
    """Return the entry of an account. The caller's access opens the management account if it is in it."""
    role: str | None = f"arn:{account.partition}:iam::{account.id}:role/{keys.role}"
    if account.is_management and keys.management_role_arn:
        role = keys.management_role_arn
    elif reached_by_caller and (account.is_management or not account.management_account):
        role = keys.role_arn
    return AccountEntry(
        name=name_from(account.name[:_LONGEST_NAME], f"account-{account.id}"),
        profile=profile,
        role_arn=role,
        external_id=keys.external_id if role else None,
        agent=keys.agent,
        credentials=keys.credentials,
        timeout_minutes=keys.timeout_minutes,
        split_by=keys.split_by,
        regions=keys.regions,
        buckets=keys.buckets,
        storage_types=keys.storage_types,
        member=account,
    )


def _with_unique_names(
    entries: Sequence[AccountEntry], possible_names: Callable[[AccountEntry], Iterable[str]], taken: Collection[str]
) -> list[AccountEntry]:
    """Return the entries; the account id is part of each name that is not unique."""
    uses = Counter(name for entry in entries for name in possible_names(entry)) + Counter(set(taken))
    return [
        msgspec.structs.replace(entry, name=f"{entry.name}-{entry.member.id}")
        if any(uses[name] > 1 for name in possible_names(entry))
        else entry
        for entry in entries
    ]


def _unit_paths(
    accounts: Sequence[OrganizationAccount], caller: Access, discovery: AccountDiscovery
) -> tuple[dict[str, str], list[Problem]]:
    """Return the path of the unit of each account, and a note if names of units could not be read."""
    ids = sorted({unit for account in accounts for unit in (account.units or ())[1:]})
    names = attempt_concurrently(lambda unit: discovery.account(caller).unit_name(unit), ids)
    failures = [name for name in names.values() if not isinstance(name, str)]
    problems = [create_problem("organizational-unit-names-unreadable", error=failures[0])] if failures else []
    return {account.id: _path(account.units, names) for account in accounts if account.units}, problems


def _path(units: Sequence[str], names: Mapping[str, str | Failure]) -> str:
    readable = [name if isinstance(name := names[unit], str) else unit for unit in units[1:]]
    return "/".join(readable) or _ROOT
