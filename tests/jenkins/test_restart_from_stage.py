"""What one build leaves for another: its parts after a restart, and its summary for the next night."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from .conftest import REPOSITORY, Build
from .scenarios import json_of

pytestmark = pytest.mark.skipif(os.name != "posix", reason="runs sh")


@pytest.fixture
def workspace(first_build: Build, bundle: Path, tmp_path: Path) -> Path:
    """Return a workspace with the bundle, the plan and the parts of a build."""
    for folder in ("plan", "parts"):
        shutil.copytree(first_build.archive / folder, tmp_path / folder)
    (tmp_path / "s3-monitor.pyz").symlink_to(bundle)
    return tmp_path


def run(workspace: Path, script: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "s3-monitor.pyz", "jenkins", script, "--program", "s3-monitor.pyz"]
    command += ["--plan", "plan/plan.json", "--parts", "parts", *options]
    env = {**os.environ, **environment}
    return subprocess.run(command, cwd=workspace, env=env, capture_output=True, text=True, check=False)


def pending(workspace: Path) -> list[str]:
    done = run(workspace, "pending", "--out", "pending.tsv")
    assert done.returncode == 0, done.stderr
    return [line.split("\t")[0] for line in (workspace / "pending.tsv").read_text().splitlines()]


def truncate(part: Path) -> None:
    part.write_bytes(part.read_bytes()[:-10])


def alter(part: Path) -> None:
    part.write_bytes(part.read_bytes().replace(b'"status":"complete"', b'"status":"partial"', 1))


@pytest.mark.parametrize("damage", [Path.unlink, truncate, alter], ids=["missing", "truncated", "partial"])
def test_only_shards_without_a_complete_part_are_collected_again(workspace: Path, damage: Any) -> None:
    assert pending(workspace) == []
    damage(workspace / "parts" / "s3-eu-west-1.json")
    assert pending(workspace) == ["s3-eu-west-1"]


def test_parts_of_another_plan_are_collected_again(workspace: Path) -> None:
    plan = workspace / "plan" / "plan.json"
    plan.write_bytes(plan.read_bytes().replace(b"{", b"{ ", 1))
    assert pending(workspace) == ["s3-eu-west-1", "s3-us-east-1"]


@pytest.fixture
def earlier(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(REPOSITORY / "jenkins"))
    return importlib.import_module("earlier")


AGGREGATE = ("--out", "report", "--earlier", "earlier.txt", "--description", "line.txt", "--summary", "summary.txt")


def test_the_next_night_is_compared_with_the_last_report(
    workspace: Path, first_build: Build, earlier: ModuleType
) -> None:
    summary = json_of(first_build, "report/summary.json")
    groups = [summary["totals"], *(group for name in ("by_region", "by_account") for group in summary[name].values())]
    for group in groups:
        group["cost"] /= 2
    lines = [earlier.encode({**summary, "as_of": as_of}) for as_of in (summary["as_of"], "2026-01-02T03:00:00Z")]
    (workspace / "earlier.txt").write_text("\n".join(lines))
    done = run(workspace, "aggregate", *AGGREGATE)
    assert done.returncode == 0, done.stderr
    assert " in 30 days, no gaps" in (workspace / "line.txt").read_text()
    assert "2026-01-02" in (workspace / "report" / "report.md").read_text(encoding="utf-8")
    left = earlier.decode((workspace / "summary.txt").read_text().strip())
    assert left["totals"]["cost"] == pytest.approx(2 * summary["totals"]["cost"])


def test_a_summary_of_a_newer_program_is_not_compared_with(
    workspace: Path, earlier: ModuleType, first_build: Build
) -> None:
    summary = {**json_of(first_build, "report/summary.json"), "as_of": "2026-01-02T03:00:00Z", "format": 999}
    (workspace / "earlier.txt").write_text(earlier.encode(summary) + "\n")
    done = run(workspace, "aggregate", *AGGREGATE)
    assert done.returncode == 0
    assert "no comparison with the last report: " in done.stderr
    assert "since" not in (workspace / "line.txt").read_text()


def test_a_build_with_incomplete_shards_logs_how_to_collect_them(workspace: Path) -> None:
    (workspace / "parts" / "s3-eu-west-1.json").unlink()
    done = run(workspace, "aggregate", *AGGREGATE, BUILD_URL="https://jenkins.example.com/job/s3/7/")
    assert done.returncode == 3
    assert "1 of 2 shards is not complete: s3-eu-west-1. To collect only these again" in done.stderr
    assert "https://jenkins.example.com/job/s3/7/restart/" in done.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("PREVIOUS", json.dumps({"format": 999})),
        ("PREVIOUS", "{"),
        ("POLICIES", "budgets: [{nam: x}]"),
        ("POLICIES", "["),
    ],
)
def test_the_plan_validates_the_files_of_the_report(workspace: Path, name: str, content: str) -> None:
    (workspace / "file").write_text(content)
    command = [sys.executable, "s3-monitor.pyz", "jenkins", "plan", "--program", "s3-monitor.pyz", "--out", "new"]
    done = subprocess.run(
        command, cwd=workspace, env={**os.environ, f"PARAM_{name}": "file"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"jenkins/plan.py: error: {name}: ") and not (workspace / "new").exists()


BUDGET = "budgets:\n  - {name: everything, max_usd_month: 0.01}\n"


def test_a_violated_policy_is_in_the_description(workspace: Path) -> None:
    (workspace / "plan" / "policies.yaml").write_text(BUDGET)
    done = run(workspace, "aggregate", *AGGREGATE)
    assert done.returncode == 5, done.stderr
    assert ", 1 policy violated" in (workspace / "line.txt").read_text()
