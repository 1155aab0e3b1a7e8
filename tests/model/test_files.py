"""Files between programs are complete or absent, and errors name an invalid one."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from s3_monitor.model import part, plan
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.files import LARGEST, descriptor_of, read_bytes, shortened


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"{", "is not a part"),
        (b'{"format": 1, "shard": "a"', "is not a part"),
        (b"[1, 2]", "is not a part"),
        (b'{"shard": "a"}', "no format number"),
        (b'{"format": 99}', "format must be at most 3, got 99"),
        (b'{"shard": "a", "format": 99}\n', "format must be at most 3, got 99"),
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
    with pytest.raises(InvalidFileError, match=complaint) as raised:
        part.read(path)
    assert "eu-west-1.json" in str(raised.value)
    assert raised.value.advice


def test_a_missing_plan_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(InvalidFileError, match=r"plan\.json: cannot be read"):
        plan.read(tmp_path / "plan.json", datetime(2026, 11, 22, tzinfo=UTC))


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX files")
@pytest.mark.parametrize("kind", ["pipe", "folder", "socket", "device"])
def test_what_is_not_a_regular_file_is_refused_by_name_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.json"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(os.path.relpath(path))
    with pytest.raises(InvalidFileError, match=rf"x\.json: must be a regular file, got a {kind}"):
        read_bytes(path, "advice")


def test_a_file_beyond_the_limit_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(InvalidFileError, match=r"x\.json: is larger than 2,048 MiB"):
        read_bytes(path, "advice")


def test_a_limit_is_the_largest_size_that_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"12345")
    assert read_bytes(path, "advice", largest=5) == b"12345"
    with pytest.raises(InvalidFileError, match=r"x\.json: is larger than 0 MiB"):
        read_bytes(path, "advice", largest=4)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
@pytest.mark.parametrize(("largest", "is_read"), [(5, True), (4, False)])
def test_the_limit_holds_for_pipes_too(largest: int, is_read: bool) -> None:
    reader, writer = os.pipe()
    os.write(writer, b"12345")
    os.close(writer)
    if is_read:
        assert read_bytes(Path(f"/dev/fd/{reader}"), "advice", largest=largest) == b"12345"
    else:
        with pytest.raises(InvalidFileError, match="a pipe: is larger"):
            read_bytes(Path(f"/dev/fd/{reader}"), "advice", name="a pipe", largest=largest)
    os.close(reader)


@pytest.mark.parametrize(
    ("path", "descriptor"),
    [("/dev/fd/7", 7), ("/dev/fd/x", None), ("/dev/7", None), ("7", None), ("/proc/self/fd/3", 3)],
)
def test_descriptors_are_read_by_their_number(path: str, descriptor: int | None) -> None:
    if path.startswith("/proc") and not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc")
    assert descriptor_of(Path(path)) == descriptor


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a" * 60, f"'{'a' * 60}'"), ("a" * 61, f"'{'a' * 59}…'"), ("\x1b", r"'\x1b'"), ("", "''")],
)
def test_text_of_a_file_is_quoted_and_at_most_60_characters_long(text: str, shown: str) -> None:
    assert shortened(text) == shown
    assert shortened("abcdef", 5) == "'abcd…'"


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_a_pipe_that_is_open_already_is_read_to_its_end() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"content")
    os.close(writer)
    assert read_bytes(Path(f"/dev/fd/{reader}"), "advice") == b"content"
    os.close(reader)
