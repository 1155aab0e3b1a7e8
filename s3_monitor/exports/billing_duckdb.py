"""Aggregation of the data files of a billing export by DuckDB: to groups, and of groups to the rows of the result."""

from __future__ import annotations

from collections.abc import Collection, Generator, Sequence
from pathlib import Path

from s3_monitor.exports import billing_sql
from s3_monitor.exports.billing_columns import Columns, columns_of
from s3_monitor.exports.billing_sql import ChargeGroup, ChargeQuery
from s3_monitor.exports.delivery import Format
from s3_monitor.exports.export_files import group_files, is_compressed, source_sql
from s3_monitor.exports.zip_file import convert_to_gzip
from s3_monitor.objects import csv_file, duckdb_connection
from s3_monitor.objects.duckdb_connection import connection, write_parquet
from s3_monitor.objects.manifest import file_at_fault, read_files
from s3_monitor.objects.sql_dialect import DUCKDB

_MAX_CONTENT = 2 << 30  # bytes of decompressed files of a batch; a batch has at most 1 GiB


def write_groups(
    files: Sequence[Path],
    format_: Format,
    query: ChargeQuery,
    folder: Path,
    target: Path,
    unverified: Collection[Path] = (),
) -> list[Columns]:
    """Aggregate data files to groups, and write these to files that begin with the path ``target``.

    ``unverified``: files without a known MD5. DuckDB ignores the checksum of gzip, so gzip verifies these.

    Returns the columns of each group of files with the same columns. Raises InvalidReportError with the index of the
    file at fault, as far as it is known, or OSError if memory or temporary space is exhausted.
    """

    def write(some: Sequence[Path]) -> list[Columns]:
        if format_ == "CSV":
            _prepare_csv(some, unverified)
        return _write_groups(some, format_, query, folder, target)

    return read_files(files, write)


def _write_groups(
    files: Sequence[Path], format_: Format, query: ChargeQuery, folder: Path, target: Path
) -> list[Columns]:
    found = []
    with connection(folder, *{file.parent for file in files}) as duck:
        for number, (columns, of_columns) in enumerate(group_files(duck, files, format_).items()):
            with file_at_fault(files.index(of_columns[0])):
                read = columns_of(query.kind, columns.by_name, query.tag)
            found.append(read)
            needed = sorted({name for names in read.names.values() for name in names} | {read.tag} - {""})
            source = source_sql(of_columns, columns, needed)
            statement = billing_sql.groups_sql(query, read, columns.by_name, source, DUCKDB)
            path = target.with_name(f"{target.stem}-{number}.parquet")
            write_parquet(duck, statement, path)
    return found


def _prepare_csv(files: Sequence[Path], unverified: Collection[Path]) -> None:
    for index, file in enumerate(files):
        with file_at_fault(index):
            convert_to_gzip(file)
    csv_file.decompress([file for file in files if file in unverified and is_compressed(file)], _MAX_CONTENT)


def read_result(groups: Sequence[Path], folder: Path) -> Generator[ChargeGroup]:
    """Yield the result of all files of groups, in any order of the files. Close it, or no other file can be read."""
    return duckdb_connection.read_result(groups, folder, billing_sql.result_sql, ChargeGroup._make)
