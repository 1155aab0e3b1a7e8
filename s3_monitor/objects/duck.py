"""DuckDB: the only place that knows it. Data files on disk become groups, groups become the rows of an answer.

Memory is bounded whatever the files hold: what does not fit is put aside in the folder given.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from s3_monitor.model.failure import UserError
from s3_monitor.objects import inventory_sql
from s3_monitor.objects.inventory_sql import DUCKDB, Question, Row
from s3_monitor.objects.manifest import BadReport, Format, column

MEMORY = "900MB"  # of DuckDB; with the program around it below 1.5 GB
_THREADS = 4  # each needs its share of the memory, whatever the number of processors
_TEXT_LIMIT = 1 << 20  # bytes of a line of CSV; keys are at most 1,024 bytes, thrice as long when encoded
# DuckDB uses several processors; two readings side by side would only double the memory.
_one_at_a_time = threading.Lock()


def needs(format_: Format) -> UserError | None:
    """What is missing to read files of a format, and how to get it; null where it is there."""
    if not _there("duckdb"):
        return UserError("reading S3 Inventory needs DuckDB", "python3 -m pip install 's3-monitor[inventory]'")
    if format_ == "ORC" and not _there("pyarrow"):
        return UserError(
            "reading an inventory in ORC needs pyarrow",
            "python3 -m pip install 's3-monitor[inventory,orc]', or have the inventory delivered as Parquet",
        )
    return None


def fold(files: Sequence[Path], format_: Format, question: Question, folder: Path, into: Path) -> None:
    """The groups of some data files, written ``into`` a file. BadReport where they cannot be read.

    ``question.columns`` are the manifest's: for CSV they say what the columns are, other files say it themselves and
    must have those that are asked for.
    """
    with _one_at_a_time, _connection(folder, *{file.parent for file in files}) as duck:
        source, named = _source(duck, files, format_, question.columns)
        asked = question._replace(columns=named)
        statement = inventory_sql.facts(asked, source, DUCKDB)
        duck.execute(f"COPY ({statement}) TO {_quoted(into)} (FORMAT parquet)")


def answers(groups: Sequence[Path], question: Question, folder: Path) -> list[Row]:
    """Of all groups that ``fold`` has written, in any order."""
    with _one_at_a_time, _connection(folder, *{file.parent for file in groups}) as duck:
        facts = f"SELECT * FROM read_parquet({_list(groups)})"  # noqa: S608  paths of ours
        found = duck.execute(inventory_sql.answers(question, facts)).fetchall()
    return [Row(*row) for row in found]


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
    except (duckdb.Error, UnicodeError) as error:
        raise BadReport(f"its files cannot be read: {_one_line(error, folder, *readable)}") from error
    finally:
        duck.close()


def _source(duck: Any, files: Sequence[Path], format_: Format, columns: Collection[str]) -> tuple[str, Collection[str]]:
    """A table function over the files, and the columns that it has under the names of inventory_sql."""
    if format_ == "CSV":
        names = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in columns)
        form = "header = false, delim = ',', quote = '\"', escape = '\"', auto_detect = false, compression = 'gzip'"
        return f"read_csv({_list(files)}, columns = {{{names}}}, {form}, max_line_size = {_TEXT_LIMIT})", columns
    if format_ == "ORC":
        import pyarrow.dataset  # type: ignore[import-untyped,unused-ignore]

        try:
            duck.register("files", pyarrow.dataset.dataset([str(file) for file in files], format="orc"))
        except (OSError, ValueError) as error:
            raise BadReport(f"its files cannot be read: {_one_line(error, files[0].parent)}") from error
        return _renamed(duck, "files", columns)
    return _renamed(duck, f"read_parquet({_list(files)})", columns)


def _renamed(duck: Any, source: str, columns: Collection[str]) -> tuple[str, Collection[str]]:
    """The columns asked for under their one name each."""
    described = duck.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608  paths of ours
    types = {column(name): (name, type_) for name, type_, *_ in described}
    if missing := sorted(set(columns) - set(types)):
        raise BadReport(f"its files have no column {missing[0]}, of which the manifest speaks")
    for name, wanted in (("size", "INT"), ("lastmodifieddate", "TIMESTAMP"), ("key", "VARCHAR")):
        if name in columns and wanted not in types[name][1]:
            raise BadReport(f"its files hold {name} as {types[name][1]}, not {wanted}")
    chosen = ", ".join(f'{_value(*types[name])} AS "{name}"' for name in sorted(columns))
    return f"(SELECT {chosen} FROM {source})", columns  # noqa: S608  quoted


def _value(name: str, type_: str) -> str:
    """A column; of times in UTC without their zone, with which they would be compared in the zone of this machine."""
    quoted = f'"{_escaped(name)}"'
    zoned = type_ in ("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ_NS")
    return f"make_timestamp(epoch_us(CAST({quoted} AS TIMESTAMPTZ)))" if zoned else quoted


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
