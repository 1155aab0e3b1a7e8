"""Write the data files of a report: JSON, CSV, findings, metrics.prom and junit.xml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

from s3_monitor.merge.merged_data import MergedData
from s3_monitor.model import bucket, summary
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.output import atomic_writer, flush_to_disk
from s3_monitor.report import csv_files, findings_json, junit, metrics, sarif
from s3_monitor.report.csv_files import Columns
from s3_monitor.report.data import ReportData
from s3_monitor.report.finding_entries import object_counts
from s3_monitor.report.site_folder import remove_index


class Files(NamedTuple):
    """The files that hold buckets."""

    json: IO[bytes]
    buckets_csv: IO[bytes]
    storage_csv: IO[bytes]


def write_data(out: Path, facts: MergedData, data: ReportData) -> None:
    """Write all data files or none: each is renamed when all are complete on the disk, summary.json last.

    The index of an earlier report is removed before, because its pages show other data. Buckets are written in chunks,
    so that memory does not grow with their number. Raises OSError.
    """
    out.mkdir(parents=True, exist_ok=True)
    bill = data.summary.bill
    columns = Columns(data.summary.currency, facts.plan.details, bill.currency if bill else None)
    with (
        atomic_writer(out / "summary.json") as summary_file,
        atomic_writer(out / "junit.xml") as junit_file,
        atomic_writer(out / "findings.sarif") as sarif_file,
        atomic_writer(out / "findings.json") as findings_file,
        atomic_writer(out / "metrics.prom") as metrics_file,
        atomic_writer(out / "storage.csv") as storage_file,
        atomic_writer(out / "buckets.csv") as buckets_file,
        atomic_writer(out / "buckets.json") as json_file,
    ):
        files = Files(json_file, buckets_file, storage_file)
        files.buckets_csv.write(csv_files.BUCKETS.heading(columns))
        files.storage_csv.write(csv_files.STORAGE.heading(columns))
        top = metrics.most_expensive(_written(data.buckets(), files, columns), facts.plan.report.top)
        findings_json.write(findings_file, data.summary, data.findings, object_counts(facts))
        sarif.write(sarif_file, data.findings, data.summary.currency)
        metrics_file.write(metrics.encode(facts, data.summary, top))
        junit_file.write(junit.encode(facts, data.summary, data.policies))
        summary_file.write(summary.encode(data.summary))
        for file in (*files, findings_file, sarif_file, metrics_file, junit_file, summary_file):
            flush_to_disk(file)
        remove_index(out)


def _written(chunks: Iterable[Sequence[Bucket]], files: Files, columns: Columns) -> Iterator[Bucket]:
    """Write the buckets as elements and rows, and yield each."""
    start = b"[\n"
    for chunk in chunks:
        files.json.write(start + bucket.encode_elements(chunk))
        files.buckets_csv.write(csv_files.BUCKETS.rows(chunk, columns))
        files.storage_csv.write(csv_files.STORAGE.rows(chunk, columns))
        start = b",\n"
        yield from chunk
    files.json.write(b"[]\n" if start == b"[\n" else b"\n]\n")
