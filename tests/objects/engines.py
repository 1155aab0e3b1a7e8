"""The two engines: DuckDB, and the query for Athena, run by DuckDB with definitions of Athena's functions."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import duckdb

from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.plan import InventoryRule
from s3_monitor.objects import athena_table, duckdb_engine
from s3_monitor.objects.inventory_query import InventoryQuery
from s3_monitor.objects.inventory_result import inventory_stats
from s3_monitor.objects.manifest import Format, Manifest

FUNCTIONS = """
CREATE MACRO to_unixtime(x) AS CAST(epoch_ms(x) AS double) / 1000;
CREATE MACRO from_iso8601_timestamp(x) AS CAST(x AS timestamp);
CREATE MACRO decoded(x) AS url_decode(replace(x, '+', ' '));
"""
_NAMES = {name: column for name, (column, _) in athena_table._COLUMNS.items()}


def read_by_duckdb(path: Path, format_: Format, question: InventoryQuery, folder: Path) -> ObjectStats:
    groups = folder / "groups"
    duckdb_engine.write_groups([path], format_, question, folder, groups)
    return inventory_stats(duckdb_engine.read_result([groups], question, folder), question, origin="", requests=0)


def read_by_athena(path: Path, format_: Format, question: InventoryQuery, folder: Path) -> ObjectStats:
    connection = duckdb.connect()
    connection.execute(FUNCTIONS)
    bucket = question.bucket or "b"
    connection.execute("CREATE SCHEMA inv")
    rule = InventoryRule(engine="athena", database="inv")
    source = _csv(path, question.columns) if format_ == "CSV" else f"read_parquet('{path}')"
    name = athena_table.table_name(rule, bucket)
    connection.execute(f"CREATE TABLE inv.{name} AS SELECT *, '2026-11-21-01-00' AS dt FROM {source}")
    manifest = Manifest(bucket, question.at, format_, tuple(question.columns), ())
    sql = athena_table.build_query(rule, manifest, "p/2026-11-21T01-00Z/", question)
    rows = connection.execute(sql.replace("url_decode(", "decoded(")).fetchall()
    return inventory_stats(athena_table.parse_rows(as_results(rows)), question, origin="", requests=0)


def as_results(rows: list[tuple[Any, ...]]) -> list[tuple[str | None, ...]]:
    """Return rows as GetQueryResults does."""
    return [tuple(None if value is None else str(value) for value in row) for row in rows]


def _csv(path: Path, columns: Collection[str]) -> str:
    names = {_NAMES[name]: "VARCHAR" for name in columns}
    return (
        f"read_csv('{path}', header=false, delim=',', quote='\"', escape='\"', auto_detect=false, "
        f"compression='gzip', columns={names})"
    )
