"""The valid range of every value from AWS, files and options.

Writers and readers of files share these bounds, so that a reader accepts everything that a writer writes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated

import msgspec

# Bytes or objects of one bucket, and request metrics: 4 EiB, more than any bucket holds.
MAX_AMOUNT: int = 2**62
# Bytes of one object: 1 PiB, twenty times the limit of AWS. Sums of many such objects stay in bounds.
MAX_OBJECT: int = 2**50
# Sums of bytes or costs: enough for ten million buckets of the maximum size at the maximum price.
MAX_SUM = 1e40
# Times, in seconds since 1970 UTC: from 1970 (S3 opened in 2006; AWS emulators also send 1970) to the end of 2099.
MIN_TIME, MAX_TIME = 0, 4_102_444_799
# AWS: CloudWatch keeps daily points for 455 days.
RETENTION_DAYS = 455
# Limit of the packed form of a series, in days.
MAX_WINDOW_DAYS = 512
# Prices and billed amounts: digits before the decimal point, and after it.
_MAX_INTEGER_DIGITS, _MAX_DECIMALS = 15, 40
# Clocks of the machines of one job may differ by this much.
CLOCK_DIFFERENCE = timedelta(days=1)

# Accounts and regions are parts of paths and of host names. AWS: 12 digits; emulators have others.
ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
REGION = re.compile(r"[a-z][a-z0-9-]{1,62}")
PARTITION = re.compile(r"aws[a-z0-9-]{0,30}")
# Storage classes, their access tiers and encryption methods. AWS: STANDARD_IA, ARCHIVE_ACCESS; SSE-KMS.
STORAGE_CLASS = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
ENCRYPTION_METHOD = re.compile(r"[A-Z][A-Z0-9_-]{0,63}")
# Per bucket, without access tiers. AWS has about ten storage classes.
MAX_STORAGE_CLASSES = 64

Amount = Annotated[int, msgspec.Meta(ge=0, le=MAX_AMOUNT)]
FractionalAmount = Annotated[float, msgspec.Meta(ge=0, le=float(MAX_AMOUNT))]
Step = Annotated[int, msgspec.Meta(ge=-MAX_AMOUNT, le=MAX_AMOUNT)]
Sum = Annotated[float, msgspec.Meta(ge=0, le=MAX_SUM)]
Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_AMOUNT)]
Seconds = Annotated[int, msgspec.Meta(ge=MIN_TIME, le=MAX_TIME)]
UtcTime = Annotated[datetime, msgspec.Meta(tz=True)]
WindowDays = Annotated[int, msgspec.Meta(ge=1, le=MAX_WINDOW_DAYS)]


def is_amount(value: float) -> bool:
    """Return whether a value is a possible number of bytes or objects. NaN is not."""
    return 0 <= value <= MAX_AMOUNT


def time_or_none(seconds: float) -> int | None:
    """Return seconds since 1970 UTC as an integer, or None for NaN and times outside the bounds."""
    return int(seconds) if MIN_TIME <= seconds <= MAX_TIME else None


def is_money(value: Decimal) -> bool:
    """Return whether a price or a billed amount is finite and has a sane number of digits.

    Arithmetic on ``1e999999999`` or ``1e-999999999`` would need gigabytes.
    """
    if not value.is_finite():
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_MAX_DECIMALS and value.adjusted() < _MAX_INTEGER_DIGITS


def as_of_error(as_of: datetime, now: datetime) -> str:
    """Return why figures as of a time cannot exist at ``now``; empty if they can."""
    if as_of > now:
        return f"must not be later than now ({now:%Y-%m-%dT%H:%M:%SZ})"
    return retention_error(as_of, now)


def retention_error(as_of: datetime, now: datetime) -> str:
    """Return why CloudWatch no longer has the figures of a time; empty if it has."""
    oldest = now.date() - timedelta(days=RETENTION_DAYS)
    if as_of.date() < oldest:
        return f"must be {oldest} or later: CloudWatch keeps daily figures for {RETENTION_DAYS} days"
    return ""


def planned_time_error(as_of: datetime, now: datetime) -> str:
    """Return why a plan cannot have this ``as_of``; empty if it can.

    The clock of the machine that created the plan may be ahead.
    """
    if time_or_none(as_of.timestamp()) is None or as_of > now + CLOCK_DIFFERENCE:
        return f"must be between 1970 and now ({now:%Y-%m-%dT%H:%M:%SZ})"
    return ""


def point_times(start: datetime, end: datetime) -> tuple[float, float]:
    """Return the earliest and the latest time that a point can have in a response about these days.

    CloudWatch may send points that were not requested, but none that are older than its retention or in the future.
    The days end at most RETENTION_DAYS before now.
    """
    margin = timedelta(days=RETENTION_DAYS + 1).total_seconds()
    return start.timestamp() - margin, end.timestamp() + margin


def is_date(day: date) -> bool:
    """Return whether a calendar date is within the bounds of times."""
    return time_or_none(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) is not None


def is_utf8(text: str) -> bool:
    """Return whether text can be written as JSON: arguments and other JSON may contain lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_storage_classes(names: Collection[str]) -> None:
    """Raise ValueError for an invalid name of a storage class, or too many names."""
    for name in names:
        if not STORAGE_CLASS.fullmatch(name):
            raise ValueError(f"a storage class must be a name in upper-case letters, got {name[:40]!r}")
    if len(names) > MAX_STORAGE_CLASSES:
        raise ValueError(f"a bucket must have at most {MAX_STORAGE_CLASSES} storage classes, got {len(names):,}")


def utf8_text(text: str) -> str:
    """Return the text with lone surrogates as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def finite_or_nan(value: object) -> float:
    """Return a number, or NaN for a value that is not a number."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan
    return number
