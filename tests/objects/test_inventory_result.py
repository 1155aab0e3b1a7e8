"""For any inventory in any format, the result is that of plain Python on the same objects."""

from __future__ import annotations

import gzip
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.objects import duckdb_engine, inventory_sql
from s3_monitor.objects.inventory_query import InventoryQuery
from s3_monitor.objects.inventory_result import inventory_stats, missing_fields
from s3_monitor.objects.manifest import Format, InvalidReportError, parse_schema
from s3_monitor.objects.sql_dialect import DUCKDB
from tests.objects import reports
from tests.objects.reports import Item

MADE = datetime(2026, 11, 21, 1, 0, 30, tzinfo=UTC)
AT = int(MADE.timestamp())
FORMATS = ("Parquet", "CSV", "ORC")


def answer(
    tmp_path: Path,
    format_: str,
    files: Sequence[Sequence[Item]],
    *,
    versions: bool = True,
    fields: Sequence[str] = reports.OPTIONAL,
    depth: int = 2,
    top: int = 20,
    batch: int = 1,
    classes: bool = False,
) -> ObjectStats:
    """Read the files in batches of ``batch`` files."""
    names = reports.columns(fields, versions)
    found = parse_schema(format_, reports.schema(format_, names))  # type: ignore[arg-type]
    question = InventoryQuery(AT, found, format_ == "CSV", depth, top, classes=classes)
    paths = []
    for number, items in enumerate(files):
        paths.append(tmp_path / f"{number}")
        paths[-1].write_bytes(reports.data_file(format_, "b", items, names))
    groups = []
    for number, chosen in enumerate(_batched(paths, batch)):
        groups.append(tmp_path / f"groups{number}")
        duckdb_engine.write_groups(chosen, format_, question, tmp_path, groups[-1])  # type: ignore[arg-type]
    rows = duckdb_engine.read_result(groups, question, tmp_path)
    return inventory_stats(rows, question, origin="", requests=0)


def _batched(paths: list[Path], size: int) -> list[list[Path]]:
    return [paths[start : start + size] for start in range(0, len(paths), size)]


KEYS = st.lists(
    st.text(alphabet="ab/ +%&'\"\\é日\U0001f600\n,.=", min_size=1, max_size=12), min_size=0, max_size=25, unique=True
)


@st.composite
def items(draw: st.DrawFn, versions: bool) -> list[Item]:
    found = []
    for key in draw(KEYS):
        for latest in (True, False) if versions and draw(st.booleans()) else (True,):
            marker = versions and draw(st.integers(0, 4)) == 0
            class_ = draw(st.sampled_from(["STANDARD", "GLACIER", "INTELLIGENT_TIERING"]))
            found.append(
                Item(
                    key,
                    None if marker else draw(st.sampled_from([0, 1, 131071, 131072, 2**20, 2**30, 2**44])),
                    MADE + timedelta(seconds=draw(st.sampled_from(SECONDS))),
                    class_,
                    latest,
                    marker,
                    None if marker else draw(st.sampled_from(["SSE-S3", "SSE-KMS"])),
                    draw(st.sampled_from(["FREQUENT", "ARCHIVE_ACCESS"])) if class_ == "INTELLIGENT_TIERING" else None,
                )
            )
    return found


# Around the edges of ages and of days, and later than the inventory.
SECONDS = [second - days * 86400 for days in (0, 1, 2, 7, 30, 365, 730) for second in (-3631, -3630, -1, 0, 1, 90000)]


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=settings.default.max_examples // 4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_result_is_that_of_plain_python_for_any_division_into_batches(
    tmp_path: Path, format_: str, data: st.DataObject
) -> None:
    versions = data.draw(st.booleans())
    found = data.draw(items(versions))
    cut = data.draw(st.integers(1, 3))
    files = [found[number::cut] for number in range(cut)]
    depth, top = data.draw(st.integers(0, 3)), data.draw(st.integers(1, 3))
    said = answer(tmp_path, format_, files, versions=versions, depth=depth, top=top, batch=data.draw(st.integers(1, 3)))
    assert said == reports.said_of(found, AT, versions=versions, depth=depth, top=top)


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=settings.default.max_examples // 4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_query_of_classes_returns_nothing_else(tmp_path: Path, format_: str, data: st.DataObject) -> None:
    versions = data.draw(st.booleans())
    found = data.draw(items(versions))
    files = [found[0::2], found[1::2]]
    said = answer(
        tmp_path, format_, files, versions=versions, depth=0, batch=data.draw(st.integers(1, 2)), classes=True
    )
    assert said == reports.said_of_classes(found, AT, versions=versions)


