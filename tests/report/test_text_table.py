"""Tables of the one-shot monitor: text and Markdown."""

from __future__ import annotations

import pytest

from s3_monitor.model.bucket import StorageLine
from s3_monitor.report.text_table import format_table, list_buckets, list_groups
from tests.report import builder
from tests.report.builder import bucket, summary, unknown

FOUND = [
    bucket("a"),
    bucket("bb", region="eu-west-1", total_cost=None, known_cost=3.0),
    unknown("c", "young"),
]


def test_numbers_are_aligned_to_the_right_and_unknown_figures_are_stated() -> None:
    assert format_table(list_buckets(FOUND, "USD"), "table", "iec").splitlines() == [
        "bucket  region     account       state         size  objects  monthly cost  created     last modified",
        "a       us-east-1  111122223333  measured  40.0 GiB      658         $0.92  2020-05-04  2026-11-16",
        "bb      eu-west-1  111122223333  measured  40.0 GiB      658       ≥ $3.00  2020-05-04  2026-11-16",
        "c       us-east-1  111122223333  young      unknown  unknown       unknown  2020-05-04  unknown",
    ]


def test_names_are_literal_in_a_markdown_table() -> None:
    shown = format_table(list_buckets([bucket("a|b<script>")], "USD"), "markdown", "iec").splitlines()
    assert shown[0].startswith("| bucket | region | account |")
    assert shown[1] == "|---|---|---|---|---:|---:|---:|---|---|"
    assert shown[2].startswith(r"| a\|b\<script\> | us-east-1 |")


def test_groups_have_their_share_of_the_cost_the_highest_first() -> None:
    found = [bucket("a"), *(bucket(f"b{index}", region="eu-west-1") for index in range(3))]
    assert format_table(list_groups(summary(found), "region"), "table", "si").splitlines() == [
        "region     buckets     size  objects  monthly cost  share",
        "eu-west-1        3   129 GB    1,974         $2.76  75.0%",
        "us-east-1        1  42.9 GB      658         $0.92  25.0%",
    ]


def test_sums_that_exclude_something_are_marked_in_every_row() -> None:
    unpriced = bucket("b", storage={"New": StorageLine(2.0**40, None)}, total_size=2.0**40, total_cost=None)
    found = [bucket("a"), unpriced, unknown("c", "no-data", region="eu-west-1")]
    shown = format_table(list_groups(summary(found), "region", totals=True), "table", "iec")
    assert shown.splitlines() == [
        "region     buckets        size  objects  monthly cost    share",
        "us-east-1        2    1.04 TiB    1,316       ≥ $0.92   100.0%",
        "eu-west-1        1     unknown  unknown       unknown  unknown",
        "all              3  ≥ 1.04 TiB  ≥ 1,316       ≥ $0.92   100.0%",
    ]


def test_totals_come_last_in_the_currency_of_the_prices() -> None:
    shown = format_table(list_groups(summary([bucket("a")], currency="CNY"), "region", totals=True), "table", "iec")
    assert shown.splitlines() == [
        "region     buckets      size  objects  monthly cost   share",
        "us-east-1        1  40.0 GiB      658      CNY 0.92  100.0%",
        "all              1  40.0 GiB      658      CNY 0.92  100.0%",
    ]


def test_control_characters_do_not_reach_a_terminal() -> None:
    assert "\x1b" not in format_table(list_buckets([bucket("x\x1b[31m")], "USD"), "table", "iec")


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_hostile_names_stay_in_their_row(form: str) -> None:
    found = builder.buckets(60, hostile=True)
    lines = format_table(list_buckets(found, "USD"), form, "iec").splitlines()  # type: ignore[arg-type]
    assert len(lines) == 60 + (2 if form == "markdown" else 1)
