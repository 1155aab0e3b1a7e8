"""Accounts whose CloudWatch metrics are read through a monitoring account (cross-account observability).

Experimental: CloudWatch shares metrics, and neither the list of buckets nor their configuration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.plan.account_discovery import DiscoveredAccount, attempt_concurrently
from s3_monitor.plan.bucket_patterns import intersect
from s3_monitor.plan.discovery import AccountDiscovery
from s3_monitor.plan.shard_keys import Entry
from s3_monitor.plan.units import ScanTarget

_NOT_ENABLED = "invalid-credentials"  # kind of the error of a region that is not enabled in the account


def linked_targets(
    entry_accounts: Sequence[tuple[Entry, DiscoveredAccount]],
    targets: Sequence[ScanTarget],
    selected: Sequence[str],
    discovery: AccountDiscovery,
    partition_of: Mapping[str, str],
) -> tuple[list[ScanTarget], list[Problem]]:
    """Return a target for each linked account of each entry with cross_account, and what could not be listed.

    ``selected``: the patterns of the command line.
    """
    monitors = {
        entry.name: account for entry, account in entry_accounts if entry.cross_account and account.identity is not None
    }
    found: list[ScanTarget] = []
    problems: list[Problem] = []
    for target in targets:
        account = monitors.get(target.entry.name)
        if account is None:
            continue
        of_entry, of_problems = _of_monitor(target, account, discovery, partition_of)
        patterns = intersect(target.entry.buckets, selected, ())
        found += [msgspec.structs.replace(linked, patterns=patterns) for linked in of_entry]
        problems += of_problems
    return found, problems


def _of_monitor(
    target: ScanTarget, account: DiscoveredAccount, discovery: AccountDiscovery, partition_of: Mapping[str, str]
) -> tuple[list[ScanTarget], list[Problem]]:
    own = [region for region, partition in partition_of.items() if partition == target.partition]
    regions = sorted(target.entry.regions or own)

    def read(region: str) -> set[str]:
        opened = discovery.account(account.access)
        opened.identity()
        return opened.linked_accounts(region)

    results = attempt_concurrently(read, regions)
    problems = [
        create_problem("linked-accounts-unlisted", account=target.account, region=region, error=result)
        for region, result in results.items()
        if not isinstance(result, set) and getattr(result, "kind", "") != _NOT_ENABLED
    ]
    by_owner: dict[str, dict[str, int]] = {}
    for region, result in results.items():
        for owner in sorted(result) if isinstance(result, set) else ():
            by_owner.setdefault(owner, {})[region] = 0
    if by_owner:
        problems.append(create_problem("linked-account-limits", account=target.account, accounts=len(by_owner)))
    linked = [
        msgspec.structs.replace(target, account=owner, regions=by_owner[owner], linked=True, found={})
        for owner in sorted(by_owner)
    ]
    return linked, problems
