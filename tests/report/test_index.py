"""The overview: gaps first, then totals, what cost excludes, and where the money goes."""

from __future__ import annotations

import re

from s3_monitor.model.bucket import StorageLine
from s3_monitor.model.plan import Selection
from s3_monitor.model.problem import create_problem
from s3_monitor.model.summary import Group, ShardLine
from tests.problems import gap
from tests.report import builder
from tests.report.builder import bucket, summary, unknown
from tests.report.conftest import Write
from tests.report.reader import Reader, page_of, text_of


def test_a_complete_report_states_that(write: Write) -> None:
    text = text_of(write([bucket()], summary([bucket()])))
    assert "Data of Saturday, 21 November 2026 Complete" in text
    assert "≥" not in text
    assert "missing" not in text


def test_gaps_come_first_with_their_place_and_advice(write: Write) -> None:
    problems = [
        create_problem(
            "storage-types-unlisted",
            account="111122223333",
            region="eu-west-1",
            detail="ListMetrics: Access Denied",
            advice="allow cloudwatch:ListMetrics",
        )
    ]
    shards = [ShardLine("dev-eu-west-1", "failed", 0, 1), ShardLine("dev-us-east-1", "complete", 1, 0)]
    text = text_of(write([bucket()], summary([bucket()], problems, shards=shards)))
    assert (
        text.index("Cost incomplete: eu-west-1") < text.index("ListMetrics: Access Denied") < text.index("Monthly cost")
    )
    assert "111122223333/eu-west-1" in text
    assert "allow cloudwatch:ListMetrics" in text
    assert "Complete" not in text


def test_a_place_links_to_its_page(write: Write) -> None:
    found = [bucket("a"), bucket("b", region="eu-west-1")]
    problems = [
        gap("111122223333/eu-west-1/b/GlacierStorage", "one"),
        gap("111122223333/us-east-1/gone", "two"),
        gap("444455556666", "three"),
        gap("shard dev", "four"),
        gap("", "five"),
    ]
    out = write(found, summary(found, problems))
    links = [link for link in Reader(out / "problems" / "gaps.html").links if "/b-" in link or "/us-east-1-" in link]
    assert [re.sub(r"-[0-9a-f]{16}", "", link) for link in links] == ["../buckets/b.html", "../regions/us-east-1.html"]


def test_similar_problems_are_one_entry_with_the_first_places(write: Write) -> None:
    problems = [gap(f"111122223333/eu-west-1/b-{index}", f"{index} requests denied", "allow it") for index in range(9)]
    text = text_of(write([bucket()], summary([bucket()], problems)))
    assert "0 requests denied 111122223333/eu-west-1/b-0; similar: 111122223333/eu-west-1/b-1," in text
    assert "and 6 more allow it" in text
    assert text.count("allow it") == 1


def test_last_modified_is_a_column_if_any_date_is_known(write: Write) -> None:
    assert "Created Last modified" in text_of(write([bucket()], summary([bucket()])), "buckets/cost.html")
    found = [bucket(last_modified=None)]
    assert "Last modified" not in text_of(write(found, summary(found)), "buckets/cost.html")


def test_without_any_data_figures_are_unknown_and_never_zero(write: Write) -> None:
    nothing = Group(0, None, None, None, 0.0, 0)
    problems = [create_problem("no-usable-part")]
    shards = [ShardLine("dev", "missing", 0, 1)]
    text = text_of(write([], summary([], problems, totals=nothing, shards=shards)))
    assert "No usable data" in text
    assert "$0.00" not in text
    assert text.count("unknown") >= 3
    assert text.startswith("2026-11-22 · S3 Monitor"), "the title"


def test_an_account_without_buckets_is_complete_and_costs_0(write: Write) -> None:
    text = text_of(write([], summary([], totals=Group(0, 0.0, 0.0, 0.0, 0.0, 0))))
    assert "Complete" in text
    assert "the selection is empty" in text
    assert "$0.00" in text


def test_the_totals_are_cost_bytes_objects_and_buckets(write: Write) -> None:
    found = [
        bucket(
            name,
            storage={"StandardStorage": StorageLine(tib * 2.0**40, cost)},
            total_size=tib * 2.0**40,
            total_cost=cost,
        )
        for name, tib, cost in (("a", 40, 930.377143), ("b", 30, 697.782857))
    ]
    out = write(found, summary(found))
    text = text_of(out)
    assert "Monthly cost list price $1,628.16" in text
    assert "Stored 2 buckets 70.0 TiB 1,316 objects" in text
    assert "Buckets 2 1 region" in text
    titles = [attributes.get("title") for _, attributes in Reader(out / "buckets" / "cost.html").tags]
    assert "43,980,465,111,040 bytes" in titles, "exact bytes at hand"


