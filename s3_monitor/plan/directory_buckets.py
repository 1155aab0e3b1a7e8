"""Discovery of directory buckets in regions without other buckets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.identity import AccountBucket
from s3_monitor.model.patterns import DIRECTORY_SUFFIX, is_glob
from s3_monitor.model.plan import Access
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.plan.account_discovery import DiscoveredAccount, Failure, map_concurrently
from s3_monitor.plan.bucket_patterns import zone_region
from s3_monitor.plan.discovery import AccountDiscovery
from s3_monitor.plan.shard_keys import AccountEntry, Entry

_STORAGE_TYPE = "express"  # prefix of the storage types of directory buckets, in lower case
_ATTEMPTS = 2  # a network that blocks the endpoint must not delay the start for minutes
_LITERAL_END = re.compile(r"[^*?\]]*$")

_Result = list[AccountBucket] | Failure


def with_directories(
    entry_accounts: Sequence[tuple[Entry, DiscoveredAccount]],
    selected: Sequence[str],
    discovery: AccountDiscovery,
    partition_of: Mapping[str, str],
) -> tuple[list[tuple[Entry, DiscoveredAccount]], list[Problem]]:
    """Return the accounts with their directory buckets, and a note for each account that could not be searched.

    Only accounts of entries that name no region and may match a directory bucket are searched, and none of an
    organization: it would take a request for each account and region.
    """
    wanted = {
        account.access: account
        for entry, account in entry_accounts
        if not isinstance(entry, AccountEntry)
        and account.identity is not None
        and account.buckets is not None
        and _may_match(entry, selected, partition_of)
    }
    members = [entry for entry, _ in entry_accounts if isinstance(entry, AccountEntry)]
    unsearched = any(_may_match(entry, selected, partition_of) for entry in members)
    results = map_concurrently(lambda access: _search(wanted[access], discovery, partition_of), wanted)
    problems = [problem for _, of_account in results.values() for problem in of_account]
    problems += [create_problem("organization-directory-buckets-not-searched")] if unsearched else []
    searched = {access: account for access, (account, _) in results.items()}
    return [(entry, searched.get(account.access, account)) for entry, account in entry_accounts], problems


def _may_match(entry: Entry, selected: Sequence[str], partition_of: Mapping[str, str]) -> bool:
    if entry.regions:
        return False
    if entry.storage_types and not any(name.lower().startswith(_STORAGE_TYPE) for name in entry.storage_types):
        return False
    return all(
        not patterns or any(_may_be_directory(pattern, partition_of) for pattern in patterns)
        for patterns in (entry.buckets, selected)
    )


def _may_be_directory(pattern: str, partition_of: Mapping[str, str]) -> bool:
    """Return whether a pattern may match a directory bucket without naming its zone."""
    if not is_glob(pattern):
        return pattern.endswith(DIRECTORY_SUFFIX) and zone_region(pattern, partition_of) is None
    end = _LITERAL_END.search(pattern)
    tail = end[0] if end else ""
    return tail.endswith(DIRECTORY_SUFFIX) or DIRECTORY_SUFFIX.endswith(tail)


def _search(
    account: DiscoveredAccount, discovery: AccountDiscovery, partition_of: Mapping[str, str]
) -> tuple[DiscoveredAccount, list[Problem]]:
    """Search one region first: if the request is denied there, it would be denied in the others too."""
    held = {bucket.region for bucket in account.buckets or ()}
    regions = sorted(
        (region for region, of in partition_of.items() if of == account.partition and region not in held),
        key=lambda region: (region != account.home_region, region),
    )
    results = {region: _list(account.access, region, discovery) for region in regions[:1]}
    if not any(_fails_everywhere(result) for result in results.values()):
        results |= map_concurrently(lambda region: _list(account.access, region, discovery), regions[1:])
    buckets = [bucket for result in results.values() if isinstance(result, list) for bucket in result]
    return msgspec.structs.replace(account, directories=buckets), _problems(account, results)


def _list(access: Access, region: str, discovery: AccountDiscovery) -> _Result:
    try:
        pages = discovery.account(access).special_bucket_pages("directory", region, attempts=_ATTEMPTS)
        return [bucket for page in pages for bucket in page]
    except (AwsError, UserError) as failure:
        if isinstance(failure, AwsError) and failure.kind == "invalid-credentials":
            return []  # AWS: the region is not enabled in the account, so it holds no buckets
        return failure


def _fails_everywhere(result: _Result) -> bool:
    return not isinstance(result, list) and getattr(result, "kind", "") in ("", "denied", "expired", "unreachable")


def _problems(account: DiscoveredAccount, results: Mapping[str, _Result]) -> list[Problem]:
    failures = {region: result for region, result in sorted(results.items()) if not isinstance(result, list)}
    if not failures:
        return []
    failure = next(iter(failures.values()))
    # If a single region was searched, the error holds for the others too.
    regions = "all" if len(results) == 1 else list(failures)
    return [create_problem("directory-buckets-not-searched", account=account.number, regions=regions, error=failure)]
