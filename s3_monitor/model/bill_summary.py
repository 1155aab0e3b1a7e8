"""The bill in report/summary.json: what was billed, what buckets explain of it, and what list prices say."""

from __future__ import annotations

from datetime import date

import msgspec

from s3_monitor.model.bill import Costs


class BillLine(msgspec.Struct, frozen=True, rename={"list_": "list"}):
    """A usage type of an account in the billed month."""

    account: str
    """Account id."""
    usage_type: str
    """Usage type, as the bill names it."""
    list_: float | None
    """List price of what CloudWatch measured in the buckets of the report, in the currency of the bill; null: no known
    price."""
    billed: float
    """Billed amount, in the currency of the bill: attributed + unattributed."""
    attributed: float
    """Amount that is attributed to buckets of the report, in the currency of the bill."""
    unattributed: float
    """Amount that is not, in the currency of the bill."""
    difference: float | None
    """billed - list, in the currency of the bill; null: no known price."""
    quantity: float
    """Billed quantity, in `unit`."""
    unit: str
    """Unit of the quantity, as the bill names it."""
    observed: float | None
    """GB-months (GB = 2^30 bytes) that CloudWatch measured; null: not storage of buckets."""
    to_date: float
    """Amount billed since the end of the month, in the currency of the bill."""
    reason: str
    """Likely cause of the difference, for readers; empty: none."""
    causes: list[str]
    """The same as stable codes, the likeliest first."""


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
    """The tag that costs were attributed by. Its amounts are all unattributed."""

    tag: str
    """Key of the cost allocation tag."""
    untagged: float
    """Amount without the tag, in the currency of the bill."""
    elsewhere: float
    """Amount with a value that names no bucket of the report, in the currency of the bill."""
    values: int
    """Number of such values."""


class BillSummary(msgspec.Struct, frozen=True, rename={"list_": "list"}):
    """The bill of the last complete month. Each column of the rows adds up to its total here."""

    costs: Costs
    """How amounts were attributed to buckets."""
    month: date
    """First day of the month."""
    days: int
    """Number of days in the month."""
    payer: str | None
    """Account id that was asked; null: not received."""
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
    """Amount that is not, in the currency of the bill; null: not received."""
    difference: float | None
    """billed - list of the rows with a list price, in the currency of the bill; null: none."""
    to_date: ToDate | None
    """The current month; null: not received."""
    tagged: Tagged | None
    """What could not be attributed by tag; null: not attributed by tag."""
    rows: list[BillLine]
    """The usage types."""

    @property
    def list_is_lower_bound(self) -> bool:
        """Return whether rows without a known list price are not in ``list``."""
        return any(row.list_ is None for row in self.rows)
