"""`aggregate.py`, run as a process: files, exit statuses, loaded libraries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from s3_monitor.model import part as parts
from s3_monitor.model import plan_folder
from s3_monitor.model.part import Listing
from tests.merge.fixtures import GIB, LAST, Truth, part, plan, two_years_earlier, unit

ROOT = Path(__file__).resolve().parents[2]
PLAN = two_years_earlier(plan([unit("a")], [unit("b", region="eu-west-1")]))
LIVE = {"StandardStorage": {LAST: GIB, LAST - 1: GIB / 2}, "New": {LAST: 1}}
ARCHIVED = {"GlacierStorage": {LAST: GIB}, "GlacierObjectOverhead": {LAST: 32768}}
BUCKETS = [
    Truth("logs", LIVE, {LAST: 3}, listing=Listing(9, 3)),
    Truth("old", ARCHIVED, {LAST: 1}, region="eu-west-1"),
    Truth("void"),
]
DATA = [
    "buckets.csv",
    "buckets.json",
    "findings.json",
    "findings.sarif",
    "junit.xml",
    "metrics.prom",
    "storage.csv",
    "summary.json",
]


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """plan/ and parts/ of a complete job."""
    plan_folder.write(PLAN, tmp_path / "plan")
    for name in ("s0", "s1"):
        parts.write(part(PLAN, name, BUCKETS), tmp_path / "parts" / f"{name}.json")
    return tmp_path


def aggregate(job: Path, *options: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "aggregate.py"), "--plan", "plan/plan.json", "--parts", "parts"]
    command += ["--out", "report", *options]
    env = None if environment is None else {name: os.environ[name] for name in ("PATH",)} | environment
    return subprocess.run(command, cwd=job, env=env, capture_output=True, text=True, check=False)


def summary(job: Path) -> dict[str, object]:
    return json.loads((job / "report" / "summary.json").read_bytes())  # type: ignore[no-any-return]


def test_complete_parts_give_a_complete_report(job: Path) -> None:
    done = aggregate(job)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "3 buckets, ≥ $0.03 per month (excludes 1 B with no known price); 0 gaps" in done.stderr
    assert {*DATA, "index.html"} <= {path.name for path in (job / "report").iterdir()}
    assert summary(job)["complete"] is True
    names = [bucket["name"] for bucket in json.loads((job / "report" / "buckets.json").read_bytes())]
    assert names == ["logs", "old", "void"]


def test_the_files_match_their_schemas(job: Path) -> None:
    (job / "parts" / "s1.json").write_text("{")
    assert aggregate(job, "--data-only").returncode == 3
    written = {"buckets.json": "report/buckets.json", "summary.json": "report/summary.json"}
    for name, path in {**written, "part.json": "parts/s0.json", "plan.json": "plan/plan.json"}.items():
        schema = json.loads((ROOT / "docs" / "schemas" / name).read_bytes())
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(json.loads((job / path).read_bytes()))


def test_the_same_input_gives_the_same_bytes_but_for_generated(job: Path) -> None:
    reports = []
    for _ in range(2):
        aggregate(job, "--data-only")
        files = {name: (job / "report" / name).read_bytes() for name in DATA if name != "summary.json"}
        reports.append((files, {key: value for key, value in summary(job).items() if key != "generated"}))
    assert reports[0] == reports[1]


def test_data_only_writes_no_pages(job: Path) -> None:
    assert aggregate(job, "--data-only").returncode == 0
    assert sorted(path.name for path in (job / "report").iterdir()) == DATA


def test_a_missing_part_is_a_gap_and_exit_status_3(job: Path) -> None:
    (job / "parts" / "s1.json").unlink()
    done = aggregate(job)
    assert done.returncode == 3
    assert "gap: shard s1 (111122223333/eu-west-1): No part of the shard was received" in done.stderr
    assert summary(job)["complete"] is False
    assert [case.get("name") for case in ElementTree.parse(job / "report" / "junit.xml").iter("testcase")][-1] == "s1"


@pytest.mark.parametrize("options", [(), ("--data-only",)])
def test_without_any_part_the_report_is_empty_and_the_exit_status_is_1(job: Path, options: tuple[str, ...]) -> None:
    for path in (job / "parts").iterdir():
        path.unlink()
    done = aggregate(job, *options)
    assert done.returncode == 1
    assert "gap: No shard delivered data" in done.stderr
    assert (job / "report" / "buckets.json").read_bytes() == b"[]\n"
    totals = summary(job)["totals"]
    assert isinstance(totals, dict)
    assert totals["size"] is None
    assert totals["cost"] is None


@pytest.mark.parametrize("content", ["", "{", '{"format": 9}', "[]"])
def test_an_unreadable_plan_gives_exit_status_2_and_no_report(job: Path, content: str) -> None:
    (job / "plan" / "plan.json").write_text(content)
    done = aggregate(job)
    assert done.returncode == 2
    assert "plan/plan.json" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (job / "report").exists()


@pytest.mark.parametrize("prices", ["nowhere.json", "plan/plan.json", "plan"])
def test_an_unreadable_price_file_gives_exit_status_2_and_no_report(job: Path, prices: str) -> None:
    done = aggregate(job, "--prices", prices)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert prices in done.stderr
    assert not (job / "report").exists()


def test_an_unreadable_price_table_is_a_gap_and_the_bundled_prices_are_used(job: Path) -> None:
    none = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "none", "AWS_SHARED_CREDENTIALS_FILE": "none"}
    done = aggregate(job, "--prices", "dynamodb:s3-monitor-prices", "--data-only", environment=none)
    assert done.returncode == 3, done.stderr
    assert "gap: Could not read dynamodb:s3-monitor-prices, so the bundled price list" in done.stderr


@pytest.mark.parametrize("prices", ["dynamodb:", "dynamodb:s3-monitor-prices@yesterday"])
def test_an_invalid_table_location_gives_exit_status_2_and_no_report(job: Path, prices: str) -> None:
    assert aggregate(job, "--prices", prices).returncode == 2
    assert not (job / "report").exists()


def test_a_price_file_of_the_user_is_used_and_its_source_is_shown(job: Path) -> None:
    tiers = {"StandardStorage": {"source": "s", "tiers": [[None, "2.5"]]}}
    own = {
        "format": 1,
        "source": "our contract",
        "published": "2026-11-01",
        "sources": {"s": {"title": "contract", "date": "2026-11-01"}},
        "regions": {"us-east-1": tiers},
    }
    (job / "own.json").write_text(json.dumps(own))
    assert aggregate(job, "--prices", "own.json", "--data-only").returncode == 0
    (logs, _, _) = json.loads((job / "report" / "buckets.json").read_bytes())
    assert logs["storage"]["StandardStorage"]["cost"] == 2.5
    assert summary(job)["prices"] == {
        "source": "our contract",
        "published": "2026-11-01",
        "oldest": "2026-11-01",
    }


def test_a_report_folder_that_cannot_be_written_is_named_in_the_error(job: Path) -> None:
    (job / "file").write_text("")
    done = aggregate(job, "--out", "file/report")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "file/report" in done.stderr


def test_data_only_loads_neither_boto3_nor_jinja2(job: Path) -> None:
    code = (
        "import sys; from s3_monitor.cli.main import cli\n"
        "cli.main(sys.argv[1:], standalone_mode=False)\n"
        "print(sorted({'boto3', 'botocore', 'jinja2', 'pygal', 'yaml'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, "aggregate", "--plan", "plan/plan.json", "--parts", "parts"]
    command += ["--out", "report", "--data-only"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=job, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_has_examples(job: Path) -> None:
    done = aggregate(job, "--help")
    assert done.returncode == 0
    assert "Examples:" in done.stdout


@pytest.mark.parametrize(
    ("policies", "status", "result"),
    [
        ("budgets: [{name: all, max_size: 1 GiB}]", 5, "fail"),
        ("budgets: [{name: all, max_usd_month: 10}]", 0, "unknown"),  # a storage type without a price
    ],
)
def test_a_violated_policy_is_exit_status_5(job: Path, policies: str, status: int, result: str) -> None:
    (job / "policies.yaml").write_text(policies, "utf-8")
    done = aggregate(job, "--policies", "policies.yaml", "--data-only")
    assert done.returncode == status, done.stderr
    (policy,) = summary(job)["policies"]  # type: ignore[misc]
    assert (policy["name"], policy["status"]) == ("all", result)
    assert f"budget all: {result}: " in done.stderr
    schema = json.loads((ROOT / "docs" / "schemas" / "summary.json").read_bytes())
    Draft202012Validator(schema).validate(summary(job))


def test_a_violated_policy_precedes_gaps_and_an_invalid_one_writes_nothing(job: Path) -> None:
    (job / "parts" / "s1.json").unlink()
    (job / "policies.yaml").write_text("budgets: [{name: all, max_size: 1 B}]", "utf-8")
    done = aggregate(job, "--policies", "policies.yaml")
    assert (done.returncode, summary(job)["complete"]) == (5, False), done.stderr
    assert "Policies: 1 violated. Violated: all" in (job / "report" / "report.md").read_text("utf-8")
    (job / "policies.yaml").write_text("budgets: [{name: all, max_sizes: 1 B}]", "utf-8")
    done = aggregate(job, "--policies", "policies.yaml", "--out", "other")
    assert (done.returncode, (job / "other").exists()) == (2, False)
    assert "policies.yaml:1: budgets[0].max_sizes: unknown key" in done.stderr
