"""Every bucket is listed once, with its object count, in any order of receiving them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.collect.listing_collector import CountedBuckets, newest_value
from s3_monitor.model.series import EMPTY, Series

EVENTS = [("bucket", name) for name in "abcd"] + [("count", name) for name in "bcde"]


@given(st.permutations(EVENTS))
def test_in_any_order_each_bucket_is_paired_once_with_its_count_or_none(events: list[tuple[str, str]]) -> None:
    """The counts end after the last one; buckets may still be received then. "a" has no count, "e" is no bucket."""
    pairs: list[tuple[str, float | None]] = []
    counted = CountedBuckets(lambda bucket, count: pairs.append((bucket, count)))
    last = max(index for index, (kind, _) in enumerate(events) if kind == "count")
    for index, (kind, name) in enumerate(events):
        if kind == "bucket":
            counted.add_bucket(name)
        else:
            counted.add_count(name, Series(3, ord(name)))
        if index == last:
            counted.complete()
            assert len(counted) == 0
    assert sorted(pairs) == [("a", None), ("b", 98), ("c", 99), ("d", 100)]


def test_a_count_of_the_first_day_of_the_window_is_known() -> None:
    assert newest_value(Series(0, 7)) == 7


def test_a_count_without_a_point_in_the_window_is_unknown() -> None:
    pairs: list[tuple[str, float | None]] = []
    counted = CountedBuckets(lambda bucket, count: pairs.append((bucket, count)))
    counted.add_bucket("a")
    assert (len(counted), pairs) == (1, [])
    counted.add_count("a", EMPTY)
    assert (len(counted), pairs) == (0, [("a", None)])


def test_buckets_that_wait_are_released_in_order_of_their_names() -> None:
    pairs: list[str] = []
    counted = CountedBuckets(lambda bucket, count: pairs.append(bucket))
    for name in "yac":
        counted.add_bucket(name)
    counted.complete()
    assert pairs == ["a", "c", "y"]
