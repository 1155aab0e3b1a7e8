"""The original approach: GetMetricStatistics for each bucket and storage type, and a listing of each bucket.

One client per region, one call after the other, and the storage types of its time. Standard output: a JSON list.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3

STORAGE_TYPES = (
    "StandardStorage",
    "IntelligentTieringFAStorage",
    "IntelligentTieringIAStorage",
    "StandardIAStorage",
    "OneZoneIAStorage",
    "ReducedRedundancyStorage",
    "GlacierStorage",
    "DeepArchiveStorage",
)
PRICE = 0.023  # USD per GB-month


@cache
def client(service: str, region: str | None = None) -> Any:
    make: Any = boto3.client
    return make(service, region_name=region)


def newest_point(region: str, metric: str, bucket: str, storage_type: str) -> float | None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    response = client("cloudwatch", region).get_metric_statistics(
        Namespace="AWS/S3",
        MetricName=metric,
        Dimensions=[{"Name": "BucketName", "Value": bucket}, {"Name": "StorageType", "Value": storage_type}],
        StartTime=midnight - timedelta(days=4),
        EndTime=midnight + timedelta(days=1),
        Period=86_400,
        Statistics=["Average"],
    )
    points = sorted(response["Datapoints"], key=lambda point: point["Timestamp"])
    return points[-1]["Average"] if points else None


def describe(bucket: Any) -> dict[str, Any]:
    name = bucket["Name"]
    region = client("s3").get_bucket_location(Bucket=name)["LocationConstraint"] or "us-east-1"
    sizes = {type_: newest_point(region, "BucketSizeBytes", name, type_) for type_ in STORAGE_TYPES}
    storage = {type_: {"size": size, "cost": size / 2**30 * PRICE} for type_, size in sizes.items() if size is not None}
    count = newest_point(region, "NumberOfObjects", name, "AllStorageTypes")
    pages = client("s3", region).get_paginator("list_objects_v2").paginate(Bucket=name)
    times = [item["LastModified"] for page in pages for item in page.get("Contents", [])]
    return {
        "name": name,
        "creation_date": str(bucket["CreationDate"]),
        "region": region,
        "storage": storage,
        "total_size": sum(line["size"] for line in storage.values()),
        "total_cost": sum(line["cost"] for line in storage.values()),
        "num_objects": count,
        "last_modified": str(max(times)) if times else None,
    }


def main() -> None:
    json.dump([describe(bucket) for bucket in client("s3").list_buckets()["Buckets"]], sys.stdout)


if __name__ == "__main__":
    main()
