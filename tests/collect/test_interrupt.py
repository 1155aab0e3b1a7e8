"""After SIGTERM, the real program writes the collected data, even if calls hang."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from s3_monitor.model import part as parts
from s3_monitor.model import plan_folder
from s3_monitor.model.plan import ObjectsRule
from s3_monitor.simulator import Fault, ObjectList, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.collect.fixtures import ACCOUNT, plan_of, unit
from tests.collect.test_shard import OLD, made


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT], ids=lambda signal_: signal_.name)
def test_an_interrupted_program_writes_a_partial_part(tmp_path: Path, signal_: signal.Signals) -> None:
    now = datetime.now(UTC)
    today = now.date()
    account = make_account(ACCOUNT, [made("here", today=today), made("there", region="eu-west-1", today=today)])
    units = [unit("us-east-1"), unit("eu-west-1")]
    plan = plan_of(units, as_of=now)
    plan_folder.write(plan, tmp_path / "plan")
    fault = Fault("hang", region="eu-west-1", operation="ListMetrics")
    with Simulator(account, today=today, faults=[fault]) as simulator, _collecting(tmp_path, simulator) as program:
        _wait_for(program, lambda: bool(simulator.counters.total("GetMetricData", region="us-east-1").calls))
        _wait_for(program, lambda: bool(simulator.counters.total("ListMetrics", region="eu-west-1").calls))
        program.send_signal(signal_)
        said = program.communicate(timeout=60)[1]
    assert program.returncode == 3, said
    assert "Traceback" not in said
    part = parts.read(tmp_path / "s.json")
    assert part.status == "partial"
    assert {(problem.code, problem.shard) for problem in part.problems} == {("shard-interrupted", "s")}
    assert {problem.region for problem in part.problems} == {"eu-west-1", "us-east-1"}
    there, here = part.units
    assert (here.sizes, there.sizes) == (True, False)
    # The server has sent the points. The program may or may not have read them before the signal.
    assert [bucket.name for bucket in here.buckets] == ["here"]
    assert all(bucket.sizes or ("here", "StandardStorage") in here.unanswered for bucket in here.buckets)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM to send")
def test_an_interrupted_listing_is_a_lower_bound(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    held = made("here", objects=ObjectList(9000, OLD), today=now.date())
    plan = plan_of([unit("us-east-1")], as_of=now, objects=ObjectsRule("listing"))
    plan_folder.write(plan, tmp_path / "plan")
    fault = Fault("hang", operation="ListObjectsV2", after=3)
    account = make_account(ACCOUNT, [held])
    with Simulator(account, today=now.date(), faults=[fault]) as simulator, _collecting(tmp_path, simulator) as program:
        _wait_for(program, lambda: simulator.counters.total("ListObjectsV2").calls > 3)
        program.send_signal(signal.SIGTERM)
        said = program.communicate(timeout=60)[1]
    assert program.returncode == 3, said
    ((name, found),) = parts.read(tmp_path / "s.json").units[0].objects
    assert (name, found.complete, found.cut) == ("here", False, "interrupted")
    assert 1000 <= found.current.objects <= 3000


@contextmanager
def _collecting(folder: Path, simulator: Simulator) -> Iterator[subprocess.Popen[str]]:
    """Start the real program with the plan in the folder; its part is s.json."""
    program = subprocess.Popen(
        [sys.executable, "-m", "s3_monitor", "collect", "--shard", "s",
         "--plan", folder / "plan" / "plan.json", "--out", folder / "s.json"],
        env={**os.environ, **simulator.env()},
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        yield program
    finally:
        program.kill()


def _wait_for(program: subprocess.Popen[str], happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not happened():
        assert program.poll() is None, "the program ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.01)
