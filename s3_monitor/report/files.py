"""Writes the data files of a report: buckets.json, buckets.csv, summary.json, junit.xml."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from s3_monitor.merge import Facts
from s3_monitor.model import bucket, summary
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.files import write_atomically
from s3_monitor.model.summary import Summary
from s3_monitor.report import junit, spreadsheet


def write_data(out: Path, facts: Facts, buckets: Sequence[Bucket], sums: Summary) -> None:
    """Each file whole or not at all; summary.json last, so that where it is the others are. OSError."""
    out.mkdir(parents=True, exist_ok=True)
    write_atomically(out / "buckets.json", bucket.pieces(buckets))
    write_atomically(out / "buckets.csv", spreadsheet.pieces(buckets))
    write_atomically(out / "junit.xml", junit.encode(facts, sums))
    write_atomically(out / "summary.json", summary.encode(sums))
