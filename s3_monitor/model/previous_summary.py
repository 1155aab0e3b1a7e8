"""The fields of an earlier report/summary.json that a comparison uses, from any supported format."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import msgspec

from s3_monitor.model.bounds import Count, UtcTime, time_or_none
from s3_monitor.model.bounds import Sum as BoundedSum
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.files import decode_versioned, read_bytes
from s3_monitor.model.plan import Selection
from s3_monitor.model.summary import FORMAT

_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+")
_ADVICE = "give --previous the summary.json of an earlier report"


class Sum(msgspec.Struct, frozen=True):
    """The fields of a Group that a comparison uses."""

    size: BoundedSum | None = None
    cost: BoundedSum | None = None
    unpriced_size: BoundedSum = 0.0  # format 1: in the totals only
    unknown_buckets: Count = 0
    upper_bound_size: BoundedSum = 0.0


class PriceList(msgspec.Struct, frozen=True):
    """The price list of the earlier report."""

    source: str = ""
    published: date | None = None


class PreviousEmptiedBucket(msgspec.Struct, frozen=True):
    """A bucket that was emptied before the earlier report."""

    name: str
    account: str
    region: str


class PreviousProblem(msgspec.Struct, frozen=True):
    """Where data was missing."""

    severity: str
    affects: tuple[str, ...] = ("cost", "size")  # format 1 does not state it
    account: str | None = None
    region: str | None = None
    where: str = ""  # format 1: ACCOUNT/REGION/BUCKET/STORAGE_TYPE, or another place


class PreviousSummary(msgspec.Struct, frozen=True):
    """An earlier report. Fields that its format does not have are at their defaults."""

    as_of: UtcTime
    totals: Sum
    by_account: dict[str, Sum]
    by_region: dict[str, Sum]
    by_storage_type: dict[str, Sum]
    complete: bool = True
    currency: str = "USD"
    prices: PriceList = PriceList()
    selection: Selection = Selection()
    problems: list[PreviousProblem] = []
    format: int = 1
    emptied: list[PreviousEmptiedBucket] = []


def read(path: Path) -> PreviousSummary:
    """Read an earlier summary.json. Raises InvalidFileError."""
    return decode(read_bytes(path, _ADVICE), path)


def decode(content: bytes, path: object) -> PreviousSummary:
    """Decode an earlier summary.json. Raises InvalidFileError if it is malformed or of a newer format."""
    earlier = decode_versioned(content, path, PreviousSummary, FORMAT, "summary", _ADVICE)
    if time_or_none(earlier.as_of.timestamp()) is None:
        raise InvalidFileError(
            path, f"is not a summary: as_of must be between 1970 and 2099, got {earlier.as_of}", _ADVICE
        )
    return msgspec.structs.replace(earlier, problems=list(map(_with_place, earlier.problems)))


def _with_place(problem: PreviousProblem) -> PreviousProblem:
    """Return the problem with the account and region that format 1 has in ``where``."""
    account, region = [*problem.where.split("/"), ""][:2]
    if not account.isdecimal():
        return problem
    # Where the region was unknown, the bucket follows the account.
    return msgspec.structs.replace(problem, account=account, region=region if _REGION.fullmatch(region) else None)
