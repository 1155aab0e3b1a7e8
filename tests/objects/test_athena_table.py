"""The query for Athena, run by DuckDB with definitions of Athena's functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from s3_monitor.model.plan import InventoryRule
from s3_monitor.objects import athena_table, manifest
from s3_monitor.objects.inventory_query import InventoryQuery
from s3_monitor.objects.inventory_result import inventory_stats
from s3_monitor.objects.manifest import Manifest
from tests.objects import reports
from tests.objects.reports import Item

MADE = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
RULE = InventoryRule(engine="athena", database="inv")
FOLDER = "daily/my.logs/nightly/2026-11-21T01-00Z/"
ITEMS = [
    Item("a/b c+%/x", 5, MADE - timedelta(days=3)),
    Item("a/b c+%/y", 2**40, MADE - timedelta(days=800), "GLACIER", encryption="SSE-KMS"),
    Item("a/z", 7, MADE, "INTELLIGENT_TIERING", tier="INFREQUENT"),
    Item("top", 0, MADE - timedelta(days=1)),
    Item("top", 9, MADE - timedelta(days=2), latest=False),
    Item("gone", None, MADE, marker=True, class_=None, encryption=None),
]
FUNCTIONS = """
CREATE MACRO to_unixtime(x) AS CAST(epoch_ms(x) AS double) / 1000;
CREATE MACRO from_iso8601_timestamp(x) AS CAST(x AS timestamp);
"""


def report(format_: str) -> Manifest:
    objects = reports.report(format_, "my.logs", ITEMS, made=MADE, prefix="daily", versions=True)
    return manifest.read_manifest(objects[f"{FOLDER}manifest.json"], objects[f"{FOLDER}manifest.checksum"], "my.logs")


def table(duck: Any, tmp_path: Path, format_: str) -> None:
    """Two reports with different objects in one table, distinguished by dt."""
    names = reports.columns(reports.OPTIONAL, True)
    duck.execute("CREATE SCHEMA inv")
    for number, (dt, items) in enumerate([("2026-11-21-01-00", ITEMS), ("2026-11-20-01-00", [Item("other", 1)])]):
        path = tmp_path / f"{number}"
        path.write_bytes(reports.data_file(format_, "my.logs", items, names))
        columns = {reports.COLUMNS[name][0]: "VARCHAR" for name in names}
        source = (
            f"read_csv('{path}', header=false, delim=',', quote='\"', escape='\"', auto_detect=false, "
            f"compression='gzip', columns={columns})"
            if format_ == "CSV"
            else f"read_parquet('{path}')"
        )
        select = f"SELECT *, '{dt}' AS dt FROM {source}"
        made = f"CREATE TABLE inv.s3_inventory_my_logs AS {select}"
        duck.execute(made if number == 0 else f"INSERT INTO inv.s3_inventory_my_logs {select}")


@pytest.mark.parametrize(("depth", "classes"), [(0, False), (2, False), (0, True)])
@pytest.mark.parametrize("format_", ["Parquet", "CSV"])
def test_the_query_gives_the_result_of_plain_python(tmp_path: Path, format_: str, depth: int, classes: bool) -> None:
    duck = duckdb.connect()
    duck.execute(FUNCTIONS)
    if format_ == "CSV":  # Athena's own turns + into a space
        duck.execute("CREATE MACRO decoded(x) AS url_decode(replace(x, '+', ' '))")
    table(duck, tmp_path, format_)
    found = report(format_)
    question = InventoryQuery(found.at, found.columns, format_ == "CSV", depth, 20, classes=classes)
    sql = athena_table.build_query(RULE, found, FOLDER, question)
    rows = duck.execute(sql.replace("url_decode(", "decoded(")).fetchall()
    said = inventory_stats(athena_table.parse_rows(_texts(rows)), question, origin="", requests=0)
    whole = reports.said_of(ITEMS, found.at, versions=True, depth=depth)
    assert said == (reports.said_of_classes(ITEMS, found.at, versions=True) if classes else whole)


def _texts(rows: Sequence[Sequence[Any]]) -> list[tuple[str | None, ...]]:
    """Return rows as GetQueryResults does."""
    return [tuple(None if value is None else str(value) for value in row) for row in rows]


def test_a_query_reads_only_the_partition_of_its_report() -> None:
    found = report("Parquet")
    question = InventoryQuery(found.at, found.columns, False, 2, 20)
    sql = athena_table.build_query(RULE, found, FOLDER, question)
    assert 'FROM "inv"."s3_inventory_my_logs" WHERE dt = \'2026-11-21-01-00\')' in sql
    shared = msgspec.structs.replace(RULE, table="all_inventories")
    sql = athena_table.build_query(shared, found, FOLDER, question)
    assert 'FROM "inv"."all_inventories" WHERE dt = \'2026-11-21-01-00\' AND "bucket" = \'my.logs\')' in sql


def test_rows_of_another_bucket_are_rejected_unless_the_table_is_for_all_buckets(tmp_path: Path) -> None:
    duck = duckdb.connect()
    duck.execute(FUNCTIONS)
    table(duck, tmp_path, "Parquet")
    found = msgspec.structs.replace(report("Parquet"), bucket="my-logs")
    question = InventoryQuery(found.at, found.columns, False, 2, 20, bucket="my-logs")
    assert athena_table.table_name(RULE, "my-logs") == athena_table.table_name(RULE, "my.logs")
    rows = duck.execute(athena_table.build_query(RULE, found, FOLDER, question)).fetchall()
    with pytest.raises(manifest.InvalidReportError, match=r"6 of 6 rows .* Bucket must be 'my-logs', got 'my\.logs'"):
        inventory_stats(athena_table.parse_rows(_texts(rows)), question, origin="", requests=0)
    shared = msgspec.structs.replace(RULE, table="s3_inventory_my_logs")
    assert duck.execute(athena_table.build_query(shared, found, FOLDER, question)).fetchall() == []


@pytest.mark.parametrize(
    ("scanned", "usd"),
    [
        (0, Decimal(50) / 2**20),
        (10 * 2**20, Decimal(50) / 2**20),
        (10 * 2**20 + 1, Decimal(55) / 2**20),
        (2**40, Decimal(5)),
        (3 * 2**40, Decimal(15)),
    ],
)
def test_a_query_is_billed_for_the_bytes_scanned_and_at_least_ten_megabytes(scanned: int, usd: Decimal) -> None:
    assert athena_table.query_cost(scanned) == usd


def test_the_ddl_creates_the_table_of_an_inventory() -> None:
    made = athena_table.build_table_ddl(RULE, report("ORC"), "s3://inventories/daily/my.logs/nightly/")
    assert made.startswith(
        "CREATE EXTERNAL TABLE `inv`.`s3_inventory_my_logs` (\n  `bucket` string,\n  `key` string,\n"
    )
    assert "`last_modified_date` timestamp" in made
    assert "org.apache.hadoop.hive.ql.io.orc.OrcSerde" in made
    assert "LOCATION 's3://inventories/daily/my.logs/nightly/hive/'" in made
    assert "`last_modified_date` string" in athena_table.build_table_ddl(RULE, report("CSV"), "s3://x/")


@pytest.mark.parametrize("prefix", ["it's", "two  spaces", "back`tick", "ünï", "a''b", "semi;colon"])
def test_the_ddl_quotes_any_prefix(prefix: str) -> None:
    root = f"s3://inventories/{prefix}/my.logs/nightly/"
    made = athena_table.join_lines(athena_table.build_table_ddl(RULE, report("Parquet"), root))
    assert f"LOCATION '{root.replace(chr(39), chr(39) * 2)}hive/'" in made
    assert "\n" not in made


@pytest.mark.parametrize("texts", [("1",), ("1", "0", None, "0", *[None] * 10), ("x", *["1"] * 13)])
def test_a_result_of_another_form_is_rejected(texts: tuple[str | None, ...]) -> None:
    with pytest.raises(manifest.InvalidReportError, match="could not be read"):
        athena_table.parse_rows([texts])
