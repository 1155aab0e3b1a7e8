"""Aggregation of the data files of a Storage Lens export by DuckDB."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from pathlib import Path

from s3_monitor.exports.delivery import Delivery
from s3_monitor.exports.lens_manifest import COLUMNS
from s3_monitor.exports.lens_sql import LensRow, groups_sql, result_sql
from s3_monitor.objects.duckdb_connection import MAX_LINE, connection, quote_paths
from s3_monitor.objects.sql_dialect import quote_text

_ROWS = 10_000  # of the result, read at a time


def write_groups(
    files: Sequence[Path], delivery: Delivery, accounts: Collection[str], folder: Path, target: Path
) -> None:
    """Group the rows of data files, and write the groups to a file. Raises InvalidReportError or OSError."""
    with connection(folder, *{file.parent for file in files}) as duck:
        statement = groups_sql(_source(files, delivery), accounts)
        duck.execute(f"COPY ({statement}) TO {quote_text(target)} (FORMAT parquet)")


def _source(files: Sequence[Path], delivery: Delivery) -> str:
    if delivery.format == "Parquet":
        return f"(SELECT {', '.join(COLUMNS)} FROM read_parquet({quote_paths(files)}))"  # noqa: S608  our own paths
    # Numbered, since the names are from the manifest. A header is a row whose record type is not BUCKET.
    listed = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(delivery.columns)))
    form = "header = false, delim = ',', quote = '\"', escape = '\"', auto_detect = false"
    rows = f"read_csv({quote_paths(files)}, columns = {{{listed}}}, {form}, max_line_size = {MAX_LINE})"
    chosen = ", ".join(f"c{delivery.columns.index(name)} AS {name}" for name in COLUMNS)
    return f"(SELECT {chosen} FROM {rows})"  # noqa: S608


def read_result(groups: Sequence[Path], folder: Path) -> Generator[LensRow]:
    """Yield the rows of all files of groups, sorted by bucket. Close it, or no other file can be read."""
    if not groups:
        return
    with connection(folder, *{file.parent for file in groups}) as duck:
        result = duck.execute(result_sql(f"read_parquet({quote_paths(groups)})"))
        while some := result.fetchmany(_ROWS):
            for row in some:
                account, region, bucket, storage_class, is_invalid, *figures = row
                yield LensRow(account, region, bucket, storage_class, is_invalid, tuple(figures))
