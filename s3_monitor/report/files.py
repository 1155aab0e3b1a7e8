"""Writes the data files of a report: buckets.json, buckets.csv, summary.json, junit.xml."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from itertools import tee, zip_longest
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from s3_monitor.merge import BucketRecord, Facts
from s3_monitor.model import bucket, summary
from s3_monitor.model.bucket import CHUNK, Bucket
from s3_monitor.model.files import replaced, write_atomically
from s3_monitor.report import junit, spreadsheet
from s3_monitor.report.beside import beside, can_be
from s3_monitor.report.data import Reckoned
from s3_monitor.report.texts import Text, are_plain, texts

_MANY = 50_000  # buckets: half of them take longer to write than a second process to start
_COPIED = 2**20  # bytes at a time
Write = Callable[[Sequence[BucketRecord]], Text]


class Files(NamedTuple):
    json: IO[bytes]
    csv: IO[bytes]


def write_data(out: Path, facts: Facts, reckoned: Reckoned, *, many: int = _MANY) -> None:
    """Each file whole or not at all; summary.json last, so that where it is the others are. OSError.

    From ``many`` buckets on, two processes write them.
    """
    out.mkdir(parents=True, exist_ok=True)
    with replaced(out / "buckets.json") as json_file, replaced(out / "buckets.csv") as csv_file:
        files = Files(json_file, csv_file)
        if facts.buckets and are_plain(facts.plan):
            write = texts(reckoned.rates, facts.plan)
            csv_file.write(spreadsheet.heading(billed=False))
            json_file.write(b"[\n")
            if len(facts.buckets) >= many and can_be():
                _write_halves(facts.buckets, write, files, out)
            else:
                _write_some(facts.buckets, write, files)
            json_file.write(b"\n]\n")
        else:
            _write_chunks(reckoned.chunks, files)
    write_atomically(out / "junit.xml", junit.encode(facts, reckoned.summary))
    write_atomically(out / "summary.json", summary.encode(reckoned.summary))


def _write_chunks(chunks: Iterable[Sequence[Bucket]], files: Files) -> None:
    """As they come: none is kept."""
    for_json, for_csv = tee(chunks)
    for of_json, of_csv in zip_longest(bucket.pieces(for_json), spreadsheet.pieces(for_csv), fillvalue=b""):
        files.json.write(of_json)
        files.csv.write(of_csv)


def _write_some(records: Sequence[BucketRecord], write: Write, files: Files) -> None:
    between = b""
    for start in range(0, len(records), CHUNK):
        text = write(records[start : start + CHUNK])
        files.json.write(between + text.json)
        files.csv.write(text.csv)
        between = b",\n"


def _write_halves(records: Sequence[BucketRecord], write: Write, files: Files, folder: Path) -> None:
    """The second half into files without names, which go when nobody has them open any more, by another process."""
    middle = len(records) // 2
    with TemporaryFile(dir=folder) as json_rest, TemporaryFile(dir=folder) as csv_rest:
        rest = Files(json_rest, csv_rest)

        def write_rest() -> None:
            _write_some(records[middle:], write, rest)
            for file in rest:
                file.flush()

        with beside(write_rest):
            _write_some(records[:middle], write, files)
        files.json.write(b",\n")
        for file, of_rest in zip(files, rest, strict=True):
            of_rest.seek(0)
            shutil.copyfileobj(of_rest, file, _COPIED)
