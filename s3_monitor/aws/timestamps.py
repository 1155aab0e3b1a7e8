"""A fast parser of timestamps in AWS's responses: botocore's own takes most of the time of reading metrics."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from botocore.utils import parse_timestamp as botocore_parse_timestamp

from s3_monitor.model.bounds import time_or_none

# Numbers as text are times if they have 9 or 10 digits (since 1973). Python also reads 1e3 and +5 as numbers.
_NUMBER = re.compile(r"\s*[+-]?[\d_.]+(?:[eE][+-]?\d+)?\s*")
_EPOCH_SECONDS = re.compile(r"[0-9]{9,10}(?:\.[0-9]*)?")


def parse_timestamp(value: Any) -> datetime:
    """Return an aware UTC datetime for a time in any of AWS's formats.

    These are seconds since 1970 (as a number or text), ISO 8601, and RFC 822. A time without a zone is UTC. Raises
    ValueError for other values.
    """
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        # fromisoformat would read some numbers as dates.
        if isinstance(value, str) and len(value) >= 19 and value[4] == "-" and value[10] == "T":
            return _utc(datetime.fromisoformat(value))
    except (ValueError, OverflowError, OSError):
        pass  # rare formats that botocore's parser may support
    if isinstance(value, str) and _NUMBER.fullmatch(value) and not _EPOCH_SECONDS.fullmatch(value):
        raise ValueError(f"not a timestamp: {value[:40]!r}")
    try:
        return _utc(botocore_parse_timestamp(value))
    except (TypeError, OverflowError, OSError, RuntimeError) as error:
        raise ValueError(f"not a timestamp: {value!r}") from error


def seconds(time: Any) -> float:
    """Return a time of a response as seconds since 1970 UTC. Raises ValueError if it is not a time."""
    return (time if isinstance(time, datetime) else parse_timestamp(time)).timestamp()


def time_in_bounds(time: Any) -> int | None:
    """Return a time of a response in integer seconds since 1970 UTC; None if it is not a time or out of bounds."""
    try:
        return time_or_none(seconds(time))
    except ValueError:
        return None


def _utc(time: datetime) -> datetime:
    zone = time.tzinfo
    if zone is UTC:
        return time
    return time.replace(tzinfo=UTC) if zone is None else time.astimezone(UTC)
