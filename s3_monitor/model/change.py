"""Changes of size and cost between two days, their causes, and unusual ones, in summary.json."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Cause = Literal[
    "created",  # the bucket was created between the two days
    "emptied",  # the bucket held bytes and holds none now
    "deleted",  # the bucket held bytes and was deleted
    "grew",
    "shrank",
    "moved",  # bytes moved between storage types of the bucket
    "price",  # the same bytes cost more or less, since volume tiers are filled differently
]


class CauseSum(msgspec.Struct, frozen=True):
    """The part of a change that has one cause."""

    buckets: int
    """Number of buckets with this cause; a bucket can have two. 0 for `price`, which is the same for all buckets."""
    size: float
    """Change in bytes."""
    cost: float | None
    """Change in cost, in the currency of the price list per month; null: unknown."""


class PeriodChange(msgspec.Struct, frozen=True):
    """The change of all buckets between two days. The sizes and costs of its causes add up to it."""

    first: date
    """UTC day at the start of the period."""
    last: date
    """UTC day at its end: the newest day with complete figures."""
    size: float
    """Change in bytes."""
    cost: float | None
    """Change in cost at today's prices, in the currency of the price list per month; null: unknown."""
    size_before: float
    """Bytes on the first day."""
    cost_before: float | None
    """Cost of these bytes; null: unknown."""
    causes: dict[Cause, CauseSum]
    """Cause → its part of the change: created, emptied, deleted, grew, shrank, moved (between storage types), or price
    (the same bytes fill the volume tiers differently)."""


class Mover(msgspec.Struct, frozen=True):
    """A bucket with one of the largest changes of a period."""

    name: str
    """Name of the bucket."""
    account: str
    """Account id of the owner."""
    region: str
    """Region of the bucket."""
    cause: Cause
    """Cause with the largest effect on the cost."""
    size: float
    """Change in bytes."""
    cost: float | None
    """Change in cost at the same rates, in the currency of the price list per month; null: some of the bytes have no
    known price."""
    size_before: float
    """Bytes on the first day of the period."""
    cost_before: float | None
    """Cost of these bytes; null: some of them have no known price."""


class SumChange(msgspec.Struct, frozen=True):
    """The change of the sums of a group."""

    size: float | None
    """Change in bytes; null: data of one of the two days is incomplete."""
    cost: float | None
    """Change in cost at today's prices, in the currency of the price list per month; null: unknown."""


class ClassMove(msgspec.Struct, frozen=True):
    """Bytes that left a storage class while another class of the same bucket grew, in about 30 days."""

    source: str
    """Storage class that decreased."""
    target: str
    """Storage class that increased."""
    size: float
    """Bytes."""
    buckets: int
    """Number of buckets."""


class DailySums(msgspec.Struct, frozen=True):
    """Sums per day, oldest first."""

    sizes: list[float | None]
    """Bytes of each day; null: the day is incomplete."""
    costs: list[float | None]
    """Cost of each day's bytes at today's prices, in the currency of the price list per month; null: the day is
    incomplete, or no known price."""


class DailyHistory(msgspec.Struct, frozen=True):
    """Bytes and cost of all buckets per day."""

    first: date
    """UTC day of the first value of each list."""
    total: DailySums
    """All buckets."""
    by_storage_class: dict[str, DailySums]
    """Storage class, as in S3's API → its part of the total; UNKNOWN: storage types that are not in the table."""


class CostJump(msgspec.Struct, frozen=True):
    """A one-time change of cost that the forecast does not continue, for example a deletion or an import."""

    day: date
    """First day after the jump."""
    cost: float
    """Change in cost, in the currency of the price list per month."""
    may_repeat: bool
    """Whether the jump may be a cleanup that repeats."""


class MonthForecast(msgspec.Struct, frozen=True):
    """The forecast of the mean monthly storage cost over a calendar month."""

    month: date
    """First day of the month."""
    cost: float
    """Expected cost, in the currency of the price list per month."""
    low: float
    """Lower end of the 80% range, in the currency of the price list per month."""
    high: float
    """Upper end of the 80% range, in the currency of the price list per month."""
    jump: CostJump | None
    """The one-time change that dominates the last 30 days; null: none."""


Measure = Literal["bytes", "cost"]


class Anomaly(msgspec.Struct, frozen=True):
    """An unusual change of a bucket on the newest day, compared with its earlier daily changes."""

    bucket: str
    """Name of the bucket."""
    account: str
    """Account id of the owner."""
    region: str
    """Region of the bucket."""
    day: date
    """UTC day of the change: the newest day with complete figures."""
    cause: Cause
    """Cause with the largest effect on the cost."""
    size: float
    """Change in bytes."""
    cost: float | None
    """Change in cost, in the currency of the price list per month; null: some of the bytes have no known price."""
    measure: Measure
    """Whether the bytes or the cost are unusual; bytes that moved between storage types change only the cost."""
    usual: float
    """Median of the earlier daily changes: in bytes, or in the currency of the price list per month, as `measure`."""
    noise: float
    """Usual deviation from this median, as a standard deviation: in bytes or currency per month, as `usual`."""
    days: int
    """Number of earlier days that the change is compared with."""
