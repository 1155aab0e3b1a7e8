"""report/summary.json: totals, shards, problems, what the asking cost."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from s3_monitor.model.billed import Bill
from s3_monitor.model.plan import Selection
from s3_monitor.model.problem import Problem
from s3_monitor.model.traffic import RequestTotals

FORMAT = 2  # 1: groups did not state what their cost leaves out
ShardStatus = Literal["complete", "partial", "failed", "missing", "invalid"]


class Group(msgspec.Struct, frozen=True):
    """Sums over some buckets, with what they leave out."""

    buckets: Annotated[int, Meta(description="Number of buckets.")]
    size: Annotated[float | None, Meta(description="Bytes, as far as they are known; null: nothing is known.")]
    objects: Annotated[
        float | None, Meta(description="Number of objects, as far as they are known; null: nothing is known.")
    ]
    cost: Annotated[
        float | None,
        Meta(
            description="Monthly list price of `size` without `unpriced_size`, in `currency`; null: no price is known."
        ),
    ]
    unpriced_size: Annotated[
        float, Meta(description="Bytes in `size` that have no known price and are not in `cost`.")
    ] = 0.0
    unknown_buckets: Annotated[
        int,
        Meta(
            description="Buckets whose size is unknown or partly unknown; the unknown part is neither in `size` nor in "
            "`cost`. Of a storage type: buckets of which it is unknown whether they hold it."
        ),
    ] = 0
    unknown_objects: Annotated[
        int, Meta(description="Buckets whose number of objects is unknown and not in `objects`.")
    ] = 0
    complete: Annotated[
        bool,
        Meta(description="Whether all data was received. If false, buckets may be missing from every figure."),
    ] = True

    @property
    def size_is_lower_bound(self) -> bool:
        return self.unknown_buckets > 0 or not self.complete

    @property
    def cost_is_lower_bound(self) -> bool:
        return self.unpriced_size > 0 or self.size_is_lower_bound

    @property
    def objects_is_lower_bound(self) -> bool:
        return self.unknown_objects > 0 or not self.complete


class Prices(msgspec.Struct, frozen=True):
    """The price list that costs were computed with."""

    source: Annotated[str, Meta(description="Name of the price list.")]
    published: Annotated[date, Meta(description="Date of the price list: the newest where regions differ.")]
    oldest: Annotated[
        date | UnsetType, Meta(description="Date of the oldest storage price in use; regions may have older prices.")
    ] = UNSET


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
    totals: Group
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
