"""The bill as a page shows it: in cents that add up, the largest lines first."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from s3_monitor.model.bill_summary import BillLine, BillSummary
from s3_monitor.money.rounding import apportion, round_to_units

SHOWN = 200  # lines; the others are one
_MICROS_A_CENT = 10_000


class BillRow(msgspec.Struct, frozen=True):
    """A line, or the sum of several (``line`` null, of ``lines``), in the bill's currency. ``listed`` null: no list
    price is known of any."""

    line: BillLine | None
    lines: int
    listed: float | None
    billed: float
    attributed: float
    unattributed: float
    difference: float | None


class BillView(msgspec.Struct, frozen=True):
    """``total`` null: the bill did not arrive. ``rest``: the lines that are not among ``rows``."""

    bill: BillSummary
    rows: list[BillRow]
    rest: BillRow | None
    total: BillRow | None
    many_accounts: bool

    @property
    def explained(self) -> float | None:
        """The part of it that buckets explain, where that says something: of a bill that is more than nothing."""
        if self.total is None or self.total.billed <= 0:
            return None
        return self.total.attributed / self.total.billed


def bill_view(bill: BillSummary) -> BillView:
    """Every amount in whole cents: rows add up to totals, and what is attributed and not to what was billed."""
    lines = sorted(bill.rows, key=lambda line: (-abs(line.billed), -(line.list_ or 0), line.account, line.usage_type))
    many = len({line.account for line in lines}) > 1
    if bill.billed is None:
        return BillView(bill, [], None, None, many)
    attributed = _cents([line.attributed for line in lines])
    total = round_to_units(_micros(bill.billed), _MICROS_A_CENT)
    rest = _cents([line.unattributed for line in lines], total - sum(attributed))
    known = iter(_cents([line.list_ for line in lines if line.list_ is not None]))
    listed = [None if line.list_ is None else next(known) for line in lines]
    rows = list(map(_row, lines, attributed, rest, listed))
    more = rows[SHOWN:]
    return BillView(bill, rows[:SHOWN], _sum(more) if more else None, _sum(rows), many)


def _row(line: BillLine | None, attributed: int, rest: int, listed: int | None, lines: int = 1) -> BillRow:
    billed = attributed + rest
    return BillRow(
        line=line,
        lines=lines,
        listed=None if listed is None else listed / 100,
        billed=billed / 100,
        attributed=attributed / 100,
        unattributed=rest / 100,
        difference=None if listed is None else (billed - listed) / 100,
    )


def _sum(rows: Sequence[BillRow]) -> BillRow:
    """Of differences, those that are known: a line without a list price has none."""
    listed = [round(row.listed * 100) for row in rows if row.listed is not None]
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
    return apportion([_micros(amount) for amount in amounts], _MICROS_A_CENT, total)


def _micros(amount: float) -> int:
    return round(amount * 1_000_000)
