"""The plan: the units to collect, their shards, and the problems of planning."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NoReturn

import msgspec

from s3_monitor import __version__
from s3_monitor.model.errors import AwsError, MissingCredentialsError, UserError
from s3_monitor.model.exports import ExportReading
from s3_monitor.model.plan import Access, InventoryRule, ListingRule, ObjectsRule, Plan, ReportRule, Shard
from s3_monitor.model.problem import Problem, create_problem, in_order
from s3_monitor.model.series import Window
from s3_monitor.plan.account_discovery import DiscoveredAccount, discover_accounts
from s3_monitor.plan.directory_buckets import with_directories
from s3_monitor.plan.discovery import AccountDiscovery, partitions
from s3_monitor.plan.entries import access_of, entries_of, expanded_organization
from s3_monitor.plan.lens import configured, discovered, objects_rule, plan_lens
from s3_monitor.plan.linked_accounts import linked_targets
from s3_monitor.plan.options import PlanOptions, buckets_of, checked, keys_of
from s3_monitor.plan.packing import fewest, pack
from s3_monitor.plan.payers import plan_bill
from s3_monitor.plan.shards_file import FileSettings, ShardsFile
from s3_monitor.plan.targets import scan_targets, with_types
from s3_monitor.plan.units import ScanTarget, shards_of
from s3_monitor.plan.unmatched import check_selected, unmatched_entries, unmatched_selection

_LEAST_HISTORY_DAYS = 4  # AWS: the daily figures are published one or two days later, sometimes more
_SHOWN_AT_MOST = 5


class NothingPlanned(AwsError):
    """None of several accounts could be read."""

    def __init__(self, problems: Sequence[Problem], accounts: int) -> None:
        each = "; ".join(problem.text for problem in problems[:_SHOWN_AT_MOST])
        more = f"; and {len(problems) - _SHOWN_AT_MOST} more" if len(problems) > _SHOWN_AT_MOST else ""
        super().__init__("denied", "plan", f"none of {accounts} accounts could be read: {each}{more}")
        self.problems = tuple(problems)


def make_plan(options: PlanOptions, shards_file: ShardsFile | None, discovery: AccountDiscovery, now: datetime) -> Plan:
    """Discover the accounts and their buckets, and divide them into shards.

    ``now``: aware, UTC. An account that cannot be read is a problem in the plan if another can be read.
    Raises UserError for invalid options, MissingCredentialsError if no account can be opened, and AwsError
    (NothingPlanned for several accounts) if none can be read.
    """
    partition_of = partitions(discovery)
    options = checked(options, partition_of, now)
    targets, accesses, problems, units = _targets(options, shards_file, discovery, partition_of)
    settings = shards_file.settings if shards_file else FileSettings()
    options = options.over(settings)
    lens_exports = settings.exports.storage_lens
    as_of, selection = options.as_of or now, options.selection()
    objects = objects_rule(_objects(options, settings), lens_exports)
    default_profile = options.profile or (shards_file.profile if shards_file else None)
    of_accounts = {(target.account, target.partition) for target in targets}
    bill = plan_bill(options.costs or "list", settings, default_profile, accesses, of_accounts, as_of.date())
    lens_sources, lens_problems = configured(lens_exports, default_profile), list[Problem]()
    if objects.mode != "storage-lens":
        lens_sources = []
    elif not lens_sources:
        lens_sources, lens_problems = discovered(targets, accesses, discovery)
    lens, all_accesses = plan_lens(lens_sources, bill.accesses)
    shards, unpacked = _shards(targets, options.max_shards, [*([bill.shard] if bill.shard else []), *lens])
    limits = settings.listing
    return Plan(
        tool=__version__,
        as_of=as_of,
        window=window(as_of, selection.history_days, bill.start),
        selection=selection,
        listing=ListingRule(
            mode=selection.last_modified,
            max_objects=ListingRule().max_objects if limits.max_objects is None else limits.max_objects,
            max_requests=limits.max_requests,
        ),
        accesses=tuple(all_accesses),
        shards=tuple(shards),
        problems=tuple(in_order([*problems, *unpacked, *bill.problems, *lens_problems])),
        calls=discovery.calls(),
        report=msgspec.convert(settings.report, ReportRule, from_attributes=True),
        objects=objects,
        quotas=settings.quotas,
        exports=msgspec.convert(settings.exports, ExportReading, from_attributes=True),
        details=bool(options.details),
        requests=bool(options.requests),
        families=dict(settings.billing_family),
        organizational_units=units,
    )


def _targets(
    options: PlanOptions, shards_file: ShardsFile | None, discovery: AccountDiscovery, partition_of: Mapping[str, str]
) -> tuple[list[ScanTarget], list[Access], list[Problem], dict[str, str]]:
    """Return what to collect from each account that can be read, all accesses, the problems, and units by account."""
    organization = expanded_organization(options, shards_file, discovery, partition_of)
    entries = entries_of(options, shards_file, partition_of, organization.entries)
    access = {entry.name: access_of(entry, partition_of) for entry in entries}
    accesses = sorted(set(access.values()), key=_sort_key)
    accounts = discover_accounts(accesses, discovery)
    selected = buckets_of(options)
    entry_accounts = [(entry, accounts[access[entry.name]]) for entry in entries]
    check_selected(selected, entry_accounts)
    entry_accounts, unmatched_problems = with_directories(entry_accounts, selected, discovery, partition_of)
    unmatched_problems += unmatched_selection(selected, entry_accounts)
    if shards_file is not None:
        unmatched_problems += unmatched_entries(entry_accounts, selected)
    numbers = {access: number for number, access in enumerate(accesses)}
    targets, problems = scan_targets(entry_accounts, numbers, selected, options.split_by, partition_of)
    if not targets:
        _raise_failure(list(accounts.values()), problems)
    targets, unsplit = with_types(targets, accesses, discovery)
    linked, unlinked = linked_targets(entry_accounts, targets, selected, discovery, partition_of)
    targets += linked
    problems += unlinked
    return targets, accesses, [*organization.problems, *problems, *unmatched_problems, *unsplit], organization.units


def window(as_of: datetime, history_days: int, billed_from: date | None = None) -> Window:
    """Return the UTC days to read: the day of ``as_of``, the history, and every day of the billed month."""
    before = max(_LEAST_HISTORY_DAYS, history_days)
    if billed_from is not None:
        before = max(before, (as_of.date() - billed_from).days)
    return Window(first=as_of.date() - timedelta(days=before), days=before + 1)


def _objects(options: PlanOptions, settings: FileSettings) -> ObjectsRule:
    """Return the rule for objects. ``options``: completed from the file."""
    most = settings.listing.max_objects
    return ObjectsRule(
        mode=options.objects or "off",
        versions=bool(options.versions),
        max_objects=ObjectsRule().max_objects if most is None else most,
        depth=settings.prefixes.depth,
        top=settings.prefixes.top,
        inventory=msgspec.convert(settings.inventory, InventoryRule, from_attributes=True),
        keys=keys_of(options),
        regex=options.regex,
    )


def _shards(
    targets: Sequence[ScanTarget], max_shards: int | None, own: Sequence[Shard]
) -> tuple[list[Shard], list[Problem]]:
    """Return the shards of all targets by name, packed into at most ``max_shards``, and those of the bill and exports.

    ``own``: the latter.
    """
    owners = {shard.name: "the bill" if shard.bill else "Storage Lens" for shard in own}
    by_name: dict[str, Shard] = {}
    for target in targets:
        for shard in shards_of(target):
            owner = owners.setdefault(shard.name, target.entry.name)
            if owner != target.entry.name:
                both = f"{owner} and {target.entry.name}"
                raise UserError(f"two shards would be named {shard.name}, of {both}", "rename one entry")
            # The accounts that are linked to the account of an entry share its shards.
            earlier = by_name[shard.name].units if shard.name in by_name else ()
            units = tuple(sorted((*earlier, *shard.units), key=lambda unit: unit.id))
            by_name[shard.name] = msgspec.structs.replace(shard, units=units)
    shards = [by_name[name] for name in sorted(by_name)]
    if max_shards is None:
        return sorted([*shards, *own], key=lambda shard: shard.name), []
    least = fewest(shards) + len(own)
    packed = [*own, *pack(shards, max(1, max_shards - len(own)))]
    return packed, [create_problem("max-shards-exceeded", shards=least, most=max_shards)] if least > max_shards else []


def _raise_failure(accounts: Collection[DiscoveredAccount], problems: Sequence[Problem]) -> NoReturn:
    """Raise the error that explains why no account can be read."""
    failures = [account.failure for account in accounts if account.failure is not None]
    if not failures:
        first = in_order(problems)[0]
        raise UserError(first.text, first.advice or "")
    if len(failures) == 1:
        raise failures[0]
    if all(isinstance(failure, UserError) for failure in failures):
        each = "; ".join(sorted({str(failure) for failure in failures})[:5])
        raise MissingCredentialsError(f"none of {len(failures)} accounts can be opened: {each}", failures[0].advice)
    raise NothingPlanned(in_order(problems), len(accounts))


def _sort_key(access: Access) -> tuple[str, ...]:
    return (
        access.role_arn or "", access.profile or "", access.external_id or "", access.region or "", access.credentials
    )  # fmt: skip
