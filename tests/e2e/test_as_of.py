"""`--as-of` and the `as_of` of a plan.json, as users meet them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from s3_monitor.model import plan_folder
from tests.e2e.conftest import Program
from tests.plan.company import plan


@pytest.mark.parametrize("arguments", [(), ("plan", "--out", "p"), ("run", "--out", "r")])
@pytest.mark.parametrize("as_of", ["0001-01-01", "1969-12-31", "9999-12-31"])
def test_every_command_rejects_such_a_time_with_exit_status_2(
    monitor: Program, tmp_path: Path, arguments: tuple[str, ...], as_of: str
) -> None:
    done = monitor(*arguments, "--as-of", as_of, env={})
    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith("s3-monitor: error: --as-of must")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("as_of", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T00:00:00Z"])
def test_every_command_rejects_a_plan_of_such_a_time(monitor: Program, tmp_path: Path, as_of: str) -> None:
    plan_folder.write(plan(), tmp_path)
    values = json.loads((tmp_path / "plan.json").read_bytes())
    (tmp_path / "plan.json").write_text(json.dumps({**values, "as_of": as_of}), encoding="utf-8")
    for command in (
        ("collect", "--shard", "s3-eu-west-1", "--out", "part.json"),
        ("aggregate", "--parts", ".", "--out", "report"),
    ):
        done = monitor(*command, "--plan", "plan.json", env={})
        assert done.status == 2
        assert done.err.startswith("s3-monitor: error: plan.json: is not a valid plan: as_of must be")
