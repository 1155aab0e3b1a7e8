"""DuckDB, which reads the files of inventories and exports.

Its memory is limited for all files. The rest is written to a temporary folder.
"""

from __future__ import annotations

import errno
import importlib
import os
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from s3_monitor.objects.manifest import InvalidReportError
from s3_monitor.objects.sql_dialect import quote_text

MEMORY = "900MB"  # the limit of DuckDB; the complete process then stays below 1.5 GB
MAX_LINE = 1 << 20  # bytes of a line of CSV; a key has at most 1,024 bytes, or 3,072 if encoded
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


def quote_paths(paths: Sequence[Path]) -> str:
    """Return a list of string literals."""
    return "[" + ", ".join(map(quote_text, paths)) + "]"


def one_line(error: Exception, *folders: Path) -> str:
    """Return the message on one line of at most 300 characters, without the names of temporary folders."""
    text = " ".join(str(error).split())
    for folder in folders:
        text = text.replace(f"{folder}{os.sep}", "").replace(str(folder), "…")
    return text if len(text) <= 300 else text[:299] + "…"
