"""The limits of inventories and of the engine that reads them: at the limit, and one beyond."""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from s3_monitor.model.errors import UserError
from s3_monitor.model.object_stats import Amount
from s3_monitor.objects import athena_table, duckdb_engine
from s3_monitor.objects.duckdb_connection import connection, is_installed, one_line, quote_paths
from s3_monitor.objects.inventory_query import CURRENT, EXCLUDED, MARKER, NONCURRENT, InventoryQuery, ResultRow
from s3_monitor.objects.inventory_result import inventory_stats
from s3_monitor.objects.key_filter import regex_matcher
from s3_monitor.objects.manifest import LATEST, InvalidReportError, read_manifest

COLUMNS = ("bucket", "key", "versionid", "islatest", "isdeletemarker", "size", "storageclass", "encryptionstatus")
QUERY = InventoryQuery(1_795_222_800, COLUMNS, False, 2, 20)


def row(**fields: Any) -> ResultRow:
    empty = ResultRow(1, 0, None, CURRENT, "STANDARD", None, None, None, None, 1, 1, 0, None, None)
    return empty._replace(**fields)


def stats(*rows: ResultRow, query: InventoryQuery = QUERY) -> Any:
    return inventory_stats(rows, query, origin="o", requests=3)


def test_objects_are_summed_by_kind_and_class_and_excluded_keys_are_not_counted() -> None:
    found = stats(
        row(objects=2, bytes=5),
        row(class_=None, objects=3, bytes=7),
        row(class_="INTELLIGENT_TIERING", tier="FREQUENT", objects=4, bytes=11),
        row(kind=NONCURRENT, objects=10, bytes=100),
        row(kind=MARKER, objects=20, class_=None),
        row(kind=EXCLUDED, objects=40, bytes=1000),
        row(is_total=0, depth=1, prefix="a/", objects=80, bytes=2000),
    )
    assert found.current == Amount(9, 23)
    assert found.classes == {
        "STANDARD": Amount(2, 5),
        "UNKNOWN": Amount(3, 7),
        "INTELLIGENT_TIERING:FREQUENT": Amount(4, 11),
    }
    assert list(found.classes) == sorted(found.classes)
    assert (found.noncurrent, found.noncurrent_classes) == (Amount(10, 100), {"STANDARD": Amount(10, 100)})
    assert (found.delete_markers, found.origin, found.requests) == (20, "o", 3)
    assert [(prefix.prefix, prefix.classes) for prefix in found.prefixes] == [("a/", {"STANDARD": Amount(80, 2000)})]


def test_prefixes_are_ordered_by_depth_then_size_then_name() -> None:
    found = stats(
        *(
            row(is_total=0, depth=depth, prefix=prefix, bytes=size)
            for depth, prefix, size in [(2, "a/b/", 9), (1, "b/", 5), (1, "a/", 5), (1, "c/", 6), (0, None, 1)]
        )
    )
    assert [prefix.prefix for prefix in found.prefixes] == ["", "c/", "a/", "b/", "a/b/"]


@pytest.mark.parametrize(
    ("missing", "unknown"),
    [
        ("islatest", {"noncurrent", "delete_markers"}),
        ("isdeletemarker", {"noncurrent", "delete_markers"}),
        ("encryptionstatus", {"encryption"}),
        ("versionid", set()),
    ],
)
def test_what_has_no_column_is_unknown(missing: str, unknown: set[str]) -> None:
    columns = [name for name in COLUMNS if name != missing]
    found = stats(row(), query=QUERY._replace(columns=columns))
    names = ("noncurrent", "delete_markers", "encryption", "prefixes", "sizes")
    assert {name for name in names if getattr(found, name) is None} == unknown


