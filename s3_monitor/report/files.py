"""Write the data files of a report: buckets.json, buckets.csv, storage.csv, summary.json, junit.xml."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from s3_monitor.merge import Facts
from s3_monitor.model import bucket, summary
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.output import atomic_writer, flush_to_disk
from s3_monitor.report import buckets_csv, junit, storage_csv
from s3_monitor.report.beside import beside, can_be
from s3_monitor.report.csv_cells import Columns
from s3_monitor.report.data import ALL, Lines, Reckoned
from s3_monitor.report.site_folder import remove_index

_MANY = 50_000  # buckets: half of them take longer to write than a second process to start
_COPIED = 2**20  # bytes at a time


class Files(NamedTuple):
    """The files that hold buckets."""

    json: IO[bytes]
    buckets_csv: IO[bytes]
    storage_csv: IO[bytes]


def write_data(out: Path, facts: Facts, reckoned: Reckoned, *, many: int = _MANY) -> None:
    """Write all data files or none: each gets its name when all are complete on the disk, summary.json as the last.
    The index of an earlier report is removed before, since its pages show other data. OSError.

    The buckets are written as they are made, and none is kept: from ``many`` (two or more) on by two processes.
    """
    out.mkdir(parents=True, exist_ok=True)
    bill = reckoned.summary.bill
    columns = Columns(reckoned.summary.currency, facts.plan.details, bill.currency if bill else None)
    with (
        atomic_writer(out / "summary.json") as summary_file,
        atomic_writer(out / "junit.xml") as junit_file,
        atomic_writer(out / "storage.csv") as storage_file,
        atomic_writer(out / "buckets.csv") as buckets_file,
        atomic_writer(out / "buckets.json") as json_file,
    ):
        files = Files(json_file, buckets_file, storage_file)
        files.buckets_csv.write(buckets_csv.heading(columns))
        files.storage_csv.write(storage_csv.heading(columns))
        if len(facts.buckets) >= many and facts.plan.bill is None and can_be():
            _write_halves(reckoned.lines, len(facts.buckets) // 2, files, columns, out)
        else:
            files.json.write(b"[")
            is_empty = _write_some(reckoned.lines(ALL), files, columns)
            files.json.write(b"]\n" if is_empty else b"\n]\n")
        junit_file.write(junit.encode(facts, reckoned.summary))
        summary_file.write(summary.encode(reckoned.summary))
        for file in (*files, junit_file, summary_file):
            flush_to_disk(file)
        remove_index(out)


def _write_halves(lines: Lines, middle: int, files: Files, columns: Columns, folder: Path) -> None:
    """Write the second half in another process, into unnamed files that disappear when they are closed."""
    first, second = lines(slice(middle)), lines(slice(middle, None))
    with ExitStack() as stack:
        rest = Files(*[stack.enter_context(TemporaryFile(dir=folder)) for _ in Files._fields])

        def write_rest() -> None:
            _write_some(second, rest, columns)
            for file in rest:
                file.flush()

        files.json.write(b"[")
        with beside(write_rest):
            _write_some(first, files, columns)
        files.json.write(b",")
        for file, of_rest in zip(files, rest, strict=True):
            of_rest.seek(0)
            shutil.copyfileobj(of_rest, file, _COPIED)
        files.json.write(b"\n]\n")


def _write_some(chunks: Iterable[Sequence[Bucket]], files: Files, columns: Columns) -> bool:
    """Write buckets without what encloses all of them. Return whether there were none."""
    between = b""
    for chunk in chunks:
        files.json.write(between + b"\n" + bucket.members(chunk))
        files.buckets_csv.write(buckets_csv.rows(chunk, columns))
        files.storage_csv.write(storage_csv.rows(chunk, columns))
        between = b","
    return not between
