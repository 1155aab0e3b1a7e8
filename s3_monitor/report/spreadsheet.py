"""report/buckets.csv: for spreadsheets and databases, a row for each storage type of each bucket."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache

import msgspec
from msgspec import UNSET

from s3_monitor.model.bucket import Bucket, StorageLine

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
BILLED = ("bucket_billed_usd", "billed_cost_usd")  # further columns, where the bill was asked for
_CHUNK = 10_000
_PLAIN = re.compile(r"[A-Za-z0-9][^,\"\r\n]*")
_encode = msgspec.json.Encoder().encode


def pieces(buckets: Sequence[Bucket]) -> Iterator[bytes]:
    """The file, in pieces: RFC 4180, UTF-8. Sizes in bytes, costs in USD a month, as buckets.json writes them; an
    empty cell is unknown. A bucket without lines has one row without a storage type: its size and cost are its totals.
    """
    billed = any(bucket.billed_cost is not UNSET for bucket in buckets[:1])
    yield (",".join(COLUMNS + BILLED if billed else COLUMNS) + "\r\n").encode()
    for start in range(0, len(buckets), _CHUNK):
        yield _rows(buckets[start : start + _CHUNK], billed=billed).encode()


def _rows(buckets: Sequence[Bucket], *, billed: bool) -> str:
    starts: list[str] = []
    sizes: list[float | None] = []
    costs: list[float | None] = []
    counts: list[float | None] = []
    for bucket, objects in zip(buckets, _texts([bucket.num_objects for bucket in buckets]), strict=True):
        start = (
            f"{_shared(bucket.account)},{_shared(bucket.region)},{_cell(bucket.name)},{bucket.kind},{bucket.state},"
            f"{bucket.creation_date or ''},{bucket.last_modified or ''},{_day(bucket.as_of)},{objects},"
        )
        if not bucket.storage:
            starts.append(start)
            sizes.append(bucket.total_size)
            costs.append(bucket.total_cost)
            counts.append(None)
        for name, line in bucket.storage.items():
            starts.append(start + _shared(name))
            sizes.append(line.size)
            costs.append(line.cost)
            counts.append(None if line.num_objects is UNSET else line.num_objects)
    columns = (starts, _texts(sizes), _texts(costs), _texts(counts))
    if billed:
        rows = zip(*columns, *_billed(buckets), strict=True)
        return "".join([",".join(row) + "\r\n" for row in rows])
    return "".join([f"{start},{size},{cost},{count}\r\n" for start, size, cost, count in zip(*columns, strict=True)])


def _billed(buckets: Sequence[Bucket]) -> Iterator[list[str]]:
    """The bucket's bill on each of its rows, and each row's own."""
    of_bucket: list[float | None] = []
    of_line: list[float | None] = []
    for bucket in buckets:
        lines: list[Bucket | StorageLine] = [*bucket.storage.values()]
        for line in lines or [bucket]:
            of_bucket.append(None if bucket.billed_cost is UNSET else bucket.billed_cost)
            of_line.append(None if line.billed_cost is UNSET else line.billed_cost)
    yield _texts(of_bucket)
    yield _texts(of_line)


def _texts(numbers: list[float | None]) -> list[str]:
    """All at once, in JSON's form: for each by itself, Python would take several times as long."""
    return _encode(numbers).decode()[1:-1].replace("null", "").split(",")


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
