"""An interrupted program keeps the received data."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from s3_monitor.cli.shard_processes import ShardProcesses
from s3_monitor.model.output import exclusive
from s3_monitor.simulator import Fault, Simulator, random_account
from tests.e2e.conftest import ROOT, Program
from tests.merge import fixtures as merge_world

TODAY = datetime.now(UTC).date()
# The points of one region never come.
HANGING = Fault("hang", region="eu-west-1", operation="GetMetricData")


def start(arguments: list[str], env: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.Popen(
        [sys.executable, "-m", "s3_monitor", *arguments],
        env={**clean, **env, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, "it did not come in a minute"
        time.sleep(0.05)


@pytest.fixture
def simulator() -> Simulator:
    account = random_account(5, 60, ("us-east-1", "eu-west-1"), today=TODAY, awkward=0, objects=(1, 5))
    return Simulator(account, today=TODAY, faults=[HANGING])


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM to catch")
def test_an_interrupted_collect_writes_the_received_data_and_exits_3(
    monitor: Program, simulator: Simulator, tmp_path: Path
) -> None:
    with simulator:
        env = dict(simulator.env())
        monitor("plan", "--split-by", "none", "--last-modified", "off", "--out", "plan", env=env)
        worker = start(["collect", "--plan", "plan/plan.json", "--shard", "s3", "--out", "part.json"], env, tmp_path)
        wait_for(lambda: simulator.counters.total("GetMetricData").calls >= 2)
        time.sleep(0.5)  # for the response of the other region
        worker.send_signal(signal.SIGTERM)
        _, err = worker.communicate(timeout=30)
    assert worker.returncode == 3, err
    part = json.loads((tmp_path / "part.json").read_bytes())
    assert part["status"] == "partial"
    assert "shard-interrupted" in {problem["code"] for problem in part["problems"]}
    arrived = {unit["region"]: sum(bool(bucket[3]) for bucket in unit["buckets"]) for unit in part["units"]}
    assert arrived["us-east-1"] > 0


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM to catch")
def test_an_interrupted_run_aggregates_the_received_data(simulator: Simulator, tmp_path: Path) -> None:
    with simulator:
        program = start(["run", "--out", "out", "--last-modified", "off"], dict(simulator.env()), tmp_path)
        done = tmp_path / "out" / "parts" / "s3-us-east-1.json"
        wait_for(lambda: done.exists() and simulator.counters.total("GetMetricData", region="eu-west-1").calls > 0)
        program.send_signal(signal.SIGTERM)
        _, err = program.communicate(timeout=30)
    assert program.returncode == 3, err
    summary = json.loads((tmp_path / "out" / "report" / "summary.json").read_bytes())
    statuses = {shard["name"]: shard["status"] for shard in summary["shards"]}
    assert statuses == {"s3-eu-west-1": "partial", "s3-us-east-1": "complete"}
    assert (tmp_path / "out" / "report" / "index.html").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
@pytest.mark.parametrize("operation", ["ListBuckets", "GetMetricData"])
def test_the_interrupted_one_shot_monitor_exits_with_130_and_writes_nothing(
    tmp_path: Path, number: signal.Signals, operation: str
) -> None:
    account = random_account(5, 60, ("us-east-1",), today=TODAY, awkward=0, objects=(1, 5))
    (tmp_path / "list.json").write_text("old")
    with Simulator(account, today=TODAY, faults=[Fault("hang", operation=operation)]) as simulator:
        program = start(["-o", "list.json", "--last-modified", "off"], dict(simulator.env()), tmp_path)
        wait_for(lambda: simulator.counters.total(operation).calls > 0)
        program.send_signal(number)
        _, err = program.communicate(timeout=30)
    assert program.returncode == 130, err
    assert "interrupted" in err
    assert "Traceback" not in err
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("list.json", "old")]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_while_run_aggregates_does_not_cost_the_report(tmp_path: Path, number: signal.Signals) -> None:
    account = random_account(5, 3, ("us-east-1",), today=TODAY, awkward=0, objects=(1, 5))
    report = tmp_path / "out" / "report"
    report.mkdir(parents=True)
    with Simulator(account, today=TODAY) as simulator:
        with exclusive(report, lambda: None):  # the aggregation waits here
            program = start(["run", "--out", "out", "--last-modified", "off"], dict(simulator.env()), tmp_path)
            assert program.stderr is not None
            lines = iter(program.stderr.readline, "")
            assert any("waiting for another aggregation" in line for line in lines)
            program.send_signal(number)
            assert any("writing the report of the data collected so far" in line for line in lines)
        _, err = program.communicate(timeout=60)
    assert program.returncode == 0, err
    assert (report / "index.html").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no signals to ignore")
def test_a_signal_that_is_ignored_stays_ignored(tmp_path: Path) -> None:
    code = (
        "import os, signal\n"
        "from s3_monitor.cli import signals\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "with signals.handled(signals.interrupt):\n"
        "    os.kill(os.getpid(), signal.SIGHUP)\n"
        "print('on')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "on\n"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize(
    "arguments",
    [["plan", "--out", "plan"], ["run", "--out", "out"], ["tags", "check", "--tag", "x"]],
    ids=lambda arguments: arguments[0],
)
def test_a_command_that_waits_for_aws_ends_at_once_with_130(
    tmp_path: Path, arguments: list[str], number: signal.Signals
) -> None:
    account = random_account(5, 5, ("us-east-1",), today=TODAY)
    with Simulator(account, today=TODAY, faults=[Fault("hang")]) as simulator:
        program = start(arguments, dict(simulator.env()), tmp_path)
        wait_for(lambda: simulator.counters.total("GetCallerIdentity").calls > 0)
        program.send_signal(number)
        _, err = program.communicate(timeout=5)
    assert program.returncode == 130, err
    assert err == "s3-monitor: interrupted\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
def test_a_shard_whose_process_cannot_start_is_missing_and_the_rest_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = merge_world.plan([merge_world.unit("a")])
    longer_than_any_command = Path("x" * 10_000_000)
    ShardProcesses(longer_than_any_command, tmp_path).run(plan.shards, 1, lambda: None)
    name = plan.shards[0].name
    expected = f"s3-monitor: error: shard {name}: could not start a process: Argument list too long\n"
    assert capsys.readouterr().err == expected
