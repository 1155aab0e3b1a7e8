"""An invalid plan.json is rejected with one line that names the file and the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from s3_monitor.model import plan as plans
from s3_monitor.model import plan_folder
from s3_monitor.model.errors import InvalidFileError
from tests.plan.company import NOW, plan

Path_ = tuple[str | int, ...]
UNIT: Path_ = ("shards", 0, "units", 0)
HUGE = 10**30


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("window", "days"), 10**9, "$.window.days"),
        (("window", "days"), 0, "$.window.days"),
        (("window", "days"), 3, "window"),
        (("window", "first"), "9999-12-31", "window"),
        (("window", "first"), "0001-01-01", "window"),
        (("as_of",), "2026-11-22T03:04:05", "$.as_of"),
        (("selection", "max_shards"), HUGE, "$.selection.max_shards"),
        (("selection", "history_days"), -1, "$.selection.history_days"),
        (("selection", "history_days"), 456, "$.selection.history_days"),
        (("listing", "max_objects"), HUGE, "$.listing.max_objects"),
        (("listing", "max_requests"), -1, "$.listing.max_requests"),
        (("listing", "mode"), "x" * 100_000, "$.listing.mode"),
        (("objects", "depth"), 11, "$.objects.depth"),
        (("objects", "top"), 0, "$.objects.top"),
        (("objects", "inventory", "max_usd"), 1e308, "$.objects.inventory.max_usd"),
        (("objects", "inventory", "max_usd"), -1, "$.objects.inventory.max_usd"),
        (("quotas", "list_metrics"), 0, "$.quotas.list_metrics"),
        (("report", "top"), HUGE, "$.report.top"),
        (("calls", "metrics"), -1, "$.calls.metrics"),
        (("shards",), [], "shards"),
        (("shards", 0, "name"), "../../etc/passwd", "a name must match"),
        (("shards", 0, "name"), "A" * 100_000, "a name must match"),
        (("shards", 0, "timeout_minutes"), HUGE, "$.shards[0].timeout_minutes"),
        (("shards", 0, "agent"), "a\tb", "agent"),
        ((*UNIT, "access"), 1, "access"),
        ((*UNIT, "access"), -1, "access"),
        ((*UNIT, "account"), "../x", "account"),
        ((*UNIT, "region"), "us-east-1.evil.example/", "region"),
        ((*UNIT, "weight"), HUGE, "weight"),
    ],
)
def test_a_value_out_of_bounds_is_named(tmp_path: Path, path: Path_, value: Any, field: str) -> None:
    assert field in rejection(tmp_path, changed(path, value))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format": 1, "shards": ' + b"[" * 100_000,
        b'{"format": 1, "tool": "\\ud800"}',
        b'{"format": 99999999999999999999}',
        b'{"format": -1}',
        b'{"format": 1, "x": "\x1b[31m"}',
    ],
)
def test_content_that_is_no_plan_is_named(tmp_path: Path, content: bytes) -> None:
    assert "plan" in rejection(tmp_path, lambda _: content)


def test_two_shards_or_units_of_one_name_are_rejected(tmp_path: Path) -> None:
    def twice(content: bytes) -> bytes:
        values = json.loads(content)
        values["shards"] += values["shards"][:1]
        return json.dumps(values).encode()

    assert "occurs twice" in rejection(tmp_path, twice)


def changed(path: Path_, value: Any) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        values = json.loads(content)
        place = values
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        return json.dumps(values).encode()

    return change


def rejection(folder: Path, change: Callable[[bytes], bytes]) -> str:
    """Return the message with which a changed plan.json is rejected."""
    plan_folder.write(plan(), folder)
    path = folder / "plan.json"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InvalidFileError) as raised:
        plans.read(path, NOW)
    message = str(raised.value)
    assert message.startswith(f"{path}: ")
    assert len(message) < len(str(path)) + 400
    assert message.isprintable()
    return message
