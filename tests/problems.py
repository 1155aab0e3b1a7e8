"""Problems for tests, from a place and a message."""

from __future__ import annotations

import re
from collections.abc import Iterable

from s3_monitor.model.problem import Problem
from s3_monitor.model.problem_type import Affected, Severity

_TOTALS: tuple[Affected, ...] = ("cost", "size")


def gap(place: str, message: str, advice: str = "", *, affects: tuple[Affected, ...] = _TOTALS) -> Problem:
    """Return a gap whose code consists of the words of its message."""
    return _problem("gap", place, message, advice, affects)


def note(place: str, message: str, advice: str = "") -> Problem:
    """Return a note whose code consists of the words of its message."""
    return _problem("note", place, message, advice, ())


def codes(problems: Iterable[Problem]) -> list[tuple[str, str]]:
    """Return the code and the place of each problem."""
    return [(problem.code, problem.place) for problem in problems]


def _problem(severity: Severity, place: str, message: str, advice: str, affects: tuple[Affected, ...]) -> Problem:
    """``place``: ACCOUNT/REGION/BUCKET/STORAGE_TYPE as far as wanted, or shard NAME, or nothing."""
    shard = place.removeprefix("shard ") if place.startswith("shard ") else None
    levels = [] if shard or not place else place.split("/")
    account, region, bucket, storage_type = [*levels, None, None, None, None][:4]
    return Problem(
        code=re.sub(r"[^a-z]+", "-", message.lower()).strip("-") or "other",
        severity=severity,
        affects=affects,
        account=account,
        region=region,
        bucket=bucket,
        storage_type=storage_type,
        shard=shard,
        message=message,
        advice=advice or None,
    )
