"""Writes the data files of a report: buckets.json, buckets.csv, summary.json, junit.xml."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from itertools import tee, zip_longest
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from s3_monitor.merge import Facts
from s3_monitor.model import bucket, summary
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.files import replaced, write_atomically
from s3_monitor.report import junit, spreadsheet
from s3_monitor.report.beside import beside, can_be
from s3_monitor.report.data import ALL, Lines, Reckoned

_MANY = 50_000  # buckets: half of them take longer to write than a second process to start
_COPIED = 2**20  # bytes at a time


class Files(NamedTuple):
    json: IO[bytes]
    csv: IO[bytes]


def write_data(out: Path, facts: Facts, reckoned: Reckoned, *, many: int = _MANY) -> None:
    """Each file whole or not at all; summary.json last, so that where it is the others are. OSError.

    The buckets are written as they are made, and none is kept: from ``many`` (two or more) on by two processes.
    """
    out.mkdir(parents=True, exist_ok=True)
    with replaced(out / "buckets.json") as json_file, replaced(out / "buckets.csv") as csv_file:
        files = Files(json_file, csv_file)
        if len(facts.buckets) >= many and facts.plan.bill is None and can_be():
            _write_halves(reckoned.lines, len(facts.buckets) // 2, files, out)
        else:
            for_json, for_csv = tee(reckoned.lines(ALL))
            for of_json, of_csv in zip_longest(bucket.pieces(for_json), spreadsheet.pieces(for_csv), fillvalue=b""):
                json_file.write(of_json)
                csv_file.write(of_csv)
    write_atomically(out / "junit.xml", junit.encode(facts, reckoned.summary))
    write_atomically(out / "summary.json", summary.encode(reckoned.summary))


def _write_halves(lines: Lines, middle: int, files: Files, folder: Path) -> None:
    """The second half into files without names, which go when nobody has them open any more, by another process. Not
    with a bill, whose columns buckets.csv has then."""
    first, second = lines(slice(middle)), lines(slice(middle, None))
    with TemporaryFile(dir=folder) as json_rest, TemporaryFile(dir=folder) as csv_rest:
        rest = Files(json_rest, csv_rest)

        def write_rest() -> None:
            _write_some(second, rest)
            for file in rest:
                file.flush()

        files.json.write(b"[")
        files.csv.write(spreadsheet.heading(billed=False))
        with beside(write_rest):
            _write_some(first, files)
        files.json.write(b",")
        for file, of_rest in zip(files, rest, strict=True):
            of_rest.seek(0)
            shutil.copyfileobj(of_rest, file, _COPIED)
        files.json.write(b"\n]\n")


def _write_some(chunks: Iterable[Sequence[Bucket]], files: Files) -> None:
    """Without the bracket and the heading before all of them, and the bracket behind."""
    between = b"\n"
    for chunk in chunks:
        files.json.write(between + bucket.members(chunk))
        files.csv.write(spreadsheet.rows(chunk, billed=False))
        between = b",\n"
