"""Every measurement runs, with small sizes."""

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
from bench.scaling import Case, cloudwatch_calls, run_calls
from bench.simulated import SimulatedAccount

pytestmark = pytest.mark.skipif(not hasattr(os, "wait4"), reason="the system has no wait4")


def test_a_worker_is_measured_by_the_operating_system_and_by_the_counters_of_the_account(tmp_path: Path) -> None:
    with SimulatedAccount(30, 2) as account:
        got = shards.collect(account, tmp_path, 4)
        assert account.take_counters().total == 0, "reading the counters resets them"
    assert got.usage.status == 0
    assert 0.05 < got.usage.cpu < 60
    assert 10 < got.usage.peak_mb < 1000
    assert got.series == got.counters.metrics == 90
    assert set(got.places) == {"us-east-1", "us-east-2"}
    assert got.floor == sum(cloudwatch_calls(*place) for place in got.places.values()) == got.cloudwatch_calls
    assert got.throttled == 0


def test_the_formulas_count_the_calls_of_a_run(tmp_path: Path) -> None:
    with SimulatedAccount(30) as account:
        shards.plan(account, tmp_path / "plan-only", 4, "--split-by", "none")
        planned = account.take_counters()
        got = shards.collect(account, tmp_path, 4)
    expected = run_calls(Case(1, 30, 1, history_days=4))
    assert {name: planned.of(name) + got.counters.of(name) for name in expected} == expected


def test_a_company_is_served_at_one_address() -> None:
    with SimulatedAccount.company(2, 3, 1) as account:
        assert account.env["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")


def test_the_script_for_small_accounts_sends_the_requests_of_the_monitor() -> None:
    with SimulatedAccount(5) as account:
        process.run("-m", "bench.baseline_small", env=account.env)
        script = account.take_counters().calls
        process.run("-m", "s3_monitor", "-q", env=account.env)
        monitor = account.take_counters().calls
    planning = {"GetCallerIdentity", "ListBuckets", "ListDirectoryBuckets"}
    assert {name: calls for name, calls in script.items() if name not in planning} == {
        name: calls for name, calls in monitor.items() if name not in planning
    }


@pytest.mark.parametrize("script", ["bench.baseline_per_bucket", "bench.baseline_batched"])
def test_the_compared_scripts_find_every_bucket(script: str) -> None:
    with SimulatedAccount(5, 2) as account:
        used = process.run("-m", script, env=account.env)
        counters = account.take_counters()
    assert len(json.loads(used.out)) == 5
    assert counters.throttled == 0
    # Per bucket: a location, eight storage types, an object count and a listing.
    assert counters.total == (1 + 5 * 11 if script == "bench.baseline_per_bucket" else counters.total)


def test_the_lower_bound_of_aggregate_has_its_four_parts(tmp_path: Path) -> None:
    process.run("-m", "bench.parts", tmp_path, "--buckets", 40, "--parts", 3, "--history-days", 5)
    parts = ("--plan", tmp_path / "plan" / "plan.json", "--parts", tmp_path / "parts", "--out", tmp_path / "report")
    assert process.run("aggregate.py", *parts, "--data-only").status == 0
    floor = json.loads(process.run("-m", "bench.codec_baseline", tmp_path).out)
    assert floor.keys() == {"decode", "encode", "indent", "rows"}
    assert all(seconds >= 0 for seconds in floor.values())


def test_a_program_that_fails_ends_the_measurement() -> None:
    with pytest.raises(RuntimeError, match="exit status 2"):
        process.run("-m", "s3_monitor", "--no-such-option")


@pytest.fixture
def bench() -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bench", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    return run


def test_the_command_lists_its_measurements(bench: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = bench("--list")
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()][:3] == ["worker", "start", "small"]


@pytest.mark.parametrize("arguments", [("--quick", "--record"), ("no-such",)])
def test_the_command_rejects_options_that_exclude_each_other_and_unknown_names(
    bench: Callable[..., subprocess.CompletedProcess[str]], arguments: tuple[str, ...]
) -> None:
    assert bench(*arguments).returncode == 2


def test_one_measurement_is_run_by_its_name(bench: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = bench("--quick", "plan")
    assert "plan of 2,000 buckets" in done.stdout, done.stderr
    assert done.returncode in (0, 1)  # limits depend on the machine
