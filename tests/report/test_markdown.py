"""report.md, for chats and mail."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from s3_monitor.model.change import CauseSum, CostJump, MonthForecast, PeriodChange
from s3_monitor.model.comparison import CostCauses, ReportComparison
from s3_monitor.model.finding import FindingTotals
from s3_monitor.model.summary import Estimate, Group
from s3_monitor.report import formats
from s3_monitor.report.comparison import compare
from s3_monitor.report.markdown import LINES, escaped, report_lines, write_markdown
from s3_monitor.trends import Trends
from s3_monitor.trends.causes import Effect
from s3_monitor.trends.periods import BucketChange
from tests.problems import gap
from tests.report import builder
from tests.report.builder import bucket, summary
from tests.report.test_comparison import then


def test_report_md_of_a_small_account() -> None:
    found = [bucket("a"), bucket("b", region="eu-west-1")]
    assert report_lines(summary(found), None) == [
        "# S3 storage on 2026-11-22",
        "",
        "**$1.84 per month**, 80.0 GiB, 1,316 objects in 2 buckets (list price of storage)",
        "- most expensive regions: eu-west-1 $0.92, us-east-1 $0.92",
        "",
        "All data collected. 0 notes.",
    ]


def test_the_file_has_the_lines_and_only_valid_characters(tmp_path: Path) -> None:
    said = summary([bucket("a"), bucket("b", region="eu-\udc80")])
    write_markdown(tmp_path, said, None, [ReportComparison(builder.NOW, cost=1.0)])
    lines = (tmp_path / "report.md").read_bytes().decode("utf-8").split("\n")
    expected = report_lines(said, None, [ReportComparison(builder.NOW, cost=1.0)])
    assert lines == [*(line.encode("utf-8", "replace").decode() for line in expected), ""]
    assert any("since the report" in line for line in lines)


def test_a_large_report_fits_in_20_lines() -> None:
    found = builder.buckets(200, accounts=3, hostile=True)
    said = summary(found, builder.problems(200, found))
    earlier = [compare(said, then({"us-east-1": (1.0, 1.0)}))] * 3
    shown = report_lines(said, builder.history(found), earlier)
    assert 12 < len(shown) <= LINES
    assert all(len(line) < 400 and "\n" not in line for line in shown)
    assert shown[2].startswith("**") and " days**: " in shown[2]
    assert sum(line.endswith((": grew", ": shrank", ": deleted", ": moved")) for line in shown) == 4
    assert any(line.startswith("**Cost incomplete: ") and " gaps" in line for line in shown)


def test_unknown_totals_are_stated() -> None:
    said = summary([], [gap("", "no data")], totals=Group(0, None, None, None, 0.0, 0))
    shown = report_lines(said, None)
    assert shown[2].startswith("cost unknown, size unknown, objects unknown in 0 buckets")
    assert shown[-1] == "- no data"


def test_gaps_are_shown_however_many_lines_there_are() -> None:
    found = [*builder.buckets(200, accounts=3), builder.emptied("was", builder.NOW.date())]
    problems = [gap("shard a", "no data"), gap("shard b", "no data"), gap("shard c", "no part")]
    said = summary(found, problems, bill=builder.bill())
    earlier = [compare(said, then({"us-east-1": (1.0, 1.0)}))] * 2
    shown = report_lines(said, builder.history(found), earlier)
    assert len(shown) == LINES
    assert "**Cost incomplete: a, b and 1 more**: 3 gaps" in shown
    assert shown[-2:] == ["- no data (shard a and 1 more)", "- no part (shard c)"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain-name.2", "plain-name.2"),
        ("<script>", r"\<script\>"),
        ("[x](http://y)", r"\[x\](http\://y)"),
        ("see WWW.example.org, mailto:a@b.c", r"see WWW\.example.org, mailto\:a\@b.c"),
        ("\u202egnp.exe\x1b\u200b", r"\\u202egnp.exe\\x1b\\u200b"),
        ("@channel *b* _i_ `c`", r"\@channel \*b\* \_i\_ \`c\`"),
        ("two\nlines", "two lines"),
    ],
)
def test_hostile_names_are_literal(text: str, expected: str) -> None:
    assert escaped(text) == expected


def trends_with(**changes: object) -> Trends:
    """Return trends of one bucket with other changes, movers and forecast."""
    found = builder.history([bucket("a")])
    assert found is not None
    return msgspec.structs.replace(found, **changes)


FIRST, LAST_DAY = date(2026, 11, 14), date(2026, 11, 21)
WEEK = PeriodChange(
    FIRST, LAST_DAY, 5.0 * 2**30, 3.0, 2**30, 1.0,
    {
        "grew": CauseSum(2, 7.0 * 2**30, 1.0), "shrank": CauseSum(1, -(2.0**31), -2.5), "moved": CauseSum(1, 0, 0.001),
        "created": CauseSum(1, 1024.0, None), "price": CauseSum(0, 0.0, 4.5),
    },
)  # fmt: skip


def test_the_first_line_has_the_change_of_a_week_by_cause_the_largest_first() -> None:
    shown = report_lines(summary([bucket("a")]), trends_with(changes={"7d": WEEK}, movers={"7d": []}))
    assert shown[2] == (
        "**+$3.00 per month, +5.00 GiB in 7 days**: price +$4.50, shrank −$2.50, grew +$1.00, created +1.00 KiB"
    )
    without_price = msgspec.structs.replace(WEEK, cost=None, causes={})
    shown = report_lines(summary([bucket("a")]), trends_with(changes={"7d": without_price}, movers={"7d": []}))
    assert shown[2] == "**+5.00 GiB in 7 days**"


JUMP = CostJump(date(2026, 11, 9), -12.5, False)


@pytest.mark.parametrize(
    ("jump", "end"),
    [
        (None, ""),
        (JUMP, "; excludes the one-time change of −$12.50 per month on 2026-11-09"),
        (msgspec.structs.replace(JUMP, may_repeat=True), "; −$12.50 per month on 2026-11-09 may repeat"),
    ],
)
def test_the_forecast_names_a_jump_and_whether_it_may_repeat(jump: CostJump | None, end: str) -> None:
    forecast = MonthForecast(date(2026, 12, 1), 20.0, 15.0, 30.0, jump)
    shown = report_lines(
        summary([bucket("a")]), trends_with(changes={"7d": WEEK}, movers={"7d": []}, next_month=forecast)
    )
    (line,) = [line for line in shown if line.startswith("- forecast")]
    assert line == f"- forecast for December 2026: $20.00 (80% range $15.00 to $30.00){end}"


@pytest.mark.parametrize(("length", "shown"), [(80, "x" * 80), (81, "x" * 79 + "…")])
def test_a_place_has_at_most_80_characters_and_a_message_120(length: int, shown: str) -> None:
    place = gap("x" * length, "y" * (length + 40))
    line = report_lines(summary([bucket("a")], [place]), None)[-1]
    assert line == f"- {'y' * 120 if length == 80 else 'y' * 119 + '…'} ({shown})"


def test_regions_are_sorted_by_cost_and_name() -> None:
    found = [
        bucket("a", region="c-1"), bucket("b", region="b-1"), bucket("d", region="a-1"), bucket("e", region="b-1"),
    ]  # fmt: skip
    (line,) = [line for line in report_lines(summary(found), None) if "regions" in line]
    assert line == "- most expensive regions: b-1 $1.84, a-1 $0.92, c-1 $0.92"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"cost": 2.5}, "+$2.50 per month"),
        ({"cost": -2.5, "size": 2.0**30}, "−$2.50 per month, +1.00 GiB"),
        ({"cost": 0.0, "size": 0.0}, "no change per month, no change"),
        # Without a cost, the reasons are in place of it.
        ({"excluded": ["EUR | USD", "no region"], "size": 1.0}, r"not compared: EUR \| USD; no region"),
        (
            {"cost": 1.0, "excluded": ["x"], "excluded_count": 1},
            "+$1.00 per month, excluding 1 region with different coverage",
        ),
        (
            {"cost": 1.0, "excluded": ["x", "y"], "excluded_count": 2, "dimension": "account"},
            "+$1.00 per month, excluding 2 accounts with different coverage",
        ),
        ({"cost": 1.0, "remarks": ["a", "b"]}, "+$1.00 per month (a; b)"),
        ({"cost": 1.0, "causes": CostCauses(1.0, 0.0, 0.0, False)}, "+$1.00 per month"),
        (
            {"cost": 1.0, "causes": CostCauses(3.0, 0.0, 0.0, False, -2.0, 1), "excluded": ["x"], "excluded_count": 3},
            "+$1.00 per month, including −$2.00 from 1 emptied bucket, excluding 3 regions with different coverage",
        ),
    ],
)
def test_a_comparison_states_the_change_and_what_it_excludes(changes: dict[str, Any], line: str) -> None:
    shown = report_lines(summary([bucket("a")]), None, [ReportComparison(builder.NOW, **changes)])
    assert shown[3] == f"- since the report of 2026-11-22: {line}"


def test_at_most_two_comparisons_are_shown() -> None:
    comparisons = [ReportComparison(builder.NOW, cost=float(number)) for number in (1, 2, 3)]
    shown = report_lines(summary([bucket("a")]), None, comparisons)
    assert [line.split(": ")[1] for line in shown if "since" in line] == ["+$1.00 per month", "+$2.00 per month"]


BILL = msgspec.structs.replace(builder.bill(), list_=10.0, billed=8.0, unattributed=0.5, rows=[])


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "$8.00, list price $10.00; $0.50 unattributed"),
        ({"list_": None}, "$8.00; $0.50 unattributed"),
        (
            {"rows": [msgspec.structs.replace(builder.bill().rows[0], list_=None)]},
            "$8.00, list price ≥ $10.00; $0.50 unattributed",
        ),
        ({"currency": "EUR"}, "EUR 8.00, list price EUR 10.00; EUR 0.50 unattributed"),
        ({"billed": None}, "unknown"),
        ({"unattributed": None}, "unknown"),
    ],
)
def test_the_bill_is_unknown_without_its_amounts(changes: dict[str, Any], line: str) -> None:
    said = summary([bucket("a")], bill=msgspec.structs.replace(BILL, **changes))
    assert report_lines(said, None)[3] == f"- bill of October 2026: {line}"


@pytest.mark.parametrize(
    ("cost", "line"),
    [
        (0.005, "- a\\_b +$0.01 per month: grew"),
        (-0.005, "- a\\_b −$0.01 per month: grew"),
        (0.0049, None),
        (-0.0049, None),
        (None, "- a\\_b +1.00 GiB (no price): grew"),
    ],
)
def test_changes_of_less_than_half_a_cent_are_not_shown(cost: float | None, line: str | None) -> None:
    effect = Effect(2**30, round((cost or 0) * 10**6) * 10**70)
    found = trends_with()
    record = msgspec.structs.replace(next(iter(found.buckets.values())).record, name="a_b")
    mover = BucketChange(record, {"grew": effect}, effect, cost is not None, {}, {})
    week = msgspec.structs.replace(WEEK, causes={"grew": CauseSum(1, 1.0, cost or 0.0)})
    found = msgspec.structs.replace(found, changes={"7d": week}, movers={"7d": [mover] * 5})
    shown = report_lines(summary([bucket("a")]), found)
    assert shown[3 : shown.index("", 3)] == ([] if line is None else [line] * 4)
    causes = "" if cost is None or line is None else f": grew {line.split(' ')[2]}"
    assert shown[2] == f"**+$3.00 per month, +5.00 GiB in 7 days**{causes}"


@pytest.mark.parametrize(
    ("periods", "first", "others"),
    [
        ("7d 1d 30d 90d", 7, [1, 30, 90]),
        ("90d 30d 1d", 1, [90, 30]),
        ("90d 30d", 30, [90]),
        ("90d", 90, []),
    ],
)
def test_the_first_line_has_the_week_else_the_day_else_the_shortest_period(
    periods: str, first: int, others: list[int]
) -> None:
    lengths = {period: int(period[:-1]) for period in periods.split()}
    changes = {
        period: msgspec.structs.replace(WEEK, first=LAST_DAY - timedelta(days=days), causes={})
        for period, days in lengths.items()
    }
    found = trends_with(changes=changes, movers={period: [] for period in lengths}, next_month=None)
    shown = report_lines(summary([bucket("a")]), found)
    assert shown[2] == f"**+$3.00 per month, +5.00 GiB in {formats.plural(first, 'day')}**"
    of_others = "; ".join(f"{days}-day change: +$3.00 per month, +5.00 GiB" for days in others)
    assert [line for line in shown if "-day change" in line] == ([f"- {of_others}"] if others else [])


@pytest.mark.parametrize(("unknown", "remark"), [(0, []), (2, ["exclude 2 buckets with unknown size"])])
def test_changes_and_forecast_state_what_they_exclude(unknown: int, remark: list[str]) -> None:
    said = summary([bucket("a")])
    said = msgspec.structs.replace(said, totals=msgspec.structs.replace(said.totals, unknown_buckets=unknown))
    shown = report_lines(said, trends_with(changes={"7d": WEEK}, movers={"7d": []}))
    start = "- changes and forecast "
    assert [line.removeprefix(start) for line in shown if line.startswith(start)] == remark


def test_the_difference_to_the_newest_day_of_the_trends_is_stated() -> None:
    found = [bucket("a")]
    trends = trends_with(changes={"7d": WEEK}, movers={"7d": []})
    more = summary(found, totals=Group(1, 39.0 * 2**30, 1.0, 0.72))
    (line,) = [line for line in report_lines(more, trends) if line.startswith("- changes end")]
    assert re.fullmatch(
        r"- changes end on 2026-11-21, which differs from the totals by "
        r"(late figures, estimated from adjacent days|late figures and changes since) "
        r"\(\+\$0\.20 per month, \+1\.00 GiB\)",
        line,
    )


def test_costs_by_region_are_shown_from_two_regions_on() -> None:
    def of_regions(*costs: float | None) -> list[str]:
        groups = {f"r{number}": Group(1, float(number), 1.0, cost) for number, cost in enumerate(costs)}
        return [line for line in report_lines(summary([bucket("a")], by_region=groups), None) if "region" in line]

    assert of_regions(1.0) == []
    assert of_regions(None) == []
    assert of_regions(1.0, 2.0) == ["- most expensive regions: r1 $2.00, r0 $1.00"]
    assert of_regions(1.0, None, 2.0, 3.0) == ["- most expensive regions: r3 $3.00, r2 $2.00, r0 $1.00"]
    assert of_regions(1.0, 1.0) == ["- most expensive regions: r0 $1.00, r1 $1.00"]
    assert of_regions(None, 0.5, 0.4, 0.3) == ["- most expensive regions: r1 $0.50, r2 $0.40, r3 $0.30"]
    assert of_regions(None, None) == ["- cost by region: unknown"]


@pytest.mark.parametrize(("number", "names"), [(1, "b0"), (4, "b0, b1, b2, b3"), (5, "b0, b1, b2, b3, …")])
def test_at_most_four_emptied_buckets_are_named(number: int, names: str) -> None:
    found = [builder.emptied(f"b{index}", LAST_DAY) for index in range(number)]
    (line,) = [line for line in report_lines(summary(found), None) if "emptied" in line]
    stored = f"{40 * number}.0 GiB" if number < 3 else f"{40 * number} GiB"
    cost = f"${0.92 * number:.2f} per month"
    assert line == f"- emptied: {names} (last stored {stored}, {cost}; not included in the totals)"


def test_estimates_and_savings_follow_the_totals() -> None:
    estimates = [Estimate("requests", "estimate", 0.3, 2, 0, True), Estimate("egress", "at-most", None, 0, 2, True)]
    shown = report_lines(summary([bucket("a")], not_included=estimates), None)
    assert shown[3] == "- not included, estimated: requests $0.30, egress unknown"
    shown = report_lines(summary([bucket("a")], not_included=estimates[1:]), None)
    assert not any("not included" in line for line in shown)


@pytest.mark.parametrize(
    ("findings", "line"),
    [(0, None), (1, "- savings: $3.00 per month (1 finding)"), (2, "- savings: $3.00 per month (2 findings)")],
)
def test_savings_are_shown_from_the_first_finding_on(findings: int, line: str | None) -> None:
    sums = msgspec.structs.replace(builder.finding_sums([]), totals=FindingTotals(findings, 0, 3.0, 3.0, 0))
    shown = report_lines(summary([bucket("a")], findings=sums), None)
    assert [line for line in shown if "savings" in line] == ([line] if line else [])
