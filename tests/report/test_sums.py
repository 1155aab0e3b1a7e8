"""Every sum states what it excludes: in summary.json, the printed tables, report.md and the pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.merge.merged_data import MergedData
from s3_monitor.merge.merger import merge
from s3_monitor.model.bucket import Bucket, encode
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.plan import Plan
from s3_monitor.model.summary import Group, Summary
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report import markdown, sums, text_table
from s3_monitor.report.data import buckets_and_summary, build_report_data
from s3_monitor.report.totals import Dimension
from s3_monitor.trends import DailyTotals
from tests.merge import fixtures
from tests.merge.fixtures import ACCOUNT, LAST, Truth, part, plan, unit
from tests.problems import gap
from tests.report.builder import write_pages
from tests.report.reader import text_of

TIB = 2**40
STANDARD, NEW = "StandardStorage", "TomorrowsStorage"
OTHER = "444455556666"
PLAN = plan([unit("a")], [unit("b", region="eu-west-1"), unit("c", account=OTHER)], details=True)


def run(truths: Iterable[Truth], plan_: Plan = PLAN, *, shards: int | None = None) -> tuple[list[Bucket], Summary]:
    """Merge and price the parts of some shards; the others are missing."""
    return buckets_and_summary(merged(truths, plan_, shards), bundled_prices(), fixtures.AS_OF)


def merged(truths: Iterable[Truth], plan_: Plan = PLAN, shards: int | None = None) -> MergedData:
    truths = list(truths)
    parts = [part(plan_, shard.name, truths) for shard in plan_.shards[:shards]]
    return merge(plan_, fixtures.digest(plan_), parts)


def groups(summary: Summary) -> list[Group]:
    assert isinstance(summary.by_encryption, dict)
    assert isinstance(summary.by_tag, dict)
    of_tags = [group for values in summary.by_tag.values() for group in values.values()]
    return [
        summary.totals, *summary.by_account.values(), *summary.by_region.values(), *summary.by_storage_type.values(),
        *summary.by_encryption.values(), *of_tags,
    ]  # fmt: skip


def outputs(buckets: list[Bucket], summary: Summary, out: Path) -> Mapping[str, str]:
    """Return all text output about an account with one region."""
    write_pages(out, buckets, summary)
    (region,) = (out / "regions").glob("*.html")
    return {
        "report.md": "\n".join(markdown.report_lines(summary, None)),
        "table": text_table.format_table(text_table.list_groups(summary, "region"), "table", "iec"),
        "buckets": text_table.format_table(text_table.list_buckets(buckets, summary), "markdown", "iec"),
        "index": text_of(out),
        "region": text_of(out, f"regions/{region.name}"),
        "list": text_of(out, "buckets/cost.html"),
    }


def test_a_region_mostly_without_a_price_never_looks_complete(tmp_path: Path) -> None:
    buckets, summary = run([Truth("a", {STANDARD: {LAST: TIB}}), Truth("b", {NEW: {LAST: 60 * TIB}})], plan([unit()]))
    assert summary.totals == summary.by_region["us-east-1"] == summary.by_account[ACCOUNT]
    assert (summary.totals.cost, summary.totals.unpriced_size) == (23.552, 60.0 * TIB)
    for name, text in outputs(buckets, summary, tmp_path).items():
        if name not in ("buckets", "list"):
            assert "≥ $23.55" in text, name
        if name in ("report.md", "index", "region"):
            assert "xcludes 60.0 TiB with no known price" in text, name
        assert "Complete" not in text, name


def test_a_byte_without_a_price_does_not_hide_the_cost_of_the_others(tmp_path: Path) -> None:
    buckets, summary = run([Truth("a", {STANDARD: {LAST: 900 * TIB}, NEW: {LAST: 1}})], plan([unit()]))
    assert (buckets[0].total_cost, buckets[0].known_cost) == (None, 19_916.8)
    assert (summary.totals.cost, summary.totals.unpriced_size) == (19_916.8, 1.0)
    for name, text in outputs(buckets, summary, tmp_path).items():
        assert "≥ $19,916.80" in text, name


def test_a_small_cost_is_never_shown_as_nothing(tmp_path: Path) -> None:
    buckets, summary = run([Truth("a", {STANDARD: {LAST: 10_000}}, {LAST: 1})], plan([unit()]))
    assert summary.totals.cost == buckets[0].total_cost == 2.14204e-07
    for name, text in outputs(buckets, summary, tmp_path).items():
        assert "$0.00" not in text, name
        assert "<$0.01" in text.replace("\\<", "<"), name


REDUCED, LIMITED = "ReducedRedundancyStorage", "ap-east-2"  # prices of the first 1,024 and 51,200 GB are known


@pytest.mark.parametrize(
    ("truths", "amount", "upper_bound_size"),
    [
        ([Truth("a", {REDUCED: {LAST: TIB}})], "$24.58", 0),
        ([Truth("a", {REDUCED: {LAST: 3 * TIB}})], "at most $73.73", 3 * TIB),
        # Volume tiers fill over all buckets.
        ([Truth("a", {REDUCED: {LAST: TIB}}), Truth("b", {REDUCED: {LAST: 2 * TIB}})], "at most $73.73", 3 * TIB),
        # What is unpriced may cost more than what is priced too high.
        ([Truth("a", {REDUCED: {LAST: 3 * TIB}, NEW: {LAST: TIB}})], "about $73.73", 3 * TIB),
    ],
)
def test_a_sum_with_an_upper_bound_states_it(
    truths: list[Truth], amount: str, upper_bound_size: int, tmp_path: Path
) -> None:
    buckets, summary = run(truths, plan([unit()]))
    assert {group.upper_bound_size for group in (summary.totals, *summary.by_region.values())} == {upper_bound_size}
    assert summary.by_storage_type[REDUCED].upper_bound_size == upper_bound_size
    written = json.loads(encode(buckets))[0]["storage"][REDUCED]
    assert written.get("cost_is_upper_bound", False) == bool(upper_bound_size)
    for name, text in outputs(buckets, summary, tmp_path).items():
        if name not in ("buckets", "list") or len(buckets) == 1:
            assert amount in text, name
        if not upper_bound_size:
            assert "at most" not in text, name
        elif name in ("report.md", "index", "region"):
            assert "ncludes 3.00 TiB at the price of the first volume tier" in text, name
            assert "Complete" not in text, name


@pytest.mark.parametrize(
    ("unpriced", "sizes", "remark"),
    [
        ([], [], ""),
        ([0, 0], [5, 5], ""),
        ([2 * TIB] * 3, [9 * TIB] * 3, "exclude 2.00 TiB with no known price"),
        ([TIB, 2 * TIB], [9 * TIB] * 2, "exclude 1.00 TiB to 2.00 TiB with no known price (depending on the day)"),
        ([0, 2 * TIB], [9 * TIB] * 2, "exclude 0 B to 2.00 TiB with no known price (depending on the day)"),
        ([0, 2 * TIB, 0], [None, 9 * TIB, None], "exclude 2.00 TiB with no known price"),
    ],
)
def test_changes_and_forecast_state_what_they_exclude_on_each_day(
    unpriced: list[int], sizes: list[int | None], remark: str
) -> None:
    """The total is that of one day, and may exclude more or less."""
    daily = DailyTotals(sizes, [None] * len(sizes), unpriced)
    assert sums.trend_remark(Group(1, 0, 0, 0.0), daily) == remark


def test_an_object_count_that_is_partly_unknown_is_stated(tmp_path: Path) -> None:
    truths = [Truth("a", {STANDARD: {LAST: 1}}, {LAST: 7}), Truth("b", {STANDARD: {LAST: 1}})]
    buckets, summary = run(truths, plan([unit()]))
    assert (summary.totals.objects, summary.totals.unknown_objects) == (7.0, 1)
    for name, text in outputs(buckets, summary, tmp_path).items():
        if name not in ("buckets", "list"):
            assert "≥ 7" in text, name
        assert "Complete" not in text, name


def test_missing_data_makes_every_sum_it_may_belong_to_a_lower_bound() -> None:
    truths = [
        Truth("a", {STANDARD: {LAST: TIB}}, {LAST: 1}, details=BucketConfig(tags={"team": "x"})),
        Truth("b", {STANDARD: {LAST: TIB}}, {LAST: 1}, region="eu-west-1"),
    ]
    _, summary = run(truths, shards=1)  # us-east-1 of the first account was received
    assert not summary.totals.complete
    assert summary.by_region["us-east-1"].complete is False, "the other account has that region too"
    assert {name: group.complete for name, group in summary.by_account.items()} == {ACCOUNT: False, OTHER: False}
    assert not any(group.complete for group in groups(summary))
    assert sums.cost_text(summary.totals, "USD") == "≥ $23.55"
    _, whole = run(truths)
    assert all(group.complete and not group.cost_is_lower_bound for group in groups(whole))


def test_an_account_that_could_not_be_planned_is_missing_from_the_totals() -> None:
    problems = (gap("777788889999", "ListBuckets: Access Denied"),)
    _, summary = run([Truth("a", {STANDARD: {LAST: TIB}})], msgspec.structs.replace(plan([unit()]), problems=problems))
    assert not summary.totals.complete
    assert not summary.by_region["us-east-1"].complete
    assert summary.by_account[ACCOUNT].complete


SIZES = st.dictionaries(st.sampled_from([STANDARD, "GlacierStorage", NEW]), st.just({LAST: 1}) | st.builds(
    lambda size: {LAST: size}, st.integers(0, 2**50)
), max_size=3)  # fmt: skip
TRUTHS = st.lists(
    st.builds(
        lambda sizes, count, place, tag, new: Truth(
            "b",
            sizes,
            count,
            region=place[1],
            account=place[0],
            details=BucketConfig(tags={"team": tag}),
            created=int(fixtures.AS_OF.timestamp()) if new else fixtures.OLD,
        ),
        SIZES,
        st.none() | st.builds(lambda number: {LAST: number}, st.integers(0, 9)),
        st.sampled_from([(ACCOUNT, "us-east-1"), (ACCOUNT, "eu-west-1"), (OTHER, "us-east-1")]),
        st.sampled_from(["x", "y"]),
        st.booleans(),
    ),
    max_size=8,
)


@given(TRUTHS, st.sampled_from([None, 1]))
def test_the_exclusions_of_sums_add_up_in_every_dimension(truths: list[Truth], shards: int | None) -> None:
    named = [fixtures.named(one, f"bucket-{index}") for index, one in enumerate(truths)]
    buckets, summary = run(named, shards=shards)
    total = summary.totals
    for dimension in (summary.by_account, summary.by_region, summary.by_encryption):
        assert isinstance(dimension, dict)
        for field in ("buckets", "unpriced_size", "unknown_buckets", "unknown_objects"):
            assert sum(getattr(group, field) for group in dimension.values()) == getattr(total, field), field
        assert sum(group.cost or 0 for group in dimension.values()) == pytest.approx(total.cost or 0, abs=1e-9)
    by_type = summary.by_storage_type.values()
    assert sum(group.unpriced_size for group in by_type) == total.unpriced_size
    assert total.unknown_buckets == sum(one.total_size is None for one in buckets)
    known = [one.known_cost for one in buckets if one.known_cost is not None]
    assert sum(known) == pytest.approx(total.cost or 0, abs=1e-9)
    for one in buckets:
        assert one.total_cost is None or one.total_cost == one.known_cost
    for group in groups(summary):
        assert group.size is not None or (group.cost is None and group.unpriced_size == 0)
        assert group.cost_is_lower_bound or group.cost is not None or group.buckets == 0


DIMENSIONS: tuple[Dimension, ...] = ("account", "region", "storage-type")
PAIRS = [(one, other) for one in DIMENSIONS for other in DIMENSIONS if one != other]
COUNTS = ("buckets", "unpriced_size", "unknown_objects", "upper_bound_size")


@given(TRUTHS, st.sampled_from([None, 1]))
def test_the_parts_of_a_group_add_up_to_it(truths: list[Truth], shards: int | None) -> None:
    named = [fixtures.named(one, f"bucket-{index}") for index, one in enumerate(truths)]
    data = build_report_data(merged(named, PLAN, shards), bundled_prices(), fixtures.AS_OF)
    groups_of = {
        "account": data.summary.by_account,
        "region": data.summary.by_region,
        "storage-type": data.summary.by_storage_type,
    }
    for dimension, by in PAIRS:
        for key, group in groups_of[dimension].items():
            parts = data.totals.buckets.parts(dimension, key, by)
            assert parts.keys() <= groups_of[by].keys()
            if by != "storage-type":
                for field in COUNTS:
                    assert sum(getattr(of_part, field) for of_part in parts.values()) == getattr(group, field), field
            assert sum(of_part.unpriced_size for of_part in parts.values()) == group.unpriced_size
            assert sum(of_part.cost or 0 for of_part in parts.values()) == pytest.approx(group.cost or 0, abs=1e-9)
            assert all(of_part.complete for of_part in parts.values()) or not group.complete


@given(TRUTHS)
def test_a_part_is_the_same_in_both_dimensions(truths: list[Truth]) -> None:
    named = [fixtures.named(one, f"bucket-{index}") for index, one in enumerate(truths)]
    totals = build_report_data(merged(named), bundled_prices(), fixtures.AS_OF).totals.buckets
    for dimension, by in PAIRS:
        for key in {"account": totals.by_account, "region": totals.by_region}.get(dimension, totals.by_storage_type)():
            for name, group in totals.parts(dimension, key, by).items():
                assert totals.parts(by, name, dimension)[key] == group


@given(TRUTHS)
def test_the_labels_of_a_dimension_sum_up_to_all_buckets(truths: list[Truth]) -> None:
    named = [fixtures.named(one, f"bucket-{index}") for index, one in enumerate(truths)]
    data = build_report_data(merged(named), bundled_prices(), fixtures.AS_OF)
    assert isinstance(data.summary.by_encryption, dict)
    for labels in data.totals.labels.values():
        assert sum(totals.total().buckets for totals in labels.values()) == data.summary.totals.buckets
        assert sum(totals.total().cost or 0 for totals in labels.values()) == pytest.approx(
            data.summary.totals.cost or 0, abs=1e-9
        )


def test_only_lines_with_bytes_of_a_type_above_its_known_bands_are_upper_bounds() -> None:
    bounded = Truth("a", {REDUCED: {LAST: 3 * TIB}, STANDARD: {LAST: TIB}})
    buckets, _ = run([bounded, Truth("b", {REDUCED: {LAST: 0}, STANDARD: {LAST: TIB}})], plan([unit()]))
    flags = {
        (one.name, name): line.cost_is_upper_bound is True for one in buckets for name, line in one.storage.items()
    }
    assert [key for key, is_bound in flags.items() if is_bound] == [("a", REDUCED)]
