"""The targets of a plan: for each entry, the regions, buckets and storage types to collect."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from s3_monitor.model.plan import Access, SplitBy
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.plan import bucket_patterns
from s3_monitor.plan.account_discovery import DiscoveredAccount, attempt_concurrently
from s3_monitor.plan.discovery import AccountDiscovery
from s3_monitor.plan.role_problems import role_problem, roles_in_use
from s3_monitor.plan.shard_keys import Entry
from s3_monitor.plan.units import ScanTarget


def scan_targets(
    entry_accounts: Sequence[tuple[Entry, DiscoveredAccount]],
    numbers: Mapping[Access, int],
    selected: Sequence[str],
    split_by: SplitBy | None,
    partition_of: Mapping[str, str],
) -> tuple[list[ScanTarget], list[Problem]]:
    """Return a target for each entry whose account can be read, and the problems of the others.

    Entries whose bucket patterns match nothing are omitted; if that holds for all, one remains, so that there is a
    plan. ``numbers``: the index of each access in the plan.
    """
    targets: list[ScanTarget] = []
    idle: list[ScanTarget] = []
    problems: list[Problem] = []
    in_use = roles_in_use(entry_accounts)
    for entry, account in entry_accounts:
        wanted = bucket_patterns.intersect(entry.buckets, selected, account.names())
        denied = role_problem(entry, account, in_use)
        problems += account.problems(wanted) if denied is None else [denied]
        foreign = [region for region in entry.regions if partition_of[region] != account.partition]
        if foreign and account.buckets is not None:
            problems.append(
                create_problem(
                    "region-outside-partition",
                    account=account.number,
                    partition=account.partition,
                    regions=foreign,
                )
            )
        if account.identity is None or (account.buckets is None and not entry.regions):
            continue
        regions = _regions(entry, account, wanted, partition_of)
        target = ScanTarget(
            entry=entry,
            access=numbers[account.access],
            account=account.identity.account,
            partition=account.identity.partition,
            patterns=wanted,
            regions=regions or {account.home_region: 0},
            split_by=split_by or entry.split_by,
        )
        if regions or (not wanted and not entry.regions):
            targets.append(target)
        elif not entry.regions or wanted == (bucket_patterns.NO_BUCKET,):
            idle.append(target)
    return targets or idle[:1], problems


def with_types(
    targets: Sequence[ScanTarget], accesses: Sequence[Access], discovery: AccountDiscovery
) -> tuple[list[ScanTarget], list[Problem]]:
    """Return the targets, with the storage types of their regions if they are split by storage type.

    A region whose storage types cannot be read is not split.
    """
    splitting = [target for target in targets if target.split_by == "storage-type" and not target.entry.storage_types]
    places = sorted({(target.access, region) for target in splitting for region in target.regions})

    results = attempt_concurrently(lambda place: discovery.storage_types(accesses[place[0]], place[1]), places)
    problems = [
        create_problem("not-split-by-storage-type", account=target.account, region=region, error=result)
        for target in splitting
        for region in target.regions
        if not isinstance(result := results[target.access, region], set)
    ]

    def with_found(target: ScanTarget) -> ScanTarget:
        types = {region: results[target.access, region] for region in target.regions}
        found = {region: sorted(names) for region, names in types.items() if isinstance(names, set)}
        return msgspec.structs.replace(target, found=found)

    return [with_found(target) if target in splitting else target for target in targets], problems


def _regions(
    entry: Entry, account: DiscoveredAccount, wanted: Collection[str], partition_of: Mapping[str, str]
) -> dict[str, int]:
    """Return the expected number of buckets by region: of the named regions, else of those that hold buckets."""
    if bucket_patterns.NO_BUCKET in wanted:
        return {}
    held = account.by_region(wanted)
    own = [region for region, partition in partition_of.items() if partition == account.partition]
    if entry.regions:
        return {region: held.get(region, 0) for region in entry.regions if region in own}
    for pattern in wanted:
        region = bucket_patterns.zone_region(pattern, own)
        if region is not None:
            held.setdefault(region, 0)
    return held
