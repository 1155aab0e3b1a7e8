"""The day of most of a bucket's change, from its totals by storage class."""

from __future__ import annotations

import pytest

from s3_monitor.trends.daily_totals import DailyTotals
from s3_monitor.trends.steps import Step, largest_step


def totals(sizes: list[int | None], price: float | None = 1.0) -> DailyTotals:
    return DailyTotals(sizes, [None if size is None or price is None else size * price for size in sizes])


@pytest.mark.parametrize(
    ("classes", "step"),
    [
        ({}, None),
        ({"STANDARD": [5, 5, 5]}, None),
        ({"STANDARD": [1, 2, 3, 4, 5]}, None),  # gradual
        ({"STANDARD": [9, 1, 9, 1, 9]}, None),  # back and forth
        ({"STANDARD": [5, 5, 9, 9]}, Step(2, 4, 4.0, None, None)),
        ({"STANDARD": [5, 6, 0, 0]}, Step(2, -6, -6.0, None, None)),
        ({"STANDARD": [5, None, 9, 9]}, None),  # on an unknown day
        ({"STANDARD": [10, 10, 1], "GLACIER": [0, 0, 8]}, Step(2, 8, -1.0, "STANDARD", "GLACIER")),
        ({"STANDARD": [10, 10, 9], "GLACIER": [0, 0, 8]}, Step(2, 7, 7.0, None, None)),  # mostly growth
        ({"STANDARD": [10, 10, 6], "GLACIER": [0, 0, 8]}, Step(2, 4, 4.0, "STANDARD", "GLACIER")),  # half of it moved
        ({"STANDARD": [10, 10, 6], "GLACIER": [0, 0, 9]}, Step(2, 5, 5.0, None, None)),
        ({"STANDARD": [10, 10, 2], "GLACIER": [0, 0, 3]}, Step(2, -5, -5.0, None, None)),  # mostly a decrease
        ({"STANDARD": [5, 9]}, Step(1, 4, 4.0, None, None)),
        ({"STANDARD": [5, 9, 9, 7, 5]}, Step(1, 4, 4.0, None, None)),  # half of all changes
        ({"STANDARD": [5, 9, 9, 7, 4]}, None),
        ({"STANDARD": [1, 2]}, Step(1, 1, 1.0, None, None)),
    ],
)
def test_a_step_is_larger_than_all_other_changes_together(
    classes: dict[str, list[int | None]], step: Step | None
) -> None:
    assert largest_step({name: totals(sizes) for name, sizes in classes.items()}) == step


def test_a_small_change_with_a_price_is_larger_than_a_large_one_without() -> None:
    classes = {"STANDARD": totals([1, 2, 2]), "NEW": totals([0, 0, 10**11], None)}
    assert largest_step(classes) == Step(1, 1, 1.0, None, None)


def test_bytes_count_where_there_is_no_price() -> None:
    assert largest_step({"STANDARD": totals([2**40, 2**40, 9 * 2**40], None)}) == Step(2, 8 * 2**40, 0.0, None, None)
