"""Missing figures through all programs: states, exit statuses, splits and comparisons."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from s3_monitor.simulator import Bucket, ObjectList, Simulator
from s3_monitor.simulator.accounts import Series, make_account
from tests.e2e.conftest import Program

TODAY = datetime.now(UTC).date()
NEWEST = TODAY.toordinal() - 1
OLD = datetime(2020, 5, 4, tzinfo=UTC)
GIB = 2**30
S, IA = "StandardStorage", "StandardIAStorage"


def bucket(
    name: str, *, ended: int = 0, types: tuple[str, ...] = (S,), region: str = "us-east-1", **more: Any
) -> Bucket:
    """40 GiB of each storage type, until a number of days before the newest figures."""
    last = NEWEST - ended
    sizes = {type_: Series(last - 60, last, 40 * GIB) for type_ in types}
    return Bucket(name, region, OLD, sizes, Series(last - 60, last, 7), **({"objects": ObjectList(7, OLD)} | more))


BUCKETS = [
    bucket("current", types=(S, IA)),
    bucket("emptied", ended=5, types=(S, IA), objects=ObjectList()),
    bucket("emptied-today", objects=ObjectList()),
    bucket("refilled", ended=5),  # a listing finds objects
    Bucket("no-bytes", "us-east-1", OLD, {}, Series(NEWEST - 60, NEWEST, 7), ObjectList(7, OLD)),
    Bucket("empty", "us-east-1", OLD),
    Bucket("young", "us-east-1", datetime.now(UTC) - timedelta(hours=2)),
]
STATES = {
    "current": "measured",
    "emptied": "emptied",
    "emptied-today": "emptied",
    "refilled": "no-data",
    "no-bytes": "no-data",
    "empty": "empty",
    "young": "young",
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(make_account("111122223333", BUCKETS), today=TODAY) as running:
        yield running


def report(out: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    folder = out / "report"
    buckets = {one["name"]: one for one in json.loads((folder / "buckets.json").read_bytes())}
    return buckets, json.loads((folder / "summary.json").read_bytes())


def test_every_state_has_its_figures_in_every_output(monitor: Program, simulator: Simulator, tmp_path: Path) -> None:
    done = monitor("run", "--out", tmp_path / "out", env=simulator.env())
    assert done.status == 0, done.err
    buckets, summary = report(tmp_path / "out")
    assert {name: one["state"] for name, one in buckets.items()} == STATES
    for name, one in buckets.items():
        size = {"measured": 80.0 * GIB, "emptied": 0.0, "empty": 0.0}.get(one["state"])
        assert one["total_size"] == size, name
        assert (one["total_cost"] is None) == (size is None), name
    assert buckets["emptied"]["last_known"]["total_size"] == 80 * GIB
    assert (summary["totals"]["size"], summary["totals"]["unknown_buckets"]) == (80 * GIB, 3)
    assert [one["name"] for one in summary["emptied"]] == ["emptied", "emptied-today"]
    rows = csv.DictReader(io.StringIO((tmp_path / "out" / "report" / "buckets.csv").read_text()))
    assert {row["name"]: (row["state"], row["total_size"]) for row in rows} == {
        name: (state, {"measured": str(80 * GIB), "emptied": "0", "empty": "0"}.get(state, ""))
        for name, state in STATES.items()
    }
    page = (tmp_path / "out" / "report" / "buckets" / "cost.html").read_text()
    assert page.count(">emptied</span>") == 2


@pytest.mark.parametrize("split", ["storage-type", "none"])
def test_a_split_gives_the_same_bytes(monitor: Program, simulator: Simulator, tmp_path: Path, split: str) -> None:
    for name, options in (("one", ()), ("other", ("--split-by", split, "--max-shards", 3))):
        assert monitor("run", *options, "--out", tmp_path / name, env=simulator.env()).status == 0
    one, other = ((tmp_path / name / "report" / "buckets.json").read_bytes() for name in ("one", "other"))
    assert one == other


def test_a_selection_of_types_leaves_out_what_ended(monitor: Program, simulator: Simulator) -> None:
    done = monitor("-s", IA, env=simulator.env())
    assert {one["name"]: one["state"] for one in done.json} == {"current": "measured", "emptied": "emptied"}


def test_what_was_emptied_since_the_earlier_report_is_a_cause_of_the_change(monitor: Program, tmp_path: Path) -> None:
    held = make_account("111122223333", [bucket("current"), bucket("was")])
    with Simulator(held, today=TODAY) as simulator:
        assert monitor("run", "--out", tmp_path / "then", env=simulator.env()).status == 0
    gone = make_account("111122223333", [bucket("current"), bucket("was", objects=ObjectList())])
    earlier = tmp_path / "then" / "report" / "summary.json"
    with Simulator(gone, today=TODAY) as simulator:
        assert monitor("run", "--out", tmp_path / "now", "--previous", earlier, env=simulator.env()).status == 0
    text = (tmp_path / "now" / "report" / "report.md").read_text()
    assert "−$0.92 from 1 emptied bucket" in text
    assert "emptied: was (last stored 40.0 GiB, $0.92 per month; not included in the totals)" in text


LATE = [bucket("one", ended=7), bucket("two", ended=7, types=(IA,))]


@pytest.mark.parametrize("options", [(), ("-s", S), ("--split-by", "storage-type")], ids=" ".join)
def test_a_cloudwatch_that_is_later_than_the_window_is_a_gap_and_nothing_is_0(
    monitor: Program, tmp_path: Path, options: tuple[str, ...]
) -> None:
    with Simulator(make_account("111122223333", LATE), today=TODAY) as simulator:
        done = monitor("run", "--history-days", 0, *options, "--out", tmp_path / "out", env=simulator.env())
    assert done.status == 3, done.err
    buckets, summary = report(tmp_path / "out")
    assert {(one["state"], one["total_size"], one["total_cost"]) for one in buckets.values()} == {
        ("no-data", None, None)
    }
    assert (summary["totals"]["size"], summary["totals"]["cost"], summary["complete"]) == (None, None, False)
    (gap,) = [one for one in summary["problems"] if one["severity"] == "gap"]
    assert (gap["code"], gap["region"]) == ("region-without-data", "us-east-1")


def test_a_cloudwatch_that_is_late_within_the_window_keeps_its_last_figures(monitor: Program, tmp_path: Path) -> None:
    with Simulator(make_account("111122223333", LATE), today=TODAY) as simulator:
        done = monitor("run", "--out", tmp_path / "out", env=simulator.env())
    assert done.status == 0, done.err
    buckets, summary = report(tmp_path / "out")
    assert {(one["state"], one["total_size"]) for one in buckets.values()} == {("measured", 40.0 * GIB)}
    assert "region-delayed" in {problem["code"] for problem in summary["problems"]}
