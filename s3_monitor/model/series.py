"""A daily series of one metric inside the window of a plan, packed small."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import sub
from typing import Annotated

import msgspec


class Window(msgspec.Struct, frozen=True):
    """The UTC days asked about: ``days`` of them, the first is ``first``. An offset counts days from it."""

    first: date
    days: int

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

    def day(self, offset: int) -> date:
        return self.first + timedelta(days=offset)

    def offset(self, day: date) -> int:
        return (day - self.first).days


# A file that says otherwise is refused when it is decoded. AWS has no bucket that comes near the upper bounds.
_Offset = Annotated[int, msgspec.Meta(ge=-1)]
_Amount = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)] | Annotated[float, msgspec.Meta(ge=0, le=2.0**63)]


class Series(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The points of one metric, newest first, as ``[newest day, its value, [older …]]``.

    ``day``: the newest point's offset in the window; -1 where the window holds no point.
    ``value``: that point, in the metric's unit (bytes, or objects).
    ``older``: JSON, an item for each day before it: null (no point that day), an integer (add it to the nearest
    newer point's value) or a float (the value itself, where values are not whole). It stays packed until
    somebody asks for the history, so that a million series fit in memory.
    """

    day: _Offset
    value: _Amount
    older: msgspec.Raw

    def points(self) -> Iterator[tuple[int, int | float]]:
        """(day offset, value), newest first."""
        if self.day < 0:
            return
        day, value = self.day, self.value
        yield day, value
        for step in _OLDER.decode(self.older):
            day -= 1
            if step is None:
                continue
            value = value + step if isinstance(step, int) else step
            yield day, value


_OLDER = msgspec.json.Decoder(list[int | float | None])
_ENCODE = msgspec.json.Encoder().encode
_NO_OLDER = msgspec.Raw(b"[]")
EMPTY = Series(-1, 0, _NO_OLDER)


def pack(points: Mapping[int, int | float]) -> Series:
    """{day offset: value} as a Series. Values must be finite and not negative (ValueError otherwise)."""
    if not points:
        return EMPTY
    days = sorted(points, reverse=True)
    if days[-1] < 0:
        raise ValueError(f"a point {-days[-1]} days before the window")
    values = [points[day] for day in days]
    if days[0] - days[-1] == len(days) - 1 and set(map(type, values)) == {float}:
        series = pack_daily(days[0], values)
        if series is not None:
            return series
    newest = _whole(points[days[0]])
    older: list[int | float | None] = []
    last_day, last = days[0], newest
    for day in days[1:]:
        value = _whole(points[day])
        older.extend([None] * (last_day - day - 1))
        both_whole = isinstance(value, int) and isinstance(last, int)
        older.append(value - last if both_whole else float(value))
        last_day = day
        # A whole number behind a fraction is written as a float, and the next step starts from what was read.
        last = value if both_whole else float(value)
    return Series(days[0], newest, msgspec.Raw(_ENCODE(older)))


def pack_daily(newest: int, values: Sequence[float]) -> Series | None:
    """The same Series of floats, a point a day and the newest first, many times faster: so nearly all of them come.
    Null where a value is no whole amount."""
    if not all(map(float.is_integer, values)) or min(values) < 0:
        return None
    whole = list(map(int, values))
    return Series(newest, whole[0], msgspec.Raw(_ENCODE(list(map(sub, whole[1:], whole)))))


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
    if isinstance(value, int):
        number: int | float = value
    elif not math.isfinite(value):
        raise ValueError(f"a value of {value}")
    else:
        number = int(value) if value.is_integer() else value
    if number < 0:
        raise ValueError(f"a value of {value}")
    return number
