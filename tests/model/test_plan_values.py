"""An invalid plan.json is rejected with one line that names the file and the field."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from s3_monitor.model import plan as plans
from s3_monitor.model import plan_folder
from s3_monitor.model.bucket_config import ALL_PROPERTIES
from s3_monitor.model.errors import InvalidFileError
from tests.plan.company import NOW, plan

Path_ = tuple[str | int, ...]
UNIT: Path_ = ("shards", 0, "units", 0)
HUGE = 10**30
BILL = {"access": 0, "partition": "aws", "accounts": [], "start": "2026-10-01", "end": "2026-11-22"}


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
        (("shards", 0, "credentials"), "a\nb", "credentials"),
        (("shards", 0, "bill"), BILL | {"access": 1}, "bill.access"),
        (("shards", 0, "bill"), BILL | {"start": "2026-10-02"}, "bill.start"),
        (("shards", 0, "bill"), BILL | {"start": "1969-12-01"}, "bill.start"),
        (("shards", 0, "bill"), BILL | {"end": "2100-01-01"}, "bill.start"),
        (("shards", 0, "lens"), {"access": 1, "export": {"bucket": "b", "config": "c"}}, "lens.access"),
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


def test_a_bill_of_the_only_access_is_valid(tmp_path: Path) -> None:
    plan_folder.write(plan(), tmp_path)
    path = tmp_path / "plan.json"
    lens = {"access": 0, "export": {"bucket": "b", "config": "c"}}
    for name, value in (("bill", BILL), ("lens", lens)):
        path.write_bytes(changed(("shards", 0, name), value)(path.read_bytes()))
        assert plans.read(path, NOW)[0].shards[0] is not None


@pytest.mark.parametrize("what", ["shard", "unit of another shard", "unit of the same shard"])
def test_every_shard_and_unit_has_its_own_name(tmp_path: Path, what: str) -> None:
    def twice(content: bytes) -> bytes:
        values = json.loads(content)
        first = values["shards"][0]
        if what == "unit of the same shard":
            first["units"] += first["units"][:1]
        elif what == "shard":
            values["shards"].append(first | {"units": []})
        else:
            values["shards"].append(first | {"name": "another"})
        return json.dumps(values).encode()

    assert "occurs twice" in rejection(tmp_path, twice)


@pytest.mark.parametrize(("days", "is_valid"), [(454, True), (456, True), (457, False)])
def test_a_plan_is_collected_while_cloudwatch_has_its_data(days: int, is_valid: bool) -> None:
    later = NOW + timedelta(days=days)
    if is_valid:
        plans.check_retention(plan(), "plan.json", later)
        return
    with pytest.raises(InvalidFileError, match=r"plan\.json: as_of must be .* or later.*, got 2026-11-22T03:04:05"):
        plans.check_retention(plan(), "plan.json", later)


@pytest.mark.parametrize(
    ("choices", "properties"),
    [({}, ()), ({"requests": True}, ("metrics",)), ({"details": True}, ALL_PROPERTIES),
     ({"details": True, "requests": True}, ALL_PROPERTIES)],
)  # fmt: skip
def test_a_plan_requests_the_properties_of_its_options(choices: dict[str, bool], properties: tuple[str, ...]) -> None:
    assert msgspec.structs.replace(plan(), **choices).properties == properties


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
