"""A sequential batched script: ListMetrics, then GetMetricData with 500 metrics per call, region after region.

Standard output: JSON, bytes by bucket and storage type.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

DAYS = 4


def series(cloudwatch: Any) -> list[dict[str, Any]]:
    pages = cloudwatch.get_paginator("list_metrics")
    names = ("BucketSizeBytes", "NumberOfObjects")
    return [
        metric
        for name in names
        for page in pages.paginate(Namespace="AWS/S3", MetricName=name)
        for metric in page["Metrics"]
    ]


def newest(cloudwatch: Any, metrics: list[dict[str, Any]]) -> list[float | None]:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    queries = [
        {"Id": f"m{index}", "MetricStat": {"Metric": metric, "Period": 86_400, "Stat": "Average"}}
        for index, metric in enumerate(metrics)
    ]
    points: dict[str, float] = {}
    pages = cloudwatch.get_paginator("get_metric_data")
    for page in pages.paginate(
        MetricDataQueries=queries, StartTime=midnight - timedelta(days=DAYS), EndTime=midnight + timedelta(days=1)
    ):
        for result in page["MetricDataResults"]:
            if result["Values"]:
                points.setdefault(result["Id"], result["Values"][0])
    return [points.get(f"m{index}") for index in range(len(metrics))]


def main() -> None:
    pages = boto3.client("s3").get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": 10_000})
    buckets = {bucket["Name"]: bucket["BucketRegion"] for page in pages for bucket in page["Buckets"]}
    sizes: dict[str, dict[str, float | None]] = defaultdict(dict)
    for region in sorted(set(buckets.values())):
        cloudwatch = boto3.client("cloudwatch", region_name=region)
        metrics = series(cloudwatch)
        for start in range(0, len(metrics), 500):
            batch = metrics[start : start + 500]
            for metric, value in zip(batch, newest(cloudwatch, batch), strict=True):
                where = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
                sizes[where["BucketName"]][where["StorageType"]] = value
    json.dump(sizes, sys.stdout)


if __name__ == "__main__":
    main()
