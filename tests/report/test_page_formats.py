"""The filters of the templates, and the parts of long tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import UNSET

from s3_monitor.model.bucket import StorageLine
from s3_monitor.model.summary import Group
from s3_monitor.report.pages import breakable_name, create_environment, page_window, paginate, sum_html, unknown_html
from s3_monitor.report.sums import Sum
from tests.report import builder
from tests.report.builder import bucket

GROUP = Group(3, 2.0**30, 1234.0, 12.5)
NOTHING = Group(3, None, None, None, unknown_buckets=3, unknown_objects=3)
PARTIAL = Group(3, 2.0**30, 7.0, 2.0, unpriced_size=2.0**20, unknown_objects=1)


def unknown(why: str) -> str:
    return f'<abbr class="unknown" title="{why}">unknown</abbr>'


def least(text: str, remark: str) -> str:
    return f'<abbr class="least" title="{remark}">{text}</abbr>'


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("money", (12.5,), "EUR 12.50"),
        ("money", (None,), '<span class="unknown">unknown</span>'),
        ("money", (None, "a <b>"), unknown("a &lt;b&gt;")),
        ("usd", (0.5,), "$0.50"),
        ("balance", (-0.5,), "−CNY 0.50"),
        ("balance_change", (-0.5,), "−CNY 0.50"),
        ("money_change", (0.5,), "+EUR 0.50"),
        ("money_change", (0,), "no change"),
        ("money_change", (None,), "–"),
        ("size_change", (-(2.0**30),), "−1.00 GiB"),
        ("size_change", (None,), "–"),
        ("share_change", (0.5,), "+50.0%"),
        ("share_change", (None,), ""),
        ("rate", (0.023,), "EUR 0.023"),
        ("size", (2.0**30,), "1.00 GiB"),
        ("size", (0,), "0 B"),
        ("size", (None, "x"), unknown("x")),
        ("count", (1234,), "1,234"),
        ("count", (0,), "0"),
        ("count", (None, "x"), unknown("x")),
        ("share", (0.125,), "12.5%"),
        ("share", (None,), "–"),
        ("objects", (1234,), "1,234"),
        ("objects", (0,), "0"),
        ("objects", (UNSET,), "–"),
        ("objects", (None,), unknown("no object count received")),
        ("cost", (GROUP,), "EUR 12.50"),
        ("cost", (NOTHING,), unknown("no known price")),
        ("cost", (PARTIAL,), least("≥ EUR 2.00", "excludes 1.00 MiB with no known price")),
        ("stored", (GROUP,), "1.00 GiB"),
        ("stored", (NOTHING,), unknown("no data received")),
        ("objects_of", (GROUP,), "1,234"),
        ("objects_of", (NOTHING,), unknown("not available for any bucket")),
        ("objects_of", (PARTIAL,), least("≥ 7", "excludes 1 bucket without a known count")),
        ("bucket_cost", (bucket(), "x"), "EUR 0.92"),
        ("bucket_cost", (bucket(total_cost=None, known_cost=3.0), "x"), least("≥ EUR 3.00", "x")),
        ("bucket_cost", (builder.unknown("a", "young"), "x"), unknown("x")),
        ("bucket_size", (bucket(), "x"), "40.0 GiB"),
        ("bucket_size", (builder.unknown("a", "young"), "x"), unknown("x")),
        ("line_cost", (StorageLine(1.0, 2.0), "x"), "EUR 2.00"),
        ("line_cost", (StorageLine(1.0, None), "x"), unknown("x")),
        ("last_cost", ([],), "EUR 0.00"),
        ("or_exact", (0, 0.001), 0.001),
        ("or_exact", (0.02, 0.021), 0.02),
        ("usage_unit", ("GB-Mo",), "GB-months"),
        ("usage_unit", ("Requests",), "Requests"),
        ("capitalize_first", ("a bcD",), "A bcD"),
        ("capitalize_first", ("",), ""),
        ("extent", ([None, 3.0, 1.0, 2.0],), (1.0, 3.0)),
        ("parsed", ("2020-05-04 15:13:08+00:00",), datetime(2020, 5, 4, 15, 13, 8, tzinfo=UTC)),
        ("parsed", (None,), None),
        ("numbered", ("cost", 1), "cost.html"),
        ("numbered", ("cost", 2), "cost-2.html"),
    ],
)
def test_figures_of_pages_have_their_currency_and_unknown_ones_a_reason(
    name: str, arguments: tuple[Any, ...], text: object
) -> None:
    assert create_environment("EUR", "CNY").filters[name](*arguments) == text


@pytest.mark.parametrize(
    ("total", "html"),
    [
        (Sum(2.0), "2"),
        (Sum(0.0), "0"),
        (Sum(None), unknown("why")),
        (Sum(None, True), unknown("why")),
        (Sum(2.0, True, remark='"a"'), least("≥ 2", "&#34;a&#34;")),
        (Sum(2.0, False, True, "b"), least("at most 2", "b")),
        (Sum(2.0, True, True, "c"), least("about 2", "c")),
    ],
)
def test_only_bounds_have_a_remark_and_only_unknown_sums_a_reason(total: Sum, html: str) -> None:
    assert sum_html(total, lambda value: f"{value:g}", "why") == html


def test_an_unknown_figure_without_a_reason_has_no_title() -> None:
    assert unknown_html("") == '<span class="unknown">unknown</span>'


def test_names_of_storage_types_break_between_words() -> None:
    assert breakable_name("GlacierS3ObjectOverhead") == "Glacier<wbr>S3Object<wbr>Overhead"
    assert breakable_name("a<bC") == "a&lt;b<wbr>C"


@pytest.mark.parametrize(
    ("number", "last", "window"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (1, 50, [1, 2, 3, None, 50]),
        (4, 7, [1, 2, 3, 4, 5, 6, 7]),
        (5, 9, [1, None, 3, 4, 5, 6, 7, None, 9]),
        (25, 50, [1, None, 23, 24, 25, 26, 27, None, 50]),
        (50, 50, [1, None, 48, 49, 50]),
    ],
)
def test_a_pager_shows_the_first_the_last_and_adjacent_pages(number: int, last: int, window: list[int | None]) -> None:
    assert page_window(number, last) == window


def test_long_tables_are_split_into_pages_and_no_rows_are_one_page() -> None:
    assert [(number, last, len(part)) for number, last, part in paginate(range(450))] == [
        (1, 3, 200),
        (2, 3, 200),
        (3, 3, 50),
    ]
    assert [(number, last) for number, last, _ in paginate(range(200))] == [(1, 1)]
    assert [(number, last) for number, last, _ in paginate(range(201))] == [(1, 2), (2, 2)]
    assert list(paginate([])) == [(1, 1, [])]
