"""The cells of a bucket's row, with what is unknown, a bound or too small to show."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from s3_monitor.model.bucket import StorageLine
from s3_monitor.report import formats, glossary
from s3_monitor.report.bucket_rows import BucketRow, line_row, namespace_key, ratio, slug, unknown_reason
from s3_monitor.report.bucket_rows_html import BucketRowsHtml, bar_class, class_strip, day_rows, spark_svg
from tests.policies.fixtures import ACCOUNT, REGION, bucket

UNKNOWN = '<abbr class=unknown title="why">unknown</abbr>'


def cells(one: Any, *, page: str | None = None, share: float | None = 0.5, why: str = "why", **view: bool) -> list[str]:
    """Return the cells of a row. ``view``: which columns the table has."""
    shown: Any = SimpleNamespace(
        summary=SimpleNamespace(currency="USD"),
        **{"many_accounts": False, "has_charts": False, "has_last_modified": False, **view},
    )
    row = BucketRow(one, page, share, 12.4, why, spark="M0 1l9 9")
    html = str(BucketRowsHtml(shown)(row, "buckets/"))
    assert html.startswith("<tr><th scope=row>") and html.endswith("\n")
    return html.removeprefix("<tr><th scope=row>").removesuffix("\n").split("<td")


LOGS = bucket("logs", 2.5, 1536.0)


def test_a_measured_bucket_has_its_cost_share_size_and_objects() -> None:
    assert cells(LOGS) == [
        "logs", ">$2.50", " class=p12>50.0%", ' title="1,536 bytes">1.50 KiB', ">5", f">{REGION}", ">2020-01-01",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("view", "more"),
    [
        ({"many_accounts": True}, [f">{REGION}", f">{ACCOUNT}", ">2020-01-01"]),
        ({"has_last_modified": True}, [f">{REGION}", ">2020-01-01", ">2026-11-21"]),
        ({"has_charts": True}, [">–", '><svg role=none><path d="M0 1l9 9"/></svg>', f">{REGION}", ">2020-01-01"]),
    ],
)
def test_a_table_has_further_columns(view: dict[str, bool], more: list[str]) -> None:
    assert cells(LOGS, **view)[5:] == more


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "logs"),
        ({"state": "empty"}, 'logs <span class="chip empty">empty</span>'),
        ({"kind": "directory"}, "logs <span class=chip>directory</span>"),
        (
            {"state": "unmeasured", "kind": "table"},
            'logs <span class="chip unmeasured">unmeasured</span> <span class=chip>table</span>',
        ),
        ({"name": "<b>"}, "&lt;b&gt;"),
        ({"name": "é"}, "<bdi>é</bdi>"),
    ],
)
def test_a_name_is_followed_by_its_state_and_kind(fields: dict[str, Any], name: str) -> None:
    one = msgspec.structs.replace(LOGS, **fields)
    assert cells(one)[0] == name
    linked = cells(one, page="logs-1")[0]
    assert linked.startswith("<a href=buckets/logs-1.html>") and linked.count("</a>") == 1


@pytest.mark.parametrize(
    ("fields", "index", "expected"),
    [
        ({"num_objects": None}, 4, f">{UNKNOWN}"),
        ({"num_objects": 1234.0}, 4, ">1,234"),
        ({"creation_date": None}, 6, " class=u>unknown"),
        ({"total_cost": None, "known_cost": 1.0}, 1, '><abbr title="why">≥ $1.00</abbr>'),
        ({"total_cost": None, "known_cost": 0.001}, 1, '><abbr title="why">&gt; $0</abbr>'),
        ({"total_cost": None}, 1, f">{UNKNOWN}"),
        ({"total_cost": None}, 2, ">"),
        ({"total_cost": 0.001}, 1, ">&lt;$0.01"),
        ({"total_size": None}, 3, ' title="1,536 bytes"><abbr title="why">≥ 1.50 KiB</abbr>'),
        ({"total_size": None, "storage": {}}, 3, f">{UNKNOWN}"),
    ],
)
def test_an_unknown_value_or_a_bound_has_its_reason(fields: dict[str, Any], index: int, expected: str) -> None:
    assert cells(msgspec.structs.replace(LOGS, **fields))[index] == expected


def test_without_a_reason_nothing_is_shown_for_an_unknown_value() -> None:
    assert cells(msgspec.structs.replace(LOGS, total_cost=None), why="")[1] == ">"


@pytest.mark.parametrize(
    ("share", "text"), [(None, "–"), (0.0, "0.0%"), (0.0001, "&lt;0.1%"), (0.9999, "&gt;99.9%"), (1.0, "100.0%")]
)
def test_a_share_is_unknown_without_a_total(share: float | None, text: str) -> None:
    assert cells(LOGS, share=share)[2] == f" class=p12>{text}"


@pytest.mark.parametrize(
    ("size", "cost", "text"),
    [
        (None, None, "–"),
        (None, 1.0, "–"),
        (1024.0, None, "+1.00 KiB"),
        (1024.0, 1.5, "+$1.50"),
        (-1024.0, -0.001, "−&lt;$0.01"),
        (0.0, 0.0, "no change"),
    ],
)
def test_a_change_is_in_cost_or_in_bytes_without_a_price(size: float | None, cost: float | None, text: str) -> None:
    one = msgspec.structs.replace(LOGS, size_change_30d=size, cost_change_30d=cost)
    assert cells(one, has_charts=True)[5] == f">{text}"


def test_a_strip_is_as_long_as_the_share_and_divided_by_class() -> None:
    lines = {
        "StandardStorage": StorageLine(1.0, 3.0), "GlacierStorage": StorageLine(1.0, 0.5),
        "GlacierObjectOverhead": StorageLine(1.0, 0.5), "StandardIAStorage": StorageLine(1.0, None),
    }  # fmt: skip
    row = BucketRow(msgspec.structs.replace(LOGS, storage=lines), None, 0.4, 0, "")
    strip = str(class_strip(row))
    assert 'aria-label="Standard 75.0%, Glacier Flexible Retrieval 25.0%"' in strip
    rects = [part.split("/>")[0] for part in strip.split("<rect ")[1:]]
    assert [rect.split(" ", 1)[1] for rect in rects] == [
        'x="0.00" width="30.00" height="8"', 'x="30.00" width="0.00" height="8"', 'x="30.00" width="10.00" height="8"',
    ]  # fmt: skip
    assert str(class_strip(msgspec.structs.replace(row, share=None))) == ""
    free = msgspec.structs.replace(LOGS, storage={"StandardStorage": StorageLine(1.0, 0.0)})
    assert str(class_strip(BucketRow(free, None, 0.4, 0, ""))) == ""


def test_rows_of_days_begin_with_the_newest() -> None:
    days = [date(2026, 1, 1), date(2026, 1, 2)]
    html = str(day_rows(days, [([1024, None], "size"), ([0.001, 2.0], "money")], "USD"))
    gap = '<abbr class="unknown" title="data of this day is missing">unknown</abbr>'
    assert html.splitlines() == [
        f"<tr><th scope=row>2026-01-02<td>{gap}<td>$2.00",
        '<tr><th scope=row>2026-01-01<td title="1,024 bytes">1.00 KiB<td>&lt;$0.01',
    ]


@pytest.mark.parametrize(("percent", "name"), [(0, "p0"), (12.4, "p12"), (99.6, "p100")])
def test_bars_have_a_class_for_each_percent(percent: float, name: str) -> None:
    assert bar_class(percent) == name
    assert str(spark_svg("")) == ""


@pytest.mark.parametrize(
    ("part", "total", "expected"),
    [(1.0, 4.0, 0.25), (None, 4.0, None), (1.0, None, None), (1.0, 0.0, None), (0.0, 4.0, 0)],
)
def test_a_ratio_needs_a_part_and_a_total(part: float | None, total: float | None, expected: float | None) -> None:
    assert ratio(part, total) == expected


def test_files_have_readable_and_distinct_names() -> None:
    assert slug("a", "My Logs!").startswith("my-logs-")
    assert slug("a", "x") != slug("b", "x")
    assert len(slug("x" * 99)) == 40 + 1 + 16
    assert slug("é").isalnum() and len(slug("é")) == 16
    assert namespace_key(LOGS) == (ACCOUNT, REGION)
    assert namespace_key(msgspec.structs.replace(LOGS, kind="table")) == ("table", ACCOUNT, REGION)


def test_the_reason_of_an_unknown_figure_is_the_price_or_the_state() -> None:
    unpriced = msgspec.structs.replace(LOGS, storage={"A": StorageLine(1.0, None), "B": StorageLine(1.0, None)})
    assert unknown_reason(unpriced) == "no known price for A, B"
    assert unknown_reason(msgspec.structs.replace(unpriced, state="incomplete")) != "no known price for A, B"
    assert unknown_reason(LOGS) == glossary.REASONS["measured"]


def test_the_row_of_a_storage_type_has_its_own_share_and_bar() -> None:
    row = BucketRow(LOGS, None, 0.5, 12.4, "")
    line = line_row(row, "StandardStorage", 10.0, 5.0)
    assert (line.line, line.share, line.bar) == (LOGS.storage["StandardStorage"], 0.25, 50.0)
    assert (line_row(row, "StandardStorage", None, None).share, line_row(row, "StandardStorage", None, 0.0).bar) == (
        None,
        0,
    )


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (formats.money, 0.00499, "<$0.01"), (formats.money, 0.005, "$0.01"), (formats.money, 0.0, "$0.00"),
        (formats.quantity, 999.9, "1e+03"), (formats.quantity, 1000, "1,000"), (formats.quantity, -1000, "-1,000"),
        (formats.short_money, 999, "$999"), (formats.short_money, 1000, "$1k"), (formats.short_money, 1e6, "$1M"),
        (formats.short_money, 1e9, "$1B"), (formats.short_size, 1023, "1023 B"), (formats.short_size, 1024, "1 KiB"),
        (formats.short_size, 2.0**90, "1024 YiB"), (formats.short_count, 999_499, "999,499"),
        (formats.short_count, 999_500, "1.00 million"), (formats.short_count, 1e9, "1.00 billion"),
        (formats.short_count, 1e12, "1.00 trillion"), (formats.share, 0.0005, "0.1%"),
        (formats.share, 0.99949, "99.9%"),
        (formats.size, 999.4, "999 B"), (formats.size, 999.5, "0.98 KiB"), (formats.size_si, 1000, "1.00 kB"),
        (formats.size, 1024 * 9.994, "9.99 KiB"), (formats.size, 1024 * 9.996, "10.0 KiB"),
        (formats.size, 1024 * 99.94, "99.9 KiB"), (formats.size, 1024 * 99.96, "100 KiB"),
        (formats.rate, 0.000006, "$0.00001"),
        (formats.rate, 0.0000004, "$0.0000004"), (formats.rate, 0, "$0"),
    ],
)  # fmt: skip
def test_a_format_changes_at_its_limits(form: Any, value: float, text: str) -> None:
    assert form(value) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [(-1, "in the future"), (0, "today"), (1, "yesterday"), (2, "2 days ago"), (20, "20 days ago"), (21, "3 weeks ago"),
     (60, "8 weeks ago"), (61, "2 months ago"), (729, "23 months ago"), (730, "1 year ago"), (731, "2 years ago")],
)  # fmt: skip
def test_an_age_has_a_larger_unit_from_its_limit(days: int, text: str) -> None:
    assert formats.age(date.fromordinal(740_000 - days), date.fromordinal(740_000)) == text
