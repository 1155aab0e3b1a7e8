"""Timestamps in AWS's answers, parsed fast: botocore's own parser is most of the time that reading metrics takes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from botocore.utils import parse_timestamp as botocore_parse_timestamp

from s3_monitor.model.bounds import time_or_none

# Numbers as text are times if they have the digits of one: since 1973. Python reads 1e3 and +5 as numbers, too.
_NUMBER = re.compile(r"\s*[+-]?[\d_.]+(?:[eE][+-]?\d+)?\s*")
_EPOCH_SECONDS = re.compile(r"[0-9]{9,10}(?:\.[0-9]*)?")


def parse_timestamp(value: Any) -> datetime:
    """An aware UTC datetime from any form in which AWS writes time: seconds since 1970 (a number, or one as text),
    ISO 8601, or RFC 822. A time without a zone is UTC. ValueError where it is none of them."""
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        # Only what is surely ISO 8601: fromisoformat would read some numbers as dates.
        if isinstance(value, str) and len(value) >= 19 and value[4] == "-" and value[10] == "T":
            return _utc(datetime.fromisoformat(value))
    except (ValueError, OverflowError, OSError):
        pass  # rare forms that botocore's parser may still know
    if isinstance(value, str) and _NUMBER.fullmatch(value) and not _EPOCH_SECONDS.fullmatch(value):
        raise ValueError(f"not a timestamp: {value[:40]!r}")
    try:
        return _utc(botocore_parse_timestamp(value))
    except (TypeError, OverflowError, OSError, RuntimeError) as error:
        raise ValueError(f"not a timestamp: {value!r}") from error


def seconds(time: Any) -> float:
    """A time of an answer, in whatever form it was sent, as seconds since 1970 UTC. ValueError where it is none."""
    return (time if isinstance(time, datetime) else parse_timestamp(time)).timestamp()


def time_in_bounds(time: Any) -> int | None:
    """Return a time of a response in whole seconds since 1970 UTC; None if it is no time, or not within the bounds."""
    try:
        return time_or_none(seconds(time))
    except ValueError:
        return None


def _utc(time: datetime) -> datetime:
    zone = time.tzinfo
    if zone is UTC:
        return time
    return time.replace(tzinfo=UTC) if zone is None else time.astimezone(UTC)
