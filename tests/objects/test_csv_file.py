"""A gzipped CSV file is read to its last line, or the report is rejected."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from s3_monitor.objects import csv_file, duckdb_engine
from s3_monitor.objects.inventory_query import InventoryQuery
from s3_monitor.objects.manifest import InvalidReportError
from tests.objects.engines import read_by_duckdb

COLUMNS = ("bucket", "key", "size", "storageclass")
LINE = b'"b","k","5","STANDARD"\n'
BARE = b"b,k,5,STANDARD\n"
LONG = 40 << 20
COMPRESSED = gzip.compress(LINE * 1000, mtime=0)
STORED = gzip.compress(LINE * 9, 0, mtime=0)


def objects(tmp_path: Path, content: bytes, depth: int = 2) -> int:
    path = tmp_path / "data"
    path.write_bytes(content)
    return read_by_duckdb(
        path, "CSV", InventoryQuery(0, COLUMNS, True, depth, 20, bucket="b"), tmp_path
    ).current.objects


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (b"", 0), (LINE * 3, 3), (BARE * 3, 3), ((LINE * 3).rstrip(), 3), ((BARE * 3).rstrip(), 3),
        ((LINE * 3).replace(b"\n", b"\r\n"), 3), (LINE + BARE, 2), (b'"b","k",5,"STANDARD"\n' * 2, 2),
        (b'"b","k","5",\n' * 2, 2), (b'"b","""k""","5","STANDARD"\n', 1), (b'"b","new\nline","5","STANDARD"\n', 1),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_a_complete_file_is_read_with_any_quoting_and_line_ends(tmp_path: Path, text: bytes, rows: int) -> None:
    assert objects(tmp_path, gzip.compress(text)) == rows


def test_a_file_of_several_gzip_members_is_read(tmp_path: Path) -> None:
    assert objects(tmp_path, gzip.compress(LINE * 2) + gzip.compress(LINE * 3)) == 5


@pytest.mark.parametrize(
    "text",
    [
        BARE * 3 + b"b," + b"x" * LONG + b",5,STANDARD\n", BARE * 3 + b"b," + b"x" * LONG + b",5,STANDARD",
        LINE * 3 + b'"b","' + b"x" * LONG + b'","5","STANDARD"\n', b"a" * LONG, LINE * 3 + b"a" * LONG,
        LINE + b"\n\n" + LINE, b"\n\n", LINE + b'"b","k"\n', LINE + b'"b","k","5","STANDARD","more"\n',
        LINE + b'"b","k',
        LINE + b'"b","k"x","5","STANDARD"\n', LINE + b"b\n", LINE + b'"b","\xff","5","STANDARD"\n',
        LINE + b'"b","k\0","5","STANDARD"\n', LINE + b'"b","k","5\0","STANDARD"\n', b'"k","b","5","STANDARD"\n',
        b'"b","k","STANDARD","5"\n', b'"Bucket","Key","Size","StorageClass"\n' + LINE,
        b"\xef\xbb\xbf\xef\xbb\xbf" + LINE,
    ],
    ids=lambda value: f"{len(value)} {value[:60]!r}",
)  # fmt: skip
def test_a_text_without_the_form_of_its_column_is_rejected(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(InvalidReportError):
        objects(tmp_path, gzip.compress(text, 1))


@pytest.mark.parametrize(
    "content",
    [
        b"", LINE, COMPRESSED[:-1], COMPRESSED[:-8], COMPRESSED[:30], COMPRESSED[:5], COMPRESSED + b"garbage",
        COMPRESSED + bytes(512), COMPRESSED[:-4] + b"\0\0\0\0", zlib.compress(LINE),
        gzip.compress(LINE * 3, mtime=0)[:-8] + bytes(8),
        COMPRESSED[:-8] + bytes([COMPRESSED[-8] ^ 1]) + COMPRESSED[-7:],
    ],
    ids=lambda value: f"{len(value)} {value[:8]!r}",
)  # fmt: skip
def test_a_damaged_gzip_file_is_rejected(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidReportError):
        objects(tmp_path, content)


@settings(max_examples=settings.default.max_examples, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([LINE, BARE, b"\n", b"a\n", b'"', b"b,k,5", b"\r\n"]), max_size=8))
@example([LINE, b"b,k,5"])
def test_every_line_is_read_or_the_file_is_rejected(tmp_path: Path, pieces: list[bytes]) -> None:
    text = b"".join(pieces)
    try:
        found = objects(tmp_path, gzip.compress(text), depth=0)
    except InvalidReportError:
        assert set(pieces) - {LINE, BARE} or len(set(pieces)) > 1
    else:
        assert found == len(text.splitlines())


def test_the_damaged_file_among_many_is_named(tmp_path: Path) -> None:
    paths = [tmp_path / str(number) for number in range(4)]
    for path in paths:
        path.write_bytes(gzip.compress(LINE * 3))
    paths[2].write_bytes(gzip.compress(LINE + b'"b","k","-5","STANDARD"\n'))
    question = InventoryQuery(0, COLUMNS, True, 2, 20, bucket="b")
    with pytest.raises(InvalidReportError, match=r"1 of 2 rows do not conform: Size must be .*, got '-5'") as bad:
        duckdb_engine.write_groups(paths, "CSV", question, tmp_path, tmp_path / "groups")
    assert bad.value.file == 2
    assert str(bad.value.in_file(["x/a", "x/b", "x/c.csv.gz", "x/d"])).startswith("c.csv.gz: 1 of 2 rows")


@given(st.integers(0, 8 * len(STORED) - 1))
def test_no_flipped_bit_of_the_content_changes_the_figures(tmp_path_factory: pytest.TempPathFactory, bit: int) -> None:
    """Without compression, each bit belongs to the text, the lengths, the checksum or the header."""
    damaged = bytearray(STORED)
    damaged[bit // 8] ^= 1 << bit % 8
    try:
        found = objects(tmp_path_factory.mktemp("flip"), bytes(damaged))
    except InvalidReportError:
        return
    assert (found, gzip.decompress(damaged)) == (9, LINE * 9)


def test_lines_are_counted_only_where_the_lengths_differ(tmp_path: Path) -> None:
    path = tmp_path / "data"
    text = LINE + b'"b","k2","7",\n'  # null without quotes
    path.write_bytes(gzip.compress(text))
    csv_file.check_rows([path], 17, len(text))  # the rows are not counted
    with pytest.raises(InvalidReportError, match="only 17 of 2 lines could be read"):
        csv_file.check_rows([path], 17, len(text) - 1)


def test_files_are_replaced_by_their_content_up_to_a_limit_and_all_are_verified(tmp_path: Path) -> None:
    text = LINE * 1000
    paths = [tmp_path / str(number) for number in range(2)]
    for path, factor in zip(paths, (1, 2), strict=True):
        path.write_bytes(gzip.compress(text * factor, mtime=0))
    csv_file.decompress(paths, 2 * len(text))
    assert [path.read_bytes() for path in paths] == [text, gzip.compress(text * 2, mtime=0)]
    paths[0].write_bytes(gzip.compress(text)[:-1])
    for most in (0, 1 << 20):
        with pytest.raises(InvalidReportError, match="not a valid gzip file"):
            csv_file.decompress(paths[:1], most)
    assert {path.name for path in tmp_path.iterdir()} == {"0", "1"}
