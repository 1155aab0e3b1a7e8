"""The contents of the pages for given buckets and summaries."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.bucket import StorageLine
from s3_monitor.model.plan import Selection
from s3_monitor.report.bucket_rows import slug, unknown_reason
from s3_monitor.report.groups import GROUP_TOP
from s3_monitor.report.sort_orders import ORDERS, sort_buckets
from s3_monitor.report.view import TOP
from tests.problems import gap, note
from tests.report import builder
from tests.report.builder import bucket, summary, unknown


def names(order: str, *found: object) -> list[str]:
    chosen = next(one for one in ORDERS if one.name == order)
    return [one.name for one in sort_buckets(sorted(found, key=lambda one: one.name), chosen)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("cost", ["dear", "cheap", "twin", "young"]),
        ("size", ["cheap", "twin", "dear", "young"]),
        ("objects", ["twin", "cheap", "dear", "young"]),
        ("name", ["cheap", "dear", "twin", "young"]),
        ("created", ["dear", "cheap", "twin", "young"]),
        ("modified", ["cheap", "dear", "twin", "young"]),
    ],
)
def test_equal_values_are_sorted_by_name_and_unknown_values_are_last(order: str, expected: list[str]) -> None:
    cheap = bucket("cheap", total_cost=1.0, total_size=9.0, num_objects=5.0)
    twin = bucket("twin", total_cost=1.0, total_size=9.0, num_objects=6.0)
    dear = bucket("dear", total_cost=2.0, total_size=3.0, num_objects=1.0, creation_date="2010-01-01 00:00:00+00:00")
    young = unknown("young", "young", creation_date=None)
    assert names(order, young, twin, dear, cheap) == expected


@given(st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(random_: random.Random) -> None:
    found = builder.buckets(30, accounts=2)
    mixed = random_.sample(found, len(found))
    said = summary(found)
    one, other = builder.show(found, said), builder.show(mixed, said)
    for name in one.sorted_rows:
        assert one.sorted_rows[name] == other.sorted_rows[name]
    assert (one.group_pages, one.bucket_pages, one.days) == (other.group_pages, other.bucket_pages, other.days)


def test_only_the_most_expensive_buckets_have_a_page_each() -> None:
    found = [bucket(f"b-{index:04}", total_cost=float(index)) for index in range(TOP + 5)]
    shown = builder.show(found, summary(found))
    assert [page.row.bucket.name for page in shown.bucket_pages] == [f"b-{index:04}" for index in range(TOP + 4, 4, -1)]
    assert {row.bucket.name for row in shown.sorted_rows["cost"] if row.page is None} == {
        f"b-{index:04}" for index in range(5)
    }


def test_shares_refer_to_the_total_and_bars_to_the_most_expensive_bucket() -> None:
    found = [bucket("a", total_cost=6.0), bucket("b", total_cost=2.0), unknown("c", "young")]
    said = summary(found, totals=builder.summary([bucket(total_cost=8.0)]).totals)
    rows = builder.show(found, said).sorted_rows["cost"]
    whole = said.totals.cost or 0
    assert [row.share for row in rows] == [6 / whole, 2 / whole, None]
    assert [row.bar for row in rows] == pytest.approx([100, 100 / 3, 0])


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (unknown("a", "young"), "too new to be measured"),
        (unknown("a", "no-data"), "CloudWatch has no figures"),
        (unknown("a", "incomplete"), "some data could not be read"),
        (
            bucket("a", storage={"TomorrowsStorage": StorageLine(1.0, None)}, total_cost=None),
            "no known price for TomorrowsStorage",
        ),
    ],
)
def test_unknown_figures_have_a_reason(one: object, reason: str) -> None:
    assert unknown_reason(one) == reason  # type: ignore[arg-type]


def test_the_data_age_counts_buckets_with_older_data() -> None:
    found = [bucket("a"), bucket("b", as_of=date(2026, 11, 19)), unknown("c", "young")]
    days = builder.show(found, summary(found)).days
    assert (days.newest, days.oldest, days.behind) == (date(2026, 11, 21), date(2026, 11, 19), 1)


@pytest.mark.parametrize(
    ("selection", "narrowed"),
    [
        (Selection(profile="x", shards="shards.yaml", split_by="region", max_shards=4), False),
        (Selection(regions=("eu-west-1",)), True),
        (Selection(buckets=("logs-*",)), True),
        (Selection(storage_types=("GlacierStorage",)), True),
    ],
)
def test_selecting_regions_buckets_or_types_narrows_but_splitting_into_shards_does_not(
    selection: Selection, narrowed: bool
) -> None:
    assert builder.show([bucket()], summary([bucket()], selection=selection)).is_narrowed is narrowed


def test_the_page_of_a_group_shows_its_parts() -> None:
    found = builder.buckets(200, accounts=3)
    shown = builder.show(found, summary(found))
    for page in shown.group_pages:
        for dimension, rows in page.parts.items():
            assert dimension != page.row.dimension
            assert sum(row.group.cost or 0 for row in rows) == pytest.approx(page.row.group.cost or 0)
            assert sum(row.group.size or 0 for row in rows) == pytest.approx(page.row.group.size or 0)
        assert len(page.rows) <= GROUP_TOP
        lines = min(page.row.group.buckets, GROUP_TOP) if page.row.dimension == "storage-type" else 0
        assert len(page.lines) == lines


def test_the_buckets_of_a_storage_type_are_sorted_by_their_cost_in_it() -> None:
    line = StorageLine
    found = [
        bucket("a", storage={"GlacierStorage": line(1.0, 1.0), "StandardStorage": line(9.0, 99.0)}, total_cost=100.0),
        bucket("b", storage={"GlacierStorage": line(5.0, 3.0)}, total_cost=3.0),
    ]
    page = next(page for page in builder.show(found, summary(found)).group_pages if page.row.key == "GlacierStorage")
    assert [(one.row.bucket.name, one.share, one.bar) for one in page.lines] == [
        ("b", 0.75, 100),
        ("a", 0.25, pytest.approx(100 / 3)),
    ]


def test_an_empty_bucket_counts_as_0_and_an_unknown_bucket_as_unknown() -> None:
    empty = unknown("a", "empty", total_size=0.0, total_cost=0.0, num_objects=0.0)
    young = unknown("b", "young", region="eu-west-1")
    parts = builder.totals([empty, young]).buckets.parts("account", "111122223333", "region")
    assert (parts["us-east-1"].size, parts["us-east-1"].cost, parts["us-east-1"].objects) == (0.0, 0.0, 0.0)
    assert (parts["eu-west-1"].size, parts["eu-west-1"].cost, parts["eu-west-1"].objects) == (None, None, None)


def test_a_group_page_shows_its_gaps_and_a_bucket_page_its_problems() -> None:
    found = [bucket("a"), bucket("b", region="eu-west-1")]
    problems = [
        gap("111122223333/eu-west-1", "no response"),
        gap("111122223333/eu-west-1/b", "denied"),
        note("111122223333/us-east-1/a/GlacierStorage", "ended"),
        gap("shard dev", "missing"),
    ]
    shown = builder.show(found, summary(found, problems))
    gaps = {page.row.key: {group.first.message for group in page.gaps} for page in shown.group_pages}
    assert gaps["eu-west-1"] == {"no response", "denied"}
    assert gaps["us-east-1"] == set()
    said = {page.row.bucket.name: [problem.message for problem in page.problems] for page in shown.bucket_pages}
    assert said == {"a": ["ended"], "b": ["denied"]}


@pytest.mark.parametrize("name", [*builder.HOSTILE, "", "\ud800", "CON", "a" * 300])
def test_any_bucket_name_gives_a_safe_file_name(name: str) -> None:
    stem = slug("111122223333", "us-east-1", name)
    assert stem.replace("-", "").isalnum() and stem.isascii() and stem == stem.lower()
    assert len(stem) <= 57


def test_similar_names_have_different_files() -> None:
    names = [
        ("1", "r", "a.b"),
        ("1", "r", "a-b"),
        ("1", "r", "A-B"),
        ("2", "r", "a-b"),
        ("1r", "", "a-b"),
        ("1", "ra", "-b"),
    ]
    assert len({slug(*name) for name in names}) == len(names)
