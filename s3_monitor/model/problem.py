"""A gap or a note as a record: missing data, or the explanation of a figure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

import msgspec

from s3_monitor.model.bounds import Count
from s3_monitor.model.problem_catalogue import CATALOGUE
from s3_monitor.model.problem_type import Affected, Severity

_NAMED = 3  # names in a message


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Missing data, or an explanation of a figure. Created with ``create_problem``."""

    code: str
    """What happened, see docs/problems.md. Programs decide by this code, never by the message."""
    severity: Severity
    """gap: requested data is missing (exit status 3); note: explains a figure (exit status 0)."""
    affects: tuple[Affected, ...] = ()
    """The unknown or incomplete figures."""
    account: str | None = None
    """Account id; null: not about a single account."""
    region: str | None = None
    """Region; null: not about a single region."""
    bucket: str | None = None
    """Name of the bucket; null: not about a single bucket."""
    storage_type: str | None = None
    """Storage type; null: not about a single storage type."""
    shard: str | None = None
    """Name of the shard; null: not about a shard."""
    count: Count | None = None
    """Number of buckets or series, where several have the same problem; null: one, or it is not about buckets."""
    message: str
    """What happened, in a sentence without the place. The message of AWS, if any, follows the first colon."""
    advice: str | None = None
    """What to do about it; null: nothing."""

    @property
    def place(self) -> str:
        """Return `ACCOUNT/REGION/BUCKET/STORAGE_TYPE` as far as they are set, or `shard NAME`, for output."""
        levels = "/".join(filter(None, (self.account, self.region, self.bucket, self.storage_type)))
        if self.shard is None:
            return levels
        return f"shard {self.shard} ({levels})" if levels else f"shard {self.shard}"

    @property
    def text(self) -> str:
        """Return the place and the message, for output."""
        return f"{self.place}: {self.message}" if self.place else self.message


def create_problem(
    code: str,
    *,
    account: str | None = None,
    region: str | None = None,
    bucket: str | None = None,
    storage_type: str | None = None,
    shard: str | None = None,
    names: Collection[str] = (),
    count: int | None = None,
    at_least: int | None = None,
    error: Exception | None = None,
    advice: str | None = None,
    **values: object,
) -> Problem:
    """Return a problem of the catalogue.

    ``names``: the buckets (or series) that have it, ``count``: how many, where the names do not matter, ``at_least``:
    the same as a lower bound. A single name becomes the bucket. ``error``: the failure, whose text is the ``detail``
    and whose advice precedes the catalogue's. ``values``: what else the templates contain.
    """
    type_ = CATALOGUE[code]
    several = sorted(set(names))
    if len(several) == 1:
        bucket = several[0]
    elif several:
        count = len(several)
    number = at_least if count is None else count
    more = " or more" if at_least is not None else ""
    if error is not None:
        values["detail"] = error
        advice = advice or getattr(error, "advice", "")
    is_plural = bool(type_.plural) and (number is not None) and (number != 1 or bool(more))
    texts = {name: _text(value) for name, value in values.items()}
    if is_plural:
        some = f" ({_text(several)})" if several else ""
        texts |= {noun: f"{number:,}{more} {noun}{some}" for noun in ("buckets", "series")}
    return Problem(
        code=code,
        severity=type_.severity,
        affects=type_.affects,
        account=account,
        region=region,
        bucket=bucket,
        storage_type=storage_type,
        shard=shard,
        count=number if is_plural else None,
        message=(type_.plural if is_plural else type_.message).format_map(texts),
        advice=advice or type_.advice.format_map(texts) or None,
    )


def _text(value: object) -> str:
    """Return a value of a template: numbers with separators, of a sequence the first few items."""
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, Decimal):
        return f"{value:,f}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join([*map(str, value[:_NAMED]), *["…"] * (len(value) > _NAMED)])
    return str(value)


def hides_totals(severity: str, affects: Collection[str]) -> bool:
    """Return whether costs or sizes are missing because of a problem."""
    return severity == "gap" and ("cost" in affects or "size" in affects)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return each problem once, gaps first, then by place: the same set gives the same list."""
    return sorted(set(problems), key=_key)


def has_gap(problems: Iterable[Problem]) -> bool:
    """Return whether one of the problems is a gap."""
    return any(problem.severity == "gap" for problem in problems)


def _key(problem: Problem) -> tuple[str | int, ...]:
    return (
        problem.severity,
        problem.account or "",
        problem.region or "",
        problem.bucket or "",
        problem.storage_type or "",
        problem.shard or "",
        problem.code,
        problem.message,
        problem.advice or "",
        problem.count or 0,
    )
