"""The SQL that reads the metrics of buckets from a Storage Lens export, for DuckDB and Athena.

Its levels are redundant: only rows of buckets are read. There are two steps, so that any division of the files into
batches gives the same result; Athena runs both as one statement. A figure is the largest of its rows, so that a
repeated row does not count twice.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from s3_monitor.objects.sql_dialect import quote_text

# AWS: free metrics, which every export has. Only rows other than 0 are certain to be written.
METRICS = (
    "CurrentVersionObjectCount", "CurrentVersionStorageBytes",
    "NonCurrentVersionObjectCount", "NonCurrentVersionStorageBytes",
    "DeleteMarkerObjectCount", "DeleteMarkerStorageBytes",
    "IncompleteMultipartUploadObjectCount", "IncompleteMultipartUploadStorageBytes",
    "IncompleteMPUObjectCountOlderThan7Days", "IncompleteMPUStorageBytesOlderThan7Days",
    "EncryptedObjectCount", "EncryptedStorageBytes",
    "ReplicatedObjectCount", "ReplicatedStorageBytes",
    "ReplicatedObjectCountSource", "ReplicatedStorageBytesSource",
)  # fmt: skip


class LensRow(NamedTuple):
    """The metrics of the objects of a bucket in one storage class."""

    account: str
    region: str
    bucket: str
    storage_class: str
    is_invalid: bool
    """Whether a value is not an integer of at least 0."""
    figures: tuple[int, ...]
    """In the order of METRICS."""


def groups_sql(source: str, accounts: Collection[str]) -> str:
    """Return the SQL that groups rows by bucket and storage class. ``source``: a subquery with the columns of rows."""
    names = ", ".join(map(quote_text, METRICS))
    figures = ", ".join(
        f"max(amount) FILTER (WHERE metric_name = {quote_text(metric)}) AS m{number}"
        for number, metric in enumerate(METRICS)
    )
    columns = "aws_region AS region, bucket_name AS bucket, storage_class, metric_name"
    # Tables of crawlers have numbers instead of accounts.
    account = "lpad(CAST(aws_account_number AS varchar), 12, '0') AS account"
    chosen = ", ".join(map(quote_text, sorted(accounts)))
    condition = f"record_type = 'BUCKET' AND metric_name IN ({names})"
    rows = f"SELECT {account}, {columns}, TRY_CAST(metric_value AS bigint) AS amount FROM {source} WHERE {condition}"  # noqa: S608
    return (
        "SELECT account, region, bucket, storage_class, bool_or(amount IS NULL OR amount < 0) AS is_invalid, "  # noqa: S608
        f"{figures} FROM ({rows}) AS metrics WHERE account IN ({chosen}) "
        "GROUP BY account, region, bucket, storage_class"
    )


def result_sql(groups: str) -> str:
    """Return the SQL that unites groups, sorted. ``groups``: a statement that returns groups."""
    figures = ", ".join(f"coalesce(max(m{number}), 0)" for number in range(len(METRICS)))
    return (
        f"SELECT account, region, bucket, storage_class, bool_or(is_invalid), {figures} FROM ({groups}) AS groups "  # noqa: S608
        "GROUP BY account, region, bucket, storage_class ORDER BY account, region, bucket, storage_class"
    )
