"""The bytes of a bucket per day, and the days on which a point is missing although the bucket had bytes."""

from __future__ import annotations

from operator import add
from typing import NamedTuple

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.merge.states import SETTLED_DAYS
from s3_monitor.model.series import Series, Window

# CloudWatch publishes the points of a day one or two days later. A series that begins so soon after the span may only
# lack its first points.
MAX_LATE_DAYS = 3


class Row(NamedTuple):
    """One storage type of a bucket."""

    first: int
    """Offset of the day of its first point."""
    values: list[int | None]
    """Bytes from that day on, None where a day has no point."""
    has_missing_days: bool

    @property
    def last(self) -> int:
        """The last day with a value."""
        return self.first + len(self.values) - 1

    def at(self, day: int) -> int | None:
        """Return the bytes on a day, None without a point."""
        index = day - self.first
        return self.values[index] if 0 <= index < len(self.values) else None


Rows = dict[str, Row]  # by storage type
MAX_KEPT_POINTS = 2_000_000  # points that stay unpacked: about 100 MB
ImputedDays = dict[str, dict[int, int]]  # storage type → day → bytes


class Span(NamedTuple):
    """The offsets of the first and the last day with a point of any bucket."""

    first: int
    last: int


class BucketHistory(NamedTuple):
    """The bytes of a bucket on the days of the span. Days are indexes in the span."""

    span: Span
    rows: Rows
    imputed: ImputedDays

    def on(self, day: int) -> dict[str, int]:
        """Return storage type → bytes of a day, including imputed bytes; 0 where there is no point."""
        offset = self.span.first + day
        if len(self.rows) == 1 and not self.imputed:  # nearly every bucket
            ((name, row),) = self.rows.items()
            return {name: row.at(offset) or 0}
        sizes = {name: row.at(offset) or 0 for name, row in self.rows.items()}
        for name, days in self.imputed.items():
            sizes[name] += days.get(offset, 0)
        return sizes

    def daily(self) -> list[int | None]:
        """Return the bytes of each day: None where a part is imputed, 0 where the bucket holds nothing."""
        span, total = self.span, [0] * (self.span.last - self.span.first + 1)
        if len(self.rows) == 1 and not self.imputed:  # nearly every bucket
            (row,) = self.rows.values()
            return [*[0] * (row.first - span.first), *row.values, *[0] * (span.last - row.last)]
        for row in self.rows.values():
            start, values = row.first - span.first, [value or 0 for value in row.values]
            stop = start + len(values)
            total[start:stop] = map(add, total[start:stop], values)
        missing = {day - span.first for days in self.imputed.values() for day in days}
        return [None if day in missing else size for day, size in enumerate(total)] if missing else [*total]


class Histories:
    """Unpacks the histories of buckets, which are needed several times, and keeps the first MAX_KEPT_POINTS points.

    Keeping the points of hundreds of thousands of buckets would fill the memory.
    """

    def __init__(self, window: Window, span: Span) -> None:
        self._window, self._span = window, span
        self._kept: dict[int, tuple[ResolvedBucket, BucketHistory]] = {}
        self._room = MAX_KEPT_POINTS

    def __call__(self, record: ResolvedBucket) -> BucketHistory:
        """Return the history of a bucket, unpacked at most once while there is room."""
        kept = self._kept.get(id(record))
        if kept is not None:
            return kept[1]
        rows = {name: _row(series) for name, series in record.sizes.items() if series.day >= 0}
        # A deleted bucket has the state ``empty``; other buckets in this state have no points.
        ended = record.state in ("emptied", "empty")
        history = BucketHistory(
            self._span, rows, imputed_days(rows, self._span, created_day(record, self._window), ended=ended)
        )
        if self._room > 0:
            self._room -= sum([len(row.values) for row in rows.values()])
            self._kept[id(record)] = (record, history)
        return history


def created_day(record: ResolvedBucket, window: Window) -> int | None:
    """Return the offset of the day on which the bucket was created, or None if unknown."""
    return None if record.created is None else window.offset_of_time(record.created)


def _row(series: Series) -> Row:
    values: list[int | None] = series.values()  # type: ignore[assignment]  # integers, as nearly always
    if float in set(map(type, values)):
        values = [None if value is None else round(value) for value in values]
    values.reverse()
    return Row(series.day - len(values) + 1, values, None in values)


def imputed_days(rows: Rows, span: Span, created: int | None, *, ended: bool = False) -> ImputedDays:
    """Return the days without a point on which the bucket probably had bytes, with an estimate.

    Between two points, the estimate is on the line between them. Up to MAX_LATE_DAYS days before a series' first point,
    and on all days after its last, it is that point's value, unless the bytes came from or went to another storage type
    of the bucket, or the series ended SETTLED_DAYS before the bucket's newest figures.
    ``created``: offset of the day on which the bucket was created, None: unknown. ``ended``: the bucket was emptied or
    deleted after its last point.
    """
    days_of_span = span.last - span.first + 1
    if not any(row.has_missing_days or len(row.values) != days_of_span for row in rows.values()):  # nearly always
        return {}
    found: ImputedDays = {}
    newest = max([row.last for row in rows.values()])
    for name, row in rows.items():
        if row.first == span.first and row.last == span.last and not row.has_missing_days:
            continue
        days = _interpolated(row) if row.has_missing_days else {}
        if not ended and row.last < span.last and _is_late(rows, name, newest):
            days |= dict.fromkeys(range(row.last + 1, span.last + 1), row.values[-1] or 0)
        is_old = created is None or created < span.first - 1
        if is_old and 0 < row.first - span.first <= MAX_LATE_DAYS and not _moved(rows, name, row.first, -1):
            days |= dict.fromkeys(range(span.first, row.first), row.values[0] or 0)
        if days:
            found[name] = days
    return found


def has_late_series(record: ResolvedBucket) -> bool:
    """Return whether the newest figures of a bucket lack a storage type that it probably still has."""
    if record.day is None or len(record.sizes) == len(record.types):  # nearly always
        return False
    rows = {name: _row(series) for name, series in record.sizes.items() if series.day >= 0}
    return any(
        row.values[-1] and row.last < record.day and _is_late(rows, name, record.day) for name, row in rows.items()
    )


def _is_late(rows: Rows, name: str, newest: int) -> bool:
    return newest - rows[name].last < SETTLED_DAYS and not _moved(rows, name, rows[name].last, 1)


def _interpolated(row: Row) -> dict[int, int]:
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
    """Return whether half of a series' bytes or more are in the bucket's other series one day beyond its edge."""
    if len(rows) < 2:
        return False
    others = [row for other, row in rows.items() if other != name]
    beyond = [value for row in others if (value := row.at(edge + step)) is not None]
    at_edge = sum(value for row in others if (value := row.at(edge)) is not None)
    return bool(beyond) and 2 * (sum(beyond) - at_edge) >= (rows[name].at(edge) or 0)
