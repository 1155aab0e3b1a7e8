"""Parts in a folder are found, read and checked; an unusable part is a gap, and the merge continues."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from s3_monitor.merge.merger import merge
from s3_monitor.merge.parts import read_parts
from s3_monitor.model import part as parts
from s3_monitor.model import plan as plans
from s3_monitor.model import plan_folder
from s3_monitor.model.part import seal
from s3_monitor.model.plan import Plan
from tests.merge.fixtures import LAST, Truth, digest, part, plan, unit

PLAN = plan([unit("one", buckets=["a*", "b*", "y"])], [unit("other", region="eu-west-1")])
BUCKETS = [
    Truth("a", {"StandardStorage": {LAST: 7.0, LAST - 1: 6.0}}, {LAST: 1}),
    Truth("b", {"StandardStorage": {LAST: 7.0}, "StandardIAStorage": {LAST: 1.5}}),
    Truth("e", region="eu-west-1"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write two valid parts."""
    for name in ("s0", "s1"):
        parts.write(part(PLAN, name, BUCKETS), tmp_path / "parts" / f"{name}.json")
    return tmp_path / "parts"


def gaps(folder: Path, plan_: Plan = PLAN) -> list[tuple[str, str]]:
    facts = merge(plan_, digest(plan_), read_parts(folder))
    return [(problem.code, problem.message) for problem in facts.problems if problem.severity == "gap"]


def test_valid_parts_leave_no_gap(folder: Path) -> None:
    assert gaps(folder) == []


def test_parts_are_found_in_the_folder_and_one_below(folder: Path) -> None:
    (folder / "agent-7").mkdir()
    (folder / "s1.json").rename(folder / "agent-7" / "s1.json")
    (folder / ".s9.json.x.tmp").write_text("half")
    (folder / "readme.txt").write_text("no part")
    assert gaps(folder) == []


def test_a_missing_folder_has_no_parts(tmp_path: Path) -> None:
    assert list(read_parts(tmp_path / "none")) == []


def edited(folder: Path, edit: Any) -> None:
    """Change shard s0's part as JSON, and seal it again: the digest does not identify the program."""
    path = folder / "s0.json"
    content = json.loads(path.read_bytes()) | {"digest": ""}
    edit(content)
    path.write_bytes(seal(json.dumps(content, separators=(",", ":")).encode()))


def bucket(content: Any, index: int = 0) -> Any:
    return content["units"][0]["buckets"][index]


def change(path: list[Any], value: Any) -> Any:
    def edit(content: Any) -> None:
        for step in path[:-1]:
            content = content[step]
        content[path[-1]] = value

    return edit


def base64(width: int, days: int, bits: bytes) -> str:
    """Encode a packed history as in a file."""
    return b64encode((width << 9 | days).to_bytes(2, "big") + bits).decode()


