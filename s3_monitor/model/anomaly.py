"""A daily change of a bucket that its own history does not explain."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from s3_monitor.model.change import Cause

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
