"""The demo's company has what a report must handle, and boto3 reads the expected values."""

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from s3_monitor.simulator import Simulator, demo_accounts, truth
from s3_monitor.simulator.demo import ARCHIVE_ACCOUNT, TB
from tests.simulator.clients import MIDNIGHT, TODAY, client, query, window

MAIN, ARCHIVE = demo_accounts(TODAY)
KNOWN_TYPES = {
    *("StandardStorage", "ReducedRedundancyStorage", "ExpressOneZoneStorage"),
    *("StandardIAStorage", "StandardIASizeOverhead", "StandardIAObjectOverhead"),
    *("OneZoneIAStorage", "OneZoneIASizeOverhead"),
    *("IntelligentTieringFAStorage", "IntelligentTieringIAStorage", "IntelligentTieringAIAStorage"),
    *("IntelligentTieringAAStorage", "IntAAObjectOverhead", "IntAAS3ObjectOverhead"),
    *("IntelligentTieringDAAStorage", "IntDAAObjectOverhead", "IntDAAS3ObjectOverhead"),
    *("GlacierInstantRetrievalStorage", "GlacierIRSizeOverhead", "GlacierInstantRetrievalSizeOverhead"),
    *("GlacierStorage", "GlacierObjectOverhead", "GlacierS3ObjectOverhead", "GlacierStagingStorage"),
    *("DeepArchiveStorage", "DeepArchiveObjectOverhead", "DeepArchiveS3ObjectOverhead", "DeepArchiveStagingStorage"),
}


def test_every_storage_type_and_an_unknown_one_exist() -> None:
    types = {type_ for found in truth(MAIN, TODAY).values() for type_ in found.lines}
    assert types == KNOWN_TYPES | {"HolographicStorage"}


def test_pools_cross_both_price_tiers_in_one_region() -> None:
    pools: dict[str, float] = defaultdict(float)
    for found in truth(MAIN, TODAY).values():
        for type_, size in found.lines.items():
            pools[f"{found.region}/{type_}"] += size
    assert pools["us-east-1/StandardStorage"] > 500 * TB
    assert 50 * TB < pools["us-east-1/IntelligentTieringFAStorage"] < 500 * TB


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("acme-sandbox-empty", {"day": None, "count": None, "last_modified": None}),
        ("acme-migration-2024", {"day": None, "listed": True}),
        ("acme-import-staging", {"day": date(2026, 11, 21), "count": 870.0, "last_modified": None}),
        ("acme-legal-case-files", {"day": date(2026, 11, 21), "count": 2324.0, "last_modified": None}),
        ("acme-partner-inbox", {"day": None, "listed": True}),
        ("acme-launch-next-week", {"day": None, "created": datetime(2026, 11, 22, 0, 4, tzinfo=UTC)}),
        ("acme-decommissioned-crm", {"listed": False, "day": date(2026, 11, 19)}),
        ("acme-ml-checkpoints--use1-az4--x-s3", {"kind": "directory", "listed": True}),
        ("acme-press-kit", {"count": 64.0, "last_modified": datetime(2025, 11, 7, 20, tzinfo=UTC)}),
    ],
)
def test_a_bucket_for_each_state(name: str, expected: dict[str, Any]) -> None:
    found = truth(MAIN, TODAY)[name]
    assert {field: getattr(found, field) for field in expected} == expected


def test_moved_bytes_are_counted_once_and_late_ones_not_yet() -> None:
    facts = truth(MAIN, TODAY, 30)
    assert facts["acme-media-masters"].lines.keys() == {"GlacierInstantRetrievalStorage"}
    assert facts["acme-iot-telemetry"].lines.keys() == {"StandardStorage"}
    assert len(MAIN.buckets["acme-iot-telemetry"].sizes) == 2


def test_it_is_a_few_dozen_buckets_over_six_regions() -> None:
    assert 30 <= len(MAIN.buckets) <= 50
    assert len(MAIN.by_region) == 6
    assert sum(bool(bucket.denied) for bucket in MAIN.buckets.values()) == 1
    assert sum(len(bucket.objects) > 2000 for bucket in MAIN.buckets.values()) > 3


def test_boto3_finds_the_truth() -> None:
    """Read every expected line, count and date over HTTP."""
    with Simulator(demo_accounts(TODAY), today=TODAY) as simulator:
        facts = truth(MAIN, TODAY)
        for region in MAIN.by_region:
            lines = newest_points(client(simulator, "cloudwatch", region))
            for found in facts.values():
                if found.region == region and found.day is not None:
                    assert lines[found.name, "BucketSizeBytes"].items() >= found.lines.items()
                    assert lines[found.name, "NumberOfObjects"] == {"AllStorageTypes": found.count}
            s3 = client(simulator, "s3", region)
            small = [b for b in MAIN.by_region[region] if 0 < len(b.objects) <= 1000 and b.listed and not b.denied]
            for bucket in small:
                dates = [found["LastModified"] for found in s3.list_objects_v2(Bucket=bucket.name)["Contents"]]
                assert max(dates) == facts[bucket.name].last_modified
        with pytest.raises(ClientError, match="AccessDenied"):
            client(simulator, "s3", "eu-central-1").list_objects_v2(Bucket="acme-payroll-exports")


def newest_points(cloudwatch: Any) -> dict[tuple[str, str], dict[str, float]]:
    """Return the newest value of each series by bucket and metric."""
    metrics = cloudwatch.list_metrics(Namespace="AWS/S3")["Metrics"]
    queries = [query(number, metric) for number, metric in enumerate(metrics)]
    results = cloudwatch.get_metric_data(MetricDataQueries=queries, **window())["MetricDataResults"]
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for metric, result in zip(metrics, results, strict=True):
        dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
        if result["Values"]:
            found[dimensions["BucketName"], metric["MetricName"]][dimensions["StorageType"]] = result["Values"][0]
    return found


def test_the_archive_account_is_opened_by_its_role() -> None:
    assert ARCHIVE.id == ARCHIVE_ACCOUNT
    assert all(bucket.created < MIDNIGHT for bucket in ARCHIVE.buckets.values())
    with Simulator(demo_accounts(TODAY), today=TODAY) as simulator:
        given = client(simulator, "sts").assume_role(
            RoleArn=f"arn:aws:iam::{ARCHIVE.id}:role/s3-monitor-reader", RoleSessionName="demo"
        )
        assert given["AssumedRoleUser"]["Arn"].startswith(f"arn:aws:sts::{ARCHIVE.id}:")
