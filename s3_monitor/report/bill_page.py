"""The bill for its page: amounts in cents that add up, the largest lines first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from s3_monitor.model.bill_summary import BillLine, BillSummary, Comparison, ExportSummary
from s3_monitor.money.rounding import apportion, round_to_units
from s3_monitor.money.usage_groups import title

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


class AmountRow(msgspec.Struct, frozen=True):
    """An amount of a billing export, in the bill's currency."""

    title: str
    amount: float
    exact: float
    """The amount before rounding to cents."""


class ExportView(msgspec.Struct, frozen=True):
    """What only a billing export has."""

    groups: list[AmountRow]
    """Attributed amounts by usage group."""
    unattributed: list[AmountRow]
    """Unattributed amounts by type."""
    comparison: list[Comparison]
    """The bill, attributed in all ways."""


class BillView(msgspec.Struct, frozen=True):
    """The contents of the bill page."""

    bill: BillSummary
    rows: list[BillRow]
    other_lines: BillRow | None
    """Sum of the lines that are not in ``rows``."""
    total: BillRow | None
    """None: the bill could not be read."""
    many_accounts: bool
    export: ExportView | None = None
    """None: not from an export."""

    @property
    def attributed_share(self) -> float | None:
        """Return the share of the charges that is attributed to buckets; None unless the bill is above 0."""
        if self.total is None or self.total.billed <= 0:
            return None
        return self.total.attributed / self.total.billed


def build_bill_view(bill: BillSummary) -> BillView:
    """Round all amounts to cents, so that rows add up to totals, and both attributions to the billed amount.

    Lines without an amount in the month, such as those of the current month only, are not shown.
    """
    lines = sorted(bill.rows, key=lambda line: (-abs(line.billed), -(line.list_ or 0), line.account, line.usage_type))
    many = len({line.account for line in lines}) > 1
    if bill.billed is None:
        return BillView(bill, [], None, None, many)
    attributed = _cents([line.attributed for line in lines])
    total = round_to_units(_micros(bill.billed), _MICROS_PER_CENT)
    unattributed = _cents([line.unattributed for line in lines], total - sum(attributed))
    known = iter(_cents([line.list_ for line in lines if line.list_ is not None]))
    listed = [None if line.list_ is None else next(known) for line in lines]
    amounts = list(zip(attributed, unattributed, listed, strict=True))
    used = [(line, of_line) for line, of_line in zip(lines, amounts, strict=True) if any(_figures(line))]
    rows = [_row(line, [of_line]) for line, of_line in used[:SHOWN]]
    others = _row(None, [of_line for _, of_line in used[SHOWN:]]) if len(used) > SHOWN else None
    total_row = _row(None, amounts)
    export = _export_view(bill.export, total_row) if isinstance(bill.export, ExportSummary) else None
    return BillView(bill, rows, others, total_row, many, export)


def _figures(line: BillLine) -> tuple[float | None, ...]:
    return line.billed, line.attributed, line.unattributed, line.list_, line.quantity, line.observed


def _export_view(export: ExportSummary, total: BillRow) -> ExportView:
    groups = {title(row.group): row.attributed for row in export.groups}
    unattributed = {
        _UNATTRIBUTED.get(row.type) or f"{title(row.type)}, without a bucket": row.billed for row in export.unattributed
    }
    billed = round(total.billed * 100)
    comparison = []
    for row in export.comparison:
        cents = round_to_units(_micros(row.attributed), _MICROS_PER_CENT)
        comparison.append(Comparison(row.costs, cents / 100, (billed - cents) / 100))
    return ExportView(
        _amount_rows(groups, total.attributed), _amount_rows(unattributed, total.unattributed), comparison
    )


def _amount_rows(amounts: Mapping[str, float], total: float) -> list[AmountRow]:
    cents = _cents(list(amounts.values()), round(total * 100))
    return [AmountRow(name, cent / 100, amounts[name]) for name, cent in zip(amounts, cents, strict=True)]


_UNATTRIBUTED = {
    "tax": "Tax",
    "credits": "Credits",
    "refunds": "Refunds",
    "discounts": "Discounts",
    "fees": "Fees",
    "adjustments": "Adjustments",
    "deleted-buckets": "Deleted buckets",
    "other-buckets": "Buckets that are not in this report",
    "other-resources": "Access points, vaults and other resources",
    "list-buckets": "ListBuckets requests",
    "bucket-fee": "Fee for buckets",
}


def _row(line: BillLine | None, amounts: Sequence[tuple[int, int, int | None]]) -> BillRow:
    """Return a line or the sum of lines. ``amounts``: attributed, unattributed and list price of each, in cents.

    Lines without a list price have no difference to add.
    """
    attributed = sum(of_buckets for of_buckets, _, _ in amounts)
    unattributed = sum(rest for _, rest, _ in amounts)
    listed = [at_list for _, _, at_list in amounts if at_list is not None]
    compared = sum(of_buckets + rest for of_buckets, rest, at_list in amounts if at_list is not None)
    return BillRow(
        line=line,
        lines=len(amounts),
        list_price=sum(listed) / 100 if listed else None,
        billed=(attributed + unattributed) / 100,
        attributed=attributed / 100,
        unattributed=unattributed / 100,
        difference=(compared - sum(listed)) / 100 if listed else None,
    )


def _cents(amounts: Sequence[float], total: int | None = None) -> list[int]:
    return apportion([_micros(amount) for amount in amounts], _MICROS_PER_CENT, total)


def _micros(amount: float) -> int:
    return round(amount * 1_000_000)
