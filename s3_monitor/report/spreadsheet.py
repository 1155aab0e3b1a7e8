"""report/buckets.csv: for spreadsheets and databases, a row for each storage type of each bucket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from itertools import chain
from string import ascii_letters, digits

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
_NO_TYPE = ("",)
_SAFE_STARTS = frozenset(ascii_letters + digits)
_QUOTED = ',"\r\n'  # what asks for quotes
_encode = msgspec.json.Encoder().encode


def pieces(chunks: Iterable[Sequence[Bucket]]) -> Iterator[bytes]:
    """The file, in pieces: RFC 4180, UTF-8. Sizes in bytes, costs in USD a month, as buckets.json writes them; an
    empty cell is unknown. A bucket without lines has one row without a storage type: its size and cost are its totals.
    """
    begun = billed = False
    for chunk in chunks:
        if not begun:
            billed = any(bucket.billed_cost is not UNSET for bucket in chunk[:1])
            yield heading(billed=billed)
            begun = True
        yield rows(chunk, billed=billed)
    if not begun:
        yield heading(billed=False)


def heading(*, billed: bool) -> bytes:
    return (",".join(COLUMNS + BILLED if billed else COLUMNS) + "\r\n").encode()


def rows(buckets: Sequence[Bucket], *, billed: bool) -> bytes:
    """Without the heading."""
    columns = [*_starts(buckets), *_figures(buckets), *(_billed(buckets) if billed else ())]
    return "\r\n".join([*map(",".join, zip(*columns, strict=True)), ""]).encode()


def _starts(buckets: Sequence[Bucket]) -> Iterator[list[str]]:
    """What each row says of its bucket, and its storage type."""
    names = _cells([bucket.name for bucket in buckets])
    objects = _texts([bucket.num_objects for bucket in buckets])
    starts = [
        f"{_shared(bucket.account)},{_shared(bucket.region)},{name},{bucket.kind},{bucket.state},"
        f"{bucket.creation_date or ''},{bucket.last_modified or ''},{_day(bucket.as_of)},{count}"
        for bucket, name, count in zip(buckets, names, objects, strict=True)
    ]
    types: list[Iterable[str]] = [bucket.storage or _NO_TYPE for bucket in buckets]
    yield [start for start, of_bucket in zip(starts, types, strict=True) for _ in of_bucket]
    yield [*map(_shared, chain.from_iterable(types))]


def _figures(buckets: Sequence[Bucket]) -> Iterator[list[str]]:
    """Size, cost and objects of each row."""
    lines = [
        line
        for bucket in buckets
        for line in bucket.storage.values() or [StorageLine(bucket.total_size, bucket.total_cost)]  # type: ignore
    ]
    yield _texts([line.size for line in lines])
    yield _texts([line.cost for line in lines])
    yield _texts([None if line.num_objects is UNSET else line.num_objects for line in lines])


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
    if numbers.count(None) == len(numbers):  # as nearly always of a line's objects
        return [""] * len(numbers)
    return _encode(numbers).decode()[1:-1].replace("null", "").split(",")


def _cells(texts: list[str]) -> list[str]:
    """All at once: nearly always they stay as they are."""
    return texts if _plain("".join(texts)) and _SAFE_STARTS.issuperset([t[:1] for t in texts]) else [*map(_cell, texts)]


def _plain(text: str) -> bool:
    return not any(sign in text for sign in _QUOTED)


def _cell(text: str) -> str:
    """Quoted where needed. What a spreadsheet would take for a formula gets an apostrophe in front."""
    if text[:1] in _SAFE_STARTS and _plain(text):
        return text
    if text.startswith(("=", "+", "-", "@", "\t", "\r")):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"'


_shared = cache(_cell)  # accounts, regions and storage types: a few, on many rows


@cache
def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