@pytest.mark.parametrize(
    ("rows", "is_valid"),
    [
        ([row(bytes=1 << 62)], True),
        ([row(bytes=(1 << 62) + 1)], False),
        ([row(bytes=1 << 61), row(bytes=1 << 61, kind=NONCURRENT)], True),
        ([row(bytes=1 << 61), row(bytes=(1 << 61) + 1, kind=NONCURRENT)], False),
        ([row(bytes=-1), row(bytes=1)], False),
        ([row(objects=-1)], False),
        ([row(objects=0)], True),
    ],
)
def test_the_bytes_of_a_bucket_are_limited(rows: list[ResultRow], is_valid: bool) -> None:
    if is_valid:
        assert stats(*rows).complete
    else:
        with pytest.raises(InvalidReportError, match="its sizes must add up to 0 to 4,611,686,018,427,387,904 bytes"):
            stats(*rows)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("class_", "StorageClass"),
        ("tier", "IntelligentTieringAccessTier"),
        ("encryption", "EncryptionStatus"),
    ],
)
def test_values_that_define_groups_are_few_names_in_capital_letters(field: str, name: str) -> None:
    assert stats(*(row(**{field: f"A{number:02}"}) for number in range(64))).current.objects == 64
    with pytest.raises(InvalidReportError, match=f"{name} must have at most 64 different values, got 65"):
        stats(*(row(**{field: f"A{number:02}"}) for number in range(65)))
    with pytest.raises(InvalidReportError, match=f"{name} must be a name in capital letters, got '{'b' * 60}'"):
        stats(row(**{field: "b" * 61}))


def test_faults_of_rows_reject_the_report_with_their_number_and_one_example() -> None:
    with pytest.raises(InvalidReportError, match="3 of 7 rows do not conform: b"):
        stats(row(objects=4, faults=1, fault="c"), row(objects=3, faults=2, fault="b"), row(is_total=0, faults=9))


