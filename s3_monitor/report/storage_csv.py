"""report/storage.csv: one row per bucket and storage type, columns named as in buckets.json."""

from __future__ import annotations

from collections.abc import Sequence

from s3_monitor.model.bucket import Bucket
from s3_monitor.report import csv_cells as cells
from s3_monitor.report.csv_cells import Columns

_HEADINGS = (
    "name", "region", "account", "kind", "state", "as_of", "storage_type", "size", "cost", "currency", "num_objects",
)  # fmt: skip
_BILLED = ("billed_cost", "billed_currency")  # only where the bill was requested


def heading(columns: Columns) -> bytes:
    """Return the first line."""
    names = (*_HEADINGS, *(_BILLED if columns.billed_currency is not None else ()))
    return (",".join(names) + "\r\n").encode()


def rows(buckets: Sequence[Bucket], columns: Columns) -> bytes:
    """Return the rows without the heading. A bucket without storage lines has none."""
    lines = [line for bucket in buckets for line in bucket.storage.values()]
    if not lines:
        return b""
    names = cells.texts([bucket.name for bucket in buckets])
    starts = [
        f"{name},{cells.shared_text(bucket.region)},{cells.shared_text(bucket.account)},{bucket.kind},{bucket.state},"
        f"{cells.day(bucket.as_of)}"
        for bucket, name in zip(buckets, names, strict=True)
    ]
    found: list[Sequence[str]] = [
        [start for bucket, start in zip(buckets, starts, strict=True) for _ in bucket.storage],
        [cells.shared_text(name) for bucket in buckets for name in bucket.storage],
        cells.sizes([line.size for line in lines]),
        cells.numbers([line.cost for line in lines]),
        [cells.shared_text(columns.currency)] * len(lines),
        cells.counts([line.num_objects for line in lines]),
    ]
    if columns.billed_currency is not None:
        found += [
            cells.numbers([line.billed_cost for line in lines]),
            [cells.shared_text(columns.billed_currency)] * len(lines),
        ]
    return cells.lines(found)
