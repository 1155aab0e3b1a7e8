"""The comparison with an earlier report, in summary.json."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec


class GroupChange(msgspec.Struct, frozen=True):
    """The change of a region or account."""

    name: str
    """Name of the region, or account id."""
    size: float | None
    """Change in bytes; null: unknown in one of the reports."""
    cost: float | None
    """Change in cost, in the currency of the price list per month; null: unknown in one of the reports."""


class CostCauses(msgspec.Struct, frozen=True):
    """The parts of a change in cost, which add up to it."""

    bytes: float
    """Part of more or fewer bytes at the earlier mix and prices, in the currency of the price list per month."""
    types: float
    """Part of another mix of storage types, in the currency of the price list per month."""
    prices: float
    """Part of other prices for bytes of the same type, in the currency of the price list per month."""
    is_new_price_list: bool
    """Whether the price lists differ; otherwise prices differ by tiers and regions."""
    emptied: float = 0.0
    """Last known cost of the buckets emptied since the earlier report, in the currency of the price list per month; the
    other parts do not include their bytes."""
    emptied_buckets: int = 0
    """Number of these buckets."""


class ReportComparison(msgspec.Struct, frozen=True):
    """The change since an earlier report, of everything that both reports cover."""

    as_of: datetime
    """Time of the earlier report, UTC."""
    cost: float | None = None
    """Change in cost, in the currency of the price list per month; null: unknown."""
    size: float | None = None
    """Change in bytes; null: unknown."""
    cost_before: float | None = None
    """Cost in the earlier report, in the currency of the price list per month; null: unknown."""
    causes: CostCauses | None = None
    """Parts of the change in cost; null: a part is not compared."""
    changes: list[GroupChange] = []
    """Changes by region or account, the largest first."""
    dimension: Literal["region", "account"] = "region"
    """What `changes` are by."""
    excluded: list[str] = []
    """What is not compared, with the reason."""
    excluded_count: int = 0
    """Number of regions or accounts that are not compared."""
    remarks: list[str] = []
    """What the figures of one of the reports exclude."""
