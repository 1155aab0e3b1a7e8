"""Aggregation of the data files of an inventory by DuckDB: to groups, and of groups to the rows of a result."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from s3_monitor.model.errors import UserError
from s3_monitor.objects import csv_file, duckdb_connection, inventory_sql
from s3_monitor.objects.duckdb_connection import (
    connection,
    csv_rows,
    is_installed,
    one_line,
    quote_paths,
    time_column,
    write_parquet,
)
from s3_monitor.objects.inventory_query import InventoryQuery, ResultRow
from s3_monitor.objects.inventory_result import check_count
from s3_monitor.objects.manifest import Format, InvalidReportError, normalize_column, read_files
from s3_monitor.objects.sql_dialect import DUCKDB, quote_name


def missing_library(format_: Format) -> UserError | None:
    """Return an error with advice if a library for a file format is not installed."""
    if not is_installed("duckdb"):
        return UserError(
            "reading S3 Inventory needs DuckDB", "python3 -m pip install '.[inventory]' in a copy of the repository"
        )
    if format_ == "ORC" and not is_installed("pyarrow"):
        return UserError(
            "reading an inventory in ORC needs pyarrow",
            "python3 -m pip install '.[inventory,orc]' in a copy of the repository, or have the inventory delivered as "
            "Parquet",
        )
    return None


def write_groups(files: Sequence[Path], format_: Format, query: InventoryQuery, folder: Path, target: Path) -> None:
    """Aggregate data files to groups, and write these to the file ``target``.

    ``query.columns``: those of the manifest. They name the columns of CSV; other formats must contain them. Raises
    InvalidReportError with the index of the file at fault, or OSError if memory or temporary space is exhausted.
    """
    read_files(files, lambda some: _write_groups(some, format_, query, folder, target))


def _write_groups(files: Sequence[Path], format_: Format, query: InventoryQuery, folder: Path, target: Path) -> None:
    with connection(folder, *{file.parent for file in files}) as duck:
        source = _source(duck, files, format_, query.columns)
        is_text = format_ == "CSV"
        statement = inventory_sql.groups_sql(query, source, DUCKDB, measured=is_text)
        write_parquet(duck, statement, target)
        groups = f"SELECT * FROM read_parquet({quote_paths([target])}) WHERE is_total = 1"  # noqa: S608  our own path
        written = "sum(written)" if is_text else "0"
        totals = f"SELECT sum(faults), min(fault), sum(objects), {written} FROM ({groups})"  # noqa: S608
        faults, fault, rows, size = duck.execute(totals).fetchone()
        distinct = ", ".join(f"count(DISTINCT {name})" for name in _GROUP_COLUMNS)
        counts = duck.execute(f"SELECT {distinct} FROM ({groups})").fetchone()  # noqa: S608
    for name, count in zip(_GROUP_COLUMNS.values(), counts, strict=True):
        check_count(name, count)
    if faults:
        raise InvalidReportError(f"{faults:,} of {rows:,} rows do not conform: {fault}")
    if is_text:
        csv_file.check_rows(files, rows or 0, size or 0)


# Columns that define groups, so they must have few distinct values.
_GROUP_COLUMNS = {"class": "StorageClass", "tier": "IntelligentTieringAccessTier", "encryption": "EncryptionStatus"}


def read_result(groups: Sequence[Path], query: InventoryQuery, folder: Path) -> list[ResultRow]:
    """Return the result of all files of groups, in any order."""
    statement = partial(inventory_sql.result_sql, query)
    return list(duckdb_connection.read_result(groups, folder, statement, ResultRow._make))


def _source(duck: Any, files: Sequence[Path], format_: Format, columns: Collection[str]) -> str:
    """Return SQL that reads the columns of the files under the names of ``inventory_sql``."""
    if format_ == "CSV":
        rows = csv_rows(files, columns, "header = false, compression = 'gzip', allow_quoted_nulls = false")
        return f"(SELECT *, {csv_file.row_bytes(columns)} AS written FROM {rows})"  # noqa: S608  quoted
    if format_ == "ORC":
        return _renamed(duck, _orc(duck, files), columns)
    return _renamed(duck, f"read_parquet({quote_paths(files)})", columns)


def _orc(duck: Any, files: Sequence[Path]) -> str:
    """Return the name of a view of the files. Their schemas must match: pyarrow reads missing columns as null."""
    import pyarrow  # type: ignore[import-untyped,unused-ignore]
    import pyarrow.dataset  # type: ignore[import-untyped,unused-ignore]
    import pyarrow.orc  # type: ignore[import-untyped,unused-ignore]

    try:
        schemas = [pyarrow.orc.ORCFile(str(file)).schema for file in files]
        if any(schema != schemas[0] for schema in schemas):
            raise InvalidReportError("its files must have the same columns")
        duck.register("files", pyarrow.dataset.dataset([str(file) for file in files], format="orc"))
    except (OSError, ValueError, IndexError, pyarrow.ArrowException) as error:
        raise InvalidReportError(f"could not read its files: {one_line(error, files[0].parent)}") from error
    return "files"


def _renamed(duck: Any, source: str, columns: Collection[str]) -> str:
    """Return SQL that reads the columns under their normalized names."""
    described = duck.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608  our own paths
    types = {normalize_column(name): (name, type_) for name, type_, *_ in described}
    if missing := sorted(set(columns) - set(types)):
        raise InvalidReportError(f"its files have no column {missing[0]}, which is in the manifest")
    for name in columns:
        if name in _TYPES and _TYPES[name] not in types[name][1]:
            raise InvalidReportError(f"its files hold {name} as {types[name][1]}, not {_TYPES[name]}")
    values = {name: time_column(quote_name(types[name][0]), types[name][1]) for name in sorted(columns)}
    chosen = ", ".join(f'{value} AS "{name}"' for name, value in values.items())
    return f"(SELECT {chosen} FROM {source})"  # noqa: S608  quoted


# Column → what the name of its type must contain.
_TYPES = {
    **dict.fromkeys(("bucket", "key", "storageclass", "encryptionstatus", "intelligenttieringaccesstier"), "VARCHAR"),
    **dict.fromkeys(("islatest", "isdeletemarker"), "BOOLEAN"),
    "size": "INT",
    "lastmodifieddate": "TIMESTAMP",
}
