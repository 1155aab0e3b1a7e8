"""CSV files: a row per bucket, per bucket and storage type, or per group.

Columns are named as in buckets.json and summary.json.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.safe_text import in_json
from s3_monitor.model.summary import Group
from s3_monitor.report import csv_cells as cells
from s3_monitor.report import sums

Formats = Mapping[str, Callable[[list[Any]], Sequence[str]]]  # column → format of its values, all at once


class Columns(NamedTuple):
    """The optional columns of a file, and the currencies of its amounts."""

    currency: str
    tags: bool = False
    billed_currency: str | None = None  # None: no bill was requested


class CsvFile(NamedTuple):
    """The parts of a file, so that it can be written in chunks."""

    heading: Callable[[Columns], bytes]
    rows: Callable[[Sequence[Bucket], Columns], bytes]


def _tags(values: Sequence[object]) -> list[str]:
    """Return tags as JSON."""
    encoded = [msgspec.json.encode(tags, order="sorted") if isinstance(tags, dict) else b"" for tags in values]
    return [cells.text(in_json(tags).decode()) if tags else "" for tags in encoded]


_BUCKET: Formats = {
    "name": cells.texts,
    "creation_date": cells.times,
    "region": cells.shared_texts,
    "total_size": cells.sizes,
    "total_cost": cells.numbers,
    "known_cost": cells.numbers,
    "currency": cells.shared_texts,
    "num_objects": cells.counts,
    "last_modified": cells.times,
    "account": cells.shared_texts,
    "kind": list,
    "state": list,
    "as_of": cells.days,
    "size_change_30d": cells.sizes,
    "cost_change_30d": cells.numbers,
    "cause_30d": lambda values: [value or "" for value in values],
}
_TAGS: Formats = {"tags": _tags}  # only where details were collected
_BILLED: Formats = {"billed_cost": cells.numbers, "billed_currency": cells.shared_texts}  # only with a bill
_BUCKET_OF_LINE: Formats = {name: _BUCKET[name] for name in ("name", "region", "account", "kind", "state", "as_of")}
_LINE: Formats = {
    "size": cells.sizes,
    "cost": cells.numbers,
    "currency": cells.shared_texts,
    "num_objects": cells.counts,
}
_GROUP: Formats = {
    "buckets": cells.counts,
    "size": cells.sizes,
    "objects": cells.counts,
    "cost": cells.numbers,
    "currency": cells.shared_texts,
    "unpriced_size": cells.sizes,
    "unknown_buckets": cells.counts,
    "unknown_objects": cells.counts,
    "complete": lambda values: ["true" if value else "false" for value in values],
}


def group_table(by: str, groups: Mapping[str, Group], currency: str) -> bytes:
    """Return a file of groups. ``by``: what the groups are, the heading of their names."""
    names = sums.by_cost(groups)
    columns = [cells.texts(names), *_cells([groups[name] for name in names], _GROUP, Columns(currency))]
    return _heading([cells.text(by), *_GROUP]) + cells.lines(columns)


def _bucket_rows(buckets: Sequence[Bucket], columns: Columns) -> bytes:
    return cells.lines(_cells(buckets, _bucket_formats(columns), columns))


def _storage_rows(buckets: Sequence[Bucket], columns: Columns) -> bytes:
    starts = [*map(",".join, zip(*_cells(buckets, _BUCKET_OF_LINE, columns), strict=True))]
    lines = [line for bucket in buckets for line in bucket.storage.values()]
    return cells.lines(
        [
            [start for bucket, start in zip(buckets, starts, strict=True) for _ in bucket.storage],
            cells.shared_texts([name for bucket in buckets for name in bucket.storage]),
            *_cells(lines, _line_formats(columns), columns),
        ]
    )


def _bucket_formats(columns: Columns) -> Formats:
    return {**_BUCKET, **(_TAGS if columns.tags else {}), **_billed_formats(columns)}


def _line_formats(columns: Columns) -> Formats:
    return {**_LINE, **_billed_formats(columns)}


def _billed_formats(columns: Columns) -> Formats:
    return {} if columns.billed_currency is None else _BILLED


def _heading(names: Sequence[str]) -> bytes:
    return cells.lines([[name] for name in names])


def _cells(items: Sequence[object], formats: Formats, columns: Columns) -> list[Sequence[str]]:
    """Return the columns of some records."""
    constants = {"currency": columns.currency, "billed_currency": columns.billed_currency}
    return [
        form([constants[name]] * len(items) if name in constants else [*map(attrgetter(name), items)])
        for name, form in formats.items()
    ]


BUCKETS = CsvFile(lambda columns: _heading([*_bucket_formats(columns)]), _bucket_rows)
STORAGE = CsvFile(lambda columns: _heading([*_BUCKET_OF_LINE, "storage_type", *_line_formats(columns)]), _storage_rows)
