"""The targets of a plan: for each entry, the regions, buckets and storage types to collect."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.patterns import DIRECTORY_SUFFIX, is_glob
from s3_monitor.model.plan import Access, SplitBy
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.plan import bucket_patterns, names
from s3_monitor.plan.account_discovery import DiscoveredAccount, map_concurrently
from s3_monitor.plan.discovery import AccountDiscovery
from s3_monitor.plan.shards_file import Entry
from s3_monitor.plan.units import ScanTarget

# Above this number of names, finding the ones similar to a mistyped name would take seconds.
_COMPARED_AT_MOST = 5000


def check_named_buckets(named: Sequence[str], entry_accounts: Sequence[tuple[Entry, DiscoveredAccount]]) -> None:
    """Raise UserError for an exact name of -b that no account holds.

    Names of directory buckets are not checked, because ListBuckets does not return them. Nothing is checked if an
    account could not be listed.
    """
    if not all(account.listed for _, account in entry_accounts):
        return
    exact = [name for name in named if not is_glob(name) and not name.endswith(DIRECTORY_SUFFIX)]
    if not exact:
        return
    held = {
        name for entry, account in entry_accounts for name in bucket_patterns.matching(entry.buckets, account.names())
    }
    for name in exact:
        if name not in held:
            near = [existing for existing in sorted(held) if existing[:1] == name[:1]][:_COMPARED_AT_MOST]
            raise UserError(f"-b {name}: no such bucket", names.did_you_mean(name, near) if near else "")


def excluded_buckets(named: Sequence[str], entry_accounts: Sequence[tuple[Entry, DiscoveredAccount]]) -> list[Problem]:
    """Return a note for each exact name of -b that exists only in excluded regions."""
    found: dict[tuple[str, str], Problem] = {}
    covered = set()
    for entry, account in entry_accounts:
        for bucket in account.all():
            if bucket.name not in named or not bucket_patterns.matching(entry.buckets, [bucket.name]):
                continue
            if bucket.region is None or not entry.regions or bucket.region in entry.regions:
                covered.add((account.place, bucket.name))
                continue
            found[account.place, bucket.name] = create_problem(
                "bucket-outside-selected-regions", account=account.number, region=bucket.region, bucket=bucket.name
            )
    return [problem for place, problem in found.items() if place not in covered]


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
    for entry, account in entry_accounts:
        wanted = bucket_patterns.intersect(entry.buckets, selected, account.names())
        problems += _problems(entry, account, wanted, partition_of)
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

    def read(place: tuple[int, str]) -> set[str] | AwsError | UserError:
        number, region = place
        try:
            return discovery.storage_types(accesses[number], region)
        except (AwsError, UserError) as failure:
            return failure

    found: dict[int, dict[str, Sequence[str]]] = {}
    failures: dict[tuple[int, str], AwsError | UserError] = {}
    for place, result in map_concurrently(read, places).items():
        if isinstance(result, set):
            found.setdefault(place[0], {})[place[1]] = sorted(result)
        else:
            failures[place] = result
    problems = [
        create_problem(
            "not-split-by-storage-type",
            account=target.account,
            region=region,
            error=failures[target.access, region],
        )
        for target in splitting
        for region in target.regions
        if (target.access, region) in failures
    ]
    filled = [
        msgspec.structs.replace(target, found=found.get(target.access, {})) if target in splitting else target
        for target in targets
    ]
    return filled, problems


def _problems(
    entry: Entry, account: DiscoveredAccount, wanted: Collection[str], partition_of: Mapping[str, str]
) -> list[Problem]:
    """Return why the target of an entry is missing or incomplete."""
    problems = [*account.problems(wanted)]
    if account.buckets is None:
        return problems
    foreign = _foreign(entry, account, partition_of)
    if foreign:
        partition = _partition(account)
        problems.append(
            create_problem("region-outside-partition", account=account.number, partition=partition, regions=foreign)
        )
    return problems


def _regions(
    entry: Entry, account: DiscoveredAccount, wanted: Collection[str], partition_of: Mapping[str, str]
) -> dict[str, int]:
    """Return the expected number of buckets by region: of the named regions, else of those that hold buckets."""
    if bucket_patterns.NO_BUCKET in wanted:
        return {}
    held = account.by_region(wanted)
    if entry.regions:
        foreign = _foreign(entry, account, partition_of)
        return {region: held.get(region, 0) for region in entry.regions if region not in foreign}
    own = [region for region, partition in partition_of.items() if partition == _partition(account)]
    for pattern in wanted:
        region = bucket_patterns.zone_region(pattern, own)
        if region is not None:
            held.setdefault(region, 0)
    return held


def _foreign(entry: Entry, account: DiscoveredAccount, partition_of: Mapping[str, str]) -> list[str]:
    return [region for region in entry.regions if partition_of[region] != _partition(account)]


def _partition(account: DiscoveredAccount) -> str:
    return account.identity.partition if account.identity else ""
