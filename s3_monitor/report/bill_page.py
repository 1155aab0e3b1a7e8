"""The bill for its page: amounts in cents that add up, the largest lines first."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from s3_monitor.model.bill_summary import BillLine, BillSummary
from s3_monitor.money.rounding import apportion, round_to_units

SHOWN = 200  # lines; the others are summed in one row
_MICROS_PER_CENT = 10_000


class BillRow(msgspec.Struct, frozen=True):
    """A line of the bill or a sum of lines, in the bill's currency."""

    line: BillLine | None
    """None: a sum."""
    lines: int
    """Number of lines."""
    list_price: float | None
    """None: no line has a known list price."""
    billed: float
    attributed: float
    unattributed: float
    difference: float | None


class BillView(msgspec.Struct, frozen=True):
    """The contents of the bill page."""

    bill: BillSummary
    rows: list[BillRow]
    other_lines: BillRow | None
    """Sum of the lines that are not in ``rows``."""
    total: BillRow | None
    """None: the bill could not be read."""
    many_accounts: bool

    @property
    def attributed_share(self) -> float | None:
        """Return the share of the charges that is attributed to buckets; None unless the bill is above 0."""
        if self.total is None or self.total.billed <= 0:
            return None
        return self.total.attributed / self.total.billed


def build_bill_view(bill: BillSummary) -> BillView:
    """Round all amounts to cents, so that rows add up to totals, and both attributions to the billed amount."""
    lines = sorted(bill.rows, key=lambda line: (-abs(line.billed), -(line.list_ or 0), line.account, line.usage_type))
    many = len({line.account for line in lines}) > 1
    if bill.billed is None:
        return BillView(bill, [], None, None, many)
    attributed = _cents([line.attributed for line in lines])
    total = round_to_units(_micros(bill.billed), _MICROS_PER_CENT)
    unattributed = _cents([line.unattributed for line in lines], total - sum(attributed))
    known = iter(_cents([line.list_ for line in lines if line.list_ is not None]))
    listed = [None if line.list_ is None else next(known) for line in lines]
    rows = list(map(_row, lines, attributed, unattributed, listed))
    others = rows[SHOWN:]
    return BillView(bill, rows[:SHOWN], _sum(others) if others else None, _sum(rows), many)


def _row(line: BillLine | None, attributed: int, unattributed: int, listed: int | None, lines: int = 1) -> BillRow:
    billed = attributed + unattributed
    return BillRow(
        line=line,
        lines=lines,
        list_price=None if listed is None else listed / 100,
        billed=billed / 100,
        attributed=attributed / 100,
        unattributed=unattributed / 100,
        difference=None if listed is None else (billed - listed) / 100,
    )


def _sum(rows: Sequence[BillRow]) -> BillRow:
    """Return the sum of rows; lines without a list price have no difference to add."""
    listed = [round(row.list_price * 100) for row in rows if row.list_price is not None]
    differences = [round(row.difference * 100) for row in rows if row.difference is not None]
    total = _row(
        None,
        sum(round(row.attributed * 100) for row in rows),
        sum(round(row.unattributed * 100) for row in rows),
        sum(listed) if listed else None,
        len(rows),
    )
    return msgspec.structs.replace(total, difference=sum(differences) / 100 if listed else None)


def _cents(amounts: Sequence[float], total: int | None = None) -> list[int]:
    return apportion([_micros(amount) for amount in amounts], _MICROS_PER_CENT, total)


def _micros(amount: float) -> int:
    return round(amount * 1_000_000)
