"""The checks of one account: each permission is tried in each region, and simulated where it cannot be tried."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any, NamedTuple

from s3_monitor.aws.account import AwsAccount
from s3_monitor.doctor.permissions import PERMISSIONS, Permission, Scope, concrete
from s3_monitor.doctor.probes import Probe, Target, probe_of
from s3_monitor.doctor.report import AccountReport, Check, fixing_policy, missing_actions
from s3_monitor.model.bucket_config import InventoryConfig
from s3_monitor.model.errors import AwsError, IncompleteList, UserError
from s3_monitor.model.identity import AccountBucket, Identity
from s3_monitor.model.plan import Access

_REGIONS_AT_ONCE = 8
_BUCKETS_TRIED = 3  # a bucket policy may deny what the role allows
_EXAMPLE = "s3-monitor-doctor"
_WITHOUT_REGION: frozenset[Scope] = frozenset(("payer", "lens", "lens-scope", "organization"))
_LIST_DIRECTORIES = "s3express:ListAllMyDirectoryBuckets"
_NOT_TRIED: Mapping[Scope, str] = {
    "bucket": "no bucket to try it with",
    "directory-bucket": "no directory bucket to try it with",
    "inventory": "no inventory to try it with",
    "organization": "no organizational unit to try it with",
    "athena": "trying it would start a query",
    "lens": "no configuration to try it with",
}


Location = tuple[str, str, str]  # bucket, prefix, region (empty: the home region)


class DiagnosisTarget(NamedTuple):
    """What to check with an access."""

    scopes: frozenset[Scope] = frozenset()
    regions: tuple[str, ...] = ()
    """Empty: those that hold a selected bucket."""
    is_selected: Callable[[str], bool] = lambda name: True
    """Whether a bucket is selected."""
    places: tuple[tuple[str, str], ...] = ()
    """Destinations of inventories, as bucket and prefix."""
    exports: tuple[Location, ...] = ()
    """Locations of exports."""


class Subject(NamedTuple):
    """An account that was opened, and what to check in it."""

    account: AwsAccount
    access: Access
    identity: Identity
    home_region: str
    caller: str
    """ARN of the user, role or role session."""
    today: date
    target: DiagnosisTarget
    values: Mapping[str, str]
    """Values of placeholders in resources."""

    def at(self, region: str) -> Target:
        """Return where permissions of a region are tried."""
        return Target(self.identity.account, self.identity.partition, region, self.today)

    @property
    def principal(self) -> str:
        """The ARN of the user or role, whose policies can be simulated."""
        if self.access.role_arn:
            return self.access.role_arn
        prefix, _, session = self.caller.partition(":assumed-role/")
        if not session:
            return self.caller
        return f"{prefix.replace(':sts:', ':iam:')}:role/{session.partition('/')[0]}"


class _Tried(NamedTuple):
    """A permission that was tried, or could not be (without a failure and a value)."""

    permission: Permission
    region: str | None
    failure: AwsError | None = None
    value: Any = None
    skipped: bool = False


def check_account(subject: Subject) -> AccountReport:
    """Try every permission of the target's scopes."""
    target = subject.target
    tried: list[_Tried] = []
    buckets: list[AccountBucket] = []
    if "account" in target.scopes:
        buckets, failure = _list(subject.account)
        tried += [_Tried(row, None, failure) for row in _rows("account", subject)]
        buckets = [bucket for bucket in buckets if target.is_selected(bucket.name)]
    named = target.regions or sorted({bucket.region for bucket in buckets if bucket.region}) or [subject.home_region]
    regions = tuple(named) if "region" in target.scopes else ()
    with ThreadPoolExecutor(_REGIONS_AT_ONCE) as pool:
        in_regions = pool.map(lambda region: _in_region(subject, region, buckets), regions)
        results = dict(zip(regions, in_regions, strict=True))
    tried += [one for result in results.values() if result is not None for one in result]
    tried += _globally(subject, tried, buckets)
    done = {one.permission for one in tried if not one.skipped}
    others = list(dict.fromkeys(one.permission for one in tried if one.permission not in done))
    checks = (*_requested(tried), *_simulated(subject, others, buckets))
    missing = missing_actions(checks)
    return AccountReport(
        account=subject.identity.account,
        profile=subject.access.profile,
        role_arn=subject.access.role_arn,
        caller=subject.caller,
        regions=regions,
        disabled_regions=tuple(region for region, result in results.items() if result is None),
        checks=checks,
        missing=missing,
        policy=fixing_policy(checks, missing, subject.identity.partition, subject.values),
    )


