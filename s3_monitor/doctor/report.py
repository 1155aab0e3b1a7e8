"""The result of the check: one record for each account, region and permission."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from s3_monitor.doctor.permissions import OPTIONS, PERMISSIONS, Option, policy_document
from s3_monitor.model.errors import DeniedBy

FORMAT = 1
Result = Literal["yes", "no", "unknown"]
# Denials that a policy of the user or role can change.
_GRANTABLE = ("", "identity-policy")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a permission is available in an account and region."""

    options: tuple[Option, ...]
    """The options that need it."""
    action: str
    """IAM action."""
    region: str | None = None
    """Region; null: not about a single region."""
    result: Result
    """yes, no, or unknown: it could not be tried, or the attempt failed for another reason."""
    source: Literal["request", "simulation"] | None = None
    """How it was determined; null: it was not."""
    provides: str
    """The figures that are missing without it."""
    denied_by: DeniedBy | None = None
    """The kind of policy that denies it, where AWS states it; null: not denied."""
    message: str | None = None
    """AWS's message, or why it could not be tried; null: none."""
    advice: str | None = None
    """What to do; null: nothing."""

    @property
    def failed(self) -> bool:
        """Whether an attempt failed without a denial."""
        return self.result == "unknown" and self.source == "request"


class MissingAction(msgspec.Struct, frozen=True):
    """An action that no policy of the user or role allows."""

    action: str
    """IAM action."""
    options: tuple[Option, ...]
    """The options that need it."""
    provides: tuple[str, ...]
    """The figures that it provides."""
    regions: tuple[str, ...]
    """The regions in which it is denied; empty: it is not about regions."""


class AccountReport(msgspec.Struct, frozen=True, kw_only=True):
    """The checks of an account."""

    account: str | None = None
    """Account id; null: unknown."""
    profile: str | None = None
    """Profile of the AWS configuration; null: none."""
    role_arn: str | None = None
    """Role to assume; null: none."""
    caller: str | None = None
    """ARN of the caller; null: unknown."""
    error: str | None = None
    """Why the account could not be opened; null: it was opened."""
    advice: str | None = None
    """What to do about the error; null: nothing."""
    regions: tuple[str, ...] = ()
    """The checked regions."""
    disabled_regions: tuple[str, ...] = ()
    """The selected regions that are not enabled in the account."""
    checks: tuple[Check, ...] = ()
    """The checks."""
    missing: tuple[MissingAction, ...] = ()
    """The actions to allow."""
    policy: dict[str, Any] | None = None
    """An IAM policy that allows exactly the missing actions; null: none are missing."""

    def result(self, option: Option, region: str | None) -> Result | None:
        """Return the result of an option in a region; None if the option was not checked."""
        results = [check for check in self.checks if option in check.options and check.region in (None, region)]
        if not results:
            return None
        if any(check.result == "no" for check in results):
            return "no"
        if any(check.failed for check in results) or all(check.result == "unknown" for check in results):
            return "unknown"
        return "yes"


class EnvironmentCheck(msgspec.Struct, frozen=True):
    """A check of the machine: its clock, endpoints and proxy."""

    name: Literal["clock", "endpoint", "proxy", "regions"]
    """What was checked."""
    ok: bool
    """Whether it needs no attention."""
    message: str
    """What was found."""
    advice: str | None = None
    """What to do; null: nothing."""


class DoctorReport(msgspec.Struct, frozen=True, kw_only=True):
    """The output of `s3-monitor doctor --format json`."""

    tool: str
    """Version of the program."""
    complete: bool
    """Whether all permissions of the options in use are available, and the machine needs no attention."""
    options: tuple[Option, ...]
    """The options in use. The others are checked too, but do not affect `complete`."""
    environment: tuple[EnvironmentCheck, ...]
    """The checks of the machine."""
    accounts: tuple[AccountReport, ...]
    """The checks of the accounts."""
    format: int = FORMAT
    """Version of this file format."""


def missing_actions(checks: Iterable[Check]) -> tuple[MissingAction, ...]:
    """Return each action that a policy of the user or role must allow, once, by name."""
    denied: dict[str, list[Check]] = {}
    for check in checks:
        if check.result == "no" and check.denied_by in _GRANTABLE:
            denied.setdefault(check.action, []).append(check)
    return tuple(
        MissingAction(
            action,
            tuple(option for option in OPTIONS if any(option in check.options for check in of_action)),
            tuple(dict.fromkeys(check.provides for check in of_action)),
            tuple(sorted({check.region for check in of_action if check.region})),
        )
        for action, of_action in sorted(denied.items())
    )


def fixing_policy(
    checks: Iterable[Check], missing: Sequence[MissingAction], partition: str, values: Mapping[str, str]
) -> dict[str, object] | None:
    """Return a policy that allows the missing actions; None if there are none."""
    actions = {one.action for one in missing}
    denied = {(check.action, check.options) for check in checks if check.result == "no" and check.action in actions}
    rows = [row for row in PERMISSIONS if (row.action, row.options) in denied]
    return policy_document(rows, partition, values) if rows else None


def is_complete(
    options: Collection[Option], environment: Iterable[EnvironmentCheck], accounts: Iterable[AccountReport]
) -> bool:
    """Return whether nothing is missing for the options."""
    return all(check.ok for check in environment) and not any(
        account.error is not None
        or account.disabled_regions
        or any(
            (check.result == "no" or check.failed) and not set(options).isdisjoint(check.options)
            for check in account.checks
        )
        for account in accounts
    )
