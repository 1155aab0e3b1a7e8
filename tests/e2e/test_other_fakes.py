"""The complete job against two independent AWS emulators, whose flaws differ."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import fakes
from tests.e2e.conftest import Program

TERABYTE = 2.0**40


@pytest.fixture(scope="module", params=["moto", "ministack"])
def fake(request: pytest.FixtureRequest) -> Iterator[str]:
    with fakes.running(request.param) as url:
        _fill(url)
        yield url


def _fill(url: str) -> None:
    west = fakes.client("s3", url, "eu-west-1")
    west.create_bucket(Bucket="logs-archive", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    fakes.client("s3", url, "us-east-1").create_bucket(Bucket="web-assets")
    for key in ("a", "b"):
        west.put_object(Bucket="logs-archive", Key=key, Body=b"hello")
    day = fakes.yesterday()
    for region, bucket, storage_type, value in (
        ("eu-west-1", "logs-archive", "GlacierStorage", 3 * TERABYTE),
        ("eu-west-1", "logs-archive", "GlacierObjectOverhead", 2 * 32768.0),
        ("eu-west-1", "logs-archive", "AllStorageTypes", 2.0),
        ("us-east-1", "web-assets", "StandardStorage", TERABYTE),
        ("us-east-1", "web-assets", "AllStorageTypes", 5000.0),
    ):
        fakes.put_series(url, region, bucket, storage_type, value, day)


@pytest.mark.parametrize("split_by", ["region", "storage-type", "none"])
def test_the_job_finds_what_is_there(monitor: Program, fake: str, tmp_path: Path, split_by: str) -> None:
    yesterday = str(fakes.yesterday().date())
    out = tmp_path / "out"
    # As of yesterday: moto invents series of today for every bucket.
    arguments = ["run", "--out", out, "--split-by", split_by, "--as-of", yesterday]
    done = monitor(*arguments, env=fakes.environment(fake))
    assert done.status == 0, done.err
    buckets = {bucket["name"]: bucket for bucket in json.loads((out / "report" / "buckets.json").read_text())}
    assert sorted(buckets) == ["logs-archive", "web-assets"]
    _check(buckets["logs-archive"], "eu-west-1", "GlacierStorage", 3 * TERABYTE, 3072 * 0.0036)
    _check(buckets["web-assets"], "us-east-1", "StandardStorage", TERABYTE, 1024 * 0.023)
    assert buckets["logs-archive"]["storage"]["GlacierStorage"]["num_objects"] == 2.0
    assert buckets["logs-archive"]["last_modified"] is not None


def _check(bucket: dict[str, Any], region: str, type_: str, size: float, cost: float) -> None:
    assert (bucket["region"], bucket["storage"][type_]["size"]) == (region, size)
    assert bucket["storage"][type_]["cost"] == pytest.approx(cost, abs=2e-6)


def test_the_series_that_moto_invents_are_found_in_its_own_order_of_dimensions(
    monitor: Program, tmp_path: Path
) -> None:
    with fakes.running("moto") as url:
        client = fakes.client("s3", url, "us-east-1")
        client.create_bucket(Bucket="with-objects")
        client.put_object(Bucket="with-objects", Key="a", Body=b"x")
        # moto's points are dated today, also where the tests began yesterday.
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        bucket = monitor("-b", "with-objects", "--as-of", now, env=fakes.environment(url)).json[0]
    assert bucket["storage"]["StandardStorage"]["size"] == bucket["total_size"] > 0
    assert (bucket["num_objects"], bucket["state"]) == (1.0, "measured")


def test_how_buckets_are_configured_and_what_counts_their_requests(monitor: Program) -> None:
    with fakes.running("moto") as url:
        client = fakes.client("s3", url, "us-east-1")
        client.create_bucket(Bucket="with-tags")
        client.put_bucket_tagging(Bucket="with-tags", Tagging={"TagSet": [{"Key": "team", "Value": "data"}]})
        fakes.client("s3tables", url, "us-east-1").create_table_bucket(name="lake")
        done = monitor("--details", "--requests", env={**fakes.environment(url), "AWS_MAX_ATTEMPTS": "1"})
    assert done.status == 3, done.err  # moto sends the objects in place of the metrics configurations
    lake, tagged = done.json
    assert (lake["name"], lake["kind"], lake["total_size"]) == ("lake", "table", None)
    assert (tagged["kind"], tagged["details"]["tags"]) == ("general-purpose", {"team": "data"})
    assert tagged["requests"] is None
