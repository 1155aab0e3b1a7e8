"""Bytes stored per day, summed over days (byte-days)."""

from __future__ import annotations

from fractions import Fraction

from s3_monitor.model.series import Series


def byte_days(series: Series, first: int, end: int) -> int | Fraction:
    """Return the exact sum over the days from offset ``first`` to before ``end``; days without a point add nothing."""
    newest = series.day
    if newest < first:
        return 0
    # The values are in order of age: index 0 is the newest day.
    values = [value for value in series.values()[max(0, newest - end + 1) : newest - first + 1] if value is not None]
    total = sum(values)
    return total if isinstance(total, int) else sum(map(Fraction, values), Fraction(0))
