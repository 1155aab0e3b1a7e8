"""Storage Lens exports in AWS's layout, written independently of the program that reads them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import quote

import pyarrow
import pyarrow.parquet

OWNER, OTHER, ORGANIZATION = "123456789012", "444455556666", "o-abc1234567"
DAY = date(2026, 11, 20)
COLUMNS = (
    "version_number", "configuration_id", "report_date", "aws_account_number", "aws_region", "storage_class",
    "record_type", "record_value", "bucket_name", "metric_name", "metric_value",
)  # fmt: skip
_PARQUET_SCHEMA = (
    "message s3.storage.lens { "
    + " ".join(f"required string {name};" for name in COLUMNS[:-1])
    + " required long metric_value; }"
)


class Metric(NamedTuple):
    """A row of an export."""

    bucket: str
    name: str
    value: int
    storage_class: str = "STANDARD"
    account: str = OWNER
    region: str = "us-east-1"
    type: str = "BUCKET"
    record: str = ""


def metrics_of(bucket: str, storage_class: str = "STANDARD", **place: Any) -> list[Metric]:
    """Return metrics of a bucket that differ in all figures."""
    figures = {
        "StorageBytes": 1_230, "ObjectCount": 123,
        "CurrentVersionObjectCount": 100, "CurrentVersionStorageBytes": 1_000,
        "NonCurrentVersionObjectCount": 10, "NonCurrentVersionStorageBytes": 200,
        "DeleteMarkerObjectCount": 7, "DeleteMarkerStorageBytes": 21,
        "IncompleteMultipartUploadObjectCount": 3, "IncompleteMultipartUploadStorageBytes": 30,
        "IncompleteMPUObjectCountOlderThan7Days": 2, "IncompleteMPUStorageBytesOlderThan7Days": 20,
        "EncryptedObjectCount": 90, "EncryptedStorageBytes": 900,
        "ReplicatedObjectCount": 5, "ReplicatedStorageBytes": 50,
        "ReplicatedObjectCountSource": 4, "ReplicatedStorageBytesSource": 40,
        "ObjectLockEnabledObjectCount": 1, "ObjectLockEnabledStorageBytes": 11,
    }  # fmt: skip
    return [Metric(bucket, name, value, storage_class, **place) for name, value in figures.items()]


HOSTILE_PREFIX = 'a,"b"\n;%\u2028'


def redundant(metrics: Iterable[Metric]) -> list[Metric]:
    """Return rows of other levels with the same figures, which must not be added."""
    rows = []
    for metric in metrics:
        rows.append(metric._replace(type="ACCOUNT", bucket=""))
        rows.append(metric._replace(type="PREFIX", record=quote("logs/2026 ä/", safe="")))
        rows.append(metric._replace(type="PREFIX", record=HOSTILE_PREFIX))
        rows.append(metric._replace(type="STORAGE_LENS_GROUP_BUCKET", record=quote("arn:aws:s3:::group/x", safe="")))
    return rows


ENFORCED, WRITER = "ObjectOwnershipBucketOwnerEnforcedBucketCount", "ObjectOwnershipObjectWriterBucketCount"
SETTINGS = [
    *(Metric("web", name, 1, "") for name in ("VersioningEnabledBucketCount", ENFORCED)),
    *(Metric("bare", name, 1, "-") for name in ("SSEKMSEnabledBucketCount", WRITER)),
]
# Advanced metrics of two storage classes.
ADVANCED = [
    *(Metric("web", "Object0KBTo128KBCount", 90, name) for name in ("STANDARD", "GLACIER")),
    Metric("web", "Object512MBTo1GBCount", 7), Metric("web", "ObjectLargerThan4GBCount", 3),
    Metric("web", "AllRequests", 77), Metric("web", "GetRequests", 50), Metric("web", "GetRequests", 5, "GLACIER"),
    Metric("web", "BytesDownloaded", 4096), Metric("web", "4xxErrors", 3), Metric("web", "MetricOfTomorrow", 9),
    Metric("web", "TotalLifecycleRuleCount", 4, ""), Metric("web", "SameRegionReplicationRuleCount", 1, ""),
    Metric("web", "CrossRegionReplicationRuleCount", 2, ""),
]  # fmt: skip
WEB = [*metrics_of("web"), *metrics_of("web", "GLACIER")]
ROWS = [*WEB, *metrics_of("cold", "FUTURE_CLASS"), *metrics_of("web", region="eu-west-1"), *SETTINGS, *ADVANCED]
STRANGERS = [*metrics_of("unplanned", region="sa-east-1"), *metrics_of("stranger", account="999900001111")]
EVERY_PITFALL = [*ROWS, *redundant(ROWS), *metrics_of("other", account=OTHER), *STRANGERS]


def _row(metric: Metric) -> list[Any]:
    return ["V_1", "daily", str(DAY), metric.account, metric.region, metric.storage_class, metric.type, metric.record,
            metric.bucket, metric.name, metric.value]  # fmt: skip


def as_csv(
    metrics: Iterable[Metric], *, header: bool = True, end: str = "\n", columns: Sequence[str] = COLUMNS
) -> bytes:
    """Return a file. ``columns``: in any order, also others than AWS's."""
    text = io.StringIO()
    writer = csv.DictWriter(
        text, columns, "new", "ignore", quoting=csv.QUOTE_ALL if header else csv.QUOTE_MINIMAL, lineterminator=end
    )
    if header:
        writer.writeheader()
    writer.writerows(dict(zip(COLUMNS, _row(metric), strict=True)) for metric in metrics)
    return text.getvalue().encode()


def as_parquet(metrics: Iterable[Metric]) -> bytes:
    columns = [*zip(*map(_row, metrics), strict=True)]
    types = [pyarrow.string()] * 10 + [pyarrow.int64()]
    arrays = [pyarrow.array(column, type_) for column, type_ in zip(columns, types, strict=True)]
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(dict(zip(COLUMNS, arrays, strict=True))), file)
    return file.getvalue()


def export(
    files: Sequence[bytes],
    *,
    format: str = "CSV",
    day: date = DAY,
    owner: str = OWNER,
    config: str = "daily",
    prefix: str = "lens/",
    manifest: bool = True,
    **changes: Any,
) -> dict[str, bytes]:
    """Return the objects of a delivery by key. ``changes``: of the manifest."""
    root = f"{prefix}StorageLens/{owner}/{config}/V_1"
    ending = "csv" if format == "CSV" else "par"
    contents = {f"{root}/reports/dt={day}/part-{number}.{ending}": content for number, content in enumerate(files)}
    described = {
        "sourceAccountId": owner,
        "configId": config,
        "destinationBucket": "arn:aws:s3:::exports",
        "reportVersion": "V_1",
        "reportDate": str(day),
        "reportFormat": format,
        "reportSchema": ",".join(COLUMNS) if format == "CSV" else _PARQUET_SCHEMA,
        "reportFiles": [
            {"key": key, "size": len(content), "md5Checksum": hashlib.md5(content, usedforsecurity=False).hexdigest()}
            for key, content in contents.items()
        ],
    } | changes
    if manifest:
        contents[f"{root}/manifests/dt={day}/manifest.json"] = json.dumps(described).encode()
    return contents
