"""Names and patterns of the command line and of shards.yaml that match nothing in the accounts.

ListBuckets does not return directory buckets, so their names and patterns are not checked; nor are accounts whose
buckets could not be listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from s3_monitor.model.errors import UserError
from s3_monitor.model.patterns import DIRECTORY_SUFFIX, is_glob
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.plan import names
from s3_monitor.plan.account_discovery import DiscoveredAccount
from s3_monitor.plan.bucket_patterns import matching
from s3_monitor.plan.shard_keys import AccountEntry, Entry

# Above this number of names, finding the ones similar to a mistyped name would take seconds.
_COMPARED_AT_MOST = 5000

EntryAccounts = Sequence[tuple[Entry, DiscoveredAccount]]


def check_selected(selected: Sequence[str], entry_accounts: EntryAccounts) -> None:
    """Raise UserError for an exact name of -b that no account has."""
    exact = [name for name in _checked(selected) if not is_glob(name)]
    if not exact or not all(account.listed for _, account in entry_accounts):
        return
    held = {name for entry, account in entry_accounts for name in matching(entry.buckets, account.names())}
    for name in sorted(exact):
        if name not in held:
            near = [existing for existing in sorted(held) if existing[:1] == name[:1]][:_COMPARED_AT_MOST]
            raise UserError(f"-b {name}: no such bucket", names.did_you_mean(name, near) if near else "")


def unmatched_selection(selected: Sequence[str], entry_accounts: EntryAccounts) -> list[Problem]:
    """Return a note for each exact name of -b that exists only in excluded regions, and each glob without a match."""
    return [*_excluded(selected, entry_accounts), *_selected_globs(selected, entry_accounts)]


def _excluded(selected: Sequence[str], entry_accounts: EntryAccounts) -> list[Problem]:
    found: dict[tuple[str, str], Problem] = {}
    covered = set()
    for entry, account in entry_accounts:
        for bucket in account.all():
            if bucket.name not in selected or not matching(entry.buckets, [bucket.name]):
                continue
            place = account.place, bucket.name
            if bucket.region is None or not entry.regions or bucket.region in entry.regions:
                covered.add(place)
                continue
            found[place] = create_problem(
                "bucket-outside-selected-regions", account=account.number, region=bucket.region, bucket=bucket.name
            )
    return [problem for place, problem in found.items() if place not in covered]


def _selected_globs(selected: Sequence[str], entry_accounts: EntryAccounts) -> Iterator[Problem]:
    accounts = {account.place: account for _, account in entry_accounts}
    if not all(account.listed for account in accounts.values()):
        return
    held = [name for account in accounts.values() for name in account.names()]
    only = next(iter(accounts.values())).number if len(accounts) == 1 else None
    for glob in filter(is_glob, _checked(selected)):
        if not matching([glob], held):
            yield create_problem("selected-pattern-unmatched", account=only, pattern=glob)


def unmatched_entries(entry_accounts: EntryAccounts, selected: Sequence[str]) -> Iterator[Problem]:
    """Yield what matches nothing in the account of each entry, and in all accounts of the organization.

    ``selected``: the patterns of the command line; names that they exclude are not reported.
    """
    members = [(entry, account) for entry, account in entry_accounts if isinstance(entry, AccountEntry)]
    for entry, account in entry_accounts:
        if not isinstance(entry, AccountEntry):
            yield from _unmatched_entry(entry, account, selected)
    if selected or not all(account.listed for _, account in members):
        return
    held = [name for _, account in members for name in account.names()]
    for pattern in sorted({pattern for entry, _ in members for pattern in _checked(entry.buckets)}):
        if not matching([pattern], held):
            yield create_problem("organization-buckets-unmatched", pattern=pattern)


def _unmatched_entry(entry: Entry, account: DiscoveredAccount, selected: Sequence[str]) -> Iterator[Problem]:
    """Yield a gap per exact name that does not exist, and a note per glob and set of regions without a bucket."""
    if not account.listed:
        return
    number, held = account.number, set(account.names())
    patterns = _checked(entry.buckets)
    exact = set(matching(selected, [pattern for pattern in patterns if not is_glob(pattern)]))
    for name in sorted(exact):
        if name not in held:
            yield create_problem("named-bucket-missing", account=number, bucket=name, entry=entry.name)
    for name, region in [(bucket.name, bucket.region) for bucket in account.all()]:
        if name in exact and region and entry.regions and region not in entry.regions:
            yield create_problem(
                "bucket-outside-shard-regions", account=number, region=region, bucket=name, entry=entry.name
            )
    if selected:
        return
    for glob in filter(is_glob, patterns):
        if not matching([glob], held):
            yield create_problem("shard-pattern-unmatched", account=number, pattern=glob, entry=entry.name)
    used = sorted(account.by_region(entry.buckets))
    if used and entry.regions and not set(entry.regions) & set(used):
        yield create_problem(
            "shard-regions-without-buckets", account=number, entry=entry.name, regions=entry.regions, held=used
        )


def _checked(patterns: Sequence[str]) -> list[str]:
    return sorted({pattern for pattern in patterns if not pattern.endswith(DIRECTORY_SUFFIX)})
