"""Which rows of Cost Explorer and of exports are on the bill, without HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec import UNSET

from s3_monitor.collect.bill import ExportedBill
from s3_monitor.collect.shard import collect_shard
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.exports.billing_result import ExportedMonth
from s3_monitor.model.bill import BillData, BillMonth, BillRow, CostGroup, CostPage, CostQuery, TagRow
from s3_monitor.model.call_counts import CallCounter
from s3_monitor.model.errors import AwsError
from s3_monitor.model.exports import BillingExport
from s3_monitor.model.identity import Identity
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Shard
from tests.collect.fixtures import NOW, plan_of, unit

OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
OPEN = {OCTOBER: False, NOVEMBER: True}
EXPORT = BillingExport("cur2", "bills", "exports", "all")


def group(
    usd: Any = 1, key: str = "1", usage_type: str = "Storage", month: date = OCTOBER, *, quantity: Any = 2,
    unit: str = "GB-Mo", currency: str = "USD",
) -> CostGroup:  # fmt: skip
    return CostGroup(month, key, usage_type, Decimal(usd), currency, Decimal(quantity), unit)


class Payer:
    """``pages``: of rows by account. ``tagged``: of rows by tag. An exception ends the pages."""

    def __init__(
        self, pages: Sequence[CostPage | Exception], tagged: Sequence[CostPage] = (), partition: str = "aws"
    ) -> None:
        self._pages = {False: pages, True: tagged}
        self._identity = Identity("9", partition)
        self.requests: list[bool] = []

    def metered(self, calls: CallCounter, list_budget: object = None) -> Payer:
        return self

    def identity(self) -> Identity:
        return self._identity

    def cost_pages(self, query: CostQuery, by_tag: bool) -> Iterator[CostPage]:
        self.requests.append(by_tag)
        for page in self._pages[by_tag]:
            if isinstance(page, Exception):
                raise page
            yield page


def query_of(tag: str = "", export: BillingExport | None = None, end: date = DECEMBER) -> CostQuery:
    return CostQuery(0, "aws", ("1", "2"), OCTOBER, end, tag, export)


def collected(
    payer: Payer, query: CostQuery | None = None, log: list[str] | None = None, *, is_stopped: bool = False
) -> tuple[Part, BillData]:
    shard, stop, reading = Shard("bill", "", "", 30, (), query or query_of()), threading.Event(), payer
    if is_stopped:
        stop.set()
    connect: Any = lambda access: reading  # noqa: E731
    lines = [] if log is None else log
    part = collect_shard(plan_of([unit()]), "d", shard, connect, now=lambda: NOW, stop=stop, log=lines.append)
    assert isinstance(part.bill, BillData)
    return part, part.bill


def codes(part: Part) -> list[str]:
    return [problem.code for problem in part.problems]


@pytest.mark.parametrize(
    ("groups", "rows"),
    [
        ([], []),
        ([group(key="2"), group(key="1")], [("1", "Storage", 1, 2, "GB-Mo"), ("2", "Storage", 1, 2, "GB-Mo")]),
        ([group("1.5"), group("0.25", quantity=3)], [("1", "Storage", Decimal("1.75"), 5, "GB-Mo")]),
        ([group(), group(usage_type="A")], [("1", "A", 1, 2, "GB-Mo"), ("1", "Storage", 1, 2, "GB-Mo")]),
        ([group(), group(unit="Requests")], [("1", "Storage", 2, 4, "mixed units")]),
        ([group(5), group(-3)], [("1", "Storage", 2, 4, "GB-Mo")]),
    ],
)
@pytest.mark.parametrize("are_apart", [False, True], ids=["one page", "a page each"])
def test_rows_of_an_account_and_usage_type_are_added_and_sorted(
    groups: list[CostGroup], rows: list[Any], are_apart: bool
) -> None:
    pages = [CostPage(OPEN, [one]) for one in groups] if are_apart and groups else [CostPage(OPEN, groups)]
    part, bill = collected(Payer(pages))
    october, november = bill.months
    assert [(row.account, row.usage_type, row.usd, row.quantity, row.unit) for row in october.rows] == rows
    assert (november.rows, october.tagged) == ([], UNSET)
    assert (part.status, part.problems, bill.payer, bill.currency) == ("complete", [], "9", "USD")


def test_rows_by_tag_are_requested_only_with_a_tag_and_are_added_by_value() -> None:
    values = [group(3, "", "B"), group(1, "x"), group(2, "x"), group(7, "x", "A"), group(5, "x", "A", NOVEMBER)]
    tagged = [CostPage(OPEN, values)]
    payer = Payer([CostPage(OPEN, [group(9)])], tagged)
    _, bill = collected(payer, query_of("bucket_name"))
    october, november = bill.months
    assert october.tagged == [
        TagRow("", "B", Decimal(3)), TagRow("x", "A", Decimal(7)), TagRow("x", "Storage", Decimal(3)),
    ]  # fmt: skip
    assert november.tagged == [TagRow("x", "A", Decimal(5))]
    assert [row.usd for row in october.rows] == [9]
    assert payer.requests == [False, True]
    payer = Payer([CostPage(OPEN, [group(9)])], tagged)
    collected(payer)
    assert payer.requests == [False]


@pytest.mark.parametrize("by_tag", [False, True])
def test_rows_of_other_months_and_accounts_are_excluded_with_a_note(by_tag: bool) -> None:
    groups = [group(month=date(2026, 9, 1)), group(8), group(month=DECEMBER), group(key="3"), group(4, month=NOVEMBER)]
    page = CostPage({**OPEN, date(2026, 9, 1): False, DECEMBER: True}, groups)
    part, bill = collected(Payer([CostPage(OPEN, []) if by_tag else page], [page]), query_of("t" if by_tag else ""))
    assert [month.first for month in bill.months] == [OCTOBER, NOVEMBER]
    assert sorted(codes(part)) == ["bill-account-ignored"] * (not by_tag) + ["bill-month-ignored"] * 2
    if not by_tag:
        assert [[row.usd for row in month.rows] for month in bill.months] == [[8], [4]]
    assert part.status == "complete"


@pytest.mark.parametrize(
    ("first", "second", "estimated"),
    [(False, False, False), (False, True, True), (True, False, True), (True, True, True)],
)
def test_a_month_is_an_estimate_if_any_page_is(first: bool, second: bool, estimated: bool) -> None:
    _, bill = collected(Payer([CostPage({OCTOBER: first}, []), CostPage({OCTOBER: second}, [])]))
    assert [month.estimated for month in bill.months] == [estimated]


LARGE = Decimal("900000000000000")


@pytest.mark.parametrize(
    ("groups", "usd"),
    [
        ([group("1e15")], []),
        ([group(1, quantity="1e15")], []),
        ([group(LARGE), group(LARGE)], [LARGE]),
        ([group(1, quantity=LARGE), group(1, quantity=LARGE)], [1]),
        ([group("NaN"), group(1)], [1]),
    ],
)
def test_an_amount_out_of_bounds_is_a_gap_and_excluded(groups: list[CostGroup], usd: list[Any]) -> None:
    part, bill = collected(Payer([CostPage(OPEN, groups)]))
    assert [row.usd for row in bill.months[0].rows] == usd
    assert (codes(part), bill.complete, part.status) == (["bill-amount-invalid"], False, "partial")
    assert "Storage" in part.problems[0].message


@pytest.mark.parametrize("groups", [[group("1e15", "x")], [group(LARGE, "x"), group(LARGE, "x")]])
def test_an_amount_by_tag_out_of_bounds_is_a_gap(groups: list[CostGroup]) -> None:
    part, bill = collected(Payer([CostPage(OPEN, [])], [CostPage(OPEN, groups)]), query_of("t"))
    assert (codes(part), bill.complete) == (["bill-amount-invalid"], False)
    assert bill.months[0].tagged == [TagRow("x", "Storage", LARGE)][: len(groups) - 1]


def test_usage_types_with_unreadable_amounts_are_gaps() -> None:
    part, bill = collected(Payer([CostPage(OPEN, [group()], ("A", "B"))]))
    assert (codes(part), bill.complete) == (["bill-amount-invalid"] * 2, False)
    assert [problem.message.count("amount of") for problem in part.problems] == [1, 1]


@pytest.mark.parametrize(
    ("currencies", "currency", "expected"),
    [(["USD"], "USD", []), (["EUR", "EUR"], "EUR", []), (["USD", "EUR"], "EUR", ["bill-in-several-currencies"])],
)
def test_a_bill_has_one_currency(currencies: list[str], currency: str, expected: list[str]) -> None:
    part, bill = collected(Payer([CostPage(OPEN, [group(currency=one) for one in currencies])]))
    assert (bill.currency, codes(part), bill.complete) == (currency, expected, not expected)
    if expected:
        assert "EUR, USD" in part.problems[0].message


@pytest.mark.parametrize(
    ("pages", "expected", "status"),
    [
        ([], ["bill-empty"], "failed"),
        ([CostPage({NOVEMBER: True}, [])], ["bill-empty"], "partial"),
        ([CostPage({OCTOBER: False}, [])], [], "complete"),
        ([AwsError("denied", "GetCostAndUsage", "no")], ["bill-unreadable"], "failed"),
        ([CostPage(OPEN, []), AwsError("denied", "GetCostAndUsage", "no")], ["bill-unreadable"], "partial"),
        ([CostPage({NOVEMBER: True}, [group("1e15", month=NOVEMBER)])], ["bill-amount-invalid"], "partial"),
    ],
)
def test_a_bill_without_the_last_complete_month_is_a_gap(
    pages: list[Any], expected: list[str], status: str
) -> None:  # a gap that was reported is the reason
    part, bill = collected(Payer(pages))
    assert (codes(part), part.status, bill.complete) == (expected, status, not expected)
    assert bill.payer == "9"


def test_no_page_is_requested_from_a_payer_of_another_partition() -> None:
    payer = Payer([CostPage(OPEN, [])], partition="aws-cn")
    part, bill = collected(payer)
    assert (codes(part), part.status, payer.requests) == (["payer-in-other-partition"], "failed", [])
    assert "must be of partition aws, got aws-cn" in part.problems[0].message
    assert not bill.complete


def test_an_interrupted_bill_is_a_gap() -> None:
    part, _ = collected(Payer([CostPage(OPEN, [])]), is_stopped=True)
    assert (codes(part), part.status) == (["bill-interrupted"], "failed")


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("", "bill: Cost Explorer, by account: about 0.01 USD, 0.01 USD per page"),
        ("t", "bill: Cost Explorer, by account and by tag: about 0.02 USD, 0.01 USD per page"),
    ],
)
def test_the_log_has_the_source_its_cost_and_the_number_of_rows(tag: str, text: str) -> None:
    log: list[str] = []
    page = CostPage(OPEN, [group(), group(key="2"), group(month=NOVEMBER)])
    collected(Payer([page], [page]), query_of(tag), log)
    assert log[0] == text
    assert log[-1].startswith("bill: 3 rows, ")


# exports


def exported(*results: Any, error: Exception | None = None) -> tuple[list[str], BillData]:
    """Return the problems and the bill."""
    shard = Shard("bill", "", "", 30, (), query_of(export=EXPORT))
    connect: Any = lambda access: Payer([])  # noqa: E731
    context = ShardContext(
        plan_of([unit()]), "d", shard, connect, now=lambda: NOW, stop=threading.Event(), log=lambda line: None
    )
    bill = ExportedBill(query_of(export=EXPORT), EXPORT, context)
    bill.on_result(Identity("9", "aws"))
    for result in results:
        bill.on_result(result)
    bill.on_done(error)
    return [problem.message for problem in context.problems.problems()], bill.data()


def month(
    first: date = OCTOBER, payer: str = "5", currencies: tuple[str, ...] = ("EUR",), invalid: tuple[str, ...] = ()
) -> ExportedMonth:
    row = BillRow("1", "Storage", Decimal(1), Decimal(1), "GB-Mo")
    return ExportedMonth(BillMonth(first, False, [row]), payer, currencies, "", invalid)


@pytest.mark.parametrize(
    ("results", "payer", "currency", "is_complete"),
    [
        ([month()], "5", "EUR", True),
        ([month(payer="")], "9", "EUR", True),
        ([month(payer=""), month(NOVEMBER, "7")], "7", "EUR", True),
        ([month(NOVEMBER), month()], "5", "EUR", True),
        ([month(currencies=())], "5", "USD", True),
        ([month(currencies=("EUR", "USD"))], "5", "EUR", False),
        ([month(), month(NOVEMBER, currencies=("USD",))], "5", "EUR", False),
        ([month(invalid=("Storage",))], "5", "EUR", False),
        ([month(NOVEMBER)], "5", "EUR", False),
        ([], "9", "USD", False),
    ],
)
def test_an_export_names_its_payer_and_currency(
    results: list[Any], payer: str, currency: str, is_complete: bool
) -> None:
    messages, bill = exported(*results)
    assert (bill.payer, bill.currency, bill.complete) == (payer, currency, is_complete)
    assert [one.first for one in bill.months] == sorted(one.month.first for one in results)
    assert bool(messages) is not is_complete


def test_an_export_that_cannot_be_read_is_a_gap_with_its_location() -> None:
    messages, bill = exported(month(), error=AwsError("denied", "GetObject", "no"))
    (message,) = messages
    assert "s3://bills/exports/all" in message and "GetObject: no" in message
    assert not bill.complete and len(bill.months) == 1
