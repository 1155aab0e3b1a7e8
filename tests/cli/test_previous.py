"""--previous and report.md, from the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from s3_monitor.model import part as parts
from s3_monitor.model import plan_folder
from tests.merge.fixtures import GIB, LAST, Truth, part, plan, two_years_earlier, unit

ROOT = Path(__file__).resolve().parents[2]
PLAN = two_years_earlier(plan([unit("a")]))
DAYS = range(LAST + 1)


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """plan/, parts/, and before.json: an earlier report with 1 GiB of the present 3 GiB."""
    plan_folder.write(PLAN, tmp_path / "plan")
    truth = Truth("logs", {"StandardStorage": {day: GIB * (1 + day) for day in DAYS}}, {LAST: 3})
    parts.write(part(PLAN, "s0", [truth]), tmp_path / "parts" / "s0.json")
    assert aggregate(tmp_path, "--data-only").returncode == 0
    before = json.loads((tmp_path / "report" / "summary.json").read_bytes())
    for group in (before["totals"], *before["by_account"].values(), *before["by_region"].values()):
        group["size"], group["cost"] = float(GIB), 0.023
    before["by_storage_type"]["StandardStorage"] |= {"size": float(GIB), "cost": 0.023}
    before["as_of"] = "2024-11-01T03:00:00Z"
    (tmp_path / "before.json").write_text(json.dumps(before), encoding="utf-8")
    return tmp_path


def aggregate(job: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "aggregate.py"), "--plan", "plan/plan.json", "--parts", "parts"]
    command += ["--out", "report", *options]
    return subprocess.run(command, cwd=job, capture_output=True, text=True, check=False)


def test_the_report_shows_the_change_since_an_earlier_report(job: Path) -> None:
    done = aggregate(job, "--previous", "before.json")
    assert done.returncode == 0, done.stderr
    index = (job / "report" / "changes.html").read_text(encoding="utf-8")
    assert "Report of 2024-11-01" in index
    assert "+$0.12 per month" in index
    assert "number of bytes" in index
    markdown = (job / "report" / "report.md").read_text(encoding="utf-8")
    assert "- since the report of 2024-11-01: +$0.12 per month, +5.00 GiB" in markdown
    assert "**+$0.02 per month, +1.00 GiB in 1 day**: grew +$0.02" in markdown
    (compared,) = json.loads((job / "report" / "summary.json").read_bytes())["compared"]
    assert (compared["as_of"][:10], round(compared["cost"], 2), compared["size"]) == ("2024-11-01", 0.12, 5 * 2**30)


@pytest.mark.parametrize("content", ["", "[]", '{"format": 99}'])
def test_a_file_that_is_not_a_summary_is_rejected_before_anything_is_written(job: Path, content: str) -> None:
    (job / "before.json").write_text(content, encoding="utf-8")
    (job / "report" / "summary.json").unlink()
    done = aggregate(job, "--previous", "before.json")
    assert done.returncode == 2
    assert "before.json" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (job / "report" / "summary.json").exists()


def test_a_summary_of_format_1_is_compared_with_a_remark(job: Path) -> None:
    before = json.loads((job / "before.json").read_bytes())
    for group in (*before["by_account"].values(), *before["by_region"].values(), *before["by_storage_type"].values()):
        for name in ("unpriced_size", "unknown_buckets", "complete"):
            del group[name]
    before |= {"format": 1}
    del before["not_included"]
    (job / "before.json").write_text(json.dumps(before), encoding="utf-8")
    done = aggregate(job, "--previous", "before.json")
    assert done.returncode == 0, done.stderr
    markdown = (job / "report" / "report.md").read_text(encoding="utf-8")
    assert (
        "+$0.12 per month, +5.00 GiB (the earlier report counts emptied buckets at their last known size)" in markdown
    )
