"""The checks of one account: each permission is tried in each region, and simulated where it cannot be tried."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, NamedTuple

import msgspec

from s3_monitor.doctor.account import ProbedAccount
from s3_monitor.doctor.permissions import PERMISSIONS, Permission, Scope, concrete
from s3_monitor.doctor.probes import Probe, Target, probe_of
from s3_monitor.doctor.report import Check
from s3_monitor.model.bucket_config import InventoryConfig
from s3_monitor.model.errors import AwsError, IncompleteList, UserError
from s3_monitor.model.identity import AccountBucket

_REGIONS_AT_ONCE = 8
_BUCKETS_TRIED = 3  # a bucket policy may deny what the role allows
_EXAMPLE = "s3-monitor-doctor"
_LIST_DIRECTORIES = "s3express:ListAllMyDirectoryBuckets"
_NOT_TRIED: Mapping[Scope, str] = {
    "bucket": "no bucket to try it with",
    "directory-bucket": "no directory bucket to try it with",
    "inventory": "no inventory to try it with",
    "organization": "no organizational unit to try it with",
    "athena": "trying it would start a query",
    "lens": "no configuration to try it with",
}


class Subject(NamedTuple):
    """An account and what of it is selected."""

    account: str
    partition: str
    home_region: str
    caller: str
    """ARN of the user, role or role session."""
    role_arn: str | None
    today: date
    scopes: frozenset[Scope]
    regions: tuple[str, ...] = ()
    """Empty: those that hold a selected bucket."""
    is_selected: Callable[[str], bool] = lambda name: True
    """Whether a bucket is selected."""
    places: tuple[tuple[str, str], ...] = ()
    """Destinations of inventories, as bucket and prefix."""
    exports: tuple[tuple[str, str, str], ...] = ()
    """Locations of exports, as bucket, prefix and region; no region: the home region."""
    values: Mapping[str, str] = {}
    """Values of placeholders in resources."""

    @property
    def principal(self) -> str:
        """The ARN of the user or role, whose policies can be simulated."""
        if self.role_arn:
            return self.role_arn
        prefix, _, session = self.caller.partition(":assumed-role/")
        if not session:
            return self.caller
        return f"{prefix.replace(':sts:', ':iam:')}:role/{session.partition('/')[0]}"


class Outcome(NamedTuple):
    """The checks of an account."""

    regions: tuple[str, ...]
    disabled: tuple[str, ...]
    checks: tuple[Check, ...]
    denied: tuple[Permission, ...]
    """The permissions that are not available."""


class _Tried(NamedTuple):
    """A permission that was tried, or could not be (without a failure and a value)."""

    permission: Permission
    region: str | None
    failure: AwsError | None = None
    value: Any = None
    skipped: bool = False


def check_account(account: ProbedAccount, subject: Subject) -> Outcome:
    """Try every permission of the subject's scopes."""
    tried: list[_Tried] = []
    buckets: list[AccountBucket] = []
    if "account" in subject.scopes:
        buckets, failure = _list(account)
        tried += [_Tried(row, None, failure) for row in _rows("account", subject)]
        buckets = [bucket for bucket in buckets if subject.is_selected(bucket.name)]
    named = subject.regions or sorted({bucket.region for bucket in buckets if bucket.region}) or [subject.home_region]
    regions = tuple(named) if "region" in subject.scopes else ()
    disabled: tuple[str, ...] = ()
    if regions:
        with ThreadPoolExecutor(min(_REGIONS_AT_ONCE, len(regions))) as pool:
            results = list(pool.map(lambda region: _in_region(account, subject, region, buckets), regions))
        disabled = tuple(region for region, result in zip(regions, results, strict=True) if result is None)
        tried += [one for result in results if result is not None for one in result]
    tried += _globally(account, subject, tried, buckets)
    checks = [*_requested(tried), *_simulated(account, subject, _never_tried(tried), buckets)]
    denied = tuple(
        one.permission for one in tried if one.failure is not None and one.failure.kind == "denied"
    )  # fmt: skip
    simulated = {(check.action, check.options) for check in checks if check.result == "no" and check.region is None}
    denied += tuple(row for row in PERMISSIONS if (row.action, row.options) in simulated)
    return Outcome(regions, disabled, tuple(checks), denied)


def _rows(scope: Scope, subject: Subject) -> list[Permission]:
    """Return the permissions of a scope, if it is one of the subject's."""
    return [row for row in PERMISSIONS if row.scope == scope and scope in subject.scopes]


