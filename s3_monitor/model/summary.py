"""report/summary.json: totals, shards, problems, what the asking cost."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bill_summary import BillSummary
from s3_monitor.model.bucket import LastKnown
from s3_monitor.model.plan import Selection
from s3_monitor.model.problem import Problem
from s3_monitor.model.request_metrics import RequestTotals
from s3_monitor.model.safe_text import in_json

FORMAT = 2  # 1: groups did not state what their cost leaves out
Charge = Literal["requests", "egress", "monitoring", "buckets"]
ShardStatus = Literal["complete", "partial", "failed", "missing", "invalid"]


class Group(msgspec.Struct, frozen=True):
    """Sums over some buckets, with what they leave out."""

    buckets: int
    """Number of buckets."""
    size: float | None
    """Bytes, as far as they are known; null: nothing is known."""
    objects: float | None
    """Number of objects, as far as it is known; null: nothing is known."""
    cost: float | None
    """List price of `size` without `unpriced_size`, in the currency of the price list per month; null: no known
    price."""
    unpriced_size: float = 0.0
    """Bytes in `size` that have no known price and are not in `cost`."""
    unknown_buckets: int = 0
    """Number of buckets whose size is unknown or partly unknown; the unknown part is neither in `size` nor in `cost`.
    Of a storage type: those of which it is unknown whether they hold it."""
    unknown_objects: int = 0
    """Number of buckets whose number of objects is unknown and not in `objects`."""
    complete: bool = True
    """Whether all data was received. If false, buckets may be missing from every figure."""
    upper_bound_size: float = 0.0
    """Bytes in `size` whose part of `cost` is an upper bound, since only the price of their first volume band is
    known."""

    @property
    def size_is_lower_bound(self) -> bool:
        return self.unknown_buckets > 0 or not self.complete

    @property
    def cost_is_lower_bound(self) -> bool:
        return self.unpriced_size > 0 or self.size_is_lower_bound

    @property
    def cost_is_upper_bound(self) -> bool:
        """Return whether a part of the cost is an upper bound. With a lower bound, the cost is neither."""
        return self.upper_bound_size > 0

    @property
    def objects_is_lower_bound(self) -> bool:
        return self.unknown_objects > 0 or not self.complete


class Prices(msgspec.Struct, frozen=True):
    source: str
    """Where the prices are from."""
    published: date
    """Date of the price list; single prices may be older or newer."""
    oldest: date | UnsetType = UNSET
    """Date of the oldest storage price in use, which may be older than `published`."""


class ShardLine(msgspec.Struct, frozen=True):
    """What became of a shard."""

    name: str
    """Name of the shard."""
    status: ShardStatus
    """Result: complete, partial, failed, missing (no part) or invalid (its part cannot be used)."""
    buckets: int
    """Number of buckets in its part."""
    problems: int
    """Number of problems of the shard or its absence, and of notes about its regions and their buckets."""


class Api(msgspec.Struct, frozen=True):
    calls: int
    """Number of requests to AWS."""
    usd: float
    """List price of the requests at us-east-1's rates, in USD."""


class Estimate(msgspec.Struct, frozen=True):
    """A charge that no cost of storage includes."""

    charge: Charge
    """What is charged: requests (of request metrics), egress (sending data to the internet), monitoring (of
    Intelligent-Tiering objects), or buckets (the fee for more than 2,000 per account)."""
    kind: Literal["estimate", "at-most"]
    """Whether the cost is an estimate, or an upper bound for the covered buckets."""
    cost: float | None
    """List price for the covered buckets, in the currency of the price list per month; null: unknown."""
    buckets: int
    """Number of buckets that the cost covers."""
    unknown_buckets: int
    """Number of buckets whose part is unknown and not in the cost."""
    complete: bool
    """Whether all data was received. If false, there may be more buckets that the cost does not cover."""


class EmptiedBucket(msgspec.Struct, frozen=True):
    """A bucket in the state `emptied`. Its last known figures are not included in any sum."""

    name: str
    """Name of the bucket."""
    account: str
    """Account id of the owner."""
    region: str
    """Region of the bucket."""
    last_known: LastKnown
    """Its last figures."""


class Summary(msgspec.Struct, frozen=True):
    """report/summary.json."""

    as_of: datetime
    """Time of the plan, UTC: the figures are the newest of that time."""
    generated: datetime
    """Time at which the report was written, UTC."""
    complete: bool
    """Whether there is no gap."""
    selection: Selection
    """What the user selected."""
    currency: str
    """Currency of the price list, of every list price."""
    prices: Prices
    """The price list."""
    totals: Group
    """All buckets."""
    by_account: dict[str, Group]
    """Account id → its buckets. Every account of the plan."""
    by_region: dict[str, Group]
    """Region → its buckets. Every region with a bucket."""
    by_storage_type: dict[str, Group]
    """Storage type → the bytes of that type."""
    shards: list[ShardLine]
    """The shards of the plan."""
    problems: list[Problem]
    """Gaps and notes, each once, gaps first."""
    api: Api
    """What the requests to AWS cost."""
    tool: str
    """Version of the program that made the plan."""
    bill: BillSummary | UnsetType = UNSET
    """The bill; present only where it was requested."""
    by_encryption: dict[str, Group] | UnsetType = UNSET
    """Encryption method → its buckets, (unknown) for those that could not be read; present only where details were
    requested."""
    by_tag: dict[str, dict[str, Group]] | UnsetType = UNSET
    """Tag key → value → its buckets; (no tag), (empty) and (unknown) for those without a value; present only where
    details were requested."""
    requests: RequestTotals | UnsetType = UNSET
    """Request metrics; present only where they were requested."""
    emptied: list[EmptiedBucket] = []
    """Buckets that held bytes and hold none now, sorted like buckets.json; those without last known figures are left
    out."""
    not_included: list[Estimate] = []
    """Charges that the costs do not include, estimated where the facts are available."""
    format: int = FORMAT
    """Version of this file format."""


def encode(summary: Summary) -> bytes:
    return in_json(msgspec.json.format(msgspec.json.encode(summary), indent=1)) + b"\n"
