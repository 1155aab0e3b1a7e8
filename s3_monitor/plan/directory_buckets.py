"""Directory buckets in regions that hold no other buckets: nothing else would lead there."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.identity import AccountBucket
from s3_monitor.model.patterns import DIRECTORY_SUFFIX, is_glob
from s3_monitor.model.plan import Access
from s3_monitor.model.problem import Problem, note
from s3_monitor.plan.account_discovery import DiscoveredAccount, map_concurrently
from s3_monitor.plan.bucket_patterns import zone_region
from s3_monitor.plan.discovery import AccountDiscovery
from s3_monitor.plan.shards_file import Entry

_STORAGE_TYPE = "express"  # how the storage types of directory buckets begin, in lower case
_NAMED = 3  # regions in a message
_LITERAL_END = re.compile(r"[^*?\]]*$")

_Found = list[AccountBucket] | AwsError | UserError


def with_directories(
    asked: Sequence[tuple[Entry, DiscoveredAccount]],
    chosen: Sequence[str],
    inquiry: AccountDiscovery,
    partition_of: Mapping[str, str],
) -> tuple[list[tuple[Entry, DiscoveredAccount]], list[Problem]]:
    """The same accounts with their directory buckets, where an entry names no regions and may match one. What could
    not be looked up is a note for each account."""
    wanted = {
        account.access: account
        for entry, account in asked
        if account.identity is not None and account.buckets is not None and _may_match(entry, chosen, partition_of)
    }
    looked = map_concurrently(lambda access: _look(wanted[access], inquiry, partition_of), wanted)
    problems = [problem for _, found in looked.values() for problem in found]
    found = {access: account for access, (account, _) in looked.items()}
    return [(entry, found.get(account.access, account)) for entry, account in asked], problems


def _may_match(entry: Entry, chosen: Sequence[str], partition_of: Mapping[str, str]) -> bool:
    if entry.regions:
        return False
    if entry.storage_types and not any(name.lower().startswith(_STORAGE_TYPE) for name in entry.storage_types):
        return False
    return all(
        not patterns or any(_may_be_directory(pattern, partition_of) for pattern in patterns)
        for patterns in (entry.buckets, chosen)
    )


def _may_be_directory(pattern: str, partition_of: Mapping[str, str]) -> bool:
    """Whether a pattern may match a directory bucket whose region its name does not say."""
    if not is_glob(pattern):
        return pattern.endswith(DIRECTORY_SUFFIX) and zone_region(pattern, partition_of) is None
    end = _LITERAL_END.search(pattern)
    tail = end[0] if end else ""
    return tail.endswith(DIRECTORY_SUFFIX) or DIRECTORY_SUFFIX.endswith(tail)


def _look(
    account: DiscoveredAccount, inquiry: AccountDiscovery, partition_of: Mapping[str, str]
) -> tuple[DiscoveredAccount, list[Problem]]:
    """A region first: what is denied there is denied everywhere, and the others are not asked."""
    held = {bucket.region for bucket in account.buckets or ()}
    partition = account.identity.partition if account.identity else ""
    regions = sorted(
        (region for region, of in partition_of.items() if of == partition and region not in held),
        key=lambda region: (region != account.home_region, region),
    )
    answers = {region: _ask(account.access, region, inquiry) for region in regions[:1]}
    if not any(_holds_everywhere(answer) for answer in answers.values()):
        answers |= map_concurrently(lambda region: _ask(account.access, region, inquiry), regions[1:])
    found = [bucket for answer in answers.values() if isinstance(answer, list) for bucket in answer]
    return msgspec.structs.replace(account, directories=found), _problems(account, answers)


def _ask(access: Access, region: str, inquiry: AccountDiscovery) -> _Found:
    try:
        return inquiry.directory_buckets(access, region)
    except (AwsError, UserError) as failure:
        if isinstance(failure, AwsError) and failure.kind == "invalid-credentials":
            return []  # AWS: a region that is not enabled in the account, which holds nothing
        return failure


def _holds_everywhere(answer: _Found) -> bool:
    return not isinstance(answer, list) and getattr(answer, "kind", "") in ("", "denied", "expired", "unreachable")


def _problems(account: DiscoveredAccount, answers: Mapping[str, _Found]) -> list[Problem]:
    failures = {region: answer for region, answer in sorted(answers.items()) if not isinstance(answer, list)}
    if not failures:
        return []
    failure = next(iter(failures.values()))
    count = f"{len(failures)} region{'s' if len(failures) > 1 else ''}"
    where = f"{count} ({', '.join(list(failures)[:_NAMED])}{', …' if len(failures) > _NAMED else ''})"
    if len(answers) == 1:  # the others were not asked
        where = "regions without other buckets"
    what = f"could not look for directory buckets in {where}: {failure}"
    return [note(account.place, what, failure.advice or "name the regions with -r, or `regions` in shards.yaml")]
