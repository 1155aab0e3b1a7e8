"""One cheap request for each permission. No request writes or changes anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from s3_monitor.doctor.account import ProbedAccount
from s3_monitor.doctor.permissions import Permission
from s3_monitor.model.bill import TAG, CostQuery
from s3_monitor.model.identity import SpecialKind
from s3_monitor.model.responses import BUCKET_SIZE, ListKeysRequest, SeriesName

# A name that no bucket, key or upload has.
_ABSENT = "s3-monitor-doctor"


class Target(NamedTuple):
    """Where a permission is tried."""

    account: str
    partition: str
    region: str
    today: date
    bucket: str = ""
    """A bucket of the region, or the destination of inventories."""
    prefix: str = ""
    """Of inventories in their destination."""
    unit: str = ""
    """Id of an organizational unit."""


Probe = Callable[[ProbedAccount, Target, Permission], Any]


def _metric_data(account: ProbedAccount, target: Target, _: Permission) -> None:
    series = [SeriesName(BUCKET_SIZE, target.bucket or _ABSENT, "StandardStorage")]
    end = datetime.combine(target.today, datetime.min.time())
    next(account.point_pages(target.region, series, end - timedelta(days=1), end), None)


def _upload_parts(account: ProbedAccount, target: Target, _: Permission) -> None:
    account.parts_page(target.bucket, target.region, (_ABSENT, _ABSENT), ())


def _bill(account: ProbedAccount, target: Target, _: Permission) -> None:
    start = (target.today.replace(day=1) - timedelta(days=1)).replace(day=1)
    query = CostQuery(0, target.partition, (target.account,), start, target.today.replace(day=1))
    next(account.cost_pages(query, by_tag=False), None)


def _absent_object(account: ProbedAccount, target: Target, _: Permission) -> None:
    account.read_small_object(target.bucket, f"{target.prefix}{_ABSENT}", target.region, 1)


def _folders(account: ProbedAccount, target: Target, _: Permission) -> None:
    account.list_folders(target.bucket, target.prefix, target.region)


def _property(account: ProbedAccount, target: Target, row: Permission) -> None:
    account.read_property(target.bucket, target.region, row.property_name)


def _special(kind: SpecialKind) -> Probe:
    return lambda account, target, _: next(account.special_bucket_pages(kind, target.region, attempts=2), None)


def _keys(*, versions: bool = False) -> Probe:
    request = ListKeysRequest(most=1, versions=versions)
    return lambda account, target, _: account.keys_page(target.bucket, target.region, request)


# (scope, action) → its request. Actions without a request are simulated.
_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    ("account", "s3:ListAllMyBuckets"): lambda account, _, __: next(account.bucket_pages(None), None),
    ("region", "cloudwatch:ListMetrics"): lambda account, at, _: next(
        account.series_pages(at.region, BUCKET_SIZE), None
    ),
    ("region", "cloudwatch:GetMetricData"): _metric_data,
    ("region", "s3express:ListAllMyDirectoryBuckets"): _special("directory"),
    ("region", "s3tables:ListTableBuckets"): _special("table"),
    ("region", "s3vectors:ListVectorBuckets"): _special("vector"),
    ("bucket", "s3:ListBucket"): _keys(),
    ("bucket", "s3:ListBucketVersions"): _keys(versions=True),
    ("bucket", "s3:ListBucketMultipartUploads"): lambda account, at, _: account.uploads_page(
        at.bucket, at.region, "", ()
    ),
    ("bucket", "s3:ListMultipartUploadParts"): _upload_parts,
    ("directory-bucket", "s3express:CreateSession"): _keys(),
    **dict.fromkeys((("inventory", "s3:ListBucket"), ("export", "s3:ListBucket")), _folders),
    ("lens", "s3:ListStorageLensConfigurations"): lambda account, at, _: account.storage_lens_exports(
        at.account, at.region
    ),
    **dict.fromkeys((("inventory", "s3:GetObject"), ("export", "s3:GetObject")), _absent_object),
    ("payer", "ce:GetCostAndUsage"): _bill,
    ("payer", "ce:ListCostAllocationTags"): lambda account, at, _: account.tag_is_active(at.partition, TAG),
    ("organization", "organizations:ListAccounts"): lambda account, _, __: next(account.organization_pages(), None),
    ("organization", "organizations:DescribeOrganizationalUnit"): lambda account, at, _: account.unit_name(at.unit),
}


def probe_of(permission: Permission) -> Probe | None:
    """Return the request that tries a permission; None if every such request would have an effect."""
    if permission.property_name:
        return _property
    return _PROBES.get((permission.scope, permission.action))
