"""An earlier report/summary.json, of any format up to ours: what a comparison needs of it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import msgspec

from s3_monitor.model.files import decode_versioned, read_bytes
from s3_monitor.model.plan import Selection
from s3_monitor.model.problem import Problem
from s3_monitor.model.summary import FORMAT

_ADVICE = "give --previous the summary.json of an earlier report"


class Sum(msgspec.Struct, frozen=True):
    """As Group: bytes, USD a month."""

    size: float | None = None
    cost: float | None = None


class PriceList(msgspec.Struct, frozen=True):
    source: str = ""
    published: date | None = None


class Earlier(msgspec.Struct, frozen=True):
    """Fields that later formats add are left out or have a default."""

    as_of: datetime
    totals: Sum
    by_account: dict[str, Sum]
    by_region: dict[str, Sum]
    by_storage_type: dict[str, Sum]
    complete: bool = True
    currency: str = "USD"
    prices: PriceList = PriceList()
    selection: Selection = Selection()
    problems: list[Problem] = []


def read(path: Path) -> Earlier:
    """BadFile where the file cannot be read, is no summary, or is of a newer format."""
    return decode(read_bytes(path, _ADVICE), path)


def decode(content: bytes, path: object) -> Earlier:
    return decode_versioned(content, path, Earlier, FORMAT, "summary", _ADVICE)
