"""Write the data files of a report: JSON, CSV, findings, metrics.prom and junit.xml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from s3_monitor.merge.merged_data import MergedData
from s3_monitor.model import bucket, summary
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.output import atomic_writer, flush_to_disk
from s3_monitor.report import csv_files, findings_json, junit, metrics, sarif
from s3_monitor.report.csv_files import Columns
from s3_monitor.report.data import ReportData
from s3_monitor.report.site_folder import remove_index

# The first one is renamed last.
_NAMES = (
    "summary.json", "junit.xml", "findings.sarif", "findings.json", "metrics.prom",
    "storage.csv", "buckets.csv", "buckets.json",
)  # fmt: skip
Files = Mapping[str, IO[bytes]]


def write_data(out: Path, facts: MergedData, data: ReportData) -> None:
    """Write all data files or none: each is renamed when all are complete on the disk, summary.json last.

    The index of an earlier report is removed before, because its pages show other data. Buckets are written in chunks,
    so that memory does not grow with their number. Raises OSError.
    """
    out.mkdir(parents=True, exist_ok=True)
    bill = data.summary.bill
    columns = Columns(data.summary.currency, facts.plan.details, bill.currency if bill else None)
    with ExitStack() as stack:
        files = {name: stack.enter_context(atomic_writer(out / name)) for name in _NAMES}
        files["buckets.csv"].write(csv_files.BUCKETS.heading(columns))
        files["storage.csv"].write(csv_files.STORAGE.heading(columns))
        top = metrics.most_expensive(_written(data.buckets(), files, columns), facts.plan.report.top)
        findings_json.write(files["findings.json"], data.summary, data.findings, findings_json.object_counts(facts))
        sarif.write(files["findings.sarif"], data.findings, data.summary.currency)
        files["metrics.prom"].write(metrics.encode(facts, data.summary, top))
        files["junit.xml"].write(junit.encode(facts, data.summary, data.policies))
        files["summary.json"].write(summary.encode(data.summary))
        for file in files.values():
            flush_to_disk(file)
        remove_index(out)


def _written(chunks: Iterable[Sequence[Bucket]], files: Files, columns: Columns) -> Iterator[Bucket]:
    """Write the buckets as elements and rows, and yield each."""
    start = b"[\n"
    for chunk in chunks:
        files["buckets.json"].write(start + bucket.encode_elements(chunk))
        files["buckets.csv"].write(csv_files.BUCKETS.rows(chunk, columns))
        files["storage.csv"].write(csv_files.STORAGE.rows(chunk, columns))
        start = b",\n"
        yield from chunk
    files["buckets.json"].write(b"[]\n" if start == b"[\n" else b"\n]\n")
