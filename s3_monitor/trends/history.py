"""A bucket's bytes day by day, and which of its days have no figure though there were bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import add
from typing import NamedTuple

from s3_monitor.merge import BucketRecord
from s3_monitor.model.series import Series

# CloudWatch gives a day's figures a day or two late. What ended longer ago than this has ended; what ended since
# may only be late.
LATE = 3


class Row(NamedTuple):
    """One storage type of a bucket. ``first``: the offset of its first point's day; ``values``: whole bytes from
    that day on, null where a day has none. ``holes``: there are such days."""

    first: int
    values: list[int | None]
    holes: bool

    @property
    def last(self) -> int:
        return self.first + len(self.values) - 1

    def on(self, days: Sequence[int]) -> list[int]:
        """Bytes on these days, 0 where there is no point."""
        values, first, end = self.values, self.first, self.first + len(self.values)
        return [(values[day - first] or 0) if first <= day < end else 0 for day in days]

    def at(self, day: int) -> int | None:
        index = day - self.first
        return self.values[index] if 0 <= index < len(self.values) else None


Rows = dict[str, Row]  # by storage type
KEPT_POINTS = 2_000_000  # points that stay unpacked: some 100 MB
Guesses = dict[str, dict[int, int]]  # storage type → day → bytes


class Span(NamedTuple):
    """The first and the last day of which anything in the account has a point."""

    first: int
    last: int


def unpack(sizes: Mapping[str, Series]) -> Rows:
    """Series that have points."""
    return {name: _row(series) for name, series in sizes.items() if series.day >= 0}


class Unpacked:
    """Buckets' rows, which are asked for several times. They stay unpacked up to KEPT_POINTS, those asked for first;
    all of hundreds of thousands of buckets would fill the memory."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[BucketRecord, Rows]] = {}
        self._room = KEPT_POINTS

    def __eq__(self, other: object) -> bool:
        """What it says is in the records; what it remembers of them is no difference."""
        return isinstance(other, Unpacked)

    __hash__ = None  # type: ignore[assignment]

    def __call__(self, record: BucketRecord) -> Rows:
        kept = self._kept.get(id(record))
        if kept is not None:
            return kept[1]
        rows = unpack(record.sizes)
        if self._room > 0:
            self._room -= sum([len(row.values) for row in rows.values()])
            self._kept[id(record)] = (record, rows)
        return rows


def _row(series: Series) -> Row:
    values: list[int | None] = series.values()  # type: ignore[assignment]  # whole bytes, as nearly always
    if float in set(map(type, values)):
        values = [None if value is None else round(value) for value in values]
    values.reverse()
    return Row(series.day - len(values) + 1, values, None in values)


def guesses(rows: Rows, span: Span, created: int | None, *, deleted: bool = False) -> Guesses:
    """Days without a point of which there is reason to think that there were bytes, and how many, nearly.

    Between two points: on the line between them. After a series' last point or before its first, up to LATE days:
    as many as that point says, unless the bytes went to or came from another storage type of the bucket.
    ``created``: offset of the day the bucket was made, null: not known. ``deleted``: it is gone since its last point.
    """
    found: Guesses = {}
    for name, row in rows.items():
        if row.first == span.first and row.last == span.last and not row.holes:  # nearly every one
            continue
        days = _holes(row) if row.holes else {}
        if not deleted and 0 < span.last - row.last <= LATE and not _moved(rows, name, row.last, 1):
            days |= dict.fromkeys(range(row.last + 1, span.last + 1), row.values[-1] or 0)
        is_old = created is None or created < span.first - 1
        if is_old and 0 < row.first - span.first <= LATE and not _moved(rows, name, row.first, -1):
            days |= dict.fromkeys(range(span.first, row.first), row.values[0] or 0)
        if days:
            found[name] = days
    return found


def _holes(row: Row) -> dict[int, int]:
    found: dict[int, int] = {}
    known: tuple[int, int] | None = None
    for day, value in enumerate(row.values, row.first):
        if value is None:
            continue
        if known is not None:
            last, before = known
            for missing in range(last + 1, day):
                found[missing] = before + (value - before) * (missing - last) // (day - last)
        known = (day, value)
    return found


def _moved(rows: Rows, name: str, edge: int, step: int) -> bool:
    """Most of what a series held at its edge is in other series a day beyond it."""
    if len(rows) < 2:
        return False
    others = [row for other, row in rows.items() if other != name]
    beyond = [value for row in others if (value := row.at(edge + step)) is not None]
    at_edge = sum(value for row in others if (value := row.at(edge)) is not None)
    return bool(beyond) and 2 * (sum(beyond) - at_edge) >= (rows[name].at(edge) or 0)


def daily_total(rows: Rows, guessed: Guesses, span: Span) -> list[int | None]:
    """The bucket's bytes, a value a day of the span; null where a part of it is a guess. 0 where it holds nothing."""
    total: list[int | None]
    if len(rows) == 1 and not guessed:  # nearly every bucket
        (row,) = rows.values()
        zeros_before, zeros_after = row.first - span.first, span.last - row.last
        total = [0] * zeros_before + row.values + [0] * zeros_after
        return total
    total = [0] * (span.last - span.first + 1)
    for row in rows.values():
        start, values = row.first - span.first, row.values
        if row.holes:
            values = [value or 0 for value in values]
        stop = start + len(values)
        total[start:stop] = map(add, total[start:stop], values)
    for days in guessed.values():
        for day in days:
            total[day - span.first] = None
    return total
