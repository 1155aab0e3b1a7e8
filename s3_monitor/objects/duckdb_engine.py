"""DuckDB: the only place that knows it. Data files on disk become groups, groups become the rows of an answer.

Memory is bounded whatever the files hold: what does not fit is put aside in the folder given.
"""

from __future__ import annotations

import errno
import importlib
import os
import shutil
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from s3_monitor.model.errors import UserError
from s3_monitor.objects import csv_file, inventory_sql
from s3_monitor.objects.inventory_result import check_count
from s3_monitor.objects.inventory_sql import DUCKDB, InventoryQuery, ResultRow
from s3_monitor.objects.manifest import Format, InvalidReportError, normalize_column

MEMORY = "900MB"  # of DuckDB; with the program around it below 1.5 GB
_THREADS = 4  # each needs its share of the memory, whatever the number of processors
_FULL = 1 << 20  # a disk with fewer free bytes is full
_TEXT_LIMIT = 1 << 20  # bytes of a line of CSV; keys are at most 1,024 bytes, thrice as long when encoded
# DuckDB uses several processors; two readings side by side would only double the memory.
_one_at_a_time = threading.Lock()


def missing_library(format_: Format) -> UserError | None:
    """What is missing to read files of a format, and how to get it; null where it is there."""
    if not _there("duckdb"):
        return UserError(
            "reading S3 Inventory needs DuckDB", "python3 -m pip install '.[inventory]' in a copy of the repository"
        )
    if format_ == "ORC" and not _there("pyarrow"):
        return UserError(
            "reading an inventory in ORC needs pyarrow",
            "python3 -m pip install '.[inventory,orc]' in a copy of the repository, or have the inventory delivered as "
            "Parquet",
        )
    return None


def write_groups(files: Sequence[Path], format_: Format, question: InventoryQuery, folder: Path, into: Path) -> None:
    """Write the groups of some data files ``into`` a file. BadReport where the files or a row of theirs do not conform,
    with the file's place among ``files``; OSError where memory or temporary space is used up.

    ``question.columns`` are the manifest's: for CSV they say what the columns are, other files say it themselves and
    must have those that are asked for.
    """
    try:
        _fold(files, format_, question, folder, into)
    except InvalidReportError:
        for number, file in enumerate(files if len(files) > 1 else ()):
            try:
                _fold([file], format_, question, folder, into)
            except InvalidReportError as bad:
                bad.file = number
                raise
        raise


def _fold(files: Sequence[Path], format_: Format, question: InventoryQuery, folder: Path, into: Path) -> None:
    with _one_at_a_time, _connection(folder, *{file.parent for file in files}) as duck:
        source, named = _source(duck, files, format_, question.columns)
        asked, text = question._replace(columns=named), format_ == "CSV"
        statement = inventory_sql.groups_sql(asked, source, DUCKDB, measured=text)
        duck.execute(f"COPY ({statement}) TO {_quoted(into)} (FORMAT parquet)")
        groups = f"SELECT * FROM read_parquet({_list([into])}) WHERE whole = 1"  # noqa: S608  a path of ours
        written = "sum(written)" if text else "0"
        totals = f"SELECT sum(faults), min(fault), sum(objects), {written} FROM ({groups})"  # noqa: S608
        faults, fault, rows, size = duck.execute(totals).fetchone()
        different = ", ".join(f"count(DISTINCT {name})" for name in _NAMED)
        counts = duck.execute(f"SELECT {different} FROM ({groups})").fetchone()  # noqa: S608
    for name, count in zip(_NAMED.values(), counts, strict=True):
        check_count(name, count)
    if faults:
        raise InvalidReportError(f"{faults:,} of {rows:,} rows do not conform: {fault}")
    if text:
        csv_file.check_rows(files, rows or 0, size or 0)


# Columns of groups, which must have few different values.
_NAMED = {"class": "StorageClass", "tier": "IntelligentTieringAccessTier", "encryption": "EncryptionStatus"}


def read_result(groups: Sequence[Path], question: InventoryQuery, folder: Path) -> list[ResultRow]:
    """Of all groups that ``fold`` has written, in any order."""
    with _one_at_a_time, _connection(folder, *{file.parent for file in groups}) as duck:
        facts = f"SELECT * FROM read_parquet({_list(groups)})"  # noqa: S608  paths of ours
        found = duck.execute(inventory_sql.result_sql(question, facts)).fetchall()
    return [ResultRow(*row) for row in found]


def _there(module: str) -> bool:
    try:
        importlib.import_module(module)
    except ImportError:
        return False
    return True


