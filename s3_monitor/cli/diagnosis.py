"""The diagnosis of `doctor`: the accounts of a selection, their checks, and those of the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from s3_monitor import __version__
from s3_monitor.aws.diagnostics import Caller, rejected_at
from s3_monitor.cli.discovery import AwsDiscovery
from s3_monitor.doctor import environment
from s3_monitor.doctor.checks import Subject, check_account
from s3_monitor.doctor.permissions import OPTIONS, Option, Scope
from s3_monitor.doctor.report import (
    AccountReport,
    DoctorReport,
    EnvironmentCheck,
    fixing_policy,
    is_complete,
    missing_actions,
)
from s3_monitor.model.errors import AwsError, MissingCredentialsError, UserError
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Access
from s3_monitor.money.storage_types import storage_types
from s3_monitor.plan.entries import access_of, entries_of
from s3_monitor.plan.options import PlanOptions, Settings, buckets_of, checked
from s3_monitor.plan.shard_keys import Entry
from s3_monitor.plan.shards_file import FileSettings, ShardsFile

_ACCOUNTS_AT_ONCE = 8
_PARTITIONS = ("aws", "aws-cn", "aws-eusc", "aws-us-gov")
# Athena and organizations need settings of shards.yaml.
_WITHOUT_SETTINGS: tuple[Option, ...] = tuple(option for option in OPTIONS if option not in ("athena", "organization"))
_OF_BUCKETS: frozenset[Scope] = frozenset(("account", "region", "bucket", "directory-bucket", "inventory"))


class _Request(NamedTuple):
    """What to check with an access."""

    scopes: frozenset[Scope]
    entries: tuple[Entry, ...] = ()


class _Opened(NamedTuple):
    """The report of an account, and what its first request showed."""

    report: AccountReport
    caller: Caller | None = None
    failure: AwsError | UserError | None = None


def diagnose(
    options: PlanOptions,
    shards_file: ShardsFile | None,
    discovery: AwsDiscovery,
    now: datetime,
    variables: Mapping[str, str],
) -> DoctorReport:
    """Check the accounts of the selection. Raises UserError for invalid options or without any credentials.

    ``variables``: the environment variables.
    """
    partition_of = {region: name for name in _PARTITIONS for region in discovery.known_regions(name)}
    options = checked(options, partition_of, storage_types(), now)
    settings = shards_file.settings if shards_file else FileSettings()
    in_use = _options_in_use(options, shards_file)
    requests = _requests(options, shards_file, partition_of, in_use)
    with ThreadPoolExecutor(_ACCOUNTS_AT_ONCE) as pool:
        opened = list(
            pool.map(lambda item: _check(discovery, item[0], item[1], options, settings, now), requests.items())
        )
    failures = [one.failure for one in opened if one.failure is not None]
    if len(failures) == len(opened) and all(_is_usage(failure) for failure in failures):
        raise failures[0]
    machine = tuple(_machine(opened, now, variables))
    accounts = tuple(one.report for one in opened)
    return DoctorReport(
        tool=__version__,
        complete=is_complete(in_use, machine, accounts),
        options=in_use,
        environment=machine,
        accounts=accounts,
    )


def _options_in_use(options: PlanOptions, shards_file: ShardsFile | None) -> tuple[Option, ...]:
    """Return the options of the command line and the file; all options if neither sets any."""
    given = (options.objects, options.versions, options.details, options.requests, options.costs)
    if shards_file is None and all(value is None for value in given):
        return _WITHOUT_SETTINGS
    settings = shards_file.settings if shards_file else FileSettings()
    merged: Settings = options.over(settings)
    by_inventory = merged.objects in ("inventory", "auto")
    used: dict[Option, bool] = {
        "storage": True,
        "details": bool(merged.details),
        "requests": bool(merged.requests),
        "objects": merged.objects not in (None, "off"),
        "versions": bool(merged.versions),
        "inventory": by_inventory,
        "athena": by_inventory and settings.inventory.engine == "athena",
        "costs": merged.costs not in (None, "list"),
    }
    return tuple(option for option in OPTIONS if used.get(option))


def _requests(
    options: PlanOptions, shards_file: ShardsFile | None, partition_of: Mapping[str, str], in_use: Iterable[Option]
) -> dict[Access, _Request]:
    """Return what to check, by access."""
    scopes = _OF_BUCKETS
    settings = shards_file.settings if shards_file else FileSettings()
    if settings.inventory.engine == "athena":
        scopes |= {"athena"}
    requests: dict[Access, _Request] = {}
    for entry in entries_of(options, shards_file, partition_of, storage_types()):
        access = access_of(entry, partition_of)
        earlier = requests.get(access, _Request(scopes))
        requests[access] = earlier._replace(entries=(*earlier.entries, entry))
    if "costs" in in_use:
        default = options.profile or (shards_file.profile if shards_file else None)
        payer = settings.payer
        access = msgspec.structs.replace(payer, profile=payer.profile or default).access()
        earlier = requests.get(access, _Request(frozenset()))
        requests[access] = earlier._replace(scopes=earlier.scopes | {"payer"})
    return requests


def _check(
    discovery: AwsDiscovery,
    access: Access,
    request: _Request,
    options: PlanOptions,
    settings: FileSettings,
    now: datetime,
) -> _Opened:
    report = AccountReport(profile=access.profile, role_arn=access.role_arn)
    try:
        account = discovery.account(access)
        caller = account.caller()
        identity = account.identity()
        home_region = discovery.home_region(access)
    except (AwsError, UserError) as failure:
        number = access.role_arn.split(":")[4] if access.role_arn else None
        return _Opened(
            AccountReport(
                account=number,
                profile=access.profile,
                role_arn=access.role_arn,
                error=str(failure),
                advice=failure.advice or None,
            ),
            failure=failure,
        )
    values = _placeholders(settings)
    subject = Subject(
        account=identity.account,
        partition=identity.partition,
        home_region=home_region,
        caller=caller.arn,
        role_arn=access.role_arn,
        today=now.date(),
        scopes=request.scopes,
        regions=_regions(request.entries),
        is_selected=_selected(request.entries, buckets_of(options)),
        places=tuple(_places(settings)),
        values=values,
    )
    outcome = check_account(account, subject)
    missing = missing_actions(outcome.checks)
    report = AccountReport(
        account=identity.account,
        profile=access.profile,
        role_arn=access.role_arn,
        caller=caller.arn,
        regions=outcome.regions,
        disabled_regions=outcome.disabled,
        checks=outcome.checks,
        missing=missing,
        policy=fixing_policy(outcome.denied, missing, identity.partition, values),
    )
    return _Opened(report, caller)


def _regions(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the named regions; none if an entry names none, so that it has those with buckets."""
    named = [entry.regions for entry in entries]
    return tuple(sorted({region for regions in named for region in regions})) if all(named) else ()


