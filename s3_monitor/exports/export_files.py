"""The data files of an export on this machine: their columns, and SQL of DuckDB that reads them.

Files of one delivery may have different columns, so they are grouped by their columns.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from s3_monitor.exports.delivery import Format
from s3_monitor.objects.duckdb_connection import MAX_LINE, csv_rows, quote_paths, time_column
from s3_monitor.objects.manifest import InvalidReportError, file_at_fault, normalize_column
from s3_monitor.objects.sql_dialect import quote_name, quote_text

_GZIP = b"\x1f\x8b"


class FileColumns(NamedTuple):
    """The columns of a file, by which files are grouped."""

    format: Format
    names: tuple[str, ...]
    """In order, as in the file."""
    types: tuple[str, ...]
    """Types of DuckDB."""
    compressed: bool = False
    """CSV is compressed with gzip."""

    @property
    def by_name(self) -> dict[str, str]:
        """Return the types by normalized name. Of columns with the same name, the first counts."""
        return {normalize_column(name): type_ for name, type_ in reversed([*zip(self.names, self.types, strict=True)])}


def group_files(duck: Any, files: Sequence[Path], format_: Format) -> dict[FileColumns, list[Path]]:
    """Return the files by their columns, without those of 0 rows and no header. Raises InvalidReportError."""
    groups: dict[FileColumns, list[Path]] = {}
    for index, file in enumerate(files):
        with file_at_fault(index):
            columns = _csv_columns(file) if format_ == "CSV" else _parquet_columns(duck, file)
        if columns is not None:
            groups.setdefault(columns, []).append(file)
    return groups


def source_sql(files: Sequence[Path], columns: FileColumns, read: Sequence[str]) -> str:
    """Return the SQL of a subquery that reads some columns under their normalized names."""
    names = dict(reversed([(normalize_column(name), index) for index, name in enumerate(columns.names)]))
    if columns.format == "CSV":
        # Numbered, since names that differ only in case are one name for DuckDB.
        options = f"header = true, compression = '{'gzip' if columns.compressed else 'none'}'"
        rows = csv_rows(files, [f"c{index}" for index in range(len(columns.names))], options)
        values = {name: f"c{names[name]}" for name in read}
    else:
        rows = f"read_parquet({quote_paths(files)})"
        values = {
            name: time_column(quote_name(columns.names[names[name]]), columns.types[names[name]]) for name in read
        }
    chosen = ", ".join(f"{value} AS {quote_name(name)}" for name, value in values.items())
    return f"(SELECT {chosen} FROM {rows})"  # noqa: S608  quoted


def header_of(file: Path) -> list[str]:
    """Return the first row of a CSV file; empty for a file without content. Raises InvalidReportError."""
    try:
        with _open(file) as stream:
            return next(csv.reader(_lines(stream)), [])
    except (OSError, EOFError, UnicodeError, csv.Error, zlib.error) as error:
        raise InvalidReportError(f"could not read its header: {error}") from error


def _csv_columns(file: Path) -> FileColumns | None:
    names = tuple(header_of(file))
    if not names:
        return None
    return FileColumns("CSV", names, ("VARCHAR",) * len(names), is_compressed(file))


def _parquet_columns(duck: Any, file: Path) -> FileColumns | None:
    if not file.stat().st_size:
        return None
    described = duck.execute(f"DESCRIBE SELECT * FROM read_parquet({quote_text(file)})").fetchall()  # noqa: S608
    return FileColumns("Parquet", tuple(row[0] for row in described), tuple(row[1] for row in described))


def is_compressed(file: Path) -> bool:
    """Return whether a file begins like a gzip file."""
    with file.open("rb") as stream:
        return stream.read(2) == _GZIP


def _open(file: Path) -> IO[bytes]:
    return gzip.open(file) if is_compressed(file) else file.open("rb")  # type: ignore[return-value]


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """Yield lines of limited length. A byte order mark is removed."""
    first = True
    while line := stream.readline(MAX_LINE):
        yield line.decode("utf-8-sig" if first else "utf-8")
        first = False
