"""The kinds of problems of an organization and of the roles in its accounts. See problem_catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from s3_monitor.model.problem_type import Affects, ProblemType, gap, note

_ALL: Final[Affects] = ("cost", "size", "objects", "last_modified", "configuration", "requests")

ORGANIZATIONS: Final[Mapping[str, ProblemType]] = {
    "account-closed": note("Account {name} is excluded: its state is {state}"),
    "linked-account-limits": note(
        "{accounts} linked accounts are read through the monitoring account: buckets without metrics, creation and "
        "last-modified dates, configuration and tags are unknown",
        ("last_modified", "configuration"),
        advice="for complete data, read each account with its own role",
    ),
    "linked-accounts-unlisted": gap("Could not list the metrics of linked accounts: {detail}", _ALL),
    "organization-buckets-unmatched": note(
        "No bucket of the organization matches {pattern}",
        advice="correct the pattern, or remove it from organization.buckets",
    ),
    "organization-directory-buckets-not-searched": note(
        "Directory buckets in regions without other buckets were not searched for in the accounts of the organization",
        advice="name the regions in organization.regions",
    ),
    "organization-incomplete": gap("Could not list all accounts of the organization: {detail}", _ALL),
    "organization-pattern-unmatched": note(
        "No account of the organization matches {pattern} of {key}",
        advice="correct the account id or the pattern of names in shards.yaml",
    ),
    "organization-unreadable": gap("Could not list the accounts of the organization: {detail}", _ALL),
    "organizational-unit-empty": note(
        "No account of the organization is in unit {unit}", advice="correct the id of the unit in organization.ous"
    ),
    "organizational-unit-names-unreadable": note(
        "Could not read the names of organizational units, so their ids are shown: {detail}"
    ),
    "organizational-units-unknown": gap(
        "AWS returned no organizational units of accounts {accounts}, so they are excluded",
        _ALL,
        advice="select the accounts with include",
    ),
    "role-denied-by-organization": gap(
        "Could not assume the role, because a policy of the organization denies it: {detail}", _ALL
    ),
    "role-denied-by-trust-policy": gap(
        "Could not assume the role, because its trust policy does not allow it: {detail}",
        _ALL,
        advice="allow this caller in the trust policy of the role, with the same external id",
    ),
    "role-denied-to-caller": gap(
        "Could not assume the role, because a policy of the caller does not allow it: {detail}",
        _ALL,
        advice="allow sts:AssumeRole on the role to the caller (docs/iam/assume-role.json)",
    ),
    "role-missing-or-untrusted": gap(
        "Could not assume the role, which is missing, or does not trust this caller or external id: {detail}",
        _ALL,
        advice="create the role, or correct its trust policy and external id (docs/organization.md)",
    ),
}
