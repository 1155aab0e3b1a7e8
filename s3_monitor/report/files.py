"""Writes the data files of a report: buckets.json, buckets.csv, summary.json, junit.xml."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import tee, zip_longest
from pathlib import Path

from s3_monitor.merge import Facts
from s3_monitor.model import bucket, summary
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.files import replaced, write_atomically
from s3_monitor.model.summary import Summary
from s3_monitor.report import junit, spreadsheet


def write_data(out: Path, facts: Facts, chunks: Iterable[Sequence[Bucket]], sums: Summary) -> None:
    """Each file whole or not at all; summary.json last, so that where it is the others are. OSError.

    ``chunks``: the buckets, some at a time. They are written as they come, and none is kept.
    """
    out.mkdir(parents=True, exist_ok=True)
    for_json, for_csv = tee(chunks)
    pieces = zip_longest(bucket.pieces(for_json), spreadsheet.pieces(for_csv), fillvalue=b"")
    with replaced(out / "buckets.json") as json_file, replaced(out / "buckets.csv") as csv_file:
        for of_json, of_csv in pieces:
            json_file.write(of_json)
            csv_file.write(of_csv)
    write_atomically(out / "junit.xml", junit.encode(facts, sums))
    write_atomically(out / "summary.json", summary.encode(sums))
