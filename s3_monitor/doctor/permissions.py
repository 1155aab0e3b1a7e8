"""The permissions of each option, as in docs/iam: action, resource, and the figures that it provides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final, Literal, NamedTuple, get_args

from s3_monitor.model.bucket_config import PROPERTIES

Option = Literal[
    "storage",
    "details",
    "requests",
    "objects",
    "versions",
    "inventory",
    "athena",
    "costs",
    "exports",
    "storage-lens",
    "organization",
]
OPTIONS: Final[tuple[Option, ...]] = get_args(Option)
# What a permission applies to, which decides where it is tried.
Scope = Literal[
    "account",
    "region",
    "bucket",
    "directory-bucket",
    "inventory",
    "athena",
    "payer",
    "export",
    "lens",
    "lens-scope",
    "organization",
]

_BUCKETS = "arn:aws:s3:::*"
_DIRECTORY_BUCKETS = "arn:aws:s3express:*:*:bucket/*"
_DESTINATION = ("arn:aws:s3:::INVENTORY-DESTINATION", "arn:aws:s3:::INVENTORY-DESTINATION/*")
_EXPORT = ("arn:aws:s3:::EXPORT-BUCKET", "arn:aws:s3:::EXPORT-BUCKET/*")
_RESULTS = ("arn:aws:s3:::ATHENA-RESULTS", "arn:aws:s3:::ATHENA-RESULTS/*")
_WORKGROUP = ("arn:aws:athena:*:*:workgroup/WORKGROUP",)
_GLUE = (
    "arn:aws:glue:*:*:catalog", "arn:aws:glue:*:*:database/DATABASE", "arn:aws:glue:*:*:table/DATABASE/*",
)  # fmt: skip


class Permission(NamedTuple):
    """An action that options need."""

    policy: str
    """Name of the policy in docs/iam."""
    options: tuple[Option, ...]
    scope: Scope
    action: str
    """IAM action."""
    resources: tuple[str, ...]
    """Resources in the policy, with the placeholders of docs/iam."""
    provides: str
    """The figures that are missing without it."""
    property_name: str = ""
    """The property of model.bucket_config that it provides; empty: none."""


def _rows(
    policy: str, options: tuple[Option, ...], scope: Scope, resources: tuple[str, ...], provided: dict[str, str]
) -> Iterable[Permission]:
    return (Permission(policy, options, scope, action, resources, what) for action, what in provided.items())


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]


PERMISSIONS: Final = (
    Permission(
        "storage", ("storage",), "account", "s3:ListAllMyBuckets", ("*",),
        "names, creation dates and regions of buckets",
    ),
    *_rows("storage", ("storage",), "region", ("*",), {
        "cloudwatch:ListMetrics": "sizes, object counts and costs",
        "cloudwatch:GetMetricData": "sizes, object counts and costs",
        "s3express:ListAllMyDirectoryBuckets": "directory buckets in regions without other buckets",
    }),
    Permission(
        "storage", ("storage", "objects"), "bucket", "s3:ListBucket", (_BUCKETS,),
        "last-modified dates, and objects by class, age and size",
    ),
    *(
        Permission(
            "bucket-config",
            ("details", "requests") if row.name == "metrics" else ("details",),
            "bucket", row.action, (_BUCKETS,), _lower(row.title), row.name,
        )
        for row in PROPERTIES
    ),
    *(
        Permission(
            "bucket-config", ("details",), "directory-bucket", row.action.replace("s3:", "s3express:"),
            (_DIRECTORY_BUCKETS,), f"{_lower(row.title)} of directory buckets", row.name,
        )
        for row in PROPERTIES
        if row.directory_buckets
    ),
    *_rows("bucket-config", ("details",), "region", ("*",), {
        "s3express:ListAllMyDirectoryBuckets": "directory buckets",
        "s3tables:ListTableBuckets": "table buckets",
        "s3vectors:ListVectorBuckets": "vector buckets",
    }),
    *_rows("objects", ("versions",), "bucket", (_BUCKETS,), {
        "s3:ListBucketVersions": "noncurrent versions and delete markers; recognition of emptied buckets",
        "s3:ListBucketMultipartUploads": "incomplete multipart uploads; recognition of emptied buckets",
    }),
    Permission(
        "objects", ("versions",), "bucket", "s3:ListMultipartUploadParts", ("arn:aws:s3:::*/*",),
        "bytes of incomplete multipart uploads",
    ),
    Permission(
        "objects", ("objects",), "directory-bucket", "s3express:CreateSession", (_DIRECTORY_BUCKETS,),
        "objects of directory buckets",
    ),
    Permission(
        "inventory", ("inventory",), "bucket", "s3:GetInventoryConfiguration", (_BUCKETS,),
        "the inventories of buckets", "inventories",
    ),
    *_rows("inventory", ("inventory",), "inventory", _DESTINATION, {
        "s3:ListBucket": "the dates of inventory reports",
        "s3:GetObject": "the content of inventory reports",
    }),
    *_rows("athena", ("athena",), "athena", _WORKGROUP, dict.fromkeys((
        "athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution", "athena:StopQueryExecution",
    ), "inventories and exports read by Athena")),
    *_rows("athena", ("athena",), "athena", _GLUE, dict.fromkeys((
        "glue:GetDatabase", "glue:GetDatabases", "glue:GetPartitions", "glue:GetTable", "glue:GetTables",
    ), "the tables of inventories and exports")),
    *_rows("athena", ("athena",), "athena", _RESULTS, dict.fromkeys((
        "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject",
    ), "query results of Athena")),
    *_rows("bill", ("costs",), "payer", ("*",), {
        "ce:GetCostAndUsage": "billed costs",
        "ce:ListCostAllocationTags": "the state of the cost allocation tag",
    }),
    *_rows("exports", ("exports",), "export", _EXPORT, {
        "s3:ListBucket": "the deliveries of exports",
        "s3:GetObject": "the content of exports",
    }),
    *_rows("storage-lens", ("storage-lens",), "lens", ("*",), {
        "s3:ListStorageLensConfigurations": "the exports of Storage Lens",
        "s3:GetStorageLensConfiguration": "the locations of Storage Lens exports, and the buckets that they cover",
    }),
    Permission(
        "storage-lens", ("storage-lens",), "lens-scope", "s3:GetStorageLensConfiguration", ("*",),
        "the buckets without objects in Storage Lens exports",
    ),
    *_rows("organization", ("organization",), "organization", ("*",), {
        "organizations:DescribeOrganizationalUnit": "names of organizational units",
        "organizations:ListAccounts": "the accounts of the organization",
    }),
)  # fmt: skip


def policy_document(
    permissions: Collection[Permission], partition: str, values: Mapping[str, str]
) -> dict[str, object]:
    """Return an IAM policy that allows exactly these permissions.

    ``values``: placeholder → value; placeholders without a value remain.
    """
    by_resource: dict[tuple[str, ...], set[str]] = {}
    for permission in permissions:
        resources = tuple(concrete(resource, partition, values) for resource in permission.resources)
        by_resource.setdefault(resources, set()).add(permission.action)
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}
            for resources, actions in sorted(by_resource.items())
        ],
    }


def concrete(resource: str, partition: str, values: Mapping[str, str]) -> str:
    """Return a resource with the partition, and with values in place of its placeholders."""
    for placeholder, value in values.items():
        resource = resource.replace(placeholder, value)
    return resource.replace("arn:aws:", f"arn:{partition}:", 1)
