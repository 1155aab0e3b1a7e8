"""The largest and most unusual values that files may contain pass through all of the program."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from s3_monitor.cli.exit_status import print_status
from s3_monitor.cli.options import to_plan_options
from s3_monitor.model import part as parts
from s3_monitor.model import plan_folder
from s3_monitor.model.bounds import MAX_AMOUNT, MAX_TIME, MIN_TIME
from s3_monitor.model.part import Listing
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.money.price_book import bundled_prices, encode_price_book
from tests.merge.fixtures import LAST, Truth, part, plan, two_years_earlier, unit

ROOT = Path(__file__).resolve().parents[2]
PLAN = two_years_earlier(plan([unit("a")]))
EVERY_DAY = {day: MAX_AMOUNT if day % 2 else 0 for day in range(LAST + 1)}
TRUTH = [
    Truth(f"{name}", {"StandardStorage": EVERY_DAY, "GlacierStorage": {LAST: MAX_AMOUNT}, "NewStorage": {LAST: 0.5}},
          {LAST: MAX_AMOUNT}, created=created, listing=Listing(created, MAX_AMOUNT),
          traffic=RequestMetrics(1, {"GetRequests": MAX_AMOUNT, "BytesDownloaded": MAX_AMOUNT}))
    for name, created in (("early", MIN_TIME), ("late", MAX_TIME), ("x" * 63, None))
]  # fmt: skip


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """plan/ and parts/ of three buckets at the maximum, with the highest prices."""
    with_requests = msgspec.structs.replace(PLAN, requests=True)
    plan_folder.write(with_requests, tmp_path / "plan")
    parts.write(part(with_requests, "s0", TRUTH), tmp_path / "parts" / "s0.json")
    content = json.loads(encode_price_book(bundled_prices()))
    for pool in content["regions"]["us-east-1"].values():
        pool["tiers"] = [[None, "999999999999999"]]
    (tmp_path / "prices.json").write_text(json.dumps(content), encoding="utf-8")
    return tmp_path


def aggregate(job: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "aggregate.py"), "--plan", "plan/plan.json", "--parts", "parts"]
    command += ["--out", "report", *options]
    return subprocess.run(command, cwd=job, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("options", [(), ("--prices", "prices.json")])
def test_a_report_of_the_largest_values_is_complete_and_can_be_compared_with(
    job: Path, options: tuple[str, ...]
) -> None:
    done = aggregate(job, *options)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    summary = json.loads((job / "report" / "summary.json").read_bytes())
    assert summary["totals"]["size"] == pytest.approx(3 * (2 * MAX_AMOUNT + 0.5))
    assert (job / "report" / "index.html").stat().st_size < 5_000_000
    (job / "report" / "summary.json").rename(job / "before.json")
    done = aggregate(job, *options, "--previous", "before.json")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("file", "field"), [("before.json", "$.totals.size"), ("prices.json", "us-east-1, ")])
def test_a_larger_value_is_one_error_line_and_nothing_is_written(job: Path, file: str, field: str) -> None:
    assert aggregate(job).returncode == 0
    before = json.loads((job / "report" / "summary.json").read_bytes())
    before["totals"]["size"] = 1e308
    (job / "before.json").write_text(json.dumps(before), encoding="utf-8")
    content = (job / "prices.json").read_text(encoding="utf-8").replace("999999999999999", "1e999999999")
    (job / "prices.json").write_text(content, encoding="utf-8")
    (job / "report" / "summary.json").unlink()
    done = aggregate(job, *(("--previous", file) if file == "before.json" else ("--prices", file)))
    assert done.returncode == 2
    first, _ = done.stderr.splitlines()
    assert first.startswith(f"s3-monitor: error: {file}: ")
    assert field in first
    assert len(done.stderr) < 1000
    assert not (job / "report" / "summary.json").exists()


def test_a_very_long_value_does_not_fill_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    print_status("error: " + "x" * 10**6)
    assert len(capsys.readouterr().err) < 3100


def test_a_path_of_shards_yaml_that_is_not_utf8_can_be_written_in_a_plan() -> None:
    assert to_plan_options({"shards": Path("s\udcff.yaml")}).shards == "s\\udcff.yaml"
