"""A plain boto3 script that sends the requests of the one-shot monitor for a small account.

Standard output: JSON, the newest size, object count and last-modified date of each bucket.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

HISTORY_DAYS = 30
MAX_OBJECTS = 1_000  # buckets with more objects are not listed


def main() -> None:
    session = boto3.Session()
    session.client("sts").get_caller_identity()
    buckets = {bucket["Name"]: bucket["BucketRegion"] for bucket in list_buckets(session)}
    regions = sorted(set(buckets.values()))
    # boto3: creating a client is not thread-safe, sending requests is.
    s3 = {region: session.client("s3", region_name=region) for region in regions}
    cloudwatch = {region: session.client("cloudwatch", region_name=region) for region in regions}
    with ThreadPoolExecutor(16) as pool:
        sizes = dict(item for values in pool.map(newest_values, cloudwatch.values()) for item in values.items())
        small = [name for name in buckets if sizes.get((name, "AllStorageTypes"), 0) <= MAX_OBJECTS]
        dates = dict(zip(small, pool.map(lambda name: last_modified(s3[buckets[name]], name), small), strict=True))
    result: dict[str, dict[str, object]] = defaultdict(dict)
    for (bucket, storage_type), value in sizes.items():
        result[bucket][storage_type] = value
    for bucket, date in dates.items():
        result[bucket]["last_modified"] = date and str(date)
    json.dump(result, sys.stdout)


def list_buckets(session: Any) -> list[dict[str, Any]]:
    pages = session.client("s3").get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 10_000})
    return [bucket for page in pages for bucket in page["Buckets"]]


def newest_values(cloudwatch: Any) -> dict[tuple[str, str], float]:
    """Return the newest value of each bucket and storage type of a region."""
    metrics = [
        metric
        for name in ("BucketSizeBytes", "NumberOfObjects")
        for page in cloudwatch.get_paginator("list_metrics").paginate(Namespace="AWS/S3", MetricName=name)
        for metric in page["Metrics"]
    ]
    values: dict[tuple[str, str], float] = {}
    for start in range(0, len(metrics), 500):
        values |= metric_data(cloudwatch, metrics[start : start + 500])
    return values


def metric_data(cloudwatch: Any, metrics: Sequence[dict[str, Any]]) -> dict[tuple[str, str], float]:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    queries = [
        {"Id": f"m{index}", "MetricStat": {"Metric": metric, "Period": 86_400, "Stat": "Average"}}
        for index, metric in enumerate(metrics)
    ]
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries,
        StartTime=midnight - timedelta(days=HISTORY_DAYS),
        EndTime=midnight + timedelta(days=1),
    )
    values: dict[tuple[str, str], float] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            if result["Values"]:
                metric = metrics[int(result["Id"][1:])]
                where = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
                values.setdefault((where["BucketName"], where["StorageType"]), result["Values"][0])
    return values


def last_modified(s3: Any, bucket: str) -> datetime | None:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return max((item["LastModified"] for page in pages for item in page.get("Contents", ())), default=None)


if __name__ == "__main__":
    main()
