"""The measurements themselves, tiny: so that they are there when they are needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import process, shards
from bench.process import ROOT
from bench.scaling import Case, cloudwatch_calls, night_calls
from bench.simulated import SimulatedAccount

pytestmark = pytest.mark.skipif(not hasattr(os, "wait4"), reason="the system does not report resource use")


def test_a_worker_is_measured_by_the_operating_system_and_by_the_accounts_counters(tmp_path: Path) -> None:
    with SimulatedAccount(30, 2) as account:
        got = shards.collect(account, tmp_path, 4)
        assert account.asked().total == 0, "counters are forgotten once they are read"
    assert got.usage.status == 0
    assert 0.05 < got.usage.cpu < 60
    assert 10 < got.usage.peak_mb < 1000
    assert got.series == got.asked.metrics == 90
    assert set(got.places) == {"us-east-1", "us-east-2"}
    assert got.floor == sum(cloudwatch_calls(*place) for place in got.places.values()) == got.cloudwatch_calls
    assert got.throttled == 0


def test_the_formulas_counts_are_those_of_a_run(tmp_path: Path) -> None:
    with SimulatedAccount(30) as account:
        shards.plan(account, tmp_path / "plan-only", 4, "--split-by", "none")
        planned = account.asked()
        got = shards.collect(account, tmp_path, 4)
    expected = night_calls(Case(1, 30, 1, history_days=4))
    assert {name: planned.of(name) + got.asked.of(name) for name in expected} == expected


def test_a_company_is_many_accounts_behind_one_address() -> None:
    with SimulatedAccount.company(2, 3, 1) as account:
        assert account.env["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")


def test_the_script_for_small_accounts_sends_the_requests_of_the_monitor() -> None:
    with SimulatedAccount(5) as account:
        process.run("-m", "bench.baseline_small", env=account.env)
        script = account.asked().calls
        process.run("-m", "s3_monitor", "-q", env=account.env)
        monitor = account.asked().calls
    planning = {"GetCallerIdentity", "ListBuckets", "ListDirectoryBuckets"}
    assert {name: calls for name, calls in script.items() if name not in planning} == {
        name: calls for name, calls in monitor.items() if name not in planning
    }


@pytest.mark.parametrize("script", ["bench.baseline_per_bucket", "bench.baseline_batched"])
def test_the_other_ways_of_asking_find_every_bucket(script: str) -> None:
    with SimulatedAccount(5, 2) as account:
        used = process.run("-m", script, env=account.env)
        asked = account.asked()
    assert len(json.loads(used.out)) == 5
    assert asked.throttled == 0
    # The original: a location, eight storage types, a count and a listing for each bucket, and the list of them.
    assert asked.total == (1 + 5 * 11 if script == "bench.baseline_per_bucket" else asked.total)


def test_aggregate_is_measured_beside_its_floor(tmp_path: Path) -> None:
    process.run("-m", "bench.parts", tmp_path, "--buckets", 40, "--parts", 3, "--history-days", 5)
    parts = ("--plan", tmp_path / "plan" / "plan.json", "--parts", tmp_path / "parts", "--out", tmp_path / "report")
    assert process.run("aggregate.py", *parts, "--data-only").status == 0
    floor = json.loads(process.run("-m", "bench.codec_baseline", tmp_path).out)
    assert floor.keys() == {"decode", "encode", "indent", "rows"}
    assert all(seconds >= 0 for seconds in floor.values())


def test_a_program_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="ended with 2"):
        process.run("-m", "s3_monitor", "--no-such-option")


@pytest.fixture
def bench() -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bench", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    return run


def test_the_command_names_its_measurements(bench: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = bench("--list")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()][:3] == ["worker", "start", "small"]


@pytest.mark.parametrize("arguments", [("--quick", "--record"), ("no-such",)])
def test_the_command_refuses_what_makes_no_sense(
    bench: Callable[..., subprocess.CompletedProcess[str]], arguments: tuple[str, ...]
) -> None:
    assert bench(*arguments).returncode == 2


def test_one_measurement_is_run_by_its_name(bench: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = bench("--quick", "plan")
    assert "plan of 2,000 buckets" in done.stdout, done.stderr
    assert done.returncode in (0, 1)  # whether a limit holds depends on the machine


def test_merely_asking_asks_what_a_worker_asks(tmp_path: Path) -> None:
    with SimulatedAccount(30, 2) as account:
        got = shards.collect(account, tmp_path, 4)
        used = process.run("-m", "bench.raw_client", 4, *got.places, env=account.env)
        asked = account.asked()
    assert asked.metrics == got.asked.metrics == 90
    assert asked.of("ListMetrics") == got.asked.of("ListMetrics")
    assert int(used.out) == 90 * 4  # today has no point yet
