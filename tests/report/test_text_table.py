"""Tables of the one-shot monitor: text and Markdown."""

from __future__ import annotations

import msgspec
import pytest
from rich.cells import cell_len

from s3_monitor.model.bucket import StorageLine
from s3_monitor.model.summary import Group
from s3_monitor.report.text_table import format_table, list_buckets, list_groups
from tests.report import builder
from tests.report.builder import bucket, summary, unknown

FOUND = [
    bucket("a"),
    bucket("bb", region="eu-west-1", total_cost=None, known_cost=3.0),
    unknown("c", "young"),
]


def test_numbers_are_aligned_to_the_right_and_unknown_figures_are_stated() -> None:
    assert format_table(list_buckets(FOUND, summary(FOUND), "name"), "table", "iec").splitlines() == [
        "bucket     region     account       state           size  objects  monthly cost  created     last modified",
        "a          us-east-1  111122223333  measured    40.0 GiB      658         $0.92  2020-05-04  2026-11-16",
        "bb         eu-west-1  111122223333  measured    40.0 GiB      658       ≥ $3.00  2020-05-04  2026-11-16",
        "c          us-east-1  111122223333  young        unknown  unknown       unknown  2020-05-04  unknown",
        "total (3)                                     ≥ 80.0 GiB  ≥ 1,316       ≥ $1.84",
    ]


@pytest.mark.parametrize(
    ("sort", "names"), [("name", ["a", "bb", "c"]), ("cost", ["bb", "a", "c"]), ("size", ["a", "bb", "c"])]
)
def test_buckets_are_sorted_and_the_total_includes_those_that_are_not_shown(sort: str, names: list[str]) -> None:
    table = list_buckets(FOUND, summary(FOUND), sort)
    assert [row[0] for row in table.rows] == [*names, "total (3)"]
    shortened = list_buckets(FOUND, summary(FOUND), sort, top=1)
    assert [row[0] for row in shortened.rows] == [names[0], "total (3)"]
    assert shortened.rows[-1] == table.rows[-1]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 120])
def test_columns_are_left_out_and_names_shortened_on_a_narrow_terminal(width: int) -> None:
    found = [bucket("logs-" * 12), bucket("b")]
    lines = format_table(list_buckets(found, summary(found)), "table", "iec", width).splitlines()
    assert all(len(line) <= max(width, 40) for line in lines)
    assert "monthly cost" in lines[0]
    assert "created" not in lines[0]
    assert ("…" in "".join(lines)) == (width <= 80)


def test_wide_characters_take_two_columns() -> None:
    found = [bucket("a", tags={"k": "データ"}), bucket("b", tags={"k": "x"})]
    said = msgspec.structs.replace(
        summary(found), by_tag={"k": {"データ": Group(1, 1.0, 1.0, 1.0), "x": Group(1, 1.0, 1.0, 1.0)}}
    )
    lines = format_table(list_groups(said, "tag:k"), "table", "iec").splitlines()
    assert {cell_len(line) for line in lines} == {cell_len(lines[0])}


def test_storage_types_have_their_names_for_readers_first() -> None:
    table = list_groups(summary([bucket("a")]), "storage-type")
    assert table.rows[0][0] == "Standard (StandardStorage)"


def test_names_are_literal_in_a_markdown_table() -> None:
    found = [bucket("a|b<script>")]
    shown = format_table(list_buckets(found, summary(found)), "markdown", "iec").splitlines()
    assert shown[0].startswith("| bucket | region | account |")
    assert shown[1] == "|---|---|---|---|---:|---:|---:|---|---|"
    assert shown[2].startswith(r"| a\|b\<script\> | us-east-1 |")


def test_groups_have_their_share_of_the_cost_the_highest_first() -> None:
    found = [bucket("a"), *(bucket(f"b{index}", region="eu-west-1") for index in range(3))]
    assert format_table(list_groups(summary(found), "region"), "table", "si").splitlines() == [
        "region     buckets     size  objects  monthly cost   share",
        "eu-west-1        3   129 GB    1,974         $2.76   75.0%",
        "us-east-1        1  42.9 GB      658         $0.92   25.0%",
        "total            4   172 GB    2,632         $3.68  100.0%",
    ]


def test_sums_that_exclude_something_are_marked_in_every_row() -> None:
    unpriced = bucket("b", storage={"New": StorageLine(2.0**40, None)}, total_size=2.0**40, total_cost=None)
    found = [bucket("a"), unpriced, unknown("c", "no-data", region="eu-west-1")]
    shown = format_table(list_groups(summary(found), "region"), "table", "iec")
    assert shown.splitlines() == [
        "region     buckets        size  objects  monthly cost    share",
        "us-east-1        2    1.04 TiB    1,316       ≥ $0.92   100.0%",
        "eu-west-1        1     unknown  unknown       unknown  unknown",
        "total            3  ≥ 1.04 TiB  ≥ 1,316       ≥ $0.92   100.0%",
    ]


def test_totals_come_last_in_the_currency_of_the_prices() -> None:
    shown = format_table(list_groups(summary([bucket("a")], currency="CNY"), "region"), "table", "iec")
    assert shown.splitlines() == [
        "region     buckets      size  objects  monthly cost   share",
        "us-east-1        1  40.0 GiB      658      CNY 0.92  100.0%",
        "total            1  40.0 GiB      658      CNY 0.92  100.0%",
    ]


def test_control_characters_do_not_reach_a_terminal() -> None:
    assert "\x1b" not in format_table(list_buckets([bucket("x\x1b[31m")], summary([])), "table", "iec")


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_hostile_names_stay_in_their_row(form: str) -> None:
    found = builder.buckets(60, hostile=True)
    lines = format_table(list_buckets(found, summary(found)), form, "iec").splitlines()  # type: ignore[arg-type]
    assert len(lines) == 61 + (2 if form == "markdown" else 1)
