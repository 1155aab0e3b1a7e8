"""The plan: what is asked of whom, in which shards, and what could not be planned."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NoReturn

import msgspec

from s3_monitor import __version__
from s3_monitor.model.errors import AwsError, MissingCredentialsError, UserError
from s3_monitor.model.plan import (
    Access,
    InventoryRule,
    ListingRule,
    ObjectsRule,
    Plan,
    Quotas,
    ReportRule,
    Selection,
    Shard,
)
from s3_monitor.model.problem import Problem, in_order, note
from s3_monitor.model.series import Window
from s3_monitor.money.storage_types import storage_types
from s3_monitor.plan.account_discovery import DiscoveredAccount, discover_accounts
from s3_monitor.plan.directory_buckets import with_directories
from s3_monitor.plan.discovery import AccountDiscovery
from s3_monitor.plan.entries import access_of, entries_of
from s3_monitor.plan.options import PlanOptions, buckets_of, checked, keys_of
from s3_monitor.plan.packing import fewest, pack
from s3_monitor.plan.payers import Billing, plan_bill
from s3_monitor.plan.shards_file import Listing, Prefixes, ShardsFile
from s3_monitor.plan.targets import check_named_buckets, excluded_buckets, scan_targets, with_types
from s3_monitor.plan.units import ScanTarget, shards_of
from s3_monitor.plan.unmatched_entries import unmatched, unmatched_globs

_PARTITIONS = ("aws", "aws-cn", "aws-eusc", "aws-us-gov")
_HISTORY_DAYS = Selection().history_days
_LEAST_HISTORY_DAYS = 4  # a day's figures come a day or two later, at times more

_TOLD_AT_MOST = 5


class NothingPlanned(AwsError):
    """None of several accounts could be asked; ``problems`` say which and why."""

    def __init__(self, problems: Sequence[Problem], accounts: int) -> None:
        each = "; ".join(f"{problem.where}: {problem.what}" for problem in problems[:_TOLD_AT_MOST])
        more = f"; and {len(problems) - _TOLD_AT_MOST} more" if len(problems) > _TOLD_AT_MOST else ""
        super().__init__("denied", "plan", f"none of {accounts} accounts could be asked: {each}{more}")
        self.problems = tuple(problems)


def make_plan(choices: PlanOptions, shards_file: ShardsFile | None, inquiry: AccountDiscovery, now: datetime) -> Plan:
    """Ask who the accounts are and what they hold, and cut that into shards.

    An account that cannot be asked is a problem in the plan as long as another can. UserError for choices that
    cannot be followed; NoCredentials where no account can be opened; AwsFailure (NothingPlanned, where there are
    several accounts) where none answers. ``now``: aware, UTC.
    """
    partition_of = {region: name for name in _PARTITIONS for region in inquiry.known_regions(name)}
    known_types = tuple(storage_types())
    choices = checked(choices, partition_of, known_types, now)
    entries = entries_of(choices, shards_file, partition_of, known_types)
    access = {entry.name: access_of(entry, partition_of) for entry in entries}
    accesses = sorted(set(access.values()), key=_in_order)
    accounts = discover_accounts(accesses, inquiry)
    chosen = buckets_of(choices)
    asked = [(entry, accounts[access[entry.name]]) for entry in entries]
    check_named_buckets(chosen, asked)
    asked, unseen = with_directories(asked, chosen, inquiry, partition_of)
    unseen += excluded_buckets(chosen, asked) + unmatched_globs(asked, chosen)
    if shards_file is not None:
        unseen += unmatched(asked, chosen)
    numbers = {access: number for number, access in enumerate(accesses)}
    questions, problems = scan_targets(asked, numbers, chosen, choices.split_by, partition_of)
    if not questions:
        _give_up(list(accounts.values()), problems)
    questions, unsplit = with_types(questions, accesses, inquiry)
    as_of = choices.as_of or now
    history_days, rule = _depth(choices, shards_file)
    objects = _objects(choices, shards_file)
    billing = _billing(choices, shards_file)
    profile = choices.profile or (shards_file.profile if shards_file else None)
    of_accounts = {(question.account, question.partition) for question in questions}
    bill = plan_bill(billing, accesses, of_accounts, profile, as_of.date())
    shards, unpacked = _shards(questions, choices.max_shards, bill.shard)
    return Plan(
        tool=__version__,
        as_of=as_of,
        window=window(as_of, history_days, bill.shard.bill.start if bill.shard and bill.shard.bill else None),
        selection=Selection(
            profile=choices.profile,
            regions=choices.regions,
            buckets=choices.buckets,
            storage_types=choices.storage_types,
            shards=choices.shards,
            split_by=choices.split_by,
            max_shards=choices.max_shards,
            last_modified=rule.mode,
            history_days=history_days,
            objects=objects.mode,
            versions=objects.versions,
            regex=objects.regex,
        ),
        listing=rule,
        accesses=tuple(bill.accesses),
        shards=tuple(shards),
        problems=tuple(in_order([*problems, *unseen, *unsplit, *unpacked, *bill.problems])),
        calls=inquiry.calls(),
        report=ReportRule() if shards_file is None else _report(shards_file),
        objects=objects,
        quotas=Quotas() if shards_file is None else shards_file.quotas,
        details=_either(choices.details, shards_file.details if shards_file else None),
        requests=_either(choices.requests, shards_file.requests if shards_file else None),
        families=dict(billing.families),
    )


def window(as_of: datetime, history_days: int, billed_from: date | None = None) -> Window:
    """The UTC days to ask about: today, and the days before that figures can still come from. A bill is held against
    each day of its month."""
    before = max(_LEAST_HISTORY_DAYS, history_days)
    if billed_from is not None:
        before = max(before, (as_of.date() - billed_from).days)
    return Window(first=as_of.date() - timedelta(days=before), days=before + 1)


def _depth(choices: PlanOptions, shards_file: ShardsFile | None) -> tuple[int, ListingRule]:
    """Days of history and when buckets are listed: as the command line says, else the file, else the defaults."""
    listing, days, mode = Listing(), choices.history_days, choices.last_modified
    if shards_file is not None:
        listing = shards_file.listing
        days = shards_file.history_days if days is None else days
        mode = mode or shards_file.last_modified
    most = ListingRule().max_objects if listing.max_objects is None else listing.max_objects
    rule = ListingRule(mode or "auto", most, listing.max_requests)
    return _HISTORY_DAYS if days is None else days, rule


def _objects(choices: PlanOptions, shards_file: ShardsFile | None) -> ObjectsRule:
    """What is asked about objects: as the command line says, else the file, else nothing."""
    mode, versions, most = choices.objects, choices.versions, None
    inventory, prefixes = InventoryRule(), Prefixes()
    if shards_file is not None:
        mode = mode or shards_file.objects
        versions = shards_file.versions if versions is None else versions
        most = shards_file.listing.max_objects
        inventory, prefixes = shards_file.inventory, shards_file.prefixes
    most = ObjectsRule().max_objects if most is None else most
    keys = keys_of(choices)
    if keys or choices.regex:  # one question, whatever is asked every night
        mode = choices.objects or "listing"
    return ObjectsRule(
        mode=mode or "off",
        versions=bool(versions),
        max_objects=most,
        depth=prefixes.depth,
        top=prefixes.top,
        inventory=inventory,
        keys=keys,
        regex=choices.regex,
    )


def _report(shards_file: ShardsFile) -> ReportRule:
    return ReportRule(shards_file.report.top, shards_file.report.group_by_tags)


def _either(chosen: bool | None, written: bool | None) -> bool:
    """As the command line says, else the file; neither: no."""
    return bool(written if chosen is None else chosen)


def _billing(choices: PlanOptions, shards_file: ShardsFile | None) -> Billing:
    billing = Billing() if shards_file is None else shards_file.billing
    return msgspec.structs.replace(billing, costs=choices.costs or billing.costs)


def _shards(
    questions: Sequence[ScanTarget], at_most: int | None, bill: Shard | None
) -> tuple[list[Shard], list[Problem]]:
    """All questions' shards by name, packed into fewer where that is asked for, and that of the bill, which is asked
    of somebody else."""
    of_entry = {bill.name: "the bill"} if bill else {}
    shards: list[Shard] = []
    for question in questions:
        for shard in shards_of(question):
            if shard.name in of_entry:
                both = f"{of_entry[shard.name]} and {question.entry.name}"
                raise UserError(f"two shards would be named {shard.name}, of {both}", "rename one of them")
            of_entry[shard.name] = question.entry.name
            shards.append(shard)
    shards.sort(key=lambda shard: shard.name)
    own = [bill] if bill else []
    if at_most is None:
        return sorted([*shards, *own], key=lambda shard: shard.name), []
    least = fewest(shards) + len(own)
    packed = [*own, *pack(shards, max(1, at_most - len(own)))]
    of_bill = ", and the bill's is one of its own" if own else ""
    what = f"{least} shards rather than {at_most}: so many kinds of agent, credentials and timeout are there{of_bill}"
    return packed, [note("plan", what)] if least > at_most else []


def _give_up(accounts: Collection[DiscoveredAccount], problems: Sequence[Problem]) -> NoReturn:
    """Nothing can be asked of anybody: the failure that says why."""
    failures = [account.failure for account in accounts if account.failure is not None]
    if not failures:
        first = in_order(problems)[0]
        raise UserError(f"{first.where}: {first.what}", first.advice)
    if len(failures) == 1:
        raise failures[0]
    if all(isinstance(failure, UserError) for failure in failures):
        each = "; ".join(sorted({str(failure) for failure in failures})[:5])
        raise MissingCredentialsError(f"none of {len(failures)} accounts can be opened: {each}", failures[0].advice)
    raise NothingPlanned(in_order(problems), len(accounts))


def _in_order(access: Access) -> tuple[str, ...]:
    return (
        access.role_arn or "", access.profile or "", access.external_id or "", access.region or "", access.credentials
    )  # fmt: skip
