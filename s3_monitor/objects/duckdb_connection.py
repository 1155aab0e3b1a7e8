"""DuckDB, which reads the files of inventories and exports.

Its memory is limited for all files. The rest is written to a temporary folder.
"""

from __future__ import annotations

import errno
import importlib
import os
import shutil
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from s3_monitor.objects.manifest import InvalidReportError
from s3_monitor.objects.sql_dialect import quote_text

T = TypeVar("T")
MEMORY = "900MB"  # the limit of DuckDB; the complete process then stays below 1.5 GB
MAX_LINE = 1 << 20  # bytes of a line of CSV; a key has at most 1,024 bytes, or 3,072 if encoded
_ROWS = 10_000  # of a result, read at a time
_THREADS = 4  # at most, since each needs a part of the memory
_MIN_FREE = 1 << 20  # bytes; a disk with less is full
# DuckDB uses all processors, so two queries at a time would only double the memory.
_lock = threading.Lock()
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": MEMORY,
    "threads": str(min(_THREADS, os.cpu_count() or 1)),
    "preserve_insertion_order": "false",
}


def is_installed(module: str) -> bool:
    """Return whether an optional library can be imported."""
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


@contextmanager
def connection(folder: Path, *readable: Path) -> Iterator[Any]:
    """Connect to a database in memory with access to only these folders, since the files are untrusted.

    One connection exists at a time. Raises InvalidReportError for files that cannot be read, or OSError if memory or
    temporary space is exhausted.
    """
    import duckdb

    try:
        with _lock, duckdb.connect(config=_CONFIG) as duck:
            duck.execute(f"SET temp_directory = {quote_text(folder / 'aside')}")
            duck.execute(f"SET allowed_directories = {quote_paths([folder, *sorted(readable)])}")
            duck.execute("SET enable_external_access = false")
            duck.execute("SET lock_configuration = true")
            yield duck
    except duckdb.OutOfMemoryException as error:
        raise OSError(errno.ENOSPC, f"no more memory or temporary space: {one_line(error, folder)}") from error
    except (duckdb.Error, UnicodeError) as error:
        if isinstance(error, duckdb.IOException) and shutil.disk_usage(folder).free < _MIN_FREE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise InvalidReportError(f"could not read its files: {one_line(error, folder, *readable)}") from error


def write_parquet(duck: Any, statement: str, target: Path) -> None:
    """Write the result of a statement to a file."""
    duck.execute(f"COPY ({statement}) TO {quote_text(target)} (FORMAT parquet)")


def read_result(
    groups: Sequence[Path], folder: Path, statement: Callable[[str], str], make: Callable[[Any], T]
) -> Generator[T]:
    """Yield the rows of the result of all files of groups, converted by ``make``.

    Close it, or no other file can be read. ``statement``: SQL that returns groups → SQL of the result. ``folder``: for
    temporary files.
    """
    if not groups:
        return
    with connection(folder, *{file.parent for file in groups}) as duck:
        result = duck.execute(statement(f"SELECT * FROM read_parquet({quote_paths(groups)})"))  # noqa: S608  our paths
        while some := result.fetchmany(_ROWS):
            yield from map(make, some)


def csv_rows(files: Sequence[Path], columns: Iterable[str], options: str) -> str:
    """Return SQL that reads CSV files as AWS writes them, all values as texts."""
    texts = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in columns)
    form = "delim = ',', quote = '\"', escape = '\"', auto_detect = false"
    return f"read_csv({quote_paths(files)}, columns = {{{texts}}}, {form}, max_line_size = {MAX_LINE}, {options})"


def time_column(column: str, type_: str) -> str:
    """Return a column, with times as TIMESTAMP.

    DuckDB compares and shows times that have a time zone in the zone of this machine, and cannot compare nanoseconds
    with milliseconds.
    """
    if type_ in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"):
        return f"make_timestamp(epoch_us(CAST({column} AS TIMESTAMPTZ)))"
    return f"CAST({column} AS TIMESTAMP)" if type_.startswith("TIMESTAMP") and type_ != "TIMESTAMP" else column


def quote_paths(paths: Sequence[Path]) -> str:
    """Return a list of string literals."""
    return "[" + ", ".join(map(quote_text, paths)) + "]"


def one_line(error: Exception, *folders: Path) -> str:
    """Return the message on one line of at most 300 characters, without the names of temporary folders."""
    text = " ".join(str(error).split())
    for folder in folders:
        text = text.replace(f"{folder}{os.sep}", "").replace(str(folder), "…")
    return text if len(text) <= 300 else text[:299] + "…"
