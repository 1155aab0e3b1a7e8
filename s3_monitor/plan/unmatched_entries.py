"""Names and patterns of the selection that match nothing in the account."""

from __future__ import annotations

from collections.abc import Sequence

from s3_monitor.model.patterns import DIRECTORY_SUFFIX, is_glob
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.plan.account_discovery import DiscoveredAccount
from s3_monitor.plan.bucket_patterns import matching
from s3_monitor.plan.shards_file import Entry


def unmatched(entry_accounts: Sequence[tuple[Entry, DiscoveredAccount]], selected: Sequence[str]) -> list[Problem]:
    """Return a gap per exact name that does not exist, and a note per glob and set of regions without a bucket.

    ``chosen``: the command line's bucket patterns; names they exclude are not reported. Directory buckets are not in
    the list of an account's buckets, so their names are not checked. Accounts whose buckets could not be listed are
    skipped.
    """
    return [problem for entry, account in entry_accounts for problem in _unmatched(entry, account, selected)]


def unmatched_globs(
    entry_accounts: Sequence[tuple[Entry, DiscoveredAccount]], selected: Sequence[str]
) -> list[Problem]:
    """Return a note per glob of the command line that no bucket matches; none if an account could not be listed."""
    accounts = {account.place: account for _, account in entry_accounts}
    if not all(account.listed for account in accounts.values()):
        return []
    held = [name for account in accounts.values() for name in account.names()]
    only = next(iter(accounts.values())).number if len(accounts) == 1 else None
    return [
        create_problem("selected-pattern-unmatched", account=only, pattern=glob)
        for glob in sorted(set(selected))
        if is_glob(glob) and not glob.endswith(DIRECTORY_SUFFIX) and not matching([glob], held)
    ]


def _unmatched(entry: Entry, account: DiscoveredAccount, selected: Sequence[str]) -> list[Problem]:
    if not account.listed:
        return []
    checked = [pattern for pattern in entry.buckets if not pattern.endswith(DIRECTORY_SUFFIX)]
    names = sorted(set(matching(selected, [pattern for pattern in checked if not is_glob(pattern)])))
    problems = _missing(entry, account, names) + _elsewhere(entry, account, names)
    if not selected:
        globs = sorted({pattern for pattern in checked if is_glob(pattern)})
        problems += _globs(entry, account, globs)
        problems += _regions(entry, account)
    return problems


def _missing(entry: Entry, account: DiscoveredAccount, names: Sequence[str]) -> list[Problem]:
    held = set(account.names())
    return [
        create_problem("named-bucket-missing", account=account.number, bucket=name, entry=entry.name)
        for name in names
        if name not in held
    ]


def _elsewhere(entry: Entry, account: DiscoveredAccount, names: Sequence[str]) -> list[Problem]:
    return [
        create_problem(
            "bucket-outside-shard-regions",
            account=account.number,
            region=bucket.region,
            bucket=bucket.name,
            entry=entry.name,
        )
        for bucket in account.all()
        if bucket.name in names and bucket.region and entry.regions and bucket.region not in entry.regions
    ]


def _globs(entry: Entry, account: DiscoveredAccount, globs: Sequence[str]) -> list[Problem]:
    held = account.names()
    return [
        create_problem("shard-pattern-unmatched", account=account.number, pattern=glob, entry=entry.name)
        for glob in globs
        if not matching([glob], held)
    ]


def _regions(entry: Entry, account: DiscoveredAccount) -> list[Problem]:
    """Return a note if the entry's buckets are all in other regions than its own."""
    held = account.by_region(entry.buckets)
    if not held or not entry.regions or any(region in held for region in entry.regions):
        return []
    return [
        create_problem(
            "shard-regions-without-buckets",
            account=account.number,
            entry=entry.name,
            regions=entry.regions,
            held=sorted(held),
        )
    ]