def _rows(scope: Scope, subject: Subject) -> list[Permission]:
    """Return the permissions of a scope, if it is one of the target's."""
    return [row for row in PERMISSIONS if row.scope == scope and scope in subject.target.scopes]


def _list(account: AwsAccount) -> tuple[list[AccountBucket], AwsError | None]:
    buckets: list[AccountBucket] = []
    try:
        for page in account.bucket_pages(None):
            buckets += page
    except IncompleteList:
        pass  # the permission is available
    except AwsError as failure:
        return buckets, failure
    return buckets, None


def _in_region(subject: Subject, region: str, buckets: Sequence[AccountBucket]) -> list[_Tried] | None:
    """Try the permissions of a region and its buckets; return None if the region is not enabled in the account."""
    account, at = subject.account, subject.at(region)
    if not _is_enabled(account, region):
        return None
    names = [bucket.name for bucket in buckets if bucket.region == region]
    tried = _try_each(account, at, _rows("region", subject), names[:1])
    tried += _try_each(account, at, _rows("bucket", subject), names)
    pages = (one.value for one in tried if one.permission.action == _LIST_DIRECTORIES)
    directories = [bucket.name for bucket in next(pages, None) or () if subject.target.is_selected(bucket.name)]
    return tried + _try_each(account, at, _rows("directory-bucket", subject), directories)


def _is_enabled(account: AwsAccount, region: str) -> bool:
    """Return whether a region is enabled. AWS: its endpoints reject the credentials if it is not."""
    try:
        account.caller(region)
    except AwsError as failure:
        return failure.kind != "invalid-credentials"
    return True


def _globally(subject: Subject, tried: Iterable[_Tried], buckets: Iterable[AccountBucket]) -> Iterator[_Tried]:
    """Try the permissions that do not depend on a region."""
    account, at = subject.account, subject.at(subject.home_region)
    for row in (*_rows("payer", subject), *_rows("lens-scope", subject)):
        yield _try(account, at, row)
    locations = {"inventory": _inventory_places(subject, tried, buckets), "export": subject.target.exports}
    for row in (*_rows("inventory", subject), *_rows("export", subject)):
        if not locations[row.scope]:
            yield _Tried(row, None, skipped=True)
        for bucket, prefix, region in locations[row.scope]:
            yield _try(account, at._replace(region=region or at.region, prefix=prefix), row, [bucket])
    yield from _try_lens(account, at, _rows("lens", subject))
    for row in _rows("organization", subject):
        yield _try_unit(account, at, row)
    for row in _rows("athena", subject):
        yield _Tried(row, None, skipped=True)


def _inventory_places(
    subject: Subject, tried: Iterable[_Tried], buckets: Iterable[AccountBucket]
) -> tuple[Location, ...]:
    """Return destinations of inventories, the first few. AWS: their region is that of the source."""
    regions = {bucket.name: bucket.region for bucket in buckets}
    places = {place: regions.get(place[0]) or subject.home_region for place in subject.target.places}
    for one in tried:
        found = one.value if one.permission.property_name == "inventories" else None
        for configuration in found or ():
            if isinstance(configuration, InventoryConfig) and configuration.enabled:
                prefix = f"{configuration.prefix}/" if configuration.prefix else ""
                places.setdefault((configuration.bucket, prefix), one.region or subject.home_region)
    return tuple((*place, region) for place, region in places.items())[:_BUCKETS_TRIED]


def _try_lens(account: AwsAccount, at: Target, rows: Sequence[Permission]) -> Iterator[_Tried]:
    """Try the permissions of Storage Lens. Only a configuration shows whether it can be read."""
    listing = next((row for row in rows if probe_of(row) is not None), None)
    if listing is None:
        return
    result = _try(account, at, listing)
    yield result
    for row in rows:
        if row != listing and result.permission != row:
            is_read = result.failure is None and bool(result.value)
            yield _Tried(row, None, skipped=not is_read)


