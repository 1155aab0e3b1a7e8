"""Aggregation of the data files of a Storage Lens export by DuckDB."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from functools import partial
from pathlib import Path

from s3_monitor.exports.delivery import Delivery
from s3_monitor.exports.lens_manifest import COLUMNS
from s3_monitor.exports.lens_sql import LensRow, groups_sql, result_sql
from s3_monitor.objects import duckdb_connection
from s3_monitor.objects.duckdb_connection import connection, csv_rows, quote_paths, write_parquet
from s3_monitor.objects.manifest import read_files
from s3_monitor.objects.sql_dialect import DUCKDB


def write_groups(
    files: Sequence[Path], delivery: Delivery, accounts: Collection[str], folder: Path, target: Path
) -> None:
    """Group the rows of data files, and write the groups to a file.

    Raises InvalidReportError with the index of the file at fault, as far as it is known, or OSError.
    """

    def write(some: Sequence[Path]) -> None:
        with connection(folder, *{file.parent for file in some}) as duck:
            write_parquet(duck, groups_sql(_source(some, delivery), accounts, DUCKDB), target)

    read_files(files, write)


def _source(files: Sequence[Path], delivery: Delivery) -> str:
    if delivery.format == "Parquet":
        return f"(SELECT {', '.join(COLUMNS)} FROM read_parquet({quote_paths(files)}))"  # noqa: S608  our own paths
    # Numbered, since the names are from the manifest. A header is a row whose record type is not BUCKET.
    rows = csv_rows(files, [f"c{index}" for index in range(len(delivery.columns))], "header = false")
    chosen = ", ".join(f"c{delivery.columns.index(name)} AS {name}" for name in COLUMNS)
    return f"(SELECT {chosen} FROM {rows})"  # noqa: S608


def read_result(groups: Sequence[Path], folder: Path) -> Generator[LensRow]:
    """Yield the rows of all files of groups, sorted by bucket. Close it, or no other file can be read."""
    statement = partial(result_sql, dialect=DUCKDB)
    return duckdb_connection.read_result(groups, folder, statement, lambda row: LensRow._make([*row[:6], row[6:]]))
