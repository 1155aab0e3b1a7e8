"""The diagnosis of `doctor`: the checks of the selected accounts, and those of the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import NamedTuple

from s3_monitor import __version__
from s3_monitor.aws.diagnostics import Caller, rejected_at
from s3_monitor.cli.diagnosis_targets import options_in_use, placeholders, targets
from s3_monitor.cli.discovery import AwsDiscovery
from s3_monitor.doctor import environment
from s3_monitor.doctor.checks import DiagnosisTarget, Subject, check_account
from s3_monitor.doctor.report import AccountReport, DoctorReport, EnvironmentCheck, is_complete
from s3_monitor.model.errors import AwsError, MissingCredentialsError, UserError
from s3_monitor.model.plan import Access
from s3_monitor.plan.discovery import partitions
from s3_monitor.plan.options import PlanOptions, checked
from s3_monitor.plan.shards_file import FileSettings, ShardsFile

_ACCOUNTS_AT_ONCE = 8


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
    partition_of = partitions(discovery)
    options = checked(options, partition_of, now)
    in_use = options_in_use(options, shards_file)
    values = placeholders(shards_file.settings if shards_file else FileSettings())
    by_access = targets(options, shards_file, discovery, partition_of, in_use)

    def check(access: Access) -> _Opened:
        return _check(discovery, access, by_access[access], values, now)

    with ThreadPoolExecutor(_ACCOUNTS_AT_ONCE) as pool:
        opened = list(pool.map(check, by_access))
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


def _check(
    discovery: AwsDiscovery, access: Access, target: DiagnosisTarget, values: dict[str, str], now: datetime
) -> _Opened:
    """Check the account of an access. ``values``: of the placeholders in policies."""
    try:
        account = discovery.account(access)
        caller = account.caller()
        identity = account.identity()
        home_region = discovery.home_region(access)
    except (AwsError, UserError) as failure:
        report = AccountReport(
            account=access.role_arn.split(":")[4] if access.role_arn else None,
            profile=access.profile,
            role_arn=access.role_arn,
            error=str(failure),
            advice=failure.advice or None,
        )
        return _Opened(report, failure=failure)
    subject = Subject(account, access, identity, home_region, caller.arn, now.date(), target, values)
    return _Opened(check_account(subject), caller)


def _is_usage(failure: AwsError | UserError) -> bool:
    """Return whether an error is one of usage: no credentials, and not a denied role."""
    if isinstance(failure, MissingCredentialsError):
        return failure.denied_by is None
    return isinstance(failure, UserError)


def _machine(opened: Sequence[_Opened], now: datetime, variables: Mapping[str, str]) -> Iterator[EnvironmentCheck]:
    times = [one.caller.server_time for one in opened if one.caller] + [
        rejected_at(one.failure) for one in opened if isinstance(one.failure, AwsError)
    ]
    yield environment.check_clock(next((time for time in times if time is not None), None), now)
    endpoint = next((one.caller.endpoint for one in opened if one.caller), None)
    yield from environment.check_endpoints(variables, endpoint)
    yield environment.check_proxy()
