"""The least-privilege policies in docs/iam allow exactly the requests of the program."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from s3_monitor.simulator import Account, Bucket, FileList, ObjectList, Role, Simulator, random_account
from s3_monitor.simulator.accounts import Series, make_account
from s3_monitor.simulator.iam import ACTIONS
from s3_monitor.simulator.versions import StoredVersion, Upload, VersionedObjects
from tests.e2e.conftest import ROOT, Program
from tests.exports import lens_files


def allowed(name: str) -> set[str]:
    policy = json.loads((ROOT / "docs" / "iam" / f"{name}.json").read_text())
    actions: set[str] = set()
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        listed = statement["Action"]
        actions.update([listed] if isinstance(listed, str) else listed)
    return actions


def actions_of(simulator: Simulator) -> set[str]:
    """Return the IAM actions of the requests so far."""
    return {action for operation in simulator.counters.by_operation() for action in ACTIONS[operation]}


@pytest.fixture
def account() -> Account:
    reader = Role("s3-monitor-reader", external_id="some-id")
    return random_account(3, 40, ("us-east-1", "eu-west-1"), today=datetime.now(UTC).date(), roles=(reader,))


def test_how_buckets_are_configured_takes_a_policy_of_its_own(
    monitor: Program, account: Account, tmp_path: Path
) -> None:
    express = Bucket("fast--use1-az4--x-s3", "us-east-1", datetime(2025, 1, 1, tzinfo=UTC))
    with Simulator(replace(account, buckets={**account.buckets, express.name: express})) as simulator:
        done = monitor("run", "--details", "--out", tmp_path / "out", env=simulator.env())
        assert done.status == 0, done.err
        used = actions_of(simulator) - {"s3express:CreateSession"}  # at AWS's endpoints, only listings need a session
    assert used == allowed("storage") | allowed("bucket-config")


def test_objects_take_a_policy_of_their_own(monitor: Program, tmp_path: Path) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    kept = VersionedObjects.of([StoredVersion("a", 1, now)], [Upload("b", (1,), now)])
    yesterday = datetime.now(UTC).date().toordinal() - 1
    fast = Bucket(
        "fast--use1-az4--x-s3", "us-east-1", now, count=Series(yesterday, yesterday, 3), objects=ObjectList(3, now)
    )
    account = make_account("123456789012", [Bucket("kept", "us-east-1", now, objects=kept), fast])
    with Simulator(account) as simulator:
        done = monitor("run", "--objects", "listing", "--versions", "--out", tmp_path / "out", env=simulator.env())
        assert done.status == 0, done.err
        used = actions_of(simulator)
    assert used == (allowed("storage") | allowed("objects")) - {"s3:ListBucket"}  # all listings are of versions


@pytest.mark.parametrize("split_by", ["region", "storage-type"])
def test_the_policies_allow_exactly_the_requests_of_a_run(
    monitor: Program, account: Account, tmp_path: Path, split_by: str
) -> None:
    (tmp_path / "shards.yaml").write_text(
        "shards:\n"
        f"  - {{name: all, split_by: {split_by}, role_arn: 'arn:aws:iam::{account.id}:role/s3-monitor-reader',"
        " external_id: some-id}\n"
    )
    with Simulator(account) as simulator:
        done = monitor("run", "--shards", "shards.yaml", "--max-shards", 3, "--out", "out", env=simulator.env())
        assert done.status == 0, done.err
        used = actions_of(simulator)
    assert used == allowed("storage") | allowed("assume-role")


@pytest.mark.parametrize("exports", ["exports: {storage_lens: [{bucket: exports, config: daily, prefix: lens}]}\n", ""])
def test_storage_lens_takes_policies_of_its_own_and_fills_the_objects_of_buckets(
    monitor: Program, tmp_path: Path, exports: str
) -> None:
    today = datetime.now(UTC).date()
    created, day = datetime(2024, 1, 1, tzinfo=UTC), today - timedelta(days=2)
    sizes = {"StandardStorage": Series(day.toordinal() - 9, today.toordinal() - 1, 1230)}
    contents = lens_files.export([lens_files.as_csv(lens_files.metrics_of("web"))], day=day)
    buckets = [
        Bucket("web", "us-east-1", created, sizes=sizes),
        Bucket("new", "us-east-1", created, sizes=sizes),
        Bucket("bare", "us-east-1", created),
        Bucket("exports", "us-east-1", created, objects=FileList(contents)),
    ]
    (tmp_path / "shards.yaml").write_text(
        f"objects: {'auto' if exports else 'storage-lens'}\nlast_modified: off\n{exports}shards: [{{name: all}}]\n"
    )
    destination = "<Format>CSV</Format><Arn>arn:aws:s3:::exports</Arn><Prefix>lens</Prefix>"
    configuration = f"<DataExport><S3BucketDestination>{destination}</S3BucketDestination></DataExport>"
    account = replace(make_account(lens_files.OWNER, buckets), storage_lens={"daily": configuration})
    with Simulator(account, today=today) as simulator:
        done = monitor("run", "--shards", "shards.yaml", "--out", "out", env=simulator.env())
        assert done.status == 0, done.err
        used = actions_of(simulator)
    unused = {"s3:ListStorageLensConfigurations"} if exports else set()
    assert used == (allowed("storage") | allowed("exports") | allowed("storage-lens")) - unused
    report = tmp_path / "out" / "report"
    found = {bucket["name"]: bucket["objects"] for bucket in json.loads((report / "buckets.json").read_text())}
    assert found["new"] is None  # CloudWatch has bytes
    assert found["bare"]["current"]["objects"] == found["exports"]["noncurrent"]["size"] == 0
    web = found["web"]
    assert (web["source"], web["noncurrent"]["size"], web["old_multipart"]["objects"]) == ("storage-lens", 200, 2)
    assert (web["difference"]["cloudwatch"], web["difference"]["unexplained"]) == (1230, 0)
    codes = {item["code"] for item in json.loads((report / "summary.json").read_text())["problems"]}
    assert "storage-lens-bucket-missing" in codes
