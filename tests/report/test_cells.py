"""Cells of CSV files, times, sort orders and sparklines: small functions with many cases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec import UNSET

from s3_monitor.report import csv_cells
from s3_monitor.report.sort_orders import BY_CHANGE, ORDERS, sort_buckets
from s3_monitor.report.sparklines import LARGE, SMALL, Scale, sparkline_path
from s3_monitor.report.utc_text import utc_text
from tests.policies.fixtures import bucket


@pytest.mark.parametrize(
    ("form", "values", "cells"),
    [
        (csv_cells.numbers, [1.5, None, 0.0, UNSET, 2], ["1.5", "", "0.0", "", "2"]),
        (csv_cells.numbers, [None, UNSET], ["", ""]),
        (csv_cells.numbers, [], []),
        (csv_cells.numbers, [1e-12], ["1e-12"]),
        (csv_cells.sizes, [5.0, 5.5, None, 7], ["5", "5.5", "", "7"]),
        (csv_cells.counts, [5.4, 5.6, None, UNSET, 7], ["5", "6", "", "", "7"]),
        (
            csv_cells.times,
            ["2020-05-04 15:13:08+00:00", None, ""],
            ["2020-05-04T15:13:08Z", "", ""],
        ),
        (csv_cells.days, [date(2026, 1, 2), None], ["2026-01-02", ""]),
        (csv_cells.texts, ["plain", "eu-west-1"], ["plain", "eu-west-1"]),
        (csv_cells.texts, ["plain", "a,b"], ["plain", '"a,b"']),
        (csv_cells.texts, ["=1"], ['"\'=1"']),
        (csv_cells.shared_texts, ["a", "a", "b c"], ["a", "a", "b c"]),
    ],
)
def test_a_column_is_formatted_at_once(form: Any, values: list[Any], cells: list[str]) -> None:
    assert form(values) == cells


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("plain text", "plain text"),
        ("9 lives", "9 lives"),
        ("", '""'),
        ("a,b", '"a,b"'),
        ('a"b', '"a""b"'),
        ("ümlaut", '"ümlaut"'),
        ("a\nb", r'"a\nb"'),
        (" x", '" x"'),
        *[(f"{sign}1", f'"\'{sign}1"') for sign in "=+-@\uff1d\uff0b\uff0d\uff20"],
        ("  =1", '"\'  =1"'),
        ("(=1)", '"(=1)"'),
        ("a=1", "a=1"),
    ],
)
def test_a_text_is_quoted_and_never_a_formula(text: str, cell: str) -> None:
    assert csv_cells.text(text) == cell
    assert csv_cells.texts(["plain", text])[1] == cell


def test_lines_end_with_carriage_return_and_line_feed() -> None:
    assert csv_cells.lines([["a", "b"], ["1", "é"]]) == "a,1\r\nb,é\r\n".encode()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, None),
        (0, "1970-01-01 00:00:00+00:00"),
        (59, "1970-01-01 00:00:59+00:00"),
        (60, "1970-01-01 00:01:00+00:00"),
        (3_599, "1970-01-01 00:59:59+00:00"),
        (3_600, "1970-01-01 01:00:00+00:00"),
        (86_399, "1970-01-01 23:59:59+00:00"),
        (86_400, "1970-01-02 00:00:00+00:00"),
        (1_588_605_188, "2020-05-04 15:13:08+00:00"),
    ],
)
def test_times_are_written_in_utc(seconds: int | None, text: str | None) -> None:
    assert utc_text(seconds) == text


BUCKETS = [
    bucket("a", 1.0, 30.0, num_objects=5.0, creation_date=None, last_modified="2026-01-02 00:00:00+00:00"),
    bucket("b", 3.0, 10.0, num_objects=None, creation_date="2020-01-01 00:00:00+00:00", cost_change_30d=-5.0),
    bucket("c", None, None, num_objects=7.0, creation_date="2019-01-01 00:00:00+00:00", last_modified=None),
    bucket("d", 1.0, 30.0, num_objects=5.0, creation_date="2021-01-01 00:00:00+00:00", cost_change_30d=None),
]


@pytest.mark.parametrize(
    ("name", "order"),
    [("cost", "badc"), ("size", "adbc"), ("objects", "cadb"), ("name", "abcd"), ("created", "cbda"),
     ("modified", "abdc"), ("growth", "acbd")],
)  # fmt: skip
def test_buckets_are_sorted_with_unknown_values_last(name: str, order: str) -> None:
    (found,) = [order for order in (*ORDERS, BY_CHANGE) if order.name == name]
    assert "".join(one.name for one in sort_buckets(BUCKETS, found)) == order


@pytest.mark.parametrize(
    ("values", "scale", "path"),
    [
        ([], SMALL, ""),
        ([5.0], SMALL, ""),
        ([5.0, None], SMALL, ""),
        ([0.0, 100.0], SMALL, "M0 19l90-18"),
        ([100.0, 0.0], SMALL, "M0 1l90 18"),
        ([5.0, 5.0, 5.0], SMALL, "M0 10h90"),
        ([0.0, 0.0], SMALL, "M0 19h90"),
        ([0.0, 100.0, 100.0, 0.0], SMALL, "M0 19l30-18h30l30 18"),
        ([0.0, None, 100.0, 50.0], SMALL, "M0 19h0M60 1l30 9"),
        ([0.0, 100.0, None, 50.0], SMALL, "M0 19l30-18M90 10h0"),
        ([100.0, 101.0], SMALL, "M0 12l90-4"),  # a change of 1% does not fill the height
        ([100.0, 200.0], LARGE, "M0 50l90-49"),
        ([100.0, 200.0], Scale(2, 20, False), "M0 19l90-18"),
        ([0.0, 50.0, 100.0, 200.0], Scale(2, 20, False), "M0 19l90-18"),
        ([0.0, None, 100.0, 50.0], Scale(2, 20, False), ""),
        ([0.0, None, 100.0, 50.0, 80.0, 80.0], Scale(3, 20, False), "M45 19l45-18"),
        ([float(day) for day in range(17)], SMALL, "M0 19l11-2l11-2l12-3l11-2l11-2l12-3l11-2l11-2"),
    ],
)
def test_a_sparkline_spans_its_width_and_height(values: list[float | None], scale: Scale, path: str) -> None:
    assert sparkline_path(values, scale) == path
