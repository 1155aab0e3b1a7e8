"""The demo shows every kind of finding, and every result of a policy."""

from __future__ import annotations

import json
from pathlib import Path

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
    (exception,) = policies["public-access-blocked"]["exceptions"]
    assert (exception["bucket"], exception["status"]) == ("acme-press-kit", "ending")