@contextmanager
def _connection(folder: Path, *readable: Path) -> Iterator[Any]:
    """In memory, closed to everything but some folders: files of an inventory are anybody's."""
    import duckdb

    duck = duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": str(min(_THREADS, os.cpu_count() or 1)),
            "preserve_insertion_order": "false",
        }
    )
    try:
        duck.execute(f"SET temp_directory = {_quoted(folder / 'aside')}")
        duck.execute(f"SET allowed_directories = {_list([folder, *sorted(readable)])}")
        duck.execute("SET enable_external_access = false")
        duck.execute("SET lock_configuration = true")
        yield duck
    except duckdb.OutOfMemoryException as error:
        raise OSError(errno.ENOSPC, f"no more memory or temporary space: {_one_line(error, folder)}") from error
    except (duckdb.Error, UnicodeError) as error:
        if isinstance(error, duckdb.IOException) and shutil.disk_usage(folder).free < _FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        raise InvalidReportError(f"its files cannot be read: {_one_line(error, folder, *readable)}") from error
    finally:
        duck.close()


def _source(duck: Any, files: Sequence[Path], format_: Format, columns: Collection[str]) -> tuple[str, Collection[str]]:
    """A table function over the files, and the columns that it has under the names of inventory_sql."""
    if format_ == "CSV":
        names = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in columns)
        form = "header = false, delim = ',', quote = '\"', escape = '\"', auto_detect = false, compression = 'gzip'"
        strict = f"allow_quoted_nulls = false, max_line_size = {_TEXT_LIMIT}"
        rows = f"read_csv({_list(files)}, columns = {{{names}}}, {form}, {strict})"
        return f"(SELECT *, {csv_file.row_bytes(columns)} AS written FROM {rows})", columns  # noqa: S608  quoted
    if format_ == "ORC":
        return _renamed(duck, _orc(duck, files), columns)
    return _renamed(duck, f"read_parquet({_list(files)})", columns)


def _orc(duck: Any, files: Sequence[Path]) -> str:
    """A view of the files, all of one schema: pyarrow fills what a file lacks with nulls."""
    import pyarrow  # type: ignore[import-untyped,unused-ignore]
    import pyarrow.dataset  # type: ignore[import-untyped,unused-ignore]
    import pyarrow.orc  # type: ignore[import-untyped,unused-ignore]

    try:
        schemas = [pyarrow.orc.ORCFile(str(file)).schema for file in files]
        if any(schema != schemas[0] for schema in schemas):
            raise InvalidReportError("its files differ in their columns")
        duck.register("files", pyarrow.dataset.dataset([str(file) for file in files], format="orc"))
    except (OSError, ValueError, IndexError, pyarrow.ArrowException) as error:
        raise InvalidReportError(f"its files cannot be read: {_one_line(error, files[0].parent)}") from error
    return "files"


def _renamed(duck: Any, source: str, columns: Collection[str]) -> tuple[str, Collection[str]]:
    """The columns asked for under their one name each."""
    described = duck.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608  paths of ours
    types = {normalize_column(name): (name, type_) for name, type_, *_ in described}
    if missing := sorted(set(columns) - set(types)):
        raise InvalidReportError(f"its files have no column {missing[0]}, of which the manifest speaks")
    for name in columns:
        if name in _TYPES and _TYPES[name] not in types[name][1]:
            raise InvalidReportError(f"its files hold {name} as {types[name][1]}, not {_TYPES[name]}")
    chosen = ", ".join(f'{_value(*types[name])} AS "{name}"' for name in sorted(columns))
    return f"(SELECT {chosen} FROM {source})", columns  # noqa: S608  quoted


# What a type's name must contain.
_TYPES = {
    **dict.fromkeys(("bucket", "key", "storageclass", "encryptionstatus", "intelligenttieringaccesstier"), "VARCHAR"),
    **dict.fromkeys(("islatest", "isdeletemarker"), "BOOLEAN"),
    "size": "INT",
    "lastmodifieddate": "TIMESTAMP",
}


def _value(name: str, type_: str) -> str:
    """A column; times as TIMESTAMP: DuckDB compares those with a zone in the zone of this machine, and has no
    comparison of nanoseconds with milliseconds."""
    quoted = f'"{_escaped(name)}"'
    if type_ in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS"):
        return f"make_timestamp(epoch_us(CAST({quoted} AS TIMESTAMPTZ)))"
    return f"CAST({quoted} AS TIMESTAMP)" if type_.startswith("TIMESTAMP") and type_ != "TIMESTAMP" else quoted


def _escaped(name: str) -> str:
    return name.replace('"', '""')


def _text(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _quoted(path: Path) -> str:
    return _text(path)


def _list(paths: Sequence[Path]) -> str:
    return "[" + ", ".join(map(_quoted, paths)) + "]"


def _one_line(error: Exception, *folders: Path) -> str:
    """Short, and without the names of folders, which are others every time."""
    text = " ".join(str(error).split())
    for folder in folders:
        text = text.replace(f"{folder}{os.sep}", "").replace(str(folder), "…")
    return text if len(text) <= 300 else text[:299] + "…"