def manifest(**changes: Any) -> Any:
    content = json.dumps(
        {
            "sourceBucket": "logs",
            "destinationBucket": "arn:aws:s3:::inventories",
            "version": "2016-11-30",
            "creationTimestamp": "1795222800000",
            "fileFormat": "CSV",
            "fileSchema": "Bucket, Key",
            "files": [],
            **changes,
        }
    ).encode()
    return read_manifest(content, hashlib.md5(content).hexdigest().encode(), "logs")


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        ("1000", 1),
        (1000, 1),
        ("1999", 1),
        (str(LATEST * 1000), LATEST),
        (str(LATEST * 1000 + 999), LATEST),
        ("000001795222800", 1_795_222),
        ("999", None),
        (str((LATEST + 1) * 1000), None),
        ("0000001795222800", None),
        ("١٢٣٤٥٦", None),
    ],
)
def test_a_report_was_created_from_1970_to_the_latest_time_that_a_part_can_have(
    moment: object, seconds: int | None
) -> None:
    if seconds is not None:
        assert manifest(creationTimestamp=moment).at == seconds
        return
    end = datetime.fromtimestamp(LATEST, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(InvalidReportError, match=f"creationTimestamp must be milliseconds from 1970 to {end}, got"):
        manifest(creationTimestamp=moment)


@pytest.mark.parametrize(
    ("changes", "end"),
    [
        ({"version": "x" * 41}, f"got '{'x' * 40}'"),
        ({"fileFormat": "x" * 41}, f"got '{'x' * 40}'"),
        ({"creationTimestamp": "x" * 41}, f"got '{'x' * 40}'"),
        ({"sourceBucket": "x" * 81}, f"of another bucket: '{'x' * 80}'"),
        (
            {"files": [{"key": "x" * 201, "size": 0, "MD5checksum": ""}]},
            f"{'x' * 200}: its size must be 1 byte or more, got 0",
        ),
        ({"files": [{"key": "x" * 201, "size": 1, "MD5checksum": "x" * 41}]}, f"got '{'x' * 40}'"),
    ],
)
def test_values_of_a_manifest_are_shortened_in_messages(changes: dict[str, Any], end: str) -> None:
    with pytest.raises(InvalidReportError) as caught:
        manifest(**changes)
    assert str(caught.value).endswith(end)
    assert "x" * 201 not in str(caught.value)


def test_the_size_of_a_report_is_that_of_its_files_and_its_date_that_of_its_creation_in_utc() -> None:
    files = [{"key": f"{size}", "size": size, "MD5checksum": "AB" * 16} for size in (1, 2, 4)]
    found = manifest(files=files, destinationBucket="inventories", creationTimestamp="1795219199999")
    assert (found.size, found.date) == (7, "2026-11-20")
    assert {file.md5 for file in found.files} == {"ab" * 16}


@pytest.mark.parametrize(("length", "is_valid"), [(1000, True), (1001, False)])
def test_a_regular_expression_has_at_most_1000_characters(length: int, is_valid: bool) -> None:
    if is_valid:
        assert regex_matcher("a" * length)("b" + "a" * length)
    else:
        with pytest.raises(UserError, match="at most 1,000 characters, got 1,001"):
            regex_matcher("a" * length)


@pytest.mark.parametrize(("scanned", "billed"), [(0, 10), (10 << 20, 10), ((10 << 20) + 1, 11), (1 << 40, 1 << 20)])
def test_athena_rounds_bytes_up_to_megabytes_and_bills_at_least_ten(scanned: int, billed: int) -> None:
    assert athena_table.billed_mb(scanned) == billed


@pytest.mark.parametrize(("length", "shown"), [(300, "a" * 300), (301, "a" * 299 + "…")])
def test_errors_of_the_engine_are_one_line_of_at_most_300_characters(length: int, shown: str) -> None:
    assert one_line(ValueError("a" * length)) == shown


def test_errors_of_the_engine_do_not_name_temporary_folders(tmp_path: Path) -> None:
    error = ValueError(f"no file\n  {tmp_path / 'a'} in {tmp_path}, nor\tin {tmp_path.parent}x")
    assert one_line(error, tmp_path) == f"no file a in …, nor in {tmp_path.parent}x"


# the engine


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv({outside})",
        "COPY (SELECT 1) TO {outside}",
        "SET enable_external_access = true",
        "SET memory_limit = '4GB'",
        "SET allowed_directories = ['/']",
    ],
)
def test_the_engine_reads_and_writes_only_the_given_folders(tmp_path: Path, statement: str) -> None:
    folder, readable, outside = tmp_path / "own", tmp_path / "readable", tmp_path / "outside.csv"
    for path in (folder, readable):
        path.mkdir()
        (path / "a.csv").write_text("a\n1\n")
    outside.write_text("a\n1\n")
    with pytest.raises(InvalidReportError), connection(folder, readable) as duck:
        paths = quote_paths([folder / "a.csv", readable / "a.csv"])
        assert len(duck.execute(f"SELECT * FROM read_csv({paths})").fetchall()) == 2
        assert duck.execute("SELECT current_setting('temp_directory')").fetchone() == (str(folder / "aside"),)
        assert duck.execute("SELECT current_setting('preserve_insertion_order')").fetchone() == (False,)
        duck.execute(statement.format(outside=quote_paths([outside])[1:-1]))
    assert outside.read_text() == "a\n1\n"


def test_only_one_connection_exists_at_a_time_and_the_next_is_possible(tmp_path: Path) -> None:
    for _ in range(2):
        with connection(tmp_path) as duck:
            duck.execute("CREATE TABLE once (a int)")


@pytest.mark.parametrize(
    ("absent", "format_", "message"),
    [
        ((), "Parquet", None),
        ((), "ORC", None),
        (("duckdb",), "Parquet", "reading S3 Inventory needs DuckDB"),
        (("pyarrow",), "Parquet", None),
        (("pyarrow",), "CSV", None),
        (("pyarrow",), "ORC", "reading an inventory in ORC needs pyarrow"),
        (("duckdb", "pyarrow"), "ORC", "reading S3 Inventory needs DuckDB"),
    ],
)
def test_a_missing_library_is_named_with_advice(
    monkeypatch: pytest.MonkeyPatch, absent: tuple[str, ...], format_: Any, message: str | None
) -> None:
    for name in absent:
        monkeypatch.setitem(sys.modules, name, None)
        assert not is_installed(name)
    found = duckdb_engine.missing_library(format_)
    assert (str(found) if found else None) == message
    assert found is None or "pip install" in found.advice
