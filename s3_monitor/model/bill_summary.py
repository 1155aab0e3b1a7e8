"""The bill in report/summary.json: billed amounts, their attribution to buckets, and list prices."""

from __future__ import annotations

from datetime import date

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bill import Costs


class BillLine(msgspec.Struct, frozen=True, rename={"list_": "list"}):
    """A usage type of an account in the billed month."""

    account: str
    """Account id."""
    usage_type: str
    """Usage type, as on the bill."""
    list_: float | None
    """List price of the bytes that CloudWatch measured in the buckets of the report, in the currency of the bill; null:
    no known price."""
    billed: float
    """Billed amount, in the currency of the bill: attributed + unattributed."""
    attributed: float
    """Amount attributed to buckets of the report, in the currency of the bill."""
    unattributed: float
    """Amount not attributed, in the currency of the bill."""
    difference: float | None
    """billed - list, in the currency of the bill; null: no known price."""
    quantity: float
    """Billed quantity, in `unit`."""
    unit: str
    """Unit of the quantity, as on the bill."""
    observed: float | None
    """GB-months (GB = 2^30 bytes) that CloudWatch measured; null: not storage of buckets."""
    to_date: float
    """Amount billed since the end of the month, in the currency of the bill."""
    reason: str
    """Likely cause of the difference, for readers; empty: none."""
    causes: list[str]
    """Codes of the likely causes, most likely first."""


class ToDate(msgspec.Struct, frozen=True):
    """The current month."""

    month: date
    """First day of the month."""
    through: date
    """Last day that is included."""
    billed: float
    """Billed amount, in the currency of the bill."""
    estimated: bool
    """Whether AWS may still change it."""


class Tagged(msgspec.Struct, frozen=True):
    """The tag by which costs were attributed, and the amounts that it leaves unattributed."""

    tag: str
    """Key of the cost allocation tag."""
    untagged: float
    """Amount without the tag, in the currency of the bill."""
    elsewhere: float
    """Amount with a value that is no bucket of the report, in the currency of the bill."""
    values: int
    """Number of such values."""


class GroupCharges(msgspec.Struct, frozen=True):
    """The charges of a usage group."""

    group: str
    """Usage group: storage-CLASS, requests, transfer-out, inter-region, retrieval, early-deletion, monitoring, …"""
    attributed: float
    """Amount attributed to buckets, before discounts, in the currency of the bill."""


class UnattributedCharges(msgspec.Struct, frozen=True):
    """Charges that are not attributed to buckets of the report."""

    type: str
    """tax, credits, refunds, discounts, fees, adjustments; deleted-buckets (CloudWatch still has their figures),
    other-buckets (deleted earlier, or outside the selection), other-resources; list-buckets or a usage group: charges
    without a resource."""
    billed: float
    """Amount, in the currency of the bill."""


class Comparison(msgspec.Struct, frozen=True):
    """The same bill, attributed in another way."""

    costs: Costs
    """How amounts are attributed to buckets."""
    attributed: float
    """Amount attributed to buckets, in the currency of the bill."""
    unattributed: float
    """Amount not attributed, in the currency of the bill."""


class ExportSummary(msgspec.Struct, frozen=True):
    """What only a billing export has."""

    origin: str
    """Location, format and number of files."""
    net: float | None
    """Amount after discounts, in the currency of the bill; null: not in the export."""
    groups: list[GroupCharges]
    """Attributed charges by usage group. The sum is `attributed`."""
    unattributed: list[UnattributedCharges]
    """Unattributed charges by type. The sum is `unattributed`."""
    comparison: list[Comparison]
    """The bill attributed by bytes and days, by the cost allocation tag if the export has it, and by the charges of the
    export."""


class BillSummary(msgspec.Struct, frozen=True, rename={"list_": "list"}):
    """The bill of the last complete month. Each total is the sum of its column of the rows."""

    costs: Costs
    """How amounts were attributed to buckets."""
    month: date
    """First day of the month."""
    days: int
    """Number of days in the month."""
    payer: str | None
    """Account id of the payer; null: not received."""
    currency: str
    """Currency of the bill."""
    estimated: bool | None
    """Whether AWS may still change the bill; null: not received."""
    list_: float | None
    """List price of the rows that have one, in the currency of the bill; null: none, or not received."""
    billed: float | None
    """Billed amount, in the currency of the bill; null: not received."""
    attributed: float | None
    """Amount attributed to buckets, in the currency of the bill; null: not received."""
    unattributed: float | None
    """Amount not attributed, in the currency of the bill; null: not received."""
    difference: float | None
    """billed - list of the rows with a list price, in the currency of the bill; null: none."""
    to_date: ToDate | None
    """The current month; null: not received."""
    tagged: Tagged | None
    """Amounts unattributed by tag; null: costs were not attributed by tag."""
    rows: list[BillLine]
    """The usage types."""
    export: ExportSummary | UnsetType | None = UNSET
    """What only a billing export has; present only where one was requested; null: not received."""

    @property
    def list_is_lower_bound(self) -> bool:
        """Whether ``list`` omits rows without a known list price."""
        return any(row.list_ is None for row in self.rows)
