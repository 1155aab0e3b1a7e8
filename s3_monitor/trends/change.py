"""The change of a daily series over a number of days."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TypeVar

N = TypeVar("N", int, float)

MONTH_DAYS = 30
_WEEK = 7
_WEEKS = 4


def newest_day(values: Sequence[float | None]) -> int | None:
    """Return the index of the newest value, or None if there is none."""
    return next((day for day in range(len(values) - 1, -1, -1) if values[day] is not None), None)


def day_before(values: Sequence[float | None], newest: int, days: int) -> int | None:
    """Return the index of the day that ``newest`` is compared with to get the change over ``days`` days.

    This is the day ``days`` days before ``newest``. If it has no value, it is the nearest day with one, at most a
    tenth of the distance plus one day off (30 days: 26 to 34 days), of two equally near days the newer. Return None
    if there is no such day, for example because the history is shorter.
    """
    tolerance = days // 10 + 1
    for off in range(tolerance + 1):
        for day in (newest - days + off, newest - days - off):
            if 0 <= day < newest and values[day] is not None:
                return day
    return None


def difference(now: N | None, before: N | None) -> N | None:
    """Return ``now - before``, or None if either is unknown."""
    return None if now is None or before is None else now - before


def is_weekly_swing(values: Sequence[float | None], newest: int, before: int) -> bool:
    """Return whether the change from ``before`` to ``newest`` lies within what the values vary in a normal week.

    True if the change does not exceed the usual difference between the extremes of a week, and growth from the median
    of the first week to that of the last week explains less than half of it. A weekly cleanup is such a swing: its
    change depends on the weekdays that are compared. Steps, and growth from week to week, are not.
    """
    weeks = [values[max(0, end - _WEEK + 1) : end + 1] for end in range(newest, before, -_WEEK)][:_WEEKS]
    known = [[value for value in week if value is not None] for week in [*weeks, values[before : before + _WEEK]]]
    if not all(known):
        return False
    change_ = abs((values[newest] or 0) - (values[before] or 0))
    if change_ > median([max(week) - min(week) for week in known[:-1]]):
        return False
    steady = abs(median(known[0]) - median(known[-1])) * (newest - before) / (newest - before - _WEEK + 1)
    return 2 * steady < change_
