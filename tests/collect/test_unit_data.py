"""The data of a region is divided among its units: each bucket and series is in the units that request it."""

from __future__ import annotations

from typing import Any

import pytest

from s3_monitor.collect.unit_data import RegionData, StorageMetrics, status_of, types_of, unit_data
from s3_monitor.model.identity import AccountBucket, SpecialBucket
from s3_monitor.model.part import Listing, UnitData
from s3_monitor.model.responses import ALL_TYPES, BUCKET_SIZE, OBJECT_COUNT, SeriesName
from s3_monitor.model.series import Series
from tests.collect.fixtures import unit
from tests.problems import gap, note

FIVE = Series(3, 5)
METRICS = StorageMetrics(
    sizes={"a": {"StandardStorage": FIVE, "GlacierStorage": FIVE}, "b": {"StandardStorage": None}, "gone": {"X": FIVE}},
    counts={"a": FIVE, "b": None, "fast": FIVE},
    incomplete={SeriesName(BUCKET_SIZE, "a", "GlacierStorage"), SeriesName(OBJECT_COUNT, "fast", ALL_TYPES)},
    listed_metrics={BUCKET_SIZE},
)
DATA = RegionData(
    METRICS,
    buckets={name: AccountBucket(name, 7, "us-east-1") for name in ("a", "b", "empty")},
    unplaced={"gone": AccountBucket("gone", 8, None)},
    are_buckets_complete=True,
    listings={"a": Listing(9, 5)},
    special_buckets=[SpecialBucket("table", "t", 1), SpecialBucket("table", "other", 1)],
)


def of(**fields: Any) -> UnitData:
    types = types_of([METRICS])
    return unit_data(unit(**fields), DATA, {storage_type: place for place, storage_type in enumerate(types)})


def test_the_storage_types_of_a_part_are_sorted_and_each_is_named_once() -> None:
    assert types_of([METRICS, METRICS]) == ["GlacierStorage", "StandardStorage", "X"]


def test_a_rest_unit_has_every_listed_bucket_and_every_bucket_with_a_series() -> None:
    data = of()
    assert [bucket.name for bucket in data.buckets] == ["a", "b", "empty", "fast", "gone"]
    assert [(bucket.created, bucket.listed) for bucket in data.buckets] == [
        (7, True), (7, True), (7, True), (None, False), (8, True),
    ]  # fmt: skip
    assert (data.listed, data.sizes, data.counts) == (True, True, False)
    assert [bucket.name for bucket in data.others] == ["other", "t"]


def test_a_unit_of_one_type_has_only_the_buckets_of_that_type_without_counts_or_listings() -> None:
    data = of(rest=False, types=("StandardStorage",))
    assert [bucket.name for bucket in data.buckets] == ["a", "b"]
    assert [(bucket.sizes, bucket.count, bucket.listing) for bucket in data.buckets] == [
        (((1, FIVE),), None, None),
        ((), None, None),
    ]
    assert data.unanswered == [("b", "StandardStorage")]
    assert (data.counts, data.others) == (False, [])


def test_series_without_their_newest_points_are_unanswered_and_those_received_are_kept() -> None:
    data = of()
    assert data.unanswered == [("a", "GlacierStorage"), ("b", ""), ("b", "StandardStorage"), ("fast", "")]
    assert data.buckets[0].sizes == ((0, FIVE), (1, FIVE))
    assert (data.buckets[0].count, data.buckets[0].listing) == (FIVE, Listing(9, 5))


def test_a_unit_with_patterns_has_only_matching_buckets() -> None:
    data = of(buckets=("a", "t"))
    assert [bucket.name for bucket in data.buckets] == ["a"]
    assert [bucket.name for bucket in data.others] == ["t"]


@pytest.mark.parametrize(
    ("problems", "received", "status"),
    [
        ([], {}, "complete"),
        ([note("1", "x")], {}, "complete"),
        ([gap("1", "x")], {}, "failed"),
        ([gap("1", "x")], {"listed": True}, "partial"),
        ([gap("1", "x")], {"sizes": True}, "partial"),
        ([gap("1", "x")], {"counts": True}, "partial"),
        ([gap("1", "x")], {"buckets": [of().buckets[0]]}, "partial"),
    ],
)
def test_a_part_with_a_gap_is_partial_if_anything_was_received_and_otherwise_failed(
    problems: list[Any], received: dict[str, Any], status: str
) -> None:
    fields = {"listed": False, "sizes": False, "counts": False, "buckets": [], "unanswered": [], **received}
    data = UnitData(unit="u", account="1", region="r", **fields)
    assert status_of([unit()], [data], problems) == status


def test_a_list_of_no_requested_types_is_nothing_received() -> None:
    data = UnitData(
        unit="u", account="1", region="r", listed=False, sizes=True, counts=False, buckets=[], unanswered=[]
    )
    assert status_of([unit(types=())], [data], [gap("1", "x")]) == "failed"
