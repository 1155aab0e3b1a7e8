"""Changes of size and cost between two days, and their causes, in summary.json."""

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
