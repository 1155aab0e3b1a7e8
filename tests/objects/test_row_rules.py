"""If a row breaks a rule of its columns, the report is rejected with the column, rule and value."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.objects.inventory_query import InventoryQuery
from s3_monitor.objects.manifest import Format, InvalidReportError
from s3_monitor.objects.row_rules import MAX_OBJECT_SIZE
from tests.objects import reports
from tests.objects.engines import read_by_athena, read_by_duckdb

AT = int(datetime(2026, 11, 21, 1, 0, 30, tzinfo=UTC).timestamp())
NAMES = ["Bucket", "Key", "IsLatest", "IsDeleteMarker", "Size", "LastModifiedDate", "StorageClass", "EncryptionStatus"]
COLUMNS = tuple(name.lower() for name in NAMES)
GOOD = {
    "Bucket": "b",
    "Key": "a/k",
    "IsLatest": "true",
    "IsDeleteMarker": "false",
    "Size": "5",
    "LastModifiedDate": "2026-01-02T03:04:05.000Z",
    "StorageClass": "STANDARD",
    "EncryptionStatus": "SSE-S3",
}
Reader = Callable[[Path, Format, InventoryQuery, Path], ObjectStats]
ENGINES = pytest.mark.parametrize("read", [read_by_duckdb, read_by_athena], ids=["duckdb", "athena"])


def question(format_: Format, **changes: Any) -> InventoryQuery:
    return InventoryQuery(AT, COLUMNS, format_ == "CSV", 2, 20, bucket="b")._replace(**changes)


def csv(*rows: dict[str, str]) -> bytes:
    return gzip.compress("".join(",".join(f'"{row[name]}"' for name in NAMES) + "\n" for row in rows).encode())


def csv_read(read: Reader, tmp_path: Path, *rows: dict[str, str], **changes: Any) -> ObjectStats:
    path = tmp_path / "data"
    path.write_bytes(csv(*rows))
    return read(path, "CSV", question("CSV", **changes), tmp_path)


BAD_TEXTS = [
    *(("Size", text) for text in ("-5", "1.5", "1e3", "0x10", "", " 5", "5 ", "+5", "1_000", "05", "five", "9" * 30)),
    *(("Size", str(size)) for size in (MAX_OBJECT_SIZE + 1, 2**63 - 1, 2**63)),
    *(
        ("LastModifiedDate", text)
        for text in (
            *("1969-12-31T23:59:59.999Z", "1601-01-01T00:00:00.000Z", "0001-01-01T00:00:00Z"),
            *("2026-11-24T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2026-13-01T00:00:00.000Z"),
            *("2026-02-30T00:00:00.000Z", "2026-01-02", "2026-01-02 03:04:05", "20260102T030405Z", "1767323045"),
            *("", "yesterday", "infinity", "epoch", "02/01/2026T03:04:05Z"),
        )
    ),
    *(("IsLatest", text) for text in ("", "t", "1", "0", "yes", "no", "null", "True ", "wahr")),
    *(("IsDeleteMarker", text) for text in ("", "f", "2", "falsch")),
    *(("Bucket", text) for text in ("", "another", "B", "b ")),
    *(("Key", text) for text in ("", "k" * 1025, "%zz", "a%", "a%4", "%ff", "%c3%28", "a%ED%A0%80")),
    *(("StorageClass", text) for text in ("standard", "5d41402abc4b2a76b9719d911017c592", "A B", "A:B", "X" * 65)),
    *(("EncryptionStatus", text) for text in ("sse", "2026-01-02T03:04:05.000Z")),
]
# Athena decodes with Java, which replaces invalid UTF-8. Here DuckDB decodes for Athena, so that it fails as well.
# DuckDB decodes "%zz" to itself, unlike Java.
ONLY_DUCKDB = {"%zz", "a%", "a%4"}


@ENGINES
@pytest.mark.parametrize(("column", "text"), BAD_TEXTS, ids=lambda value: repr(value)[:30])
def test_a_text_that_does_not_conform_rejects_the_report(tmp_path: Path, read: Reader, column: str, text: str) -> None:
    if read is read_by_athena and text in ONLY_DUCKDB:
        pytest.skip("DuckDB's url_decode differs from Athena's")
    with pytest.raises(InvalidReportError, match=rf"{column} must be ") as bad:
        csv_read(read, tmp_path, GOOD, GOOD | {"Key": "b"}, GOOD | {column: text})
    if text and column != "Key":
        assert text.strip()[:40] in str(bad.value)


@ENGINES
@pytest.mark.parametrize(
    ("column", "text"),
    [
        *(("Size", text) for text in ("0", "1", str(MAX_OBJECT_SIZE))),
        *(
            ("LastModifiedDate", text)
            for text in ("1970-01-01T00:00:00.000Z", "2026-11-23T01:00:29Z", "2026-01-02T03:04:05.123456Z")
        ),
        *(("IsLatest", text) for text in ("TRUE", "False", "tRuE")),
        *(("Key", text) for text in ("a+b", "%F0%9F%98%80", "%25zz", "k" * 1024, "a%00b", "a%0Ab")),
        *(("StorageClass", text) for text in ("", "SOME_NEW_CLASS", "GLACIER_IR")),
        ("EncryptionStatus", "NOT-SSE"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_text_that_conforms_is_accepted(tmp_path: Path, read: Reader, column: str, text: str) -> None:
    found = csv_read(read, tmp_path, GOOD, GOOD | {column: text})
    assert found.noncurrent is not None
    assert found.current.objects + found.noncurrent.objects == 2


@ENGINES
def test_a_delete_marker_has_no_size(tmp_path: Path, read: Reader) -> None:
    found = csv_read(read, tmp_path, GOOD, GOOD | {"IsDeleteMarker": "true", "Size": "", "StorageClass": ""})
    assert (found.current.objects, found.delete_markers) == (1, 1)
    with pytest.raises(InvalidReportError, match="Size must be"):
        csv_read(read, tmp_path, GOOD | {"IsDeleteMarker": "true", "Size": "-5"})


@ENGINES
@pytest.mark.parametrize("changes", [{"patterns": ("z/*",)}, {"depth": 0, "classes": True}, {"depth": 0}], ids=str)
def test_every_row_is_validated_for_any_query(tmp_path: Path, read: Reader, changes: dict[str, Any]) -> None:
    assert csv_read(read, tmp_path, GOOD, **changes).current.objects == ("patterns" not in changes)
    with pytest.raises(InvalidReportError, match="Size must be"):
        csv_read(read, tmp_path, GOOD, GOOD | {"Size": "-5"}, **changes)


SIZES = st.one_of(st.integers(-(2**70), 2**70).map(str), st.integers(0, MAX_OBJECT_SIZE).map(str), st.text(max_size=8))


@ENGINES
@settings(max_examples=settings.default.max_examples // 2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=SIZES)
def test_a_size_is_accepted_as_python_writes_integers_or_rejected(tmp_path: Path, read: Reader, text: str) -> None:
    text = quote_plus(text)
    conforms = text.isascii() and text.isdigit() and str(int(text)) == text and int(text) <= MAX_OBJECT_SIZE
    try:
        found = csv_read(read, tmp_path, GOOD | {"Size": text})
    except InvalidReportError:
        assert not conforms
    else:
        assert conforms
        assert found.current.size == int(text)


def typed(format_: Format, **values: Any) -> bytes:
    """Return a file of two rows, the second with other ``values``; a pyarrow value is a complete column."""
    item = reports.Item("a/k", 5)
    names = reports.columns(("Size", "LastModifiedDate", "StorageClass", "EncryptionStatus"), True)
    table = pa.parquet.read_table(io.BytesIO(reports.data_file("Parquet", "b", [item, item], names)))
    for name, value in values.items():
        place = table.column_names.index(name)
        column = table.column(place)
        changed = value if isinstance(value, pa.Array) else pa.array([column[0].as_py(), value], column.type)
        table = table.set_column(place, name, changed)
    buffer = io.BytesIO()
    pa.orc.write_table(table, buffer) if format_ == "ORC" else pa.parquet.write_table(table, buffer)
    return buffer.getvalue()


BAD_VALUES = [
    *(("size", value) for value in (-5, None, MAX_OBJECT_SIZE + 1, 2**63 - 1, -(2**63))),
    *(("last_modified_date", value) for value in (None, datetime(1969, 12, 31), datetime(1700, 1, 1))),
    ("last_modified_date", datetime.fromtimestamp(AT, UTC).replace(tzinfo=None) + timedelta(days=3)),
    *((name, None) for name in ("bucket", "key", "is_latest", "is_delete_marker")),
    *(("bucket", value) for value in ("", "another")),
    *(("key", value) for value in ("", "k" * 1025)),
    ("storage_class", "standard"),
]


@pytest.mark.parametrize(
    ("format_", "read"),
    [("Parquet", read_by_duckdb), ("ORC", read_by_duckdb), ("Parquet", read_by_athena)],
    ids=["Parquet", "ORC", "athena"],
)
@pytest.mark.parametrize(("column", "value"), BAD_VALUES, ids=lambda value: repr(value)[:30])
def test_a_value_that_does_not_conform_rejects_the_report(
    tmp_path: Path, format_: Format, read: Reader, column: str, value: Any
) -> None:
    path = tmp_path / "data"
    path.write_bytes(typed(format_))
    columns = tuple(name.lower() for name in reports.columns(reports.USUAL, True))
    assert read(path, format_, question(format_, columns=columns), tmp_path).current.objects == 2
    path.write_bytes(typed(format_, **{column: value}))
    with pytest.raises(InvalidReportError, match=rf"(?i){column.replace('_', '')} must be "):
        read(path, format_, question(format_, columns=columns), tmp_path)


@pytest.mark.parametrize("format_", ["Parquet", "ORC"])
@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("size", pa.array([5.0, 1.5])), ("size", pa.array(["5", "6"])), ("is_latest", pa.array(["true", "false"])),
        ("is_latest", pa.array([1, 0])), ("last_modified_date", pa.array([1, 2])), ("storage_class", pa.array([1, 2])),
        ("last_modified_date", pa.array(["2026-01-02T03:04:05.000Z"] * 2)), ("key", pa.array([b"a", b"\\xff"])),
    ],
    ids=str,
)  # fmt: skip
def test_a_column_of_another_type_rejects_the_file(
    tmp_path: Path, format_: Format, column: str, values: pa.Array
) -> None:
    path = tmp_path / "data"
    path.write_bytes(typed(format_, **{column: values}))
    columns = tuple(name.lower() for name in reports.columns(reports.USUAL, True))
    with pytest.raises(InvalidReportError, match=f"hold {column.replace('_', '')} as "):
        read_by_duckdb(path, format_, question(format_, columns=columns), tmp_path)