def test_pages_with_costs_state_what_cost_excludes(write: Write) -> None:
    out = write([bucket()], summary([bucket()]))
    assert "Not included: requests, data transfer, retrieval, early deletion, tax and discounts." in text_of(out)
    assert "It excludes requests, retrieval, data transfer, early deletion, tax and discounts." in page_of(out, "logs")
    assert "Prices published 2024-09-25: AWS price list" in text_of(out)


def test_the_index_states_that_a_narrowed_selection_fills_the_tiers_alone(write: Write) -> None:
    selection = Selection(profile="user1-dev", regions=("eu-west-1",), buckets=("logs-*",))
    out = write([bucket()], summary([bucket()], selection=selection))
    assert "Narrowed selection. Only the selected buckets fill the volume tiers" in text_of(out)
    text = text_of(out, "data.html")
    assert "Profile user1-dev. Regions eu-west-1. Buckets logs-*." in text
    assert "Narrowed selection" not in text_of(write([bucket()], summary([bucket()])))


def test_the_age_of_the_data_and_the_api_usage_are_stated(write: Write) -> None:
    text = text_of(write([bucket()], summary([bucket()])), "data.html")
    assert "Age of the data 2026-11-21 (yesterday)" in text
    assert "API usage 1,234 requests, $0.40 at list price" in text


def test_list_costs_are_in_the_currency_of_the_prices_and_api_usage_in_usd(write: Write) -> None:
    out = write([bucket()], summary([bucket()], currency="CNY"))
    assert "Monthly cost list price CNY 0.92" in text_of(out)
    assert "$" not in text_of(out)
    assert [*re.findall(r"\$[0-9.]+", text_of(out, "data.html"))] == ["$0.40"]


def test_unpriced_bytes_are_stated_next_to_the_cost(write: Write) -> None:
    found = [
        bucket("a"),
        bucket("b", storage={"TomorrowsStorage": StorageLine(2.0**40, None)}, total_size=2.0**40, total_cost=None),
    ]
    out = write(found, summary(found))
    text = text_of(out)
    assert "Monthly cost list price ≥ $0.92 Excludes 1.00 TiB with no known price" in text
    assert "All data received" in text
    assert "Stored 2 buckets 1.04 TiB" in text
    assert "no known price for TomorrowsStorage" in (out / "index.html").read_text(encoding="utf-8")


def test_buckets_of_unknown_size_are_stated_next_to_the_bytes(write: Write) -> None:
    found = [bucket("a"), unknown("b", "young")]
    text = text_of(write(found, summary(found)))
    assert "Stored 2 buckets ≥ 40.0 GiB ≥ 658 objects Excludes 1 bucket with unknown size" in text


def test_a_report_of_one_bucket_has_no_charts_or_empty_sections(write: Write) -> None:
    out = write([bucket()], summary([bucket()]))
    page = Reader(out / "index.html")
    assert not (out / "charts").exists(), "one region, one storage class: nothing to compare"
    assert "By account" not in page.text
    assert not [tag for tag, _ in page.tags if tag in ("details", "figure")]


def test_the_numbers_of_a_chart_are_in_a_table(write: Write) -> None:
    found = [bucket("a", total_cost=0.92), bucket("b", region="eu-west-1", total_cost=0.92)]
    text = text_of(write(found, summary(found), builder.history(found, holes=0)))
    assert re.search(
        r"Show data Monthly cost by storage class Day Standard 2026-11-21 \$[\d.]+ 2026-11-20 \$[\d.]+", text
    )


def test_the_most_expensive_buckets_are_listed_with_their_share_and_classes(write: Write) -> None:
    found = [
        bucket(
            "a",
            total_cost=6.0,
            storage={"StandardStorage": StorageLine(9.0, 4.5), "GlacierStorage": StorageLine(9.0, 1.5)},
        ),
        bucket("b", total_cost=2.0, storage={"StandardStorage": StorageLine(9.0, 2.0)}),
    ]
    out = write(found, summary(found))
    assert "a us-east-1 $6.00 75.0% b us-east-1 $2.00 25.0%" in text_of(out)
    labels = [attributes.get("aria-label") for tag, attributes in Reader(out / "index.html").tags if tag == "svg"]
    assert labels == ["Standard 75.0%, Glacier Flexible Retrieval 25.0%", "Standard 100.0%"]
