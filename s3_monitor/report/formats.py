"""Numbers and dates as text for readers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")
_SI_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
NO_CHANGE = "no change"
_NUMBER = re.compile(r"[0-9.]+")


def size(bytes_: float) -> str:
    """Format bytes in binary units with three digits: ``42.0 GiB``."""
    return _scaled(bytes_, 1024, _UNITS)


def size_si(bytes_: float) -> str:
    """Format bytes in decimal units with three digits: ``45.1 GB``."""
    return _scaled(bytes_, 1000, _SI_UNITS)


def exact(bytes_: float) -> str:
    """Format bytes exactly: ``440,440,195 bytes``."""
    return "1 byte" if bytes_ == 1 else f"{count(bytes_)} bytes"


def symbol(currency: str) -> str:
    """Return what precedes an amount: ``$`` for USD, otherwise the currency's code and a space."""
    return "$" if currency == "USD" else f"{currency} "


def money(amount: float, currency: str = "USD") -> str:
    """Format an amount: ``$1,628.16``, ``−$1,628.16``, ``<$0.01`` or ``−<$0.01`` where it is too small to show."""
    sign = "−" if amount < 0 else ""
    if 0 < abs(amount) < 0.005:
        return f"{sign}<{symbol(currency)}0.01"
    return f"{sign}{symbol(currency)}{abs(amount):,.2f}"


def bounded(text: str, lower_bound: bool, upper_bound: bool = False) -> str:
    """Mark a sum: ``≥ $12.72``, ``at most $12.72``, or ``about $12.72`` if a part is missing and another too high.

    Of an amount that is too small to show, the bounds are ``> $0`` and ``<$0.01``.
    """
    is_small = text.startswith("<")
    if lower_bound and upper_bound:
        return f"about {text.removeprefix('<')}"
    if lower_bound:
        return f"> {_NUMBER.sub('0', text[1:])}" if is_small else f"≥ {text}"
    return f"at most {text}" if upper_bound and not is_small else text


def quantity(number: float) -> str:
    """Format a usage with three significant digits or as an integer: ``58.4``, ``2,468,000``, ``0.0032``."""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"


def short_money(amount: float, currency: str = "USD") -> str:
    """Format an amount for an axis, with no more digits than needed: ``$250``, ``$1.5k``, ``$2M``."""
    sign = symbol(currency)
    for step, suffix in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if amount >= step:
            return f"{sign}{amount / step:g}{suffix}"
    return f"{sign}{amount:g}"


def short_size(bytes_: float) -> str:
    """Format bytes for an axis, with no more digits than needed: ``250 GiB``, ``1.5 TiB``."""
    unit = 0
    while bytes_ >= 1024 and unit < len(_UNITS) - 1:
        bytes_ /= 1024
        unit += 1
    return f"{bytes_:.4g} {_UNITS[unit]}"


def change(value: float, form: Callable[[float], str]) -> str:
    """Format a difference with its sign: ``+1.20 GiB``, ``−<$0.01``, ``no change`` only where there is none."""
    return f"{'+' if value > 0 else '−'}{form(abs(value))}" if value else NO_CHANGE


def rate(amount: float, currency: str = "USD") -> str:
    """Format a price per GB with the digits of a price list: ``$0.00099``, ``$0.0000004``."""
    digits = f"{amount:.5f}" if round(amount, 5) or not amount else f"{Decimal(f'{amount:.2g}'):f}"
    return f"{symbol(currency)}{digits.rstrip('0').rstrip('.')}"


def count(number: float) -> str:
    """Format a count: ``1,234,567``."""
    return f"{round(number):,}"


def short_count(number: float) -> str:
    """Format a large count with three digits: ``1.23 million``."""
    for step, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if number >= step * 0.9995:
            return f"{_digits(number / step)} {name}"
    return count(number)


def plural(number: float, noun: str, nouns: str = "") -> str:
    """Format a count with its noun: ``1 bucket``, ``2,000 buckets``."""
    return f"{count(number)} {noun if number == 1 else nouns or noun + 's'}"


def share(fraction: float) -> str:
    """Format a part of a total: ``12.3%``; ``<0.1%`` and ``>99.9%`` where it is not 0% or 100%."""
    if 0 < fraction < 0.0005:
        return "<0.1%"
    if 0.9995 <= fraction < 1:
        return ">99.9%"
    return f"{fraction * 100:,.1f}%"


def day(when: date) -> str:
    """Format a day: ``2026-11-22``."""
    return when.isoformat()


def moment(when: datetime) -> str:
    """Format a time in UTC: ``2026-11-22 03:15 UTC``."""
    return f"{when:%Y-%m-%d %H:%M} UTC"


def weekday(when: date) -> str:
    """Format a day in English in any locale: ``Sunday, 22 November 2026``."""
    return f"{_DAYS[when.weekday()]}, {when.day} {_MONTHS[when.month - 1]} {when.year}"


def month(when: date) -> str:
    """Format a month: ``November 2026``."""
    return f"{_MONTHS[when.month - 1]} {when.year}"


def short_day(when: date) -> str:
    """Format a day of a chart: ``25 Nov``."""
    return f"{when.day} {_MONTHS[when.month - 1][:3]}"


def axis_month(when: date) -> str:
    """Format a month for an axis: ``Nov``, and ``2027`` in place of January."""
    return str(when.year) if when.month == 1 else _MONTHS[when.month - 1][:3]


def age(then: date, now: date) -> str:
    """Format the age of a day: ``today``, ``yesterday``, ``3 days ago``, ``5 weeks ago``, ``7 months ago``."""
    days = (now - then).days
    if days < 0:
        return "in the future"
    if days < 2:
        return ("today", "yesterday")[days]
    for unit, length, least in (("year", 365.25, 730), ("month", 30.4375, 61), ("week", 7, 21)):
        if days >= least:
            return f"{plural(int(days / length), unit)} ago"
    return f"{days} days ago"


def clip(text: str, length: int) -> str:
    """Shorten a text to ``length`` characters, the last one an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _scaled(bytes_: float, step: int, units: tuple[str, ...]) -> str:
    if 0 < bytes_ <= 0.5:
        return "<1 B"
    value, unit = float(bytes_), 0
    # From 999.5 on, which rounds to four digits, the next unit is used: 0.98 GiB.
    while value >= 999.5 and unit < len(units) - 1:
        value /= step
        unit += 1
    return f"{_digits(value) if unit else count(value)} {units[unit]}"


def _digits(value: float) -> str:
    """Format with three digits, also where rounding adds one: 9.999 is ``10.0``, not ``10.00``."""
    places = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{places}f}" if math.isfinite(value) else str(value)


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