def _list(account: ProbedAccount) -> tuple[list[AccountBucket], AwsError | None]:
    buckets: list[AccountBucket] = []
    try:
        for page in account.bucket_pages(None):
            buckets += page
    except IncompleteList:
        pass  # the permission is available
    except AwsError as failure:
        return buckets, failure
    return buckets, None


def _in_region(
    account: ProbedAccount, subject: Subject, region: str, buckets: Sequence[AccountBucket]
) -> list[_Tried] | None:
    """Try the permissions of a region and its buckets; return None if the region is not enabled in the account."""
    if not _is_enabled(account, region):
        return None
    target = Target(subject.account, subject.partition, region, subject.today)
    names = [bucket.name for bucket in buckets if bucket.region == region]
    tried = _try_each(account, target, _rows("region", subject), names[:1])
    tried += _try_each(account, target, _rows("bucket", subject), names)
    pages = (one.value for one in tried if one.permission.action == _LIST_DIRECTORIES)
    directories = [bucket.name for bucket in next(pages, None) or () if subject.is_selected(bucket.name)]
    return tried + _try_each(account, target, _rows("directory-bucket", subject), directories)


def _is_enabled(account: ProbedAccount, region: str) -> bool:
    """Return whether a region is enabled. AWS: its endpoints reject the credentials if it is not."""
    try:
        account.caller(region)
    except AwsError as failure:
        return failure.kind != "invalid-credentials"
    return True


def _globally(
    account: ProbedAccount, subject: Subject, tried: Iterable[_Tried], buckets: Iterable[AccountBucket]
) -> Iterator[_Tried]:
    """Try the permissions that do not depend on a region."""
    target = Target(subject.account, subject.partition, subject.home_region, subject.today)
    for row in _rows("payer", subject):
        yield _try(account, target, row, [""])._replace(region=None)
    places = _inventory_places(subject, tried, buckets)
    for row in _rows("inventory", subject):
        if not places:
            yield _Tried(row, None, skipped=True)
        for (bucket, prefix), region in list(places.items())[:_BUCKETS_TRIED]:
            yield _try(account, target._replace(region=region, prefix=prefix), row, [bucket])
    for row in _rows("export", subject):
        for bucket, prefix, region in subject.exports:
            yield _try(account, target._replace(region=region or target.region, prefix=prefix), row, [bucket])
    yield from _try_lens(account, target, _rows("lens", subject))
    for row in _rows("organization", subject):
        yield _try_unit(account, target, row)
    for row in _rows("athena", subject):
        yield _Tried(row, None, skipped=True)


def _inventory_places(
    subject: Subject, tried: Iterable[_Tried], buckets: Iterable[AccountBucket]
) -> dict[tuple[str, str], str]:
    """Return the destinations of inventories as (bucket, prefix) → region. AWS: it is the region of the source."""
    regions = {bucket.name: bucket.region for bucket in buckets}
    places = {place: regions.get(place[0]) or subject.home_region for place in subject.places}
    for one in tried:
        found = one.value if one.permission.property_name == "inventories" else None
        for configuration in found or ():
            if isinstance(configuration, InventoryConfig) and configuration.enabled:
                prefix = f"{configuration.prefix}/" if configuration.prefix else ""
                places.setdefault((configuration.bucket, prefix), one.region or subject.home_region)
    return places


def _try_lens(account: ProbedAccount, target: Target, rows: Sequence[Permission]) -> Iterator[_Tried]:
    """Try the permissions of Storage Lens. Only a configuration shows whether it can be read."""
    listing = next((row for row in rows if probe_of(row) is not None), None)
    if listing is None:
        return
    result = _try(account, target, listing, [""])._replace(region=None)
    yield result
    for row in rows:
        if row != listing and result.permission != row:
            is_read = result.failure is None and bool(result.value)
            yield _Tried(row, None, skipped=not is_read)


def _try_unit(account: ProbedAccount, target: Target, row: Permission) -> _Tried:
    """Try a permission of the organization. The first account's unit serves as an example."""
    unit = ""
    if row.action.endswith("DescribeOrganizationalUnit"):
        try:
            pages = (account_ for page in account.organization_pages() for account_ in page)
            unit = next((ou for one in pages for ou in one.units or () if ou.startswith("ou-")), "")
        except AwsError:
            pass  # reported by its own permission
        if not unit:
            return _Tried(row, None, skipped=True)
    return _try(account, target._replace(unit=unit), row, [""])._replace(region=None)


def _try_each(account: ProbedAccount, target: Target, rows: Iterable[Permission], names: Sequence[str]) -> list[_Tried]:
    """Try each permission, and those that several options need once."""
    results: dict[tuple[str, str], _Tried] = {}
    tried = []
    for row in rows:
        key = (row.action, row.property_name)
        if key not in results:
            results[key] = _try(account, target, row, names)
        result = results[key]
        is_other = result.permission.action != row.action
        tried += [result, _Tried(row, target.region, skipped=True)] if is_other else [result._replace(permission=row)]
    return tried


