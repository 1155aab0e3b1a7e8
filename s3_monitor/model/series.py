"""A daily series of a metric within the window of a plan, in packed form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from operator import sub
from typing import Annotated

import msgspec

from s3_monitor.model import delta_codec
from s3_monitor.model.bounds import MAX_AMOUNT, MAX_WINDOW_DAYS, Amount, FractionalAmount, Step, WindowDays, is_amount

_DAY_SECONDS = 86_400
_EPOCH = date(1970, 1, 1).toordinal()


class Window(msgspec.Struct, frozen=True):
    """The UTC days that are requested. An offset counts days from the first."""

    first: date
    """First day."""
    days: WindowDays
    """Number of days."""

    @property
    def last(self) -> date:
        """The last day."""
        return self.first + timedelta(days=self.days - 1)

    @property
    def start(self) -> datetime:
        """Midnight UTC at the start of the first day."""
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """Midnight UTC after the last day: the exclusive end."""
        return self.start + timedelta(days=self.days)

    @property
    def complete_end(self) -> datetime:
        """Midnight UTC before the last day, which is not complete."""
        return self.end - timedelta(days=1)

    @property
    def epoch_day(self) -> int:
        """The days from 1970 to the first day."""
        return self.first.toordinal() - _EPOCH

    def offset_of_time(self, seconds: int) -> int:
        """Return the offset of the UTC day of a time, in seconds since 1970."""
        return seconds // _DAY_SECONDS - self.epoch_day

    def day(self, offset: int) -> date:
        """Return the day at an offset."""
        return self.first + timedelta(days=offset)

    def offset(self, day: date) -> int:
        """Return the offset of a day, also outside the window."""
        return (day - self.first).days


# The offset of a day in the window, or -1.
_Offset = Annotated[int, msgspec.Meta(ge=-1, le=MAX_WINDOW_DAYS)]


class Series(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The points of a metric, newest first, as `[newest day, its value, older]`."""

    day: _Offset
    """Offset of the newest point, in days; -1: no point in the window."""
    value: Amount | FractionalAmount
    """The newest point, in the unit of the metric: bytes, or a number of objects."""
    older: bytes | tuple[Step | FractionalAmount | None, ...] = b""
    """The preceding days, newest first. Either a list of null (no point), an integer (added to the next newer value) or
    a float (the value itself); or the same integers and nulls in base64: 7 bits with a width, 9 bits with the number
    of days, then that many bits per day: 0 for null, otherwise the integer plus 2^(width - 1)."""

    @property
    def length(self) -> int:
        """The number of days from the oldest to the newest point, without decoding."""
        if self.day < 0:
            return 0
        older = self.older
        return 1 + (delta_codec.length(older) if older and isinstance(older, bytes) else len(older))

    def values(self) -> list[int | float | None]:
        """Return one value per day, newest first; None for a day without a point."""
        if self.day < 0:
            return []
        older = self.older
        if isinstance(older, bytes):
            moved = delta_codec.decode(older) if older else []
            if None not in moved:
                return list(accumulate(moved, initial=self.value))
            older = tuple(moved)
        value = self.value
        values: list[int | float | None] = [value]
        for step in older:
            if step is not None:
                value = value + step if isinstance(step, int) else step
            values.append(None if step is None else value)
        return values

    def value_before(self, days: int) -> int | float | None:
        """Return the value a number of days before the newest point; None if that day has no point."""
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
        """Yield (day offset, value), newest first."""
        for age, value in enumerate(self.values()):
            if value is not None:
                yield self.day - age, value


_ENCODE = msgspec.json.Encoder().encode
_BITS_OF_TWO_CHARACTERS = 12
EMPTY = Series(-1, 0)


def pack(points: Mapping[int, int | float]) -> Series:
    """Pack {day offset: value}. Raises ValueError for a value or a day out of bounds."""
    if not points:
        return EMPTY
    days = sorted(points, reverse=True)
    if not 0 <= days[-1] <= days[0] <= MAX_WINDOW_DAYS:
        raise ValueError(f"days {days[-1]} to {days[0]} are not in a window")
    values = {day: _exact(points[day]) for day in days}
    newest = values[days[0]]
    older = [values.get(day) for day in range(days[0] - 1, days[-1] - 1, -1)]
    moved: list[int | float | None] = []
    last = newest
    for value in older:
        if value is None:
            moved.append(None)
            continue
        are_integers = isinstance(value, int) and isinstance(last, int)
        moved.append(value - last if are_integers else float(value))
        # An integer after a fraction is written as a float, and the next step starts from the value as it is read.
        last = value if are_integers else float(value)
    if any(isinstance(step, float) for step in moved):
        return Series(days[0], newest, tuple(moved))
    return Series(days[0], newest, _packed(moved))  # type: ignore[arg-type]


def pack_daily(newest: int, values: Sequence[int]) -> Series:
    """Pack integers without gaps, newest first. Faster than ``pack``, for the usual case."""
    return Series(newest, values[0], _packed(list(map(sub, values[1:], values))))


def _packed(moved: Sequence[int | None]) -> bytes | tuple[int | None, ...]:
    """Return the shorter form: base64 takes a character per 6 bits, a list at least two characters per step."""
    if not moved:
        return b""
    packed = delta_codec.encode(moved)
    if delta_codec.width(packed) > _BITS_OF_TWO_CHARACTERS and len(_ENCODE(moved)) < len(packed) * 4 // 3:
        return tuple(moved)
    return packed


def are_sound(series: Sequence[Series]) -> bool:
    """Return whether no series has points before its window or a wrong length."""
    # Many series share few distinct combinations of newest day, head and length.
    olders = [each.older for each in series]
    heads = [older[: delta_codec.HEAD_BYTES] for older in olders]
    cases = set(zip([each.day for each in series], heads, map(len, olders), strict=True))
    return all(
        not size or (delta_codec.is_sound(head, size, day) if isinstance(head, bytes) else size <= day)
        for day, head, size in cases
    )


def union(left: Series, right: Series) -> tuple[Series, bool]:
    """Return all points of both series, and whether they differ on a day. Of different values, the larger is kept."""
    if left == right:
        return left, False
    points = dict(left.points())
    conflict = False
    for day, value in right.points():
        present = points.get(day)
        if present is not None and present != value:
            conflict = True
        points[day] = value if present is None else max(present, value)
    return pack(points), conflict


def _exact(value: int | float) -> int | float:
    if not is_amount(value):
        raise ValueError(f"a value must be between 0 and {MAX_AMOUNT}, got {value}")
    return int(value) if isinstance(value, int) or value.is_integer() else value
