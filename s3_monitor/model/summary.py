"""The file report/summary.json: totals, shards, problems and API usage."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bill_summary import BillSummary
from s3_monitor.model.bucket import LastKnown
from s3_monitor.model.change import Anomaly, ClassMove, DailyHistory, MonthForecast, Mover, PeriodChange, SumChange
from s3_monitor.model.comparison import ReportComparison
from s3_monitor.model.finding import FindingSums
from s3_monitor.model.plan import Selection
from s3_monitor.model.policy_result import PolicyResult
from s3_monitor.model.problem import Problem
from s3_monitor.model.request_metrics import RequestTotals
from s3_monitor.model.safe_text import in_json

FORMAT = 2  # format 1: groups without the fields about what their cost excludes
Charge = Literal["requests", "egress", "monitoring", "buckets"]
ShardStatus = Literal["complete", "partial", "failed", "missing", "invalid"]


class Group(msgspec.Struct, frozen=True):
    """Sums over a set of buckets, with what they exclude."""

    buckets: int
    """Number of buckets."""
    size: float | None
    """Known bytes; null: unknown."""
    objects: float | None
    """Known number of objects; null: unknown."""
    cost: float | None
    """List price of `size` without `unpriced_size`, in the currency of the price list per month; null: no known
    price."""
    unpriced_size: float = 0.0
    """Bytes in `size` that have no known price and are not in `cost`."""
    unknown_buckets: int = 0
    """Number of buckets of unknown or partly unknown size; the unknown part is neither in `size` nor in `cost`. In a
    storage type: the number of buckets that may hold it."""
    unknown_objects: int = 0
    """Number of buckets with an unknown number of objects, not in `objects`."""
    complete: bool = True
    """Whether all data was received. If false, buckets may be missing from every figure."""
    upper_bound_size: float = 0.0
    """Bytes in `size` whose part of `cost` is an upper bound, because only the price of their first tier is known."""
    billed_cost: float | UnsetType | None = UNSET
    """Amount of the buckets in the billed month, in the currency of the bill, without `unbilled_buckets`; present only
    where the bill was requested; null: unknown."""
    unbilled_buckets: int | UnsetType = UNSET
    """Number of buckets with an unknown billed amount; present only where the bill was requested."""

    @property
    def size_is_lower_bound(self) -> bool:
        """Whether bytes may be missing from the size."""
        return self.unknown_buckets > 0 or not self.complete

    @property
    def cost_is_lower_bound(self) -> bool:
        """Whether bytes or prices are missing from the cost."""
        return self.unpriced_size > 0 or self.size_is_lower_bound

    @property
    def cost_is_upper_bound(self) -> bool:
        """Whether a part of the cost is an upper bound. If the cost is also a lower bound, it is neither."""
        return self.upper_bound_size > 0

    @property
    def objects_is_lower_bound(self) -> bool:
        """Whether objects may be missing from the count."""
        return self.unknown_objects > 0 or not self.complete


class Prices(msgspec.Struct, frozen=True):
    """The price list of the report."""

    source: str
    """Source of the prices."""
    published: date
    """Date of the price list; single prices may be older or newer."""
    oldest: date | UnsetType = UNSET
    """Date of the oldest storage price in use, which may be older than `published`."""


class ShardLine(msgspec.Struct, frozen=True):
    """The result of a shard."""

    name: str
    """Name of the shard."""
    status: ShardStatus
    """Result: complete, partial, failed, missing (no part) or invalid (its part cannot be used)."""
    buckets: int
    """Number of buckets in its part."""
    problems: int
    """Number of problems of the shard or its absence, and of notes about its regions and their buckets."""


class Api(msgspec.Struct, frozen=True):
    """The requests to AWS."""

    calls: int
    """Number of requests to AWS."""
    usd: float
    """List price of the requests at us-east-1's rates, in USD."""


class Estimate(msgspec.Struct, frozen=True):
    """A charge that the cost of storage does not include."""

    charge: Charge
    """Charge: requests (from request metrics), egress (data sent to the internet), monitoring (of Intelligent-Tiering
    objects), or buckets (the fee above 2,000 per account)."""
    kind: Literal["estimate", "at-most"]
    """Whether the cost is an estimate, or an upper bound for the covered buckets."""
    cost: float | None
    """List price for the covered buckets, in the currency of the price list per month; null: unknown."""
    buckets: int
    """Number of buckets that the cost covers."""
    unknown_buckets: int
    """Number of buckets with an unknown charge, not in the cost."""
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
    """Time of the plan, UTC. The figures are the newest ones at that time."""
    generated: datetime
    """Time at which the report was written, UTC."""
    complete: bool
    """Whether there is no gap."""
    selection: Selection
    """Selection of the user."""
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
    """Requests to AWS and their list price."""
    tool: str
    """Version of the program that made the plan."""
    bill: BillSummary | UnsetType = UNSET
    """The bill, if requested."""
    by_ou: dict[str, Group] | UnsetType = UNSET
    """Path of an organizational unit, like `Prod/Data` → the buckets of its own accounts, without those of units within
    it. Only with an organization."""
    by_encryption: dict[str, Group] | UnsetType = UNSET
    """Encryption method → its buckets; (unknown) for those that could not be read. Only if details were requested."""
    by_tag: dict[str, dict[str, Group]] | UnsetType = UNSET
    """Tag key → value → its buckets; (no tag), (empty) and (unknown) for those without a value. Only if details were
    requested."""
    requests: RequestTotals | UnsetType = UNSET
    """Request metrics, if requested."""
    changes: dict[str, PeriodChange | None] = {}
    """Period (1d, 7d, 30d, 90d) → the change of all buckets with its causes; null: the history is shorter, or a day has
    no complete figures."""
    movers: dict[str, list[Mover]] = {}
    """Period → the buckets with the largest changes of cost, up or down, then of bytes without a known price."""
    group_changes: dict[str, dict[str, dict[str, SumChange]]] = {}
    """account, region or storage_type → name → period (those that the history covers) → change of the group."""
    moved: list[ClassMove] = []
    """Bytes that moved between storage classes in about 30 days, the most first."""
    history: DailyHistory | None = None
    """Bytes and cost per day; null: no figures."""
    compared: list[ReportComparison] = []
    """Comparisons with the earlier reports of --previous."""
    forecast: MonthForecast | None = None
    """Forecast of the next calendar month; null: the history is too short."""
    emptied: list[EmptiedBucket] = []
    """Buckets that held bytes and hold none now, sorted like buckets.json; only those with last known figures."""
    not_included: list[Estimate] = []
    """Estimates of charges that the costs do not include, if data is available."""
    findings: FindingSums | UnsetType = UNSET
    """What can be saved; the findings are in findings.json."""
    anomalies: list[Anomaly] | None = None
    """The largest changes of the newest day that the buckets' own histories do not explain, at most five; null: no
    history."""
    policies: list[PolicyResult] | UnsetType = UNSET
    """The results of the budgets and rules, if policies were checked."""
    format: int = FORMAT
    """Version of this file format."""


def encode(summary: Summary) -> bytes:
    """Return the content of summary.json."""
    return in_json(msgspec.json.format(msgspec.json.encode(summary), indent=1)) + b"\n"