def _try_unit(account: AwsAccount, at: Target, row: Permission) -> _Tried:
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
    return _try(account, at._replace(unit=unit), row)


def _try_each(account: AwsAccount, at: Target, rows: Iterable[Permission], names: Sequence[str]) -> list[_Tried]:
    """Try each permission, and those that several options need once."""
    results: dict[tuple[str, str], _Tried] = {}
    tried = []
    for row in rows:
        key = (row.action, row.property_name)
        if key not in results:
            results[key] = _try(account, at, row, names)
        result = results[key]
        is_other = result.permission.action != row.action
        tried += [result, _Tried(row, at.region, skipped=True)] if is_other else [result._replace(permission=row)]
    return tried


def _try(account: AwsAccount, at: Target, row: Permission, names: Sequence[str] = ("",)) -> _Tried:
    """Try a permission with the first few buckets, until one does not deny it by its own policy."""
    probe = probe_of(row)
    region = None if row.scope in _WITHOUT_REGION else at.region
    by_bucket = row.scope in ("bucket", "directory-bucket")
    if probe is None or (by_bucket and not names):
        return _Tried(row, region, skipped=True)
    failure: AwsError | None = None
    for name in names[:_BUCKETS_TRIED] or [""]:
        value, failure = _send(probe, account, at._replace(bucket=name))
        if failure is None:
            return _Tried(row, region, value=value)
        if failure.denied_by not in ("resource-policy", "explicit-deny"):
            break
    return _Tried(_denied_permission(row, failure) or row, region, failure)


def _denied_permission(row: Permission, failure: AwsError | None) -> Permission | None:
    """Return the permission that the message of a denial names, if it is another one: a request may need several."""
    if failure is None or failure.kind != "denied":
        return None
    others = (other for other in PERMISSIONS if other.scope == row.scope and other.action != row.action)
    return next((other for other in others if re.search(rf"{other.action}\b", failure.message)), None)


def _send(probe: Probe, account: AwsAccount, at: Target) -> tuple[Any, AwsError | None]:
    """Send the request; return its result, and the error if it does not prove the permission.

    AWS checks permissions before it looks for the resource, so that a missing resource proves the permission.
    """
    try:
        return probe(account, at), None
    except IncompleteList:
        return None, None
    except AwsError as failure:
        return None, (None if failure.kind == "missing" else failure)


def _requested(tried: Iterable[_Tried]) -> Iterator[Check]:
    for one in tried:
        if one.skipped:
            continue
        row, failure = one.permission, one.failure
        is_denied = failure is not None and failure.kind == "denied"
        yield Check(
            options=row.options,
            action=row.action,
            region=one.region,
            result="yes" if failure is None else "no" if is_denied else "unknown",
            source="request",
            provides=row.provides,
            denied_by=failure.denied_by if failure and is_denied else None,
            message=str(failure) if failure else None,
            advice=failure.advice or None if failure else None,
        )


def _simulated(subject: Subject, rows: Sequence[Permission], buckets: Sequence[AccountBucket]) -> Iterator[Check]:
    """Yield the checks of permissions that no request could try."""
    bucket = buckets[0].name if buckets else _EXAMPLE
    decisions: dict[Permission, bool] = {}
    failure: AwsError | UserError | None = None
    for resources in dict.fromkeys(row.resources for row in rows):
        same = [row for row in rows if row.resources == resources]
        examples = [_example(resource, subject, bucket) for resource in resources]
        try:
            allowed = subject.account.simulated(subject.principal, sorted({row.action for row in same}), examples)
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
    account, partition = subject.identity.account, subject.identity.partition
    text = concrete(resource, partition, subject.values)
    text = text.replace(":*:*:", f":{subject.home_region}:{account}:")
    if text.startswith(f"arn:{partition}:s3:::*"):
        return text.replace(":::*", f":::{bucket}", 1).replace("/*", f"/{_EXAMPLE}")
    if text.endswith(":bucket/*"):
        return text.replace("/*", f"/{_EXAMPLE}--use1-az4--x-s3")
    return text if text == "*" else text.replace("/*", f"/{_EXAMPLE}")
