"""From CloudWatch's points to days of the window. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from s3_monitor.model.series import Window

_DAY = 86_400
_EPOCH = 719_163  # date(1970, 1, 1).toordinal()


class Days:
    """Puts points into the window, by UTC day."""

    def __init__(self, window: Window) -> None:
        self._first = window.first.toordinal() - _EPOCH
        self._days = window.days

    def put(self, points: dict[int, float], times: Sequence[float], values: Sequence[float]) -> tuple[bool, bool]:
        """Add points to {day offset: value}; points outside the window are not asked for and left out.

        Returns (twice, unusable): whether a day came with two different values, of which the larger stays, and
        whether a value was dropped because it is no amount: negative, infinite or not a number.
        """
        twice = unusable = False
        for time, value in zip(times, values, strict=True):
            day = int(time // _DAY) - self._first
            if not 0 <= day < self._days:
                continue
            if not 0 <= value < math.inf:
                unusable = True
                continue
            known = points.get(day)
            if known is not None and known != value:
                twice = True
                value = max(known, value)
            points[day] = value
        return twice, unusable
