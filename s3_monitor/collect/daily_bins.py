"""From CloudWatch's points to days of the window. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from s3_monitor.model.bounds import is_amount, point_times
from s3_monitor.model.series import Series, Window, pack_daily

_DAY = 86_400
_EPOCH = 719_163  # date(1970, 1, 1).toordinal()
_NO_DAY = 1 << 40  # in no window


class DailyBinner:
    """Puts points into the window, by UTC day."""

    def __init__(self, window: Window) -> None:
        self._first = window.first.toordinal() - _EPOCH
        self._days = window.days
        self._earliest, self._latest = point_times(window.start, window.end)
        self._times: Sequence[float] = ()  # seen last, and the newest of their days
        self._newest = -1

    def daily(self, times: Sequence[float], values: Sequence[float]) -> Series | None:
        """The series at once where it has a point a day, newest first, and integers, none negative, as nearly always;
        null where its points have to be looked at singly: see ``put``."""
        if times is not self._times:  # the series of an answer share their days, but for a few
            self._times, self._newest = times, self._newest_of(times)
        return pack_daily(self._newest, values) if self._newest >= 0 and _are_integers(values) else None

    def _newest_of(self, times: Sequence[float]) -> int:
        """The offset of the first, where a day follows the other back from it within the window; -1 where not."""
        days = self._offsets(times)
        if not days or days[0] >= self._days or days[-1] < 0:
            return -1
        return days[0] if days == list(range(days[0], days[0] - len(days), -1)) else -1

    def put(self, points: dict[int, float], invalid: set[int], times: Sequence[float], values: Sequence[float]) -> bool:
        """Add points to {day offset: value}; points outside the window were not requested and are left out.

        ``invalid`` receives the days whose value is not an amount. A point whose time is not a time may be of any
        day: it counts as one of the newest. Returns whether a day had two different values, of which the larger stays.
        """
        days = self._offsets(times)
        if not points and not invalid and self._plain(days, values):
            points.update(zip(days, values, strict=True))
            return False
        return self._put_each(points, invalid, days, values)

    def _offsets(self, times: Sequence[float]) -> list[int]:
        """The offsets of days; _NO_DAY for what is not the time of a point."""
        first, earliest, latest = self._first, self._earliest, self._latest
        return [int(time // _DAY) - first if earliest <= time <= latest else _NO_DAY for time in times]

    def _plain(self, days: list[int], values: Sequence[float]) -> bool:
        """Whether nothing has to be looked at singly, as nearly always. A sum in bounds has no NaN in it."""
        if not days:
            return True
        inside = min(days) >= 0 and max(days) < self._days and len(set(days)) == len(days)
        return inside and min(values) >= 0 and is_amount(sum(values))

    def _put_each(self, points: dict[int, float], invalid: set[int], days: list[int], values: Sequence[float]) -> bool:
        twice = False
        for day, value in zip(days, values, strict=True):
            if day == _NO_DAY:
                invalid.add(self._days - 1)
                continue
            if not 0 <= day < self._days:
                continue
            if not is_amount(value):
                invalid.add(day)
                continue
            known = points.get(day)
            if known is not None and known != value:
                twice = True
                value = max(known, value)
            points[day] = value
        return twice


def _are_integers(values: Sequence[float]) -> TypeGuard[Sequence[int]]:
    """All are if one is: see SeriesAnswer."""
    return isinstance(values[0], int)
