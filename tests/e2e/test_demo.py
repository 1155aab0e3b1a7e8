"""The demo shows every kind of finding, and every result of a policy. It needs no DuckDB."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from s3_monitor.cli.demo import demo_account
from s3_monitor.model import part as parts
from s3_monitor.model.bill import BillData
from s3_monitor.model.finding import FINDING_IDS
from tests.e2e.conftest import Program


def test_the_demo_shows_every_finding_an_unusual_change_and_a_violated_budget(monitor: Program, tmp_path: Path) -> None:
    done = monitor("demo", "--out", "demo", env={})
    assert done.status == 0, done.err
    report = tmp_path / "demo" / "report"
    findings = json.loads((report / "findings.json").read_bytes())["findings"]
    assert {found["id"] for found in findings} == set(FINDING_IDS)
    assert {found["kind"] for found in findings} == {"exact", "at-most", "range", "unknown"}
    summary = json.loads((report / "summary.json").read_bytes())
    assert [anomaly["bucket"] for anomaly in summary["anomalies"]] == ["acme-video-masters"]
    assert summary["findings"]["by_tag"]["team"]
    policies = {policy["name"]: policy for policy in summary["policies"]}
    assert {name: policy["status"] for name, policy in policies.items()} == {
        "everything": "unknown",
        "data-lake": "warn",
        "team-web": "fail",
        "public-access-blocked": "pass",
        "tags-present": "warn",
        "noncurrent-kept": "pass",
        "early-delete": "pass",
    }
    bill = summary["bill"]
    assert bill["costs"] == "exported" and bill["export"]["comparison"][0]["costs"] == "billed"
    assert round(bill["attributed"] + bill["unattributed"], 6) == bill["billed"]
    billed = {bucket["name"]: bucket["billed_cost"] for bucket in json.loads((report / "buckets.json").read_bytes())}
    assert None not in billed.values() and billed["acme-shop-uploads"] > 334.8  # transfer to the internet
    of_bill = {(found["id"], found["bucket"]): found["usd_month"] for found in findings if found["kind"] == "exact"}
    assert of_bill["early-delete", "acme-access-logs"] == 30.52
    assert of_bill["int-fee", "acme-web-assets-eu"] == 2.99551  # billed
    (exception,) = policies["public-access-blocked"]["exceptions"]
    assert (exception["bucket"], exception["status"]) == ("acme-press-kit", "ending")


def test_without_duckdb_the_demo_reads_its_bill_from_cost_explorer(
    monitor: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with demo_account(tmp_path / "shards.yaml") as simulator:
        assert "without DuckDB, the bill of the demo is that of Cost Explorer" in capsys.readouterr().err
        env = simulator.env()
        planned = monitor("plan", "--shards", "shards.yaml", "--out", "plan", env=env)
        done = monitor("collect", "--plan", "plan/plan.json", "--shard", "bill", "--out", "bill.json", env=env)
    assert (planned.status, done.status) == (0, 0), planned.err + done.err
    part = parts.decode((tmp_path / "bill.json").read_bytes(), "bill.json")
    assert (part.status, set(part.calls.requests)) == ("complete", {"GetCallerIdentity", "GetCostAndUsage"})
    assert isinstance(part.bill, BillData) and part.bill.months[0].rows
