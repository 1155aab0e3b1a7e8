"""Tables of the one-shot monitor: text and Markdown."""

from __future__ import annotations

import msgspec
import pytest
from rich.cells import cell_len

from s3_monitor.model.bucket import StorageLine
from s3_monitor.model.summary import Group
from s3_monitor.report.text_table import TextTable, Units, format_table, list_buckets, list_groups
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


@pytest.mark.parametrize(
    ("width", "name"),
    [
        (33, "logs-of-the-application"),
        (32, "logs-of-the-applicati…"),
        (27, "logs-of-the-appl…"),
        (26, "logs-of-the-app…"),
        (5, "logs-of-the-app…"),
    ],
)
def test_a_name_takes_what_the_terminal_leaves_but_at_least_16_columns(width: int, name: str) -> None:
    table = TextTable(["name", "size"], ["text", "size"], [["logs-of-the-application", 2.0**40]], "USD")
    row = format_table(table, "table", "iec", width).splitlines()[1]
    assert row == f"{name}  1.00 TiB"


def test_columns_are_left_out_in_order_until_the_table_fits() -> None:
    table = TextTable(["a", "b", "c"], ["text", "text", "text"], [["xxxx", "yyyy", "zzzz"]], "USD", ("c", "b"))
    shown = [format_table(table, "table", "iec", width).splitlines()[1] for width in (16, 15, 10, 9, 4)]
    assert shown == ["xxxx  yyyy  zzzz", "xxxx  yyyy", "xxxx  yyyy", "xxxx", "xxxx"]


@pytest.mark.parametrize(("by", "names"), [("encryption", ["SSE-S3", "none"]), ("tag:k", ["x"]), ("tag:other", [])])
def test_groups_of_details_are_those_of_their_dimension(by: str, names: list[str]) -> None:
    encryption = {name: Group(1, 1.0, 1.0, 1.0) for name in ("SSE-S3", "none")}
    said = summary([bucket("a")], by_encryption=encryption, by_tag={"k": {"x": Group(1, 1.0, 1.0, 1.0)}})
    assert [row[0] for row in list_groups(said, by).rows] == [*names, "total"]
    assert [row[0] for row in list_groups(summary([bucket("a")]), by).rows] == ["total"]


@pytest.mark.parametrize(("sort", "names"), [("cost", "cabd"), ("size", "bcad"), ("objects", "bacd"), ("name", "abcd")])
def test_groups_are_sorted_with_unknown_figures_last(sort: str, names: str) -> None:
    groups = {
        "a": Group(1, 0.1, 0.2, 0.2), "b": Group(1, 0.3, 0.3, 0.1), "c": Group(1, 0.2, 0.1, 0.3),
        "d": Group(1, None, None, None),
    }  # fmt: skip
    said = summary([bucket("a")], by_region=groups)
    assert [row[0] for row in list_groups(said, "region", sort).rows] == [*names, "total"]
    assert [row[0] for row in list_groups(said, "region", sort, 2).rows] == [*names[:2], "total"]


def test_shares_are_unknown_without_a_cost_or_a_total() -> None:
    def shares(total: float | None, cost: float | None) -> list[object]:
        groups = {"a": Group(1, 1.0, 1.0, cost)}
        said = summary([bucket("a")], by_region=groups, totals=Group(1, 1.0, 1.0, total))
        return [row[5] for row in list_groups(said, "region").rows]

    assert shares(4.0, 1.0) == [0.25, 1.0]
    assert shares(4.0, None) == [None, 1.0]
    assert shares(0.0, 0.0) == [None, None]
    assert shares(None, 1.0) == [None, None]


@pytest.mark.parametrize(("units", "shown"), [("bytes", "1,500,000"), ("iec", "1.43 MiB"), ("si", "1.50 MB")])
def test_sizes_are_in_the_chosen_units(units: Units, shown: str) -> None:
    table = TextTable(["size"], ["size"], [[1_500_000.0]], "USD")
    assert format_table(table, "table", units).splitlines()[1].strip() == shown


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
