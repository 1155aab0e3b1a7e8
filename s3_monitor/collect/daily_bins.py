"""Points of CloudWatch → one value per UTC day of the window. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from s3_monitor.model.bounds import is_amount, point_times
from s3_monitor.model.series import Series, Window, pack_daily

_DAY = 86_400
_EPOCH = 719_163  # date(1970, 1, 1).toordinal()
_NO_DAY = 1 << 40  # outside every window


class DailyBinner:
    """Assigns points to the days of a window. The offset of its first day is 0."""

    def __init__(self, window: Window) -> None:
        self._first = window.first.toordinal() - _EPOCH
        self._days = window.days
        self._earliest, self._latest = point_times(window.start, window.end)
        self._times: Sequence[float] = ()  # of the previous series
        self._newest = -1  # offset of its newest day

    def daily(self, times: Sequence[float], values: Sequence[float]) -> Series | None:
        """Return the packed series if it has one integer per day, newest first, as almost all series have.

        Return ``None`` if each point must be checked: see ``add_points``.
        """
        if times is not self._times:  # most series of a page share one list of times
            self._times, self._newest = times, self._newest_of(times)
        return pack_daily(self._newest, values) if self._newest >= 0 and _are_integers(values) else None

    def _newest_of(self, times: Sequence[float]) -> int:
        """Return the offset of the first day if the others precede it without a gap; otherwise -1."""
        days = self._offsets(times)
        if not days or days[0] >= self._days or days[-1] < 0:
            return -1
        return days[0] if days == list(range(days[0], days[0] - len(days), -1)) else -1

    def add_points(
        self, points: dict[int, float], invalid: set[int], times: Sequence[float], values: Sequence[float]
    ) -> bool:
        """Add points to {day offset: value}. Points outside the window were not requested and are ignored.

        ``invalid`` receives the days whose value is not an amount. A point without a valid time may be of any day: it
        counts as one of the newest day. Return whether a day had two different values; the larger is kept.
        """
        has_conflict = False
        for day, value in zip(self._offsets(times), values, strict=True):
            if day == _NO_DAY:
                invalid.add(self._days - 1)
                continue
            if not 0 <= day < self._days:
                continue
            if not is_amount(value):
                invalid.add(day)
                continue
            previous = points.get(day)
            if previous is not None and previous != value:
                has_conflict = True
                value = max(previous, value)
            points[day] = value
        return has_conflict

    def _offsets(self, times: Sequence[float]) -> list[int]:
        """Return the offsets of the days; _NO_DAY for an invalid time."""
        first, earliest, latest = self._first, self._earliest, self._latest
        return [int(time // _DAY) - first if earliest <= time <= latest else _NO_DAY for time in times]


def _are_integers(values: Sequence[float]) -> TypeGuard[Sequence[int]]:
    """Check the first value: all have the same type, see MetricDataResult."""
    return isinstance(values[0], int)
