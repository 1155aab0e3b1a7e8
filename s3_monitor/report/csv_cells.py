"""Cells of the CSV files: RFC 4180, UTF-8, safe to open in a spreadsheet or to print. Empty: unknown.

They are formatted column by column: with a million buckets, a call per cell takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from string import ascii_letters, digits

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.safe_text import one_line

_SAFE_STARTS = frozenset(ascii_letters + digits)
# Starts of formulas in spreadsheets, also after spaces; some locales have full-width forms.
_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_encode = msgspec.json.Encoder().encode

Number = float | UnsetType | None


def lines(columns: Iterable[Sequence[str]]) -> bytes:
    """Join columns of cells to lines."""
    return "".join([f"{','.join(row)}\r\n" for row in zip(*columns, strict=True)]).encode("utf-8", "replace")


def numbers(values: Sequence[Number]) -> list[str]:
    """Format amounts as JSON writes them, all at once."""
    known = [None if value is UNSET else value for value in values]
    if known.count(None) == len(known):
        return [""] * len(known)
    return _encode(known).decode()[1:-1].replace("null", "").split(",")


def sizes(values: Sequence[Number]) -> list[str]:
    """Format bytes as integers; a daily average may have a fraction."""
    return numbers([int(value) if isinstance(value, float) and value.is_integer() else value for value in values])


def counts(values: Sequence[Number]) -> list[str]:
    """Format counts as integers: a daily average is rounded."""
    return numbers([round(value) if isinstance(value, int | float) else None for value in values])


def times(values: Iterable[str | None]) -> list[str]:
    """Format times of buckets.json in ISO 8601: ``2020-05-04T15:13:08Z``."""
    return [f"{value[:10]}T{value[11:19]}Z" if value else "" for value in values]


def days(values: Iterable[date | None]) -> list[str]:
    """Format days as ISO 8601."""
    return [*map(_day, values)]


@cache
def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()


def texts(values: list[str]) -> list[str]:
    """Quote texts where needed, all at once: nearly always none needs it."""
    is_plain = _is_plain("".join(values)) and _SAFE_STARTS.issuperset([value[:1] for value in values])
    return values if is_plain else [*map(text, values)]


def text(value: str) -> str:
    """Quote a text where needed.

    Hidden characters and line breaks become escapes. A text that a spreadsheet takes for a formula gets an apostrophe.
    """
    if value[:1] in _SAFE_STARTS and _is_plain(value):
        return value
    value = one_line(value)
    if value.lstrip().startswith(_FORMULA_STARTS):
        value = f"'{value}"
    return '"' + value.replace('"', '""') + '"'


def shared_texts(values: Iterable[str]) -> list[str]:
    """Quote texts where needed: a few accounts, regions and storage types, on many rows."""
    return [*map(_shared_text, values)]


_shared_text = cache(text)


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable() and "," not in value and '"' not in value