@pytest.mark.parametrize("format_", FORMATS)
def test_encoded_keys_are_decoded(tmp_path: Path, format_: str) -> None:
    keys = [
        "plain/a b+c%2F=.txt",
        "a+b/ü/日本/x",
        '"quoted",/x',
        "/leading",
        "//two",
        "no-folder",
        "new\nline/x",
        "%41/%zz",
    ]
    found = [Item(key, 2**number) for number, key in enumerate(keys)]
    said = answer(tmp_path, format_, [found], versions=False)
    assert said == reports.said_of(found, AT, versions=False)
    assert {prefix.prefix for prefix in said.prefixes} >= {"", "/", "//", "a+b/ü/", "%41/", '"quoted",/', "new\nline/"}


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    ("fields", "unknown"),
    [
        (("Size", "StorageClass"), {"ages", "newest", "oldest", "recent", "encryption"}),
        (("Size", "StorageClass", "LastModifiedDate"), {"encryption"}),
        (reports.OPTIONAL, set()),
    ],
    ids=lambda value: str(len(value)),
)
def test_fields_without_a_column_are_null(
    tmp_path: Path, format_: str, fields: tuple[str, ...], unknown: set[str]
) -> None:
    found = [Item("a/b", 7), Item("c", 9, class_="INTELLIGENT_TIERING", tier="FREQUENT")]
    said = answer(tmp_path, format_, [found], versions=False, fields=fields)
    assert said == reports.said_of(found, AT, versions=False, fields=fields)
    never = {"noncurrent", "delete_markers", "multipart", "old_multipart", "replicas", "replicated", "encrypted"}
    never |= {"locked", "settings", "all_sizes"}
    assert {name for name in said.__struct_fields__ if getattr(said, name) is None} == unknown | never


@pytest.mark.parametrize(
    ("column", "type_"),
    [
        *(("last_modified_date", pa.timestamp(*type_)) for type_ in (("ms", "UTC"), ("ns", "UTC"), ("us",), ("ns",))),
        *(("size", type_) for type_ in (pa.int32(), pa.uint64())),
    ],
    ids=str,
)
def test_times_and_sizes_do_not_depend_on_column_types_or_time_zones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, column: str, type_: pa.DataType
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    found = [Item(f"a/{second}", 1, MADE + timedelta(seconds=second)) for second in SECONDS]
    names = reports.columns(reports.OPTIONAL, True)
    table = pq.read_table(io.BytesIO(reports.data_file("Parquet", "b", found, names)))
    place = table.column_names.index(column)
    path, groups = tmp_path / "0", tmp_path / "groups"
    pq.write_table(table.set_column(place, column, table.column(place).cast(type_)), path)
    question = InventoryQuery(AT, parse_schema("Parquet", reports.schema("Parquet", names)), False, 2, 20)
    duckdb_engine.write_groups([path], "Parquet", question, tmp_path, groups)
    rows = duckdb_engine.read_result([groups], question, tmp_path)
    assert inventory_stats(rows, question, origin="", requests=0) == reports.said_of(found, AT, versions=True)


CSV = '"b","k","v","{latest}","{marker}","5","2026-01-02T03:04:05.000Z","STANDARD"\n'


@pytest.mark.parametrize(
    ("latest", "marker", "kinds"),
    [
        ("true", "false", (1, 0, 0)), ("TRUE", "False", (1, 0, 0)),
        ("FALSE", "false", (0, 1, 0)), ("True", "TRUE", (0, 0, 1)),
    ],
)  # fmt: skip
def test_booleans_are_read_in_upper_and_lower_case(
    tmp_path: Path, latest: str, marker: str, kinds: tuple[int, int, int]
) -> None:
    said = _of_line(tmp_path, CSV.format(latest=latest, marker=marker))
    assert said.noncurrent is not None
    assert (said.current.objects, said.noncurrent.objects, said.delete_markers) == kinds


def _of_line(tmp_path: Path, line: str) -> ObjectStats:
    found = parse_schema(
        "CSV", "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, StorageClass"
    )
    path, groups = tmp_path / "0", tmp_path / "groups"
    path.write_bytes(gzip.compress(line.encode()))
    question = InventoryQuery(AT, found, True, 2, 20)
    duckdb_engine.write_groups([path], "CSV", question, tmp_path, groups)
    return inventory_stats(duckdb_engine.read_result([groups], question, tmp_path), question, origin="", requests=0)


def test_a_query_of_classes_groups_only_by_class() -> None:
    all_columns = (
        "key",
        "size",
        "lastmodifieddate",
        "storageclass",
        "encryptionstatus",
        "intelligenttieringaccesstier",
    )
    facts = inventory_sql.groups_sql(InventoryQuery(AT, all_columns, False, 0, 20, classes=True), "files", DUCKDB)
    assert facts.endswith("GROUP BY class")
    assert not [name for name in ("key", *all_columns[4:]) if f'"{name}"' in facts]


def test_without_prefixes_keys_are_read_only_to_select_them() -> None:
    question = InventoryQuery(AT, ("key", "size", "storageclass"), False, 0, 20)
    assert '"key"' not in inventory_sql.groups_sql(question, "files", DUCKDB)
    assert "starts_with(\"key\", 'a/')" in inventory_sql.groups_sql(
        question._replace(patterns=("a/*",)), "files", DUCKDB
    )


