"""Times of buckets.json, like ``2020-05-04 15:13:08+00:00``."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

_EPOCH = date(1970, 1, 1)
_MINUTES = [f"{minute // 60:02}:{minute % 60:02}:" for minute in range(1440)]
_SECONDS = [f"{second:02}+00:00" for second in range(60)]


def utc_text(seconds: int | None) -> str | None:
    """Format seconds since 1970 UTC; None stays None."""
    if seconds is None:
        return None
    minutes, second = divmod(seconds, 60)
    day, minute = divmod(minutes, 1440)
    return f"{_day(day)} {_MINUTES[minute]}{_SECONDS[second]}"


@cache  # millions of times share their days
def _day(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).isoformat()
