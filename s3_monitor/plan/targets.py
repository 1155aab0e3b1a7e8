"""From entries and what their accounts hold to questions: which regions, which buckets, which storage types."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from s3_monitor.model.errors import AwsError, UserError
from s3_monitor.model.patterns import DIRECTORY_SUFFIX, is_glob
from s3_monitor.model.plan import Access, SplitBy
from s3_monitor.model.problem import Problem, gap, note
from s3_monitor.plan import bucket_patterns, names
from s3_monitor.plan.account_discovery import DiscoveredAccount, map_concurrently
from s3_monitor.plan.discovery import AccountDiscovery
from s3_monitor.plan.shards_file import Entry
from s3_monitor.plan.units import ScanTarget

# Names are compared with a mistyped one; among more than this many the comparison would take seconds.
_COMPARED_AT_MOST = 5000


def check_named_buckets(named: Sequence[str], asked: Sequence[tuple[Entry, DiscoveredAccount]]) -> None:
    """UserError for an exact name of -b that no account holds. Not for directory buckets, which the list of an
    account's buckets leaves out, nor where an account could not be listed."""
    if not all(account.listed for _, account in asked):
        return
    exact = [name for name in named if not is_glob(name) and not name.endswith(DIRECTORY_SUFFIX)]
    if not exact:
        return
    held = {name for entry, account in asked for name in bucket_patterns.matching(entry.buckets, account.names())}
    for name in exact:
        if name not in held:
            near = [known for known in sorted(held) if known[:1] == name[:1]][:_COMPARED_AT_MOST]
            raise UserError(f"-b {name}: there is no such bucket", names.did_you_mean(name, near) if near else "")


def excluded_buckets(named: Sequence[str], asked: Sequence[tuple[Entry, DiscoveredAccount]]) -> list[Problem]:
    """A note for each exact name of -b that exists only in regions that the selection excludes."""
    found: dict[tuple[str, str], Problem] = {}
    covered = set()
    for entry, account in asked:
        for bucket in account.all():
            if bucket.name not in named or not bucket_patterns.matching(entry.buckets, [bucket.name]):
                continue
            if bucket.region is None or not entry.regions or bucket.region in entry.regions:
                covered.add((account.place, bucket.name))
                continue
            what = f"this bucket is in {bucket.region}, which the selected regions do not include"
            advice = f"select {bucket.region} too, or no region"
            found[account.place, bucket.name] = note(f"{account.place}/{bucket.region}/{bucket.name}", what, advice)
    return [problem for place, problem in found.items() if place not in covered]


def scan_targets(
    asked: Sequence[tuple[Entry, DiscoveredAccount]],
    numbers: Mapping[Access, int],
    chosen: Sequence[str],
    split_by: SplitBy | None,
    partition_of: Mapping[str, str],
) -> tuple[list[ScanTarget], list[Problem]]:
    """A question an entry, as far as its account can be asked, and what is in the way of others.

    Entries whose bucket patterns match nothing are reported (unmatched.py) and left out, unless all are: then one
    stays, so that there is a plan.
    """
    questions: list[ScanTarget] = []
    idle: list[ScanTarget] = []
    problems: list[Problem] = []
    for entry, account in asked:
        wanted = bucket_patterns.intersect(entry.buckets, chosen, account.names())
        problems += _problems(entry, account, wanted, partition_of)
        if account.identity is None or (account.buckets is None and not entry.regions):
            continue
        regions = _regions(entry, account, wanted, partition_of)
        question = ScanTarget(
            entry=entry,
            access=numbers[account.access],
            account=account.identity.account,
            partition=account.identity.partition,
            patterns=wanted,
            regions=regions or {account.home_region: 0},
            split_by=split_by or entry.split_by,
        )
        if regions or (not wanted and not entry.regions):
            questions.append(question)
        elif not entry.regions or wanted == (bucket_patterns.NO_BUCKET,):
            idle.append(question)
    return questions or idle[:1], problems


def with_types(
    questions: Sequence[ScanTarget], accesses: Sequence[Access], inquiry: AccountDiscovery
) -> tuple[list[ScanTarget], list[Problem]]:
    """The same questions, with the storage types of their regions where they are to be split by type. A region whose
    types cannot be had stays whole."""
    splitting = [
        question for question in questions if question.split_by == "storage-type" and not question.entry.storage_types
    ]
    places = sorted({(question.access, region) for question in splitting for region in question.regions})

    def ask(place: tuple[int, str]) -> set[str] | AwsError | UserError:
        number, region = place
        try:
            return inquiry.storage_types(accesses[number], region)
        except (AwsError, UserError) as failure:
            return failure

    found: dict[int, dict[str, Sequence[str]]] = {}
    failures: dict[tuple[int, str], AwsError | UserError] = {}
    for place, answer in map_concurrently(ask, places).items():
        if isinstance(answer, set):
            found.setdefault(place[0], {})[place[1]] = sorted(answer)
        else:
            failures[place] = answer
    problems = [
        note(f"{question.account}/{region}", f"not split by storage type: {failures[question.access, region]}",
             failures[question.access, region].advice)
        for question in splitting for region in question.regions if (question.access, region) in failures
    ]  # fmt: skip
    filled = [
        msgspec.structs.replace(question, found=found.get(question.access, {})) if question in splitting else question
        for question in questions
    ]
    return filled, problems


def _problems(
    entry: Entry, account: DiscoveredAccount, wanted: Collection[str], partition_of: Mapping[str, str]
) -> list[Problem]:
    """What is in the way of asking an entry's question whole."""
    problems = account.nowhere(wanted)
    if account.failure is not None:
        problems.append(gap(account.place, str(account.failure), account.failure.advice))
    if account.buckets is None:
        return problems
    foreign = _foreign(entry, account, partition_of)
    if foreign:
        what = f"{', '.join(foreign)}: not a region of its partition, {_partition(account)}"
        problems.append(gap(account.place, what, "name regions of its own, or another account"))
    return problems


def _regions(
    entry: Entry, account: DiscoveredAccount, wanted: Collection[str], partition_of: Mapping[str, str]
) -> dict[str, int]:
    """The regions to ask, each with the buckets expected there: those named, else those that hold any."""
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
