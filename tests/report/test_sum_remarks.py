"""The order of groups, and what their sums exclude."""

from __future__ import annotations

from datetime import date

import pytest

from s3_monitor.model.bucket import LastKnown, StorageLine
from s3_monitor.model.summary import Group
from s3_monitor.report import sums
from s3_monitor.trends import DailyTotals


def test_groups_are_sorted_by_cost_then_size_then_name() -> None:
    groups = {
        "a": Group(1, 1.0, 1.0, None), "b": Group(1, 2.0, 1.0, 0.0), "c": Group(1, 2.0, 1.0, 0.5),
        "d": Group(1, None, 1.0, 0.5), "e": Group(1, 0.5, 1.0, 0.5), "f": Group(1, 2.0, 1.0, 0.5),
    }  # fmt: skip
    assert sums.by_cost(groups) == ["c", "f", "e", "d", "b", "a"]


UNKNOWN_SIZE = "excludes 1 bucket with unknown size"


@pytest.mark.parametrize(
    ("group", "size", "objects", "cost"),
    [
        (Group(2, 1.0, 1.0, 1.0), "", "", ""),
        (Group(2, 1.0, 1.0, 1.0, unknown_buckets=1), UNKNOWN_SIZE, "", UNKNOWN_SIZE),
        (Group(2, None, 1.0, None, unknown_buckets=2), "", "", ""),
        (Group(2, 1.0, 1.0, 1.0, unknown_objects=2), "", "excludes 2 buckets without a known count", ""),
        (Group(2, 1.0, None, 1.0, unknown_objects=2), "", "", ""),
        (Group(2, 1.0, 1.0, 1.0, complete=False), *["excludes data that was not received"] * 3),
        (
            Group(2, 1.0, 1.0, 1.0, unpriced_size=2.0**20, unknown_buckets=1, complete=False),
            "excludes 1 bucket with unknown size and data that was not received",
            "excludes data that was not received",
            "excludes 1.00 MiB with no known price, 1 bucket with unknown size and data that was not received",
        ),
        (
            Group(2, 2.0**30, 1.0, 1.0, unpriced_size=1.0, upper_bound_size=2.0**20),
            "",
            "",
            "excludes 1 B with no known price; includes 1.00 MiB at the price of the first volume tier, an upper bound",
        ),
    ],
)  # fmt: skip
def test_known_sums_name_what_they_exclude(group: Group, size: str, objects: str, cost: str) -> None:
    assert (sums.size(group).remark, sums.objects(group).remark, sums.cost(group).remark) == (size, objects, cost)


@pytest.mark.parametrize(
    ("group", "remark"),
    [
        (Group(1, 1.0, 1.0, 1.0, unknown_buckets=1), " and 1 bucket with unknown size"),
        (Group(1, 1.0, 1.0, 1.0, complete=False), " and data that was not received"),
        (
            Group(1, 1.0, 1.0, 1.0, upper_bound_size=1.0),
            "; include prices of first volume tiers, which are upper bounds",
        ),
    ],
)
def test_changes_exclude_what_the_totals_exclude(group: Group, remark: str) -> None:
    daily = DailyTotals([9 * 2**40] * 2, [None] * 2, [2 * 2**40] * 2)
    assert sums.trend_remark(group, daily) == f"exclude 2.00 TiB with no known price{remark}"


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ([], (0.0, False, False)),
        ([1.0, 2.0], (3.0, False, False)),
        ([1.0, None], (1.0, True, False)),
        ([None], (None, True, False)),
    ],
)
def test_the_last_known_cost_is_a_lower_bound_without_a_price(
    costs: list[float | None], expected: tuple[float | None, bool, bool]
) -> None:
    lines = {f"t{number}": StorageLine(1.0, cost) for number, cost in enumerate(costs)}
    last = LastKnown(date(2026, 11, 1), lines, 1.0, None, None)
    found = sums.last_known_cost([last])
    assert (found.value, found.is_lower_bound, found.is_upper_bound) == expected


@pytest.mark.parametrize("is_upper", [True, False])
def test_the_last_known_cost_is_an_upper_bound_where_a_line_is(is_upper: bool) -> None:
    lines = {"a": StorageLine(1.0, 1.0), "b": StorageLine(1.0, 2.0, cost_is_upper_bound=is_upper)}
    assert sums.last_known_cost([LastKnown(date(2026, 11, 1), lines, 2.0, 3.0, None)]) == (3.0, False, is_upper, "")
