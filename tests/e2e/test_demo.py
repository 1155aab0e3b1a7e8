"""The demo shows every kind of finding."""

from __future__ import annotations

import json
from pathlib import Path

from s3_monitor.model.finding import FINDING_IDS
from tests.e2e.conftest import Program


def test_the_demo_shows_every_finding_and_an_unusual_change(monitor: Program, tmp_path: Path) -> None:
    done = monitor("demo", "--out", "demo", env={})
    assert done.status == 0, done.err
    report = tmp_path / "demo" / "report"
    findings = json.loads((report / "findings.json").read_bytes())["findings"]
    assert {found["id"] for found in findings} == set(FINDING_IDS)
    assert {found["kind"] for found in findings} == {"exact", "at-most", "range", "unknown"}
    summary = json.loads((report / "summary.json").read_bytes())
    assert [anomaly["bucket"] for anomaly in summary["anomalies"]] == ["acme-video-masters"]
    assert summary["findings"]["by_tag"]["team"]
