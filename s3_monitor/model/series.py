"""A daily series of one metric inside the window of a plan, packed small."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from operator import sub
from typing import Annotated

import msgspec

from s3_monitor.model import delta_codec
from s3_monitor.model.bounds import MAX_AMOUNT, MAX_WINDOW_DAYS, Amount, FractionalAmount, Step, WindowDays, is_amount


class Window(msgspec.Struct, frozen=True):
    """The UTC days that are requested. An offset counts days from the first."""

    first: date
    """First day."""
    days: WindowDays
    """Number of days."""

    @property
    def last(self) -> date:
        return self.first + timedelta(days=self.days - 1)

    @property
    def start(self) -> datetime:
        """Midnight UTC at which the window begins."""
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """Midnight UTC after the last day: the end, not included."""
        return self.start + timedelta(days=self.days)

    @property
    def whole_end(self) -> datetime:
        """Midnight UTC before the last day, which has not ended."""
        return self.end - timedelta(days=1)

    def day(self, offset: int) -> date:
        return self.first + timedelta(days=offset)

    def offset(self, day: date) -> int:
        return (day - self.first).days


# The offset of a day in the window, or -1.
_Offset = Annotated[int, msgspec.Meta(ge=-1, le=MAX_WINDOW_DAYS)]


class Series(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The points of one metric, newest first, as `[newest day, its value, older]`."""

    day: _Offset
    """Offset of the newest point, in days; -1: no point in the window."""
    value: Amount | FractionalAmount
    """The newest point, in the unit of the metric: bytes, or a number of objects."""
    older: bytes | tuple[Step | FractionalAmount | None, ...] = b""
    """The days before it, one after the other. Either a list: null (no point that day), an integer (added to the
    nearest newer value) or a float (the value itself). Or the same integers and nulls in base64: 7 bits with a
    width, 9 bits with the number of days, then that many bits per day: 0 for null, otherwise the integer plus
    2^(width - 1)."""

    @property
    def length(self) -> int:
        """Days from the oldest to the newest point, without unpacking."""
        if self.day < 0:
            return 0
        older = self.older
        return 1 + (delta_codec.length(older) if older and isinstance(older, bytes) else len(older))

    def values(self) -> list[int | float | None]:
        """A value a day, the newest first; null where a day has none."""
        if self.day < 0:
            return []
        older = self.older
        if isinstance(older, bytes):
            moved = delta_codec.decode(older) if older else []
            if None not in moved:
                return list(accumulate(moved, initial=self.value))
            older = tuple(moved)
        value = self.value
        found: list[int | float | None] = [value]
        for step in older:
            if step is not None:
                value = value + step if isinstance(step, int) else step
            found.append(None if step is None else value)
        return found

    def value_before(self, days: int) -> int | float | None:
        """Return the value so many days before the newest point; None where that day has no point."""
        if days == 0 <= self.day:
            return self.value
        if not 0 <= days < self.length:
            return None
        if isinstance(self.older, bytes):
            moved = delta_codec.total(self.older, days)
            if moved is not None:
                return self.value + moved
        return self.values()[days]

    def points(self) -> Iterator[tuple[int, int | float]]:
        """(day offset, value), newest first."""
        for before, value in enumerate(self.values()):
            if value is not None:
                yield self.day - before, value


_ENCODE = msgspec.json.Encoder().encode
_BITS_OF_TWO_LETTERS = 12
EMPTY = Series(-1, 0)


def pack(points: Mapping[int, int | float]) -> Series:
    """Pack {day offset: value}. ValueError for a value or a day that is out of bounds."""
    if not points:
        return EMPTY
    days = sorted(points, reverse=True)
    if not 0 <= days[-1] <= days[0] <= MAX_WINDOW_DAYS:
        raise ValueError(f"days {days[-1]} to {days[0]} are not in a window")
    values = {day: _whole(points[day]) for day in days}
    newest = values[days[0]]
    older = [values.get(day) for day in range(days[0] - 1, days[-1] - 1, -1)]
    moved: list[int | float | None] = []
    last = newest
    for value in older:
        if value is None:
            moved.append(None)
            continue
        both_whole = isinstance(value, int) and isinstance(last, int)
        moved.append(value - last if both_whole else float(value))
        # A whole number behind a fraction is written as a float, and the next step starts from what was read.
        last = value if both_whole else float(value)
    if any(isinstance(step, float) for step in moved):
        return Series(days[0], newest, tuple(moved))
    return Series(days[0], newest, _packed(moved))  # type: ignore[arg-type]


def pack_daily(newest: int, values: Sequence[int]) -> Series:
    """The same Series of whole amounts, a point a day and the newest first, many times faster: so nearly all of them
    come."""
    return Series(newest, values[0], _packed(list(map(sub, values[1:], values))))


def _packed(moved: Sequence[int | None]) -> bytes | tuple[int | None, ...]:
    """The shorter form. In base64 a step takes a letter for 6 bits, in a list two letters at least."""
    if not moved:
        return b""
    packed = delta_codec.encode(moved)
    if delta_codec.width(packed) > _BITS_OF_TWO_LETTERS and len(_ENCODE(moved)) < len(packed) * 4 // 3:
        return tuple(moved)
    return packed


def are_sound(series: Sequence[Series]) -> bool:
    """None has points before its window, nor a history that is not as long as it says."""
    # Few cases, however many series: the last day, how the history begins, and how long it is.
    olders = [one.older for one in series]
    heads = [older[: delta_codec.HEAD_BYTES] for older in olders]
    cases = set(zip([one.day for one in series], heads, map(len, olders), strict=True))
    return all(
        not size or (delta_codec.is_sound(head, size, day) if isinstance(head, bytes) else size <= day)
        for day, head, size in cases
    )


def union(one: Series, other: Series) -> tuple[Series, bool]:
    """Every point of both; where both have a day with different values, the larger, and True."""
    if one == other:
        return one, False
    points = dict(one.points())
    conflict = False
    for day, value in other.points():
        known = points.get(day)
        if known is not None and known != value:
            conflict = True
        points[day] = value if known is None else max(known, value)
    return pack(points), conflict


def _whole(value: int | float) -> int | float:
    if not is_amount(value):
        raise ValueError(f"a value must be between 0 and {MAX_AMOUNT}, got {value}")
    return int(value) if isinstance(value, int) or value.is_integer() else value
