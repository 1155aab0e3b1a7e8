"""`plan`, `collect`, `doctor`, `tags` and the one-shot monitor on a small simulated account, in this process."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from s3_monitor.model import part as parts
from s3_monitor.simulator import Bucket, Settings, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.cli.commands import Commands

CREATED = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
ACCOUNT = "111122223333"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    buckets = [
        Bucket("logs", "eu-west-1", CREATED, settings=Settings(tags={"bucket_name": "logs", "team": "data"})),
        Bucket("raw", "eu-west-1", CREATED, settings=Settings(tags={"team": "web"})),
    ]
    with Simulator(make_account(ACCOUNT, buckets, access_key="AKIASIMULATED00000001")) as running:
        yield running


@pytest.fixture
def run(
    simulator: Simulator, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Commands:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in simulator.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return Commands(capsys)


def test_plan_writes_the_plan_and_collect_the_part_of_a_shard(run: Commands) -> None:
    planned = run("plan", "-r", "eu-west-1", "--out", "plan")
    assert (planned.status, planned.out) == (0, "")
    assert planned.err.endswith("s3-monitor: plan: planned 1 shard of 1 unit\n")
    assert Path("plan/shards.tsv").read_text() == "s3-eu-west-1\t\t\t60\n"
    collect = ("collect", "--plan", "plan/plan.json", "--shard", "s3-eu-west-1", "--out")
    done = run(*collect, "part.json")
    assert (done.status, done.out) == (0, "")
    assert "s3-monitor: s3-eu-west-1: started, " in done.err
    part = parts.decode(Path("part.json").read_bytes(), "part.json")
    assert [bucket.name for bucket in part.units[0].buckets] == ["logs", "raw"]
    printed = run(*collect, "-", "-q")
    assert printed.err == ""
    assert parts.decode(printed.out.encode(), "part.json").units == part.units
    assert run(*collect, "absent/part.json").status == 0  # creates the folder
    Path("file").touch()
    blocked = run(*collect, "file/part.json")
    assert blocked.status == 1
    assert "error: file/part.json: could not write the part: " in blocked.err
    missing = run("collect", "--plan", "plan/plan.json", "--shard", "other", "--out", "x.json")
    assert (missing.status, Path("x.json").exists()) == (2, False)
    assert "plan/plan.json has no shard other" in missing.err and "s3-eu-west-1" in missing.err


def test_a_dry_run_prints_the_estimate_and_writes_nothing(run: Commands) -> None:
    done = run("plan", "-r", "eu-west-1", "--out", "plan", "--dry-run")
    assert done.status == 0
    assert done.out.splitlines()[0].startswith("s3-eu-west-1: 2 buckets in 1 region, about ")
    assert not Path("plan").exists()


def test_the_monitor_prints_json_and_tables(run: Commands) -> None:
    done = run("-r", "eu-west-1")
    assert done.status == 0
    assert [(bucket["name"], bucket["state"]) for bucket in json.loads(done.out)] == [
        ("logs", "empty"),
        ("raw", "empty"),
    ]
    assert run("-r", "eu-west-1", "-b", "lo*", "-o", "out.json").out == ""
    assert [bucket["name"] for bucket in json.loads(Path("out.json").read_text())] == ["logs"]
    table = run("-r", "eu-west-1", "--format", "table", "--group-by", "tag:team", "-q")
    assert table.err == ""
    assert [line.split()[0] for line in table.out.splitlines() if line[:3] in ("dat", "web")] == ["data", "web"]


def test_doctor_prints_text_or_json_for_programs(run: Commands) -> None:
    done = run("doctor", "-r", "eu-west-1", "--no-details", "--format", "json")
    report = json.loads(done.out)
    assert done.out.startswith('{\n  "')
    assert done.status == (0 if report["complete"] else 3)
    assert report["options"] == ["storage"]
    text = run("doctor", "-r", "eu-west-1", "--no-details")
    assert text.status == done.status
    assert f"Account {ACCOUNT} (" in text.out


def test_tags_check_prints_the_commands_that_fix_the_tags(run: Commands) -> None:
    done = run("tags", "check", "-r", "eu-west-1")
    assert done.status == 4
    lines = done.out.splitlines()
    assert lines[0] == '# 1 of 2 buckets need the tag "bucket_name" with their names as value'
    assert lines[1] == "# raw: has no such tag"
    assert shlex.split(lines[2])[:5] == ["aws", "s3api", "put-bucket-tagging", "--bucket", "raw"]
    assert "1 buckets have the tag, 1 do not; cost allocation by the tag: " in done.err
    assert run("tags", "check", "-b", "absent").status == 2
    assert run("tags", "check", "-r", "eu-wst-1").status == 2
    none = run("tags", "check", "-r", "us-east-1")
    assert none.out.splitlines()[0].startswith("# 0 of 0 buckets")