def _selected(entries: Iterable[Entry], selected: tuple[str, ...]) -> Callable[[str], bool]:
    of_entries = [matcher(entry.buckets) for entry in entries]
    of_options = matcher(selected)
    return lambda name: of_options(name) and any(matches(name) for matches in of_entries)


def _places(settings: FileSettings) -> Iterable[tuple[str, str]]:
    for _, url in settings.inventory.places:
        parts = urlsplit(url)
        prefix = parts.path.strip("/")
        yield parts.netloc, f"{prefix}/" if prefix else ""


def _placeholders(settings: FileSettings) -> dict[str, str]:
    """Return the values of the placeholders in the policies, as far as the file sets them."""
    inventory = settings.inventory
    destinations = sorted({bucket for bucket, _ in _places(settings)})
    values = {"WORKGROUP": inventory.workgroup, "DATABASE": inventory.database}
    if len(destinations) == 1:
        values["INVENTORY-DESTINATION"] = destinations[0]
    if inventory.output:
        values["ATHENA-RESULTS"] = urlsplit(inventory.output).netloc
    return values


def _is_usage(failure: AwsError | UserError | None) -> bool:
    """Return whether an error is one of usage: no credentials, and not a denied role."""
    if isinstance(failure, MissingCredentialsError):
        return failure.denied_by is None
    return isinstance(failure, UserError)


def _machine(opened: Iterable[_Opened], now: datetime, variables: Mapping[str, str]) -> Iterable[EnvironmentCheck]:
    opened = list(opened)
    times = [one.caller.server_time for one in opened if one.caller] + [
        rejected_at(one.failure) for one in opened if isinstance(one.failure, AwsError)
    ]
    yield environment.check_clock(next((time for time in times if time is not None), None), now)
    endpoint = next((one.caller.endpoint for one in opened if one.caller), None)
    yield from environment.check_endpoints(variables, endpoint)
    yield environment.check_proxy()
