"""report/buckets.csv: for spreadsheets and databases, a row for each storage type of each bucket."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice

from s3_monitor.model.bucket import Bucket

COLUMNS = (
    "account",
    "region",
    "bucket",
    "kind",
    "state",
    "creation_date",
    "last_modified",
    "as_of",
    "bucket_objects",
    "storage_type",
    "size_bytes",
    "cost_usd_month",
    "objects",
)
_CHUNK = 10_000
_PLAIN = re.compile(r"[A-Za-z0-9][^,\"\r\n]*")


def pieces(buckets: Sequence[Bucket]) -> Iterator[bytes]:
    """The file, in pieces: RFC 4180, UTF-8. Sizes in bytes, costs in USD a month, both without an exponent; an empty
    cell is unknown. A bucket without lines has one row without a storage type: its size and cost are its totals."""
    yield (",".join(COLUMNS) + "\r\n").encode()
    rows = (row for bucket in buckets for row in _rows(bucket))
    while chunk := list(islice(rows, _CHUNK)):
        yield "".join(chunk).encode()


def _rows(bucket: Bucket) -> Iterator[str]:
    start = (
        f"{_shared(bucket.account)},{_shared(bucket.region)},{_cell(bucket.name)},{bucket.kind},{bucket.state},"
        f"{bucket.creation_date or ''},{bucket.last_modified or ''},{bucket.as_of or ''},{_number(bucket.num_objects)}"
    )
    if not bucket.storage:
        yield f"{start},,{_number(bucket.total_size)},{_dollars(bucket.total_cost)},\r\n"
    for name, line in bucket.storage.items():
        objects = line.num_objects
        counted = _number(objects) if isinstance(objects, float) else ""
        yield f"{start},{_shared(name)},{_number(line.size)},{_dollars(line.cost)},{counted}\r\n"


def _cell(text: str) -> str:
    """Quoted where needed. What a spreadsheet would take for a formula gets an apostrophe in front."""
    if _PLAIN.fullmatch(text):
        return text
    if text.startswith(("=", "+", "-", "@", "\t", "\r")):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"'


_shared = cache(_cell)  # accounts, regions and storage types: a few, on many rows


def _number(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:.0f}" if number.is_integer() else repr(number)


def _dollars(amount: float | None) -> str:
    return "" if amount is None else f"{amount:.6f}"
