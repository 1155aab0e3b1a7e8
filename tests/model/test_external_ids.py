"""plan.json, which is archived, holds no external id; `collect` finds them in a file next to it."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from s3_monitor.model import plan as plans
from s3_monitor.model import plan_folder
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.plan import Access, Plan, Shard
from tests.merge.fixtures import plan, unit

NOW = datetime(2026, 11, 29, tzinfo=UTC)
ROLE = "arn:aws:iam::111122223333:role/reader"
ACCESSES = (Access(role_arn=ROLE, external_id="canary"), Access(profile="lab"), Access(external_id="canary"))
FIRST = msgspec.structs.replace(unit("a"), access=0)
SECOND = msgspec.structs.replace(unit("b", region="eu-west-1"), access=1)


def made(*accesses: Access) -> Plan:
    return msgspec.structs.replace(plan([FIRST], [SECOND]), accesses=accesses)


def collected(folder: Path, name: str) -> Plan:
    """Return the plan as `collect` reads it for a shard."""
    path = folder / "plan.json"
    read, digest = plans.read(path, NOW)
    shard: Shard = read.shard(name)
    return plan_folder.restore_external_ids(read, shard, path, digest)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plan_folder.write(made(*ACCESSES), tmp_path)
    return tmp_path


def test_only_one_file_of_the_folder_holds_external_ids(folder: Path) -> None:
    holding = [path.name for path in folder.iterdir() if b"canary" in path.read_bytes()]
    assert holding == ["external-ids.json"]
    if os.name == "posix":
        assert stat.S_IMODE((folder / "external-ids.json").stat().st_mode) == 0o600


def test_the_file_of_external_ids_has_format_1_and_the_digest_of_its_plan(folder: Path) -> None:
    content = (folder / "plan.json").read_bytes()
    assert msgspec.json.decode((folder / "external-ids.json").read_bytes()) == {
        "plan": plans.digest(content), "ids": {"#0": "canary", "#2": "canary"}, "format": 1,
    }  # fmt: skip


def test_a_shard_gets_the_ids_of_its_own_accesses_only(folder: Path) -> None:
    assert collected(folder, "s0").accesses == (ACCESSES[0], ACCESSES[1], Access(external_id="#2"))


def test_a_shard_without_external_ids_does_not_need_the_file(folder: Path) -> None:
    (folder / "external-ids.json").unlink()
    assert collected(folder, "s1").accesses[1] == ACCESSES[1]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (None, "external-ids.json: cannot be read"),
        (b"", "is empty"),
        (b'{"plan": "0", "ids": {"#0": "x"}, "format": 1}', "belongs to another plan"),
    ],
)
def test_a_missing_or_foreign_file_is_refused_with_advice(folder: Path, content: bytes | None, what: str) -> None:
    path = folder / "external-ids.json"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(InvalidFileError, match=what) as raised:
        collected(folder, "s0")
    assert "next to plan.json" in raised.value.advice


def test_a_plan_without_external_ids_removes_those_of_an_earlier_one(folder: Path) -> None:
    plan_folder.write(made(*ACCESSES[1:2], Access()), folder)
    assert sorted(path.name for path in folder.iterdir()) == ["plan.json", "shards.tsv"]
