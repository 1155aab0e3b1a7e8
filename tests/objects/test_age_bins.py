"""The time bins of object statistics."""

from __future__ import annotations

from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.object_stats import AGE_EDGES, DAY, RECENT_DAYS
from s3_monitor.objects.age_bins import AgeBins

AT = 1_795_222_800  # 2026-11-21T01:00:00Z


@given(st.integers(AT - 400 * DAY, AT + 400 * DAY), st.integers(-3 * DAY * 1000, 5000 * DAY * 1000))
def test_an_age_bin_counts_the_edges_that_the_age_reaches(at: int, age: int) -> None:
    bins = AgeBins(at)
    time_bin = bisect_left(bins.edges, at * 1000 - age)
    assert bins.age_bin(time_bin) == sum(age >= days * DAY * 1000 for days in AGE_EDGES)


@given(st.integers(AT - 400 * DAY, AT + 400 * DAY), st.integers(-3 * DAY * 1000, 60 * DAY * 1000))
def test_a_recent_day_is_a_number_of_utc_days(at: int, age: int) -> None:
    bins = AgeBins(at)
    time = at * 1000 - age
    days = max(0, at // DAY - time // (DAY * 1000))
    assert bins.recent_day(bisect_left(bins.edges, time)) == (days if days < RECENT_DAYS else None)
