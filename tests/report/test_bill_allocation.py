"""The bill compared with list prices: figures worked by hand, and sums that hold to the last decimal."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.model.bill import BillData, BillMonth, BillRow, CostQuery
from s3_monitor.model.bill_summary import BillLine, BillSummary, ToDate
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.plan import Access, ListingRule, Plan, Selection, Shard, Unit
from s3_monitor.model.series import Window, pack
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report import markdown
from s3_monitor.report.bill_allocation import allocate_bill
from s3_monitor.report.bill_page import SHOWN, build_bill_view
from s3_monitor.report.csv_files import BUCKETS, STORAGE, Columns
from s3_monitor.report.data import buckets_and_summary
from tests.report import builder
from tests.report.builder import write_pages
from tests.report.reader import text_of

ACCOUNT, OTHER = "111122223333", "444455556666"
WINDOW = Window(date(2026, 9, 20), 64)
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
FIRST, GIB = 11, 2**30
STANDARD = "StandardStorage"
QUESTION = CostQuery(0, "aws", (ACCOUNT, OTHER), OCTOBER, date(2026, 11, 22))


def record(name: str, sizes: Mapping[str, int], *, account: str = ACCOUNT, **changes: Any) -> ResolvedBucket:
    """Return a bucket that held these bytes of each type in all of October."""
    series = {type_: pack(dict.fromkeys(range(FIRST, FIRST + 31), size)) for type_, size in sizes.items()}
    made = ResolvedBucket(
        account, "us-east-1", name, None, "general-purpose", "measured", 41, (), (), None, None, series, None
    )
    return msgspec.structs.replace(made, **changes)


def facts(
    records: Sequence[ResolvedBucket], *rows: BillRow, since: Sequence[BillRow] = (), **changes: Any
) -> MergedData:
    units = tuple(Unit(account, account, "aws", "us-east-1", 0, rest=True) for account in (ACCOUNT, OTHER))
    plan = Plan(
        tool="test",
        as_of=datetime(2026, 11, 22, 3, tzinfo=UTC),
        window=WINDOW,
        selection=Selection(),
        listing=ListingRule(),
        accesses=(Access(),),
        shards=(Shard("s", "", "", 60, units), Shard("bill", "", "", 60, (), QUESTION)),
    )
    bill = BillData(ACCOUNT, "USD", True, [BillMonth(OCTOBER, False, list(rows)), BillMonth(NOVEMBER, True, [*since])])
    made = MergedData(plan, list(records), [], [], {}, frozenset(), CallCounts(), Decimal(0), True, bill=bill)
    return msgspec.structs.replace(made, **changes)


def row(usage_type: str, usd: str, quantity: str, account: str = ACCOUNT) -> BillRow:
    return BillRow(account, usage_type, Decimal(usd), Decimal(quantity), "GB-Mo")


def made(known: MergedData) -> tuple[list[Bucket], BillSummary]:
    buckets, summary = buckets_and_summary(known, bundled_prices(), datetime(2026, 11, 22, 4, tzinfo=UTC))
    assert isinstance(summary.bill, BillSummary)
    return buckets, summary.bill


def line(bill: BillSummary, usage_type: str) -> BillLine:
    return next(one for one in bill.rows if one.usage_type == usage_type)


def test_a_line_has_its_list_price_and_its_billed_and_attributed_amounts() -> None:
    known = facts(
        [record("a", {"StandardStorage": 100 * GIB}), record("b", {"StandardStorage": 200 * GIB})],
        row("TimedStorage-ByteHrs", "8.28", "400"),  # 10% discount, and 100 unattributed GB-months
        row("Requests-Tier1", "1.25", "250000"),
        since=[row("TimedStorage-ByteHrs", "5.5", "266"), row("Requests-Tier2", "0.1", "1")],
    )
    buckets, bill = made(known)
    assert [bucket.billed_cost for bucket in buckets] == [2.07, 4.14]
    standard = line(bill, "TimedStorage-ByteHrs")
    assert (standard.list_, standard.billed, standard.attributed, standard.unattributed) == (6.9, 8.28, 6.21, 2.07)
    assert (standard.difference, standard.quantity, standard.observed, standard.to_date) == (1.38, 400.0, 300.0, 5.5)
    assert standard.reason.startswith("volume tiers") or standard.reason.startswith("discount or credits: 10.0%")
    requests = line(bill, "Requests-Tier1")
    assert (requests.list_, requests.attributed, requests.observed) == (0.0, 0.0, None)
    assert (bill.billed, bill.attributed, bill.unattributed, bill.list_) == (9.53, 6.21, 3.32, 6.9)
    assert bill.to_date is not None
    assert (bill.to_date.month, bill.to_date.through, bill.to_date.billed) == (NOVEMBER, date(2026, 11, 21), 5.6)
    assert (bill.estimated, bill.to_date.estimated) == (False, True)


def test_a_current_month_without_charges_may_still_change() -> None:
    known = facts([], row("TimedStorage-ByteHrs", "9", "1"))
    assert known.bill is not None
    bill = msgspec.structs.replace(known.bill, months=known.bill.months[:1])
    assert made(msgspec.structs.replace(known, bill=bill))[1].to_date == ToDate(NOVEMBER, date(2026, 11, 21), 0.0, True)


def test_quantities_are_rounded_and_a_difference_of_a_fraction_of_a_cent_has_no_reason() -> None:
    known = facts([record("a", {STANDARD: GIB})], row("TimedStorage-ByteHrs", "0.021", "1.123456789"))
    standard = line(made(known)[1], "TimedStorage-ByteHrs")
    assert (standard.list_, standard.billed, standard.quantity, standard.observed) == (0.023, 0.021, 1.123457, 1.0)
    assert (standard.reason, standard.causes) == ("", [])


@pytest.mark.parametrize(
    ("changes", "billed"), [({}, 2.3), ({"state": "incomplete"}, None), ({"state": "young"}, None)]
)
def test_a_bucket_with_incomplete_data_has_no_billed_cost(changes: dict[str, Any], billed: float | None) -> None:
    known = facts([record("a", {"StandardStorage": 100 * GIB}, **changes)], row("TimedStorage-ByteHrs", "2.3", "100"))
    (bucket,), bill = made(known)
    assert bucket.billed_cost == billed
    assert bill.attributed == 2.3


def test_an_emptied_bucket_keeps_its_billed_cost() -> None:
    emptied = record("a", {"StandardStorage": 100 * GIB}, state="emptied", day=None, objects=0)
    known = facts([emptied, record("b", {"StandardStorage": 100 * GIB})], row("TimedStorage-ByteHrs", "4.6", "200"))
    buckets, bill = made(known)
    assert [bucket.billed_cost for bucket in buckets] == [2.3, 2.3]
    assert (bill.attributed, bill.unattributed) == (4.6, 0.0)


def test_a_partial_bill_is_unknown_and_not_lower() -> None:
    known = facts([record("a", {"StandardStorage": GIB})], row("TimedStorage-ByteHrs", "9", "1"))
    assert known.bill is not None
    for bill in (None, msgspec.structs.replace(known.bill, complete=False)):
        (bucket,), said = made(msgspec.structs.replace(known, bill=bill))
        assert (bucket.billed_cost, said.billed, said.attributed, said.rows) == (None, None, None, [])
        assert build_bill_view(said).total is None
        assert "- bill of October 2026: unknown" in markdown.report_lines(builder.summary([], bill=said), None)


@pytest.mark.parametrize("unit", ["ByteHrs", "GB-Hours", "N/A", ""])
def test_a_bill_in_another_unit_is_not_attributed_and_the_unit_is_named(unit: str) -> None:
    known = facts(
        [record("a", {"StandardStorage": 100 * GIB, "StandardIAStorage": GIB})],
        BillRow(ACCOUNT, "TimedStorage-ByteHrs", Decimal("2.3"), Decimal(100 * GIB * 744), unit),
        row("TimedStorage-SIA-ByteHrs", "0.01", "1"),
    )
    (bucket,), bill = made(known)
    assert bucket.billed_cost is None
    standard = line(bill, "TimedStorage-ByteHrs")
    assert (standard.billed, standard.attributed, standard.causes) == (2.3, 0.0, ["unexpected-unit"])
    assert "must be in GB-months" in standard.reason
    assert line(bill, "TimedStorage-SIA-ByteHrs").attributed == 0.01
    (problem,) = allocate_bill(known, QUESTION, bundled_prices(), narrowed=False).problems[-1:]
    assert (problem.code, problem.place) == ("bill-unit-unknown", f"{ACCOUNT}/us-east-1")
    assert f"must be in GB-months, got {unit!r}" in problem.message


def test_rows_of_one_usage_type_in_different_units_do_not_add_up() -> None:
    known = facts(
        [record("a", {"StandardStorage": 100 * GIB})],
        row("TimedStorage-ByteHrs", "2.3", "100"),
        BillRow(ACCOUNT, "USE1-TimedStorage-ByteHrs", Decimal(1), Decimal(10**15), "ByteHrs"),
    )
    (bucket,), bill = made(known)
    assert bucket.billed_cost is None
    assert [one.causes for one in bill.rows] == [["unexpected-unit"]]
    assert bill.rows[0].unit == "mixed units"
    spelled = facts(
        [record("a", {"StandardStorage": 100 * GIB})],
        row("TimedStorage-ByteHrs", "2.3", "60"),
        BillRow(ACCOUNT, "USE1-TimedStorage-ByteHrs", Decimal(1), Decimal(40), "GB-Month"),
    )
    (bucket,), bill = made(spelled)
    assert bucket.billed_cost == 3.3


def test_on_the_first_of_the_month_the_last_day_is_not_available_yet() -> None:
    """One of two buckets is deleted in the month: it does not explain the amount that the last day explains."""
    until_october = Window(date(2026, 9, 20), 43)  # to November 1
    question = CostQuery(0, "aws", (ACCOUNT,), OCTOBER, NOVEMBER)
    known = facts(
        [record("a", {})], row("TimedStorage-ByteHrs", "71.3", "3100"), BillRow(OTHER, "x", Decimal(0), Decimal(0), "")
    )
    for last, causes in ((40, ["days-not-available"]), (39, ["days-not-available"]), (30, ["unseen-bytes"])):
        series = {"StandardStorage": pack(dict.fromkeys(range(FIRST, last + 1), 3100 * GIB))}
        buckets = [msgspec.structs.replace(known.buckets[0], sizes=series)]
        plan = msgspec.structs.replace(known.plan, window=until_october, as_of=datetime(2026, 11, 1, 3, tzinfo=UTC))
        now = msgspec.structs.replace(known, buckets=buckets, plan=plan)
        bill = allocate_bill(now, question, bundled_prices(), narrowed=False).bill
        standard = line(bill, "TimedStorage-ByteHrs")
        assert (standard.causes, bill.to_date) == (causes, None)
        assert standard.unattributed > 0
        assert ("deleted" in standard.reason) == (causes == ["unseen-bytes"])
    whole = {"StandardStorage": pack(dict.fromkeys(range(FIRST, FIRST + 31), 3100 * GIB))}
    now = msgspec.structs.replace(now, buckets=[msgspec.structs.replace(known.buckets[0], sizes=whole)])
    bill = allocate_bill(now, question, bundled_prices(), narrowed=False).bill
    assert line(bill, "TimedStorage-ByteHrs").causes == []


def test_places_types_and_months_whose_charges_are_not_known_are_named() -> None:
    held = [
        record("far", {STANDARD: GIB}, region="mars-1"),
        record("new", {"TomorrowsStorage": GIB, STANDARD: GIB}),
        record("farther", {STANDARD: GIB}, region="mars-2"),
    ]
    known = facts(held, *(row("TimedStorage-ByteHrs", "9", "1", account) for account in (ACCOUNT, OTHER)))
    found = allocate_bill(known, QUESTION, bundled_prices(), narrowed=False).problems
    assert sorted((problem.code, problem.region, problem.storage_type) for problem in found) == [
        ("bill-region-unknown", "mars-1", None),
        ("bill-region-unknown", "mars-2", None),
        ("bill-usage-type-unknown", "us-east-1", "TomorrowsStorage"),
    ]
    assert known.bill is not None
    open_month = msgspec.structs.replace(known.bill.months[0], estimated=True)
    bill = msgspec.structs.replace(known.bill, months=[open_month], currency="CNY")
    now = msgspec.structs.replace(known, bill=bill, buckets=[])
    found = allocate_bill(now, QUESTION, bundled_prices(), narrowed=False).problems
    assert [problem.code for problem in found] == ["bill-estimated", "bill-in-other-currency"]


def test_an_account_without_a_bill_is_named() -> None:
    known = facts([record("a", {"StandardStorage": GIB}, account=OTHER)], row("TimedStorage-ByteHrs", "9", "1"))
    found = allocate_bill(known, QUESTION, bundled_prices(), narrowed=False)
    assert found.buckets[0].total is None
    assert [problem.code for problem in found.problems] == ["account-not-billed"]
    assert OTHER in found.problems[0].message


def test_a_bill_in_another_currency_is_not_compared() -> None:
    known = facts([record("a", {"StandardStorage": GIB})], row("TimedStorage-ByteHrs", "9", "1"))
    assert known.bill is not None
    (bucket,), bill = made(msgspec.structs.replace(known, bill=msgspec.structs.replace(known.bill, currency="CNY")))
    assert (bucket.billed_cost, bill.currency) == (9.0, "CNY")
    assert (line(bill, "TimedStorage-ByteHrs").list_, bill.list_, bill.difference) == (None, None, None)


AMOUNTS = st.decimals(-10_000, 10_000, places=10)
# A rate of dollars for hardly anything makes billions, and a JSON number holds millionths up to 9 billion.
QUANTITIES = st.just(Decimal(0)) | st.decimals(100, 10**5, places=10)
TYPES = ("StandardStorage", "StandardIAStorage", "GlacierStorage")
NAMES = ("TimedStorage-ByteHrs", "TimedStorage-SIA-ByteHrs", "TimedStorage-GlacierByteHrs", "Requests-Tier1", "Tax")


@given(
    st.dictionaries(st.sampled_from(NAMES), st.tuples(AMOUNTS, QUANTITIES), max_size=5),
    st.lists(st.dictionaries(st.sampled_from(TYPES), st.integers(0, 2**50), max_size=3), max_size=6),
)
def test_rounded_amounts_add_up_in_every_row_and_column(
    rows: dict[str, tuple[Decimal, Decimal]], sizes: list[dict[str, int]]
) -> None:
    records = [record(f"b{number}", held) for number, held in enumerate(sizes)]
    known = facts(records, *(row(name, str(usd), str(quantity)) for name, (usd, quantity) in rows.items()))
    buckets, bill = made(known)
    exact = lambda amount: round(Fraction(amount) * 10**6)  # noqa: E731
    for one in [*bill.rows, bill]:
        assert exact(one.attributed or 0) + exact(one.unattributed or 0) == exact(one.billed or 0)
    for column in ("billed", "attributed", "unattributed", "list_", "difference"):
        known_ = [getattr(one, column) for one in bill.rows if getattr(one, column) is not None]
        assert sum(map(exact, known_)) == exact(getattr(bill, column) or 0), column
    if rows:
        assert sum(exact(bucket.billed_cost) for bucket in buckets) == exact(bill.attributed or 0)
    assert abs(Fraction(bill.billed or 0) - sum((Fraction(usd) for usd, _ in rows.values()), Fraction(0))) < Fraction(
        1, 10**6
    )
    shown = build_bill_view(bill)
    assert shown.total is not None
    for column in ("billed", "attributed", "unattributed"):
        cents = sum(round(getattr(one, column) * 100) for one in shown.rows)
        assert cents == round(getattr(shown.total, column) * 100)


def test_the_lines_of_a_bucket_have_billed_costs_in_json_and_csv() -> None:
    known = facts(
        [record("a", {STANDARD: GIB, "StandardIAStorage": GIB}, types=(STANDARD,), amounts=(GIB,))],
        row("TimedStorage-ByteHrs", "3", "1"),
        row("TimedStorage-SIA-ByteHrs", "0.5", "1"),
    )
    (bucket,), _ = made(known)  # Infrequent Access has been deleted since
    assert bucket.billed_cost == 3.5
    assert bucket.storage["StandardStorage"].billed_cost == 3.0
    columns = Columns("USD", billed_currency="CNY")
    for module, billed in ((BUCKETS, "3.5"), (STORAGE, "3.0")):
        text = (module.heading(columns) + module.rows([bucket], columns)).decode()
        (written,) = csv.DictReader(io.StringIO(text, newline=""))
        assert (written["billed_cost"], written["billed_currency"]) == (billed, "CNY")
        assert b"billed" not in module.heading(Columns("USD"))
    assert b"billed" not in msgspec.json.encode(builder.bucket("a"))


def test_the_bill_page_shows_the_largest_lines_and_the_sum_of_the_others(tmp_path: Any) -> None:
    hostile = "<script>alert(1)</script>"
    rows = [row(f"Other-{number}", f"{number}.004", "1") for number in range(SHOWN + 20)]
    known = facts([record("a", {"StandardStorage": GIB})], *rows, row(hostile, "-9999", "0"))
    (bucket,), bill = made(known)
    said = builder.summary([bucket], bill=bill)
    write_pages(tmp_path, [bucket], said)
    page = (tmp_path / "bill.html").read_text(encoding="utf-8")
    assert "22 other lines" in page and "−$9,999.00" in page
    assert "<script>" not in page and "&lt;script&gt;" in page
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="bill.html"' in index and "October 2026" in index
    assert any(one.startswith("- bill of October 2026: ") for one in markdown.report_lines(said, None))


def test_amounts_below_a_cent_are_exact_and_in_the_currency_of_the_bill(tmp_path: Any) -> None:
    known = facts(
        [record("a", {"StandardStorage": GIB})],
        row("TimedStorage-ByteHrs", "0.023", "1"),
        row("Requests-Tier1", "0.0031", "620"),
        row("Other", "-0.004", "1"),
    )
    (bucket,), bill = made(known)
    bill = msgspec.structs.replace(bill, currency="CNY")
    write_pages(tmp_path, [bucket], builder.summary([bucket], bill=bill))
    page = text_of(tmp_path, "bill.html")
    assert re.search(r"Requests-Tier1 Billed 620 GB-months – <CNY 0.01 \+<CNY 0.01 CNY 0.00 <CNY 0.01", page)
    assert re.search(r"Other Billed 1 GB-months – −<CNY 0.01 −<CNY 0.01 CNY 0.00 −<CNY 0.01", page)
    assert "Total CNY 0.02 CNY 0.02 −<CNY 0.01 CNY 0.02 −<CNY 0.01" in page
    assert "$" not in page


def test_the_list_price_of_a_bill_is_a_lower_bound_where_rows_have_none(tmp_path: Any) -> None:
    known = facts([record("a", {"StandardStorage": GIB})], row("TimedStorage-ByteHrs", "0.023", "1"))
    (bucket,), bill = made(known)
    assert not bill.list_is_lower_bound
    rows = [*bill.rows, msgspec.structs.replace(bill.rows[0], usage_type="New", list_=None, difference=None)]
    bill = msgspec.structs.replace(bill, rows=rows)
    said = builder.summary([bucket], bill=bill)
    write_pages(tmp_path, [bucket], said)
    assert "List price same days ≥ $0.02" in text_of(tmp_path, "bill.html")
    assert "from the list price of ≥ $0.02" in text_of(tmp_path)
    assert "list price ≥ $0.02" in "\n".join(markdown.report_lines(said, None))


def test_a_report_without_a_bill_has_no_page_of_it(tmp_path: Any) -> None:
    found = [builder.bucket()]
    write_pages(tmp_path, found, builder.summary(found))
    assert not (tmp_path / "bill.html").exists()
    assert "bill.html" not in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_selected_keys_have_no_billed_cost_and_their_buckets_are_attributed() -> None:
    known = facts([record("a", {STANDARD: 100 * GIB})], row("TimedStorage-ByteHrs", "2.3", "100"))
    (bucket,), bill = made(msgspec.structs.replace(known, all_keys=known.buckets, buckets=[record("a", {})]))
    assert bucket.billed_cost is None
    assert (bill.billed, bill.attributed) == (2.3, 2.3)
