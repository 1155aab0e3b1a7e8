"""The bill on its page: the largest lines first, in cents that add up."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from s3_monitor.model.bill_summary import BillLine, BillSummary
from s3_monitor.report.bill_page import SHOWN, build_bill_view


def line(
    name: str, billed: float, listed: float | None = None, account: str = "1", attributed: float = 0.0
) -> BillLine:
    return BillLine(
        account=account, usage_type=name, list_=listed, billed=billed, attributed=attributed,
        unattributed=round(billed - attributed, 6), difference=None if listed is None else round(billed - listed, 6),
        quantity=1.0, unit="x", observed=None, to_date=0.0, reason="", causes=[],
    )  # fmt: skip


def bill(*lines: BillLine, **changes: Any) -> BillSummary:
    billed, attributed = (round(sum(getattr(one, name) for one in lines), 6) for name in ("billed", "attributed"))
    values: dict[str, Any] = {
        "costs": "billed", "month": date(2026, 10, 1), "days": 31, "payer": "1", "currency": "USD", "estimated": False,
        "list_": None, "billed": billed, "attributed": attributed, "unattributed": round(billed - attributed, 6),
        "difference": None, "to_date": None, "tagged": None, "rows": list(lines),
    }  # fmt: skip
    return BillSummary(**values | changes)


def test_lines_are_sorted_by_amount_list_price_account_and_name() -> None:
    lines = [
        line("b", 1.0), line("a", 1.0), line("a", 1.0, account="0"), line("z", 1.0, 0.5), line("y", 1.0, 2.0),
        line("credit", -3.0), line("x", 2.0),
    ]  # fmt: skip
    view = build_bill_view(bill(*lines))
    assert [(row.line.usage_type, row.line.account) for row in view.rows if row.line] == [
        ("credit", "1"), ("x", "1"), ("y", "1"), ("z", "1"), ("a", "0"), ("a", "1"), ("b", "1"),
    ]  # fmt: skip
    assert view.many_accounts and view.export is None and view.other_lines is None
    assert not build_bill_view(bill(line("a", 1.0))).many_accounts


@pytest.mark.parametrize(("count", "others"), [(SHOWN, None), (SHOWN + 1, 1), (SHOWN + 5, 5)])
def test_lines_above_the_limit_are_one_sum(count: int, others: int | None) -> None:
    view = build_bill_view(bill(*[line(f"l{number:03}", 1.25, 1.0) for number in range(count)]))
    assert len(view.rows) == SHOWN
    assert (None if view.other_lines is None else view.other_lines.lines) == others
    assert view.total is not None and (view.total.lines, view.total.line) == (count, None)
    assert (view.total.billed, view.total.list_price, view.total.difference) == (1.25 * count, count, 0.25 * count)
    if view.other_lines is not None and others is not None:
        assert (view.other_lines.billed, view.other_lines.list_price) == (1.25 * others, others)


def test_a_line_without_any_figure_of_the_month_is_not_shown() -> None:
    """It is in the bill for its amount in the current month."""
    nothing = msgspec.structs.replace(line("a", 0.0, 0.0), quantity=0.0, observed=0.0, to_date=7.0)
    used = [msgspec.structs.replace(nothing, **{name: 1.0}) for name in ("quantity", "observed", "list_")]
    view = build_bill_view(bill(nothing, *used))
    assert [row.line for row in view.rows] == [used[2], *used[:2]]
    assert view.total is not None and view.total.lines == 4


def test_cents_add_up_by_row_and_by_column() -> None:
    view = build_bill_view(bill(*[line(f"l{number}", 0.004, 0.003, attributed=0.003) for number in range(10)]))
    assert view.total is not None
    assert (view.total.billed, view.total.attributed, view.total.unattributed) == (0.04, 0.03, 0.01)
    for name in ("billed", "attributed", "unattributed", "list_price"):
        assert sum(getattr(row, name) for row in view.rows) == pytest.approx(getattr(view.total, name))
    assert all(row.billed == pytest.approx(row.attributed + row.unattributed) for row in view.rows)


@pytest.mark.parametrize(
    ("billed", "attributed", "share"), [(4.0, 1.0, 0.25), (0.5, 0.5, 1.0), (0.0, 0.0, None), (-1.0, 0.0, None)]
)
def test_the_attributed_share_needs_a_bill_above_0(billed: float, attributed: float, share: float | None) -> None:
    assert build_bill_view(bill(line("a", billed, attributed=attributed))).attributed_share == share


def test_a_bill_that_was_not_received_has_no_rows() -> None:
    view = build_bill_view(bill(billed=None, attributed=None, unattributed=None))
    assert (view.rows, view.total, view.other_lines, view.attributed_share) == ([], None, None, None)


def test_a_line_without_a_list_price_has_no_difference() -> None:
    view = build_bill_view(bill(line("a", 3.0), line("b", 2.0, 1.5)))
    assert [(row.list_price, row.difference) for row in view.rows] == [(None, None), (1.5, 0.5)]
    assert view.total is not None and (view.total.list_price, view.total.difference) == (1.5, 0.5)