def _try(account: ProbedAccount, target: Target, row: Permission, names: Sequence[str]) -> _Tried:
    """Try a permission with the first few buckets, until one does not deny it by its own policy."""
    probe = probe_of(row)
    by_bucket = row.scope in ("bucket", "directory-bucket")
    if probe is None or (by_bucket and not names):
        return _Tried(row, target.region, skipped=True)
    failure: AwsError | None = None
    for name in names[:_BUCKETS_TRIED] or [""]:
        value, failure = _send(probe, account, target._replace(bucket=name), row)
        if failure is None:
            return _Tried(row, target.region, value=value)
        if failure.denied_by not in ("resource-policy", "explicit-deny"):
            break
    return _Tried(_denied_permission(row, failure) or row, target.region, failure)


def _denied_permission(row: Permission, failure: AwsError | None) -> Permission | None:
    """Return the permission that the message of a denial names, if it is another one: a request may need several."""
    if failure is None or failure.kind != "denied":
        return None
    others = (other for other in PERMISSIONS if other.scope == row.scope and other.action != row.action)
    return next((other for other in others if re.search(rf"{other.action}\b", failure.message)), None)


def _send(probe: Probe, account: ProbedAccount, target: Target, row: Permission) -> tuple[Any, AwsError | None]:
    """Send the request; return its result, and the error if it does not prove the permission.

    AWS checks permissions before it looks for the resource, so that a missing resource proves the permission.
    """
    try:
        return probe(account, target, row), None
    except IncompleteList:
        return None, None
    except AwsError as failure:
        return None, (None if failure.kind == "missing" else failure)


def _never_tried(tried: Sequence[_Tried]) -> list[Permission]:
    done = {one.permission for one in tried if not one.skipped}
    return list(dict.fromkeys(one.permission for one in tried if one.skipped and one.permission not in done))


def _requested(tried: Iterable[_Tried]) -> Iterator[Check]:
    for one in tried:
        if one.skipped:
            continue
        row, failure = one.permission, one.failure
        check = Check(
            options=row.options, action=row.action, region=one.region, result="yes", source="request",
            provides=row.provides,
        )  # fmt: skip
        if failure is not None:
            is_denied = failure.kind == "denied"
            check = msgspec.structs.replace(
                check,
                result="no" if is_denied else "unknown",
                denied_by=failure.denied_by if is_denied else None,
                message=str(failure),
                advice=failure.advice or None,
            )
        yield check


def _simulated(
    account: ProbedAccount, subject: Subject, rows: Sequence[Permission], buckets: Sequence[AccountBucket]
) -> Iterator[Check]:
    """Yield the checks of permissions that no request could try."""
    bucket = buckets[0].name if buckets else _EXAMPLE
    decisions: dict[Permission, bool] = {}
    failure: AwsError | UserError | None = None
    for resources in dict.fromkeys(row.resources for row in rows):
        same = [row for row in rows if row.resources == resources]
        examples = [_example(resource, subject, bucket) for resource in resources]
        try:
            allowed = account.simulated(subject.principal, sorted({row.action for row in same}), examples)
        except (AwsError, UserError) as error:
            failure = error
            break  # the others would fail, too
        decisions |= {row: allowed[row.action] for row in same if row.action in allowed}
    for row in rows:
        decision = decisions.get(row)
        why = _NOT_TRIED.get(row.scope, "it was not tried")
        yield Check(
            options=row.options,
            action=row.action,
            result="unknown" if decision is None else "yes" if decision else "no",
            source=None if decision is None else "simulation",
            provides=row.provides,
            denied_by="identity-policy" if decision is False else None,
            message=(f"{why}; {failure}" if failure else why) if decision is None else None,
            advice=failure.advice or None if failure and decision is None else None,
        )


def _example(resource: str, subject: Subject, bucket: str) -> str:
    """Return a resource without wildcards, as the simulation needs it."""
    text = concrete(resource, subject.partition, dict(subject.values))
    text = text.replace(":*:*:", f":{subject.home_region}:{subject.account}:")
    if text.startswith(f"arn:{subject.partition}:s3:::*"):
        return text.replace(":::*", f":::{bucket}", 1).replace("/*", f"/{_EXAMPLE}")
    if text.endswith(":bucket/*"):
        return text.replace("/*", f"/{_EXAMPLE}--use1-az4--x-s3")
    return text if text == "*" else text.replace("/*", f"/{_EXAMPLE}")
