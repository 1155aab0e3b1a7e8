"""report/buckets.csv: one row per bucket, columns named as in buckets.json."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.safe_text import in_json
from s3_monitor.report import csv_cells as cells
from s3_monitor.report.csv_cells import Columns

_HEADINGS = (
    "name", "creation_date", "region", "total_size", "total_cost", "known_cost", "currency", "num_objects",
    "last_modified", "account", "kind", "state", "as_of", "size_change_30d", "cost_change_30d",
)  # fmt: skip
_TAGS = ("tags",)  # JSON; only where details were collected
_BILLED = ("billed_cost", "billed_currency")  # only where the bill was requested


def heading(columns: Columns) -> bytes:
    """Return the first line."""
    names = (*_HEADINGS, *(_TAGS if columns.tags else ()), *(_BILLED if columns.billed_currency is not None else ()))
    return (",".join(names) + "\r\n").encode()


def rows(buckets: Sequence[Bucket], columns: Columns) -> bytes:
    """Return the rows without the heading."""
    number = len(buckets)
    found: list[Sequence[str]] = [
        cells.texts([bucket.name for bucket in buckets]),
        cells.times([bucket.creation_date for bucket in buckets]),
        [cells.shared_text(bucket.region) for bucket in buckets],
        cells.sizes([bucket.total_size for bucket in buckets]),
        cells.numbers([bucket.total_cost for bucket in buckets]),
        cells.numbers([bucket.known_cost for bucket in buckets]),
        [cells.shared_text(columns.currency)] * number,
        cells.counts([bucket.num_objects for bucket in buckets]),
        cells.times([bucket.last_modified for bucket in buckets]),
        [cells.shared_text(bucket.account) for bucket in buckets],
        [bucket.kind for bucket in buckets],
        [bucket.state for bucket in buckets],
        [cells.day(bucket.as_of) for bucket in buckets],
        cells.sizes([bucket.size_change_30d for bucket in buckets]),
        cells.numbers([bucket.cost_change_30d for bucket in buckets]),
    ]
    if columns.tags:
        found.append([_tags(bucket) for bucket in buckets])
    if columns.billed_currency is not None:
        found += [
            cells.numbers([bucket.billed_cost for bucket in buckets]),
            [cells.shared_text(columns.billed_currency)] * number,
        ]
    return cells.lines(found)


def _tags(bucket: Bucket) -> str:
    if not isinstance(bucket.tags, dict):
        return ""
    return cells.text(in_json(msgspec.json.encode(bucket.tags, order="sorted")).decode())