def test_an_empty_inventory_reports_no_objects(tmp_path: Path) -> None:
    for format_ in FORMATS:
        said = answer(tmp_path, format_, [[]])
        assert (said.current.objects, said.newest, said.classes, said.prefixes) == (0, None, {}, ())


@pytest.mark.parametrize(
    ("columns", "missing"),
    [
        (("bucket", "key"), ["Size", "StorageClass"]),
        (("bucket", "key", "size"), ["StorageClass"]),
        (("bucket", "key", "size", "storageclass"), []),
    ],
)
def test_sizes_and_classes_are_required(columns: tuple[str, ...], missing: list[str]) -> None:
    assert missing_fields(columns) == missing


@pytest.mark.parametrize("content", [b"", b"not what it should be", b"PAR1 truncated"])
@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_in_another_format_is_rejected(tmp_path: Path, format_: str, content: bytes) -> None:
    path = tmp_path / "0"
    path.write_bytes(content)
    question = InventoryQuery(AT, ("bucket", "key", "size", "storageclass"), format_ == "CSV", 2, 20)
    with pytest.raises(InvalidReportError, match="could not read its files") as bad:
        duckdb_engine.write_groups([path], format_, question, tmp_path, tmp_path / "groups")  # type: ignore[arg-type]
    assert str(tmp_path) not in str(bad.value)


def test_a_file_without_the_columns_of_the_manifest_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "0"
    path.write_bytes(reports.data_file("Parquet", "b", [Item("a")], ["Bucket", "Key", "Size"]))
    question = InventoryQuery(AT, ("bucket", "key", "size", "storageclass"), False, 2, 20)
    with pytest.raises(InvalidReportError, match="no column storageclass"):
        duckdb_engine.write_groups([path], "Parquet", question, tmp_path, tmp_path / "groups")


@pytest.mark.parametrize("format_", ["Parquet", "ORC"])
def test_files_with_different_columns_are_rejected(tmp_path: Path, format_: Format) -> None:
    """A missing column must not be read as null."""
    paths = [tmp_path / "0", tmp_path / "1"]
    names = ["Bucket", "Key", "Size", "StorageClass"]
    paths[0].write_bytes(reports.data_file(format_, "b", [Item("a")], names))
    paths[1].write_bytes(reports.data_file(format_, "b", [Item("b")], names[:3]))
    question = InventoryQuery(AT, ("bucket", "key", "size", "storageclass"), False, 2, 20)
    for order in (paths, paths[::-1]):
        with pytest.raises(InvalidReportError) as bad:
            duckdb_engine.write_groups(order, format_, question, tmp_path, tmp_path / "groups")
        assert bad.value.file == order.index(paths[1])


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("batch", [1, 2])
def test_the_number_of_storage_classes_of_an_inventory_is_limited(tmp_path: Path, format_: Format, batch: int) -> None:
    """The number of groups depends on the classes, not on the rows."""
    names = ["Bucket", "Key", "Size", "StorageClass"]
    question = InventoryQuery(AT, ("bucket", "key", "size", "storageclass"), format_ == "CSV", 2, 20)
    for number, limit in ((64, True), (65, False)):
        items = [Item(f"k{place:02d}", 1, class_=f"CLASS_{place}") for place in range(number)]
        groups = []
        for start in range(0, number, number // batch + 1):
            path = tmp_path / f"{number}-{start}"
            path.write_bytes(reports.data_file(format_, "b", items[start : start + number // batch + 1], names))
            groups.append((path, tmp_path / f"groups-{number}-{start}"))

        def read(groups: list[tuple[Path, Path]] = groups) -> ObjectStats:
            for path, into in groups:
                duckdb_engine.write_groups([path], format_, question, tmp_path, into)
            rows = duckdb_engine.read_result([into for _, into in groups], question, tmp_path)
            return inventory_stats(rows, question, origin="", requests=0)

        if limit:
            assert len(read().classes) == number
        else:
            with pytest.raises(InvalidReportError, match="StorageClass must have at most 64 different values, got 65"):
                read()


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=settings.default.max_examples // 2, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_or_rejected_and_raises_nothing_else(
    tmp_path: Path, format_: Format, data: st.DataObject
) -> None:
    names = reports.columns(reports.USUAL, True)
    content = bytearray(reports.data_file(format_, "b", [Item(f"a/{number}", number) for number in range(20)], names))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    path, groups = tmp_path / "0", tmp_path / "groups"
    path.write_bytes(content)
    question = InventoryQuery(AT, tuple(name.lower() for name in names), format_ == "CSV", 2, 20, bucket="b")
    try:
        duckdb_engine.write_groups([path], format_, question, tmp_path, groups)
        inventory_stats(duckdb_engine.read_result([groups], question, tmp_path), question, origin="", requests=0)
    except InvalidReportError as bad:
        assert str(tmp_path) not in str(bad)
