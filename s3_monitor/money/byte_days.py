"""How much was stored for how long: the bytes of each day, summed."""

from __future__ import annotations

from fractions import Fraction

from s3_monitor.model.series import Series


def byte_days(series: Series, first: int, end: int) -> int | Fraction:
    """The sum over the days from offset ``first`` up to, not including, ``end``. A day without a point adds nothing:
    what was there is not known. Exact."""
    newest = series.day
    if newest < first:
        return 0
    # Newest first: the place of a day is how much older than the newest it is.
    days = series.values()[max(0, newest - end + 1) : newest - first + 1]
    known = [value for value in days if value is not None]
    whole = sum(known)
    return whole if isinstance(whole, int) else sum(map(Fraction, known), Fraction(0))
