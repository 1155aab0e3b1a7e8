"""Files between programs are whole or absent, and a bad one is named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from s3_monitor.model import part, plan
from s3_monitor.model.failure import BadFile
from s3_monitor.model.files import write_atomically


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"{", "is not a part"),
        (b'{"format": 1, "shard": "a"', "is not a part"),
        (b"[1, 2]", "is not a part"),
        (b'{"shard": "a"}', "no format number"),
        (b'{"format": 99}', "has format 99"),
        (b'{"shard": "a", "format": 99}\n', "has format 99"),
        (b'{"shard": "a", "format": 3e0}', "Expected `int`|missing required field"),
        (b'{"shard": ",\\"format\\":3}"}', "no format number"),
        (b'{"problems": [{"format": 3}]}', "no format number"),
        (b'{"format": 3}', "missing required field"),
        (b'{"format": 1}', "an older version wrote it"),
        (b'{"format": 2}', "an older version wrote it"),
        (b'{"format": 3, "shard": 7}', "Expected `str`"),
        (b"\xff\xfe\x00", "is not a part"),
        (b'{"format": 3, "shard": "\xff"}', "is not a part"),
        (b'{"format": 1, "shard": ' + b"[" * 100_000, "is not a part"),
    ],
)
def test_a_bad_part_is_refused_by_name(tmp_path: Path, content: bytes, complaint: str) -> None:
    path = tmp_path / "eu-west-1.json"
    path.write_bytes(content)
    with pytest.raises(BadFile, match=complaint) as raised:
        part.read(path)
    assert "eu-west-1.json" in str(raised.value)
    assert raised.value.advice


def test_a_missing_plan_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=r"plan\.json: cannot be read"):
        plan.read(tmp_path / "plan.json", datetime(2026, 11, 22, tzinfo=UTC))


def test_a_file_that_cannot_be_finished_leaves_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]
