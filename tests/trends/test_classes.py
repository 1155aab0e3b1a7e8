"""The parts of the totals by storage class add up to them, and so do those of a bucket."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from s3_monitor.trends.daily_totals import DailyTotals
from tests.merge.fixtures import GIB, Truth
from tests.trends.test_trends import GLACIER, IA, NEWEST, S, flat, known, of

POINTS = st.dictionaries(st.integers(0, NEWEST), st.integers(0, 1000 * GIB), min_size=1, max_size=9)
TRUTHS = st.lists(st.dictionaries(st.sampled_from([S, IA, GLACIER]), POINTS, min_size=1), min_size=1, max_size=4)


def add_up(parts: list[DailyTotals], total: DailyTotals) -> None:
    for day, size in enumerate(total.sizes):
        sizes = [part.sizes[day] for part in parts]
        assert (None in sizes) == (size is None)
        assert size is None or sum(value or 0 for value in sizes) == size
        costs = [part.costs[day] or 0.0 for part in parts]
        assert total.costs[day] is None or sum(costs) == pytest.approx(total.costs[day])


@given(TRUTHS)
def test_the_classes_add_up_to_the_total_on_every_complete_day(truths: list[dict[str, dict[int, int]]]) -> None:
    found = of(Truth("whole", {S: flat()}), *(Truth(f"b{index}", sizes) for index, sizes in enumerate(truths)))
    assume(found is not None)  # no day is complete
    assert found is not None
    add_up([*found.by_class.values()], found.total)


def test_the_classes_of_a_bucket_add_up_to_it() -> None:
    found = known(Truth("a", {S: flat(9 * GIB, but=[4]), IA: flat(GIB, last=9), GLACIER: flat(8 * GIB, first=10)}))
    (trend,) = found.buckets.values()
    classes = found.classes(trend.record)
    assert {*classes} == {"GLACIER", "STANDARD", "STANDARD_IA"}
    daily = found.daily(trend.record)
    add_up([*classes.values()], DailyTotals(daily, [None] * len(daily)))
    assert classes["STANDARD"].sizes[3:6] == [9 * GIB, None, 9 * GIB]
    assert classes["GLACIER"].costs[9:11] == [0.0, pytest.approx(8 * 0.0036)]
