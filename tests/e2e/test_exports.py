"""A run with a billing export: the policies that it needs, and the billed cost of a bucket in all outputs."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

from s3_monitor.model.bill import last_month
from s3_monitor.simulator import Bucket, FileList, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.e2e.conftest import Program
from tests.e2e.test_permissions import actions_of, allowed
from tests.exports.billing_files import PAYER, Charge, as_parquet, data_export, requests

CHARGES = (
    Charge("TimedStorage-ByteHrs", "2.5", "100", "logs", "StandardStorage"),
    requests("logs", "0.25"),
    Charge("TimedStorage-ByteHrs", "0.5", type="Tax"),
)


def test_a_run_with_a_billing_export_takes_its_policy_and_bills_each_bucket(monitor: Program, tmp_path: Path) -> None:
    made = datetime(2024, 1, 1, tzinfo=UTC)
    month = last_month(datetime.now(UTC).date())[0]
    files = data_export("all", [as_parquet("cur2", CHARGES)], month=f"{month:%Y-%m}", ending=".parquet")
    buckets = [Bucket("logs", "us-east-1", made), Bucket("bills", "eu-west-1", made, objects=FileList(files))]
    (tmp_path / "shards.yaml").write_text(
        "costs: exported\n"
        "exports: {billing: {kind: cur2, bucket: bills, prefix: exports, name: all, region: eu-west-1}}\n"
        "shards: [{name: all, split_by: region}]\n"
    )
    with Simulator(make_account(PAYER, buckets)) as simulator:
        done = monitor("run", "--shards", "shards.yaml", "--last-modified", "off", "--out", "out", env=simulator.env())
        assert done.status == 0, done.err
        used = actions_of(simulator)
        estimate = monitor("plan", "--shards", "shards.yaml", "--dry-run", "--out", "plan", env=simulator.env())
    assert used == (allowed("storage") | allowed("exports")) - {"cloudwatch:GetMetricData"}  # nothing is stored
    assert "bill: the bill of 1 account, from a billing export" in estimate.out
    report = tmp_path / "out" / "report"
    found = {bucket["name"]: bucket for bucket in json.loads((report / "buckets.json").read_text())}
    assert (found["logs"]["billed_cost"], found["bills"]["billed_cost"]) == (2.75, 0.0)
    assert found["logs"]["charges"]["groups"] == {"requests": 0.25, "storage-standard": 2.5}
    bill = json.loads((report / "summary.json").read_text())["bill"]
    assert (bill["costs"], bill["billed"], bill["attributed"], bill["unattributed"]) == ("exported", 3.25, 2.75, 0.5)
    assert bill["export"]["unattributed"] == [{"type": "tax", "billed": 0.5}]
    with (report / "buckets.csv").open(newline="") as file:
        assert {row["name"]: row["billed_cost"] for row in csv.DictReader(file)}["logs"] == "2.75"
    assert (report / "bill.html").exists()
