"""report/buckets.csv: for spreadsheets and databases, a row for each storage type of each bucket."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

from msgspec import UNSET

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
    for start in range(0, len(buckets), _CHUNK):
        yield "".join([_rows(bucket) for bucket in buckets[start : start + _CHUNK]]).encode()


def _rows(bucket: Bucket) -> str:
    start = (
        f"{_shared(bucket.account)},{_shared(bucket.region)},{_cell(bucket.name)},{bucket.kind},{bucket.state},"
        f"{bucket.creation_date or ''},{bucket.last_modified or ''},{_day(bucket.as_of)},{_number(bucket.num_objects)}"
    )
    if not bucket.storage:
        return f"{start},,{_number(bucket.total_size)},{_dollars(bucket.total_cost)},\r\n"
    rows = []
    for name, line in bucket.storage.items():
        size, cost, objects = line.size, line.cost, line.num_objects
        rows.append(
            f"{start},{_shared(name)},{int(size) if size.is_integer() else _number(size)},"
            f"{'' if cost is None else f'{cost:.6f}'},{'' if objects is UNSET else _number(objects)}\r\n"
        )
    return "".join(rows)


def _cell(text: str) -> str:
    """Quoted where needed. What a spreadsheet would take for a formula gets an apostrophe in front."""
    if _PLAIN.fullmatch(text):
        return text
    if text.startswith(("=", "+", "-", "@", "\t", "\r")):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"'


_shared = cache(_cell)  # accounts, regions and storage types: a few, on many rows


@cache
def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()


def _number(number: float | None) -> str:
    if number is None:
        return ""
    return str(int(number)) if number.is_integer() else f"{number:.6f}"


def _dollars(amount: float | None) -> str:
    return "" if amount is None else f"{amount:.6f}"
