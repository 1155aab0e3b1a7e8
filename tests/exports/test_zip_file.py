"""ZIP files of exports: the same content as gzip, with its checksum."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3_monitor.exports.zip_file import convert_to_gzip
from s3_monitor.objects.manifest import InvalidReportError
from tests.exports.billing_files import EVERY_PITFALL, as_csv, as_zip
from tests.exports.months import read

CSV = as_csv("cur", EVERY_PITFALL)
ZIP = as_zip(CSV)


def converted(folder: Path, content: bytes) -> bytes:
    path = folder / "000000"
    path.write_bytes(content)
    convert_to_gzip(path)
    assert list(folder.iterdir()) == [path]
    return path.read_bytes()


@settings(max_examples=20)
@given(st.binary(max_size=5000))
def test_the_content_is_that_of_the_only_member(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("zip")
    assert gzip.decompress(converted(folder, as_zip(gzip.compress(content)))) == content


def test_a_stream_of_unknown_length_is_read(tmp_path: Path) -> None:
    """Java and other writers put the length and checksum behind the data."""

    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

    output = Unseekable()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("all-1.csv", "w") as member:
        member.write(b"a,b\n" * 1000)
    assert gzip.decompress(converted(tmp_path, output.getvalue())) == b"a,b\n" * 1000


def test_a_month_in_zip_is_that_in_gzip(tmp_path: Path) -> None:
    for name in ("zip", "gzip"):
        (tmp_path / name).mkdir()
    assert read(tmp_path / "zip", "cur", [ZIP]) == read(tmp_path / "gzip", "cur", [CSV])


@pytest.mark.parametrize("content", [CSV, b"", b"a,b\n"])
def test_other_files_are_left(tmp_path: Path, content: bytes) -> None:
    assert converted(tmp_path, content) == content


def encrypted(content: bytes) -> bytes:
    """Set the flag in the header of the only member and in the directory."""
    local, central = content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8
    changed = bytearray(content)
    changed[local] |= 1
    changed[central] |= 1
    return bytes(changed)


def oversized(content: bytes) -> bytes:
    """Return a ZIP file that claims a directory of 2 MB, and has it."""
    end = content.index(b"PK\x05\x06")
    size = (2 << 20).to_bytes(4, "little")
    return content[:end] + bytes(2 << 20) + content[end : end + 12] + size + content[end + 16 :]


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        (as_zip(CSV, "a.csv", "b.csv"), "must contain one file, got 2"),
        (encrypted(ZIP), "must not be encrypted"),
        (as_zip(CSV, method=zipfile.ZIP_BZIP2), "must be compressed with Deflate .8., got 12"),
        (as_zip(CSV, method=zipfile.ZIP_STORED), "must be compressed with Deflate .8., got 0"),
        (ZIP[:-30], "not a valid ZIP file"),
        (ZIP[:100], "not a valid ZIP file"),
        (oversized(ZIP), "its directory is too large"),
    ],
    ids=["several", "encrypted", "bzip2", "stored", "truncated", "header", "directory"],
)
def test_a_zip_file_that_cannot_be_read_is_a_named_error(tmp_path: Path, damaged: bytes, message: str) -> None:
    (tmp_path / "x").write_bytes(damaged)
    with pytest.raises(InvalidReportError, match=message):
        convert_to_gzip(tmp_path / "x")


@pytest.mark.parametrize("place", [0.3, 0.6])
def test_a_damaged_content_is_an_error(tmp_path: Path, place: float) -> None:
    damaged: Any = bytearray(ZIP)
    damaged[int(len(ZIP) * place)] ^= 0xFF
    with pytest.raises(InvalidReportError):
        read(tmp_path, "cur", [bytes(damaged)])
