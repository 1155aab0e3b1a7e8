"""One cheap request for each permission. No request writes or changes anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from s3_monitor.aws.account import AwsAccount
from s3_monitor.doctor.permissions import Permission
from s3_monitor.model.bill import TAG, CostQuery, last_month
from s3_monitor.model.identity import SpecialKind
from s3_monitor.model.responses import BUCKET_SIZE, ListKeysRequest, SeriesName

# A name that no bucket, key, upload or configuration has.
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


Probe = Callable[[AwsAccount, Target], Any]


def _metric_data(account: AwsAccount, at: Target) -> None:
    series = [SeriesName(BUCKET_SIZE, at.bucket or _ABSENT, "StandardStorage")]
    end = datetime.combine(at.today, datetime.min.time())
    next(account.point_pages(at.region, series, end - timedelta(days=1), end), None)


def _bill(account: AwsAccount, at: Target) -> None:
    query = CostQuery(0, at.partition, (at.account,), *last_month(at.today.replace(day=1)))
    next(account.cost_pages(query, by_tag=False), None)


def _absent_object(account: AwsAccount, at: Target) -> bytes:
    return account.read_small_object(at.bucket, f"{at.prefix}{_ABSENT}", at.region, 1)


def _folders(account: AwsAccount, at: Target) -> list[str]:
    return account.list_folders(at.bucket, at.prefix, at.region)


def _special(kind: SpecialKind) -> Probe:
    return lambda account, at: next(account.special_bucket_pages(kind, at.region, attempts=2), None)


def _keys(*, versions: bool = False) -> Probe:
    request = ListKeysRequest(most=1, versions=versions)
    return lambda account, at: account.keys_page(at.bucket, at.region, request)


# (scope, action) → its request. Actions without a request are simulated.
_PROBES: Final[Mapping[tuple[str, str], Probe]] = {
    ("account", "s3:ListAllMyBuckets"): lambda account, at: next(account.bucket_pages(None), None),
    ("region", "cloudwatch:ListMetrics"): lambda account, at: next(account.series_pages(at.region, BUCKET_SIZE), None),
    ("region", "cloudwatch:GetMetricData"): _metric_data,
    ("region", "s3express:ListAllMyDirectoryBuckets"): _special("directory"),
    ("region", "s3tables:ListTableBuckets"): _special("table"),
    ("region", "s3vectors:ListVectorBuckets"): _special("vector"),
    ("bucket", "s3:ListBucket"): _keys(),
    ("bucket", "s3:ListBucketVersions"): _keys(versions=True),
    ("bucket", "s3:ListBucketMultipartUploads"): lambda account, at: account.uploads_page(at.bucket, at.region, "", ()),
    ("bucket", "s3:ListMultipartUploadParts"): lambda account, at: account.parts_page(
        at.bucket, at.region, (_ABSENT, _ABSENT), ()
    ),
    ("directory-bucket", "s3express:CreateSession"): _keys(),
    ("inventory", "s3:ListBucket"): _folders,
    ("inventory", "s3:GetObject"): _absent_object,
    ("export", "s3:ListBucket"): _folders,
    ("export", "s3:GetObject"): _absent_object,
    ("lens", "s3:ListStorageLensConfigurations"): lambda account, at: account.storage_lens_exports(
        at.account, at.region
    ),
    ("lens-scope", "s3:GetStorageLensConfiguration"): lambda account, at: account.storage_lens_scopes(
        at.account, _ABSENT, at.region
    ),
    ("payer", "ce:GetCostAndUsage"): _bill,
    ("payer", "ce:ListCostAllocationTags"): lambda account, at: account.tag_is_active(at.partition, TAG),
    ("organization", "organizations:ListAccounts"): lambda account, at: next(account.organization_pages(), None),
    ("organization", "organizations:DescribeOrganizationalUnit"): lambda account, at: account.unit_name(at.unit),
}


def probe_of(permission: Permission) -> Probe | None:
    """Return the request that tries a permission; None if every such request would have an effect."""
    if name := permission.property_name:
        return lambda account, at: account.read_property(at.bucket, at.region, name)
    return _PROBES.get((permission.scope, permission.action))
