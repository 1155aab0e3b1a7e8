"""Groups of buckets as CSV, columns named as in summary.json."""

from __future__ import annotations

from collections.abc import Mapping

from s3_monitor.model.summary import Group
from s3_monitor.report import csv_cells as cells

_HEADINGS = (
    "buckets", "size", "objects", "cost", "currency", "unpriced_size", "unknown_buckets", "unknown_objects", "complete",
)  # fmt: skip


def encode(by: str, named: Mapping[str, Group], currency: str) -> bytes:
    """Return the file. ``by``: what the groups are, the heading of their names."""
    names = sorted(named, key=lambda name: (-(named[name].cost or 0), -(named[name].size or 0), name))
    groups = [named[name] for name in names]
    columns = [
        cells.texts(names),
        cells.counts([group.buckets for group in groups]),
        cells.sizes([group.size for group in groups]),
        cells.counts([group.objects for group in groups]),
        cells.numbers([group.cost for group in groups]),
        [cells.text(currency)] * len(groups),
        cells.sizes([group.unpriced_size for group in groups]),
        cells.counts([group.unknown_buckets for group in groups]),
        cells.counts([group.unknown_objects for group in groups]),
        ["true" if group.complete else "false" for group in groups],
    ]
    head = ",".join([cells.text(by), *_HEADINGS]) + "\r\n"
    return head.encode("utf-8", "replace") + (cells.lines(columns) if groups else b"")
