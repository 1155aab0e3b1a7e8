"""report/summary.json: totals, shards, problems, what the asking cost."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.billed import Bill
from s3_monitor.model.plan import Selection
from s3_monitor.model.problem import Problem
from s3_monitor.model.traffic import RequestTotals

FORMAT = 1
ShardStatus = Literal["complete", "partial", "failed", "missing", "invalid"]


class Group(msgspec.Struct, frozen=True):
    """Sums of what is known. ``size`` bytes, ``cost`` USD a month; null: nothing is known.
    ``unknown_objects``: buckets without an object count, not in ``objects``. Of a storage type ``objects`` is null
    where it is not known of every bucket that has the type."""

    buckets: int
    size: float | None
    objects: float | None
    cost: float | None
    unknown_objects: int = 0


class Totals(msgspec.Struct, frozen=True):
    """As Group; ``unpriced_size``: bytes for which no price is known, not in ``cost``.
    ``unknown_buckets``: buckets without a total size, not (or not wholly) in ``size``."""

    buckets: int
    size: float | None
    objects: float | None
    cost: float | None
    unpriced_size: float
    unknown_buckets: int
    unknown_objects: int = 0


class Prices(msgspec.Struct, frozen=True):
    source: str
    published: date


class ShardLine(msgspec.Struct, frozen=True):
    """``buckets``: how many it answered with; ``problems``: how many it (or its absence) brought."""

    name: str
    status: ShardStatus
    buckets: int
    problems: int


class Api(msgspec.Struct, frozen=True):
    calls: int
    usd: float


class Summary(msgspec.Struct, frozen=True):
    """``by_encryption`` (method → Group) and ``by_tag`` (key → value → Group): left out unless buckets were asked how
    they are configured. A bucket without the tag is in ``(no tag)``, with an
    empty value in ``(empty)``, and one that did not answer in ``(unknown)``."""

    as_of: datetime
    generated: datetime
    complete: bool  # no gap anywhere
    selection: Selection
    currency: str
    prices: Prices
    totals: Totals
    by_account: dict[str, Group]
    by_region: dict[str, Group]
    by_storage_type: dict[str, Group]
    shards: list[ShardLine]
    problems: list[Problem]
    api: Api
    tool: str
    bill: Bill | UnsetType = UNSET  # where it was asked for
    by_encryption: dict[str, Group] | UnsetType = UNSET
    by_tag: dict[str, dict[str, Group]] | UnsetType = UNSET
    requests: RequestTotals | UnsetType = UNSET  # where they were asked for
    format: int = FORMAT


def encode(summary: Summary) -> bytes:
    return msgspec.json.format(msgspec.json.encode(summary), indent=1) + b"\n"
