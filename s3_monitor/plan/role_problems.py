"""The reason why a role could not be assumed, as a problem."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from s3_monitor.model.errors import DeniedBy, MissingCredentialsError
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.plan.account_discovery import DiscoveredAccount
from s3_monitor.plan.shard_keys import AccountEntry, Entry

_UNSTATED = "role-missing-or-untrusted"
_CODES: Mapping[DeniedBy, str] = {
    "": _UNSTATED,
    "organization": "role-denied-by-organization",
    "resource-policy": "role-denied-by-trust-policy",
    "identity-policy": "role-denied-to-caller",
    "explicit-deny": "role-denied-to-caller",
    "boundary": "role-denied-to-caller",
    "session-policy": "role-denied-to-caller",
    "endpoint-policy": "role-denied-to-caller",
}
RolesInUse = Collection[tuple[str, str | None]]


def roles_in_use(entries: Sequence[tuple[Entry, DiscoveredAccount]]) -> RolesInUse:
    """Return the names of roles, with their external ids, that were assumed in an account."""
    return {
        (_role_name(account.access.role_arn), account.access.external_id)
        for _, account in entries
        if account.access.role_arn and account.identity is not None
    }


def role_problem(entry: Entry, account: DiscoveredAccount, in_use: RolesInUse) -> Problem | None:
    """Return the gap of an account whose role was denied; None if that is not why it could not be opened."""
    failure, role = account.failure, account.access.role_arn
    if not isinstance(failure, MissingCredentialsError) or failure.denied_by is None or role is None:
        return None
    if role not in str(failure) or failure.denied_by not in _CODES:  # the credentials that assume it failed
        return None
    code = _CODES[failure.denied_by]
    advice = _advice(entry, account, in_use) if code == _UNSTATED else None
    return create_problem(code, account=account.number, error=failure, advice=advice)


def _advice(entry: Entry, account: DiscoveredAccount, in_use: RolesInUse) -> str | None:
    """Return what the other accounts show about the reason; None if they show nothing."""
    if isinstance(entry, AccountEntry) and entry.member.is_management:
        return (
            "StackSets do not deploy to the management account: create a stack there, or set management_role_arn "
            "(docs/organization.md)"
        )
    if (_role_name(account.access.role_arn), account.access.external_id) not in in_use:
        return None
    joined = entry.member.joined if isinstance(entry, AccountEntry) else None
    since = f" (the account joined on {datetime.fromtimestamp(joined, UTC).date()})" if joined is not None else ""
    return (
        "the same role and external id work in other accounts, so the role is probably missing here: deploy it"
        f"{since} (docs/organization.md)"
    )


def _role_name(role_arn: str | None) -> str:
    return (role_arn or "").partition(":role/")[2]
