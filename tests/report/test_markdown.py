"""report.md, for chats and mail."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from s3_monitor.model.change import CauseSum, CostJump, MonthForecast, PeriodChange
from s3_monitor.model.summary import Group
from s3_monitor.report.comparison import compare
from s3_monitor.report.markdown import LINES, escaped, report_lines
from s3_monitor.trends import Trends
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
