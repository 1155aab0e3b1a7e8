"""The SQL that reads the metrics of buckets from a Storage Lens export, for DuckDB and Athena.

Its levels are redundant: only rows of buckets are read. There are two steps, so that any division of the files into
batches gives the same result; Athena runs both as one statement. A figure is the largest of its rows, so that a
repeated row does not count twice.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise
from typing import NamedTuple

from s3_monitor.model.request_metrics import METRICS as REQUESTS
from s3_monitor.objects.sql_dialect import SqlDialect, quote_text

# AWS: free metrics, which every export has, of each storage class. Only rows other than 0 are certain to be written.
OBJECTS = (
    "CurrentVersionObjectCount", "CurrentVersionStorageBytes",
    "NonCurrentVersionObjectCount", "NonCurrentVersionStorageBytes",
    "DeleteMarkerObjectCount", "DeleteMarkerStorageBytes",
    "IncompleteMultipartUploadObjectCount", "IncompleteMultipartUploadStorageBytes",
    "IncompleteMPUObjectCountOlderThan7Days", "IncompleteMPUStorageBytesOlderThan7Days",
    "EncryptedObjectCount", "EncryptedStorageBytes",
    "ReplicatedObjectCount", "ReplicatedStorageBytes",
    "ReplicatedObjectCountSource", "ReplicatedStorageBytesSource",
    "ObjectLockEnabledObjectCount", "ObjectLockEnabledStorageBytes",
)  # fmt: skip
# Free metrics of buckets, with the value 1. Object Ownership is in the order of model.object_stats.Ownership.
SETTINGS = (
    "VersioningEnabledBucketCount", "SSEKMSEnabledBucketCount", "MFADeleteEnabledBucketCount",
    "TransferAccelerationEnabledBucketCount", "EventNotificationEnabledBucketCount",
)  # fmt: skip
OWNERSHIP = (
    "ObjectOwnershipBucketOwnerEnforcedBucketCount", "ObjectOwnershipBucketOwnerPreferredBucketCount",
    "ObjectOwnershipObjectWriterBucketCount",
)  # fmt: skip
# Advanced metrics; those of lifecycle, replication, sizes and requests are enabled separately. The sizes are in the
# order of model.object_stats.LENS_EDGES.
RULES = ("TotalLifecycleRuleCount", "SameRegionReplicationRuleCount", "CrossRegionReplicationRuleCount")
_STEPS = ("128KB", "256KB", "512KB", *(f"{1 << step}MB" for step in range(10)), "1GB", "2GB", "4GB")
SIZES = (
    "Object0KBCount", "Object0KBTo128KBCount", *(f"Object{low}To{high}Count" for low, high in pairwise(_STEPS)),
    "ObjectLargerThan4GBCount",
)  # fmt: skip
OTHERS = (*SETTINGS, *OWNERSHIP, *RULES, *SIZES, *REQUESTS)


class LensRow(NamedTuple):
    """The metrics of a bucket in one storage class, or without one."""

    account: str
    region: str
    bucket: str
    storage_class: str
    is_invalid: bool
    """Whether a value is not an integer of at least 0."""
    others: str
    """The rows of OTHERS, as `name value`, separated by commas. Most exports have few of these metrics."""
    objects: tuple[int, ...]
    """In the order of OBJECTS."""


def groups_sql(source: str, accounts: Collection[str], dialect: SqlDialect) -> str:
    """Return the SQL that groups rows by bucket and storage class. ``source``: a subquery with the columns of rows."""
    others = ", ".join(map(quote_text, OTHERS))
    figures = ", ".join(
        f"max(amount) FILTER (WHERE metric_name = {quote_text(metric)}) AS m{number}"
        for number, metric in enumerate(OBJECTS)
    )
    columns = "aws_region AS region, bucket_name AS bucket, storage_class, metric_name"
    # Tables of crawlers have numbers instead of accounts.
    account = "lpad(CAST(aws_account_number AS varchar), 12, '0') AS account"
    chosen = ", ".join(map(quote_text, sorted(accounts)))
    condition = f"record_type = 'BUCKET' AND metric_name IN ({', '.join(map(quote_text, OBJECTS))}, {others})"
    rows = f"SELECT {account}, {columns}, TRY_CAST(metric_value AS bigint) AS amount FROM {source} WHERE {condition}"  # noqa: S608
    joined = dialect.joined(
        "concat(metric_name, ' ', CAST(amount AS varchar))", f"amount IS NOT NULL AND metric_name IN ({others})"
    )
    return (
        "SELECT account, region, bucket, storage_class, bool_or(amount IS NULL OR amount < 0) AS is_invalid, "  # noqa: S608
        f"{joined} AS others, {figures} FROM ({rows}) AS metrics WHERE account IN ({chosen}) "
        "GROUP BY account, region, bucket, storage_class"
    )


def result_sql(groups: str, dialect: SqlDialect) -> str:
    """Return the SQL that unites groups, sorted. ``groups``: a statement that returns groups."""
    figures = ", ".join(f"coalesce(max(m{number}), 0)" for number in range(len(OBJECTS)))
    joined = dialect.joined("others", "others IS NOT NULL")
    return (
        f"SELECT account, region, bucket, storage_class, bool_or(is_invalid), coalesce({joined}, ''), {figures} "  # noqa: S608
        f"FROM ({groups}) AS groups "
        "GROUP BY account, region, bucket, storage_class ORDER BY account, region, bucket, storage_class"
    )