BUCKET = ["units", 0, "buckets", 0]  # [name, created, listed, [[type, [day, value, older]]], count, listing]
SERIES = [*BUCKET, 3, 0, 1]
OBJECTS = ["units", 0, "objects"]
NONE: list[Any] = [[0, 0]] * 8
SEEN = {"source": "listing", "at": 1, "complete": True, "current": [0, 0], "classes": {}, "sizes": NONE, "ages": NONE}


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        (change(["plan"], "0" * 64), "belongs to another plan"),
        (change(["shard"], "s7"), "belongs to shard 's7', which is not in the plan"),
        (change(["format"], 4), "format must be at most 3, got 4"),
        (change(["format"], 2), "format must be at least 3, got 2"),
        (change(["format"], 1), "format must be at least 3, got 1"),
        (change(["format"], 0), "is not a part"),
        (change(["window", "days"], 9), "has other days"),
        (change(["units", 0, "unit"], "someone's"), 'has unit "someone\'s"'),
        (change(["units", 0, "account"], "999999999999"), "another account or region"),
        (change(["units", 0, "region"], "eu-west-1"), "another account or region"),
        (change(["types"], ["StandardStorage", "StandardStorage"]), "has a duplicate storage type"),
        (change(["usd"], "1e999999999"), "usd must be a number of dollars, got '1E+999999999'"),
        (change(["usd"], "1e-999999999"), "usd must be a number of dollars"),
        (change(["usd"], "NaN"), "usd must be a number of dollars"),
        (change(["usd"], -1), "usd must be a number of dollars"),
        (change([*BUCKET, 0], "z"), "buckets out of order or duplicate"),
        (change([*BUCKET, 0], "b"), "buckets out of order or duplicate"),
        (change([*BUCKET, 0], "Z"), "a bucket that was not requested"),
        (change([*BUCKET, 0], None), "is not a part"),
        (change([*BUCKET, 1], -1), "is not a part"),
        (change([*BUCKET, 1], 10**12), "is not a part"),
        (change([*BUCKET, 5], [10**12, 1]), "is not a part"),
        (change([*BUCKET, 5], [1, -1]), "is not a part"),
        (change([*BUCKET, 3, 0, 0], 2), "a storage type without a name"),
        (change([*BUCKET, 3, 0, 0], -1), "is not a part"),
        (change(["units", 0, "buckets", 1, 3, 0, 0], 0), "storage types out of order or duplicate"),
        (change(["types"], ["StandardStorage", "ZebraStorage"]), "storage types out of order or duplicate"),
        (change([*SERIES, 0], 7), "a day outside the window"),
        (change([*SERIES, 0], -2), "is not a part"),
        (change([*SERIES, 1], -1), "is not a part"),
        (change([*SERIES, 1], 10**30), "is not a part"),
        (change([*SERIES, 1], 1e30), "is not a part"),
        (change([*SERIES, 1], "much"), "is not a part"),
        (change([*SERIES, 2], [0] * 6), "points before the window"),
        (change([*SERIES, 2], ["x"]), "is not a part"),
        (change([*SERIES, 2], {"a": 1}), "is not a part"),
        (change([*SERIES, 2], [[1]]), "is not a part"),
        (change([*SERIES, 2], [10**30]), "is not a part"),
        (change([*SERIES, 2], [-0.5]), "is not a part"),
        (change([*SERIES, 2], "no base64!"), "is not a part"),
        (change([*SERIES, 2], base64(2, 6, b"\xff\xff")), "points before the window"),
        (change([*SERIES, 2], base64(2, 4, b"\xff\xff")), "a wrong number of points"),
        (change([*SERIES, 2], base64(9, 3, b"\xff")), "a wrong number of points"),
        (change([*SERIES, 2], base64(0, 3, b"")), "a wrong number of points"),
        (change([*SERIES, 2], base64(127, 1, b"\xff" * 16)), "a wrong number of points"),
        (change([*SERIES, 2], "AA=="), "a wrong number of points"),
        (change(SERIES, [-1, 0, base64(1, 1, b"\xff")]), "points before the window"),
        (change(SERIES, [-1, 0, [1]]), "points before the window"),
        (change([*BUCKET, 4], [9, 1, []]), "a day outside the window"),
        (change(OBJECTS, [["a", {**SEEN, "at": 10**12}]]), "is not a part"),
        (change(OBJECTS, [["a", {**SEEN, "newest": -1}]]), "is not a part"),
        (change(OBJECTS, [["a", {**SEEN, "current": [-1, 0]}]]), "is not a part"),
        (change(OBJECTS, [["a", {**SEEN, "current": [1, 10**40]}]]), "is not a part"),
        (change(OBJECTS, [["a", {**SEEN, "sizes": []}]]), "other bins of sizes and ages"),
        (change(OBJECTS, [["a", {**SEEN, "ages": [[0, 0]]}]]), "other bins of sizes and ages"),
        (change(OBJECTS, [["nobody", SEEN]]), "a bucket that is not in the unit"),
        (change(OBJECTS, [["a", SEEN], ["a", SEEN]]), "objects out of order or duplicate"),
    ],
)
def test_an_invalid_part_is_a_gap_that_names_its_file(folder: Path, edit: Any, what: str) -> None:
    edited(folder, edit)
    found = dict(gaps(folder))
    assert found["part-invalid"].startswith("Could not use parts/s0.json: ") and what in found["part-invalid"]
    facts = merge(PLAN, digest(PLAN), read_parts(folder))
    assert [(line.name, line.status) for line in facts.shards] == [("s0", "invalid"), ("s1", "complete")]
    assert [record.name for record in facts.buckets] == ["e"]  # the rest is there


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"null", b"[" * 100_000, b'{"format": 1}'])
def test_a_file_that_is_not_a_part_is_a_gap_that_names_it(folder: Path, content: bytes) -> None:
    (folder / "s0.json").write_bytes(content)
    assert dict(gaps(folder))["part-invalid"].startswith("Could not use parts/s0.json: ")


@pytest.mark.parametrize(("name", "shard"), [("s0.json", "s0"), ("notes.json", None)])
def test_a_gap_names_the_shard_only_if_the_plan_has_it(folder: Path, name: str, shard: str | None) -> None:
    (folder / name).write_bytes(b"{}")
    facts = merge(PLAN, digest(PLAN), read_parts(folder))
    (gap,) = [problem for problem in facts.problems if problem.code == "part-invalid"]
    assert gap.shard == shard


@pytest.mark.parametrize("kept", [1, 40, 200, -1])
def test_a_truncated_part_is_a_gap_that_names_its_file(folder: Path, kept: int) -> None:
    path = folder / "s0.json"
    path.write_bytes(path.read_bytes()[:kept])
    assert dict(gaps(folder))["part-invalid"].startswith("Could not use parts/s0.json: ")


def test_a_folder_named_like_a_part_is_a_gap(folder: Path) -> None:
    (folder / "s0.json").unlink()
    (folder / "s0.json").mkdir()
    assert "must be a regular file, got a folder" in dict(gaps(folder))["part-invalid"]


def test_a_copy_is_a_note_and_a_damaged_copy_a_gap(folder: Path) -> None:
    (folder / "s0-copy.json").write_bytes((folder / "s0.json").read_bytes())
    assert gaps(folder) == []
    (folder / "s0-copy.json").write_bytes(b"{")
    ((code, message),) = gaps(folder)
    assert code == "part-invalid" and message.startswith("Could not use parts/s0-copy.json: ")
    facts = merge(PLAN, digest(PLAN), read_parts(folder))
    assert [line.status for line in facts.shards] == ["complete", "complete"]


def test_a_history_below_zero_does_not_stop_the_merge(folder: Path) -> None:
    """A history is unpacked only to merge two results, or if a count is later than the bytes."""
    twice = plan([unit("a")], [unit("b")])
    for name in ("s0", "s1"):
        made = part(twice, name, [Truth("x", {"StandardStorage": {LAST: 7.0 if name == "s0" else 8.0}})])
        parts.write(made, folder / f"{name}.json")
    edited(folder, change([*SERIES, 2], [-100]))
    facts = merge(twice, digest(twice), read_parts(folder))
    assert [record.lines for record in facts.buckets] == [{"StandardStorage": 8}]
    assert "history-invalid" in {problem.code for problem in facts.problems}


def test_the_digest_is_that_of_the_plan_file(tmp_path: Path) -> None:
    plan_folder.write(PLAN, tmp_path)
    read, its_digest = plans.read(tmp_path / "plan.json", PLAN.as_of)
    assert (read, its_digest) == (PLAN, digest(PLAN))
