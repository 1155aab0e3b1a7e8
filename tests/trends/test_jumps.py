"""One-time jumps and spikes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.trends.jumps import Jump, fill_missing, without_jumps

LINE = [100.0 + day for day in range(30)]


def jumping(*days: int, size: float = -50) -> list[float]:
    return [value + size * sum(day >= at for at in days) for day, value in enumerate(LINE)]


@pytest.mark.parametrize("size", [-80.0, -10.0, 10.0, 500.0])
@pytest.mark.parametrize("day", [2, 15, 28])
def test_a_one_time_jump_is_moved_to_the_level_after_it(day: int, size: float) -> None:
    cleaned, jumps = without_jumps(jumping(day, size=size))
    assert jumps == [Jump(day, pytest.approx(size))]
    assert cleaned == pytest.approx([value + size for value in LINE])


@pytest.mark.parametrize("day", [0, 1, 14, 28, 29])
def test_a_spike_on_any_day_is_removed(day: int) -> None:
    spiked = [value + 1000 * (at == day) for at, value in enumerate(LINE)]
    assert without_jumps(spiked) == (pytest.approx(LINE), [])


@pytest.mark.parametrize(
    "values",
    [
        LINE,
        [5.0] * 30,
        [0.0] * 30,
        jumping(*range(3, 30, 7), size=100),  # batches
        jumping(3, 13, 23, size=100),
        [100.0 * (day % 7) for day in range(30)],
        [100.0 + 20 * (day % 30) for day in range(75)],  # a monthly cleanup that was seen twice
        [float(day % 5 == 0) for day in range(30)],
    ],
)
def test_recurring_changes_are_not_removed(values: list[float]) -> None:
    cleaned, jumps = without_jumps(values)
    assert (cleaned, jumps) == (values, [])


def test_a_jump_within_the_noise_is_not_one() -> None:
    noisy = [value + 20 * (day % 3) + 25 * (day >= 15) for day, value in enumerate(LINE)]
    assert without_jumps(noisy) == (noisy, [])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, None, 3], [1, 2, 3]),
        ([None, 1, None, None, 7, None], [1, 3, 5, 7]),
        ([None, None], []),
        ([4], [4]),
    ],
)
def test_missing_days_lie_on_the_line_between_their_neighbors(
    values: list[float | None], expected: list[float]
) -> None:
    assert fill_missing(values) == expected


@given(st.lists(st.floats(0, 1), min_size=14, max_size=90))
def test_few_days_are_changed_without_a_jump(values: list[float]) -> None:
    cleaned, jumps = without_jumps(values)
    assert len(cleaned) == len(values)
    if not jumps:
        assert sum(one != other for one, other in zip(cleaned, values, strict=True)) <= max(1, len(values) // 30) + 2


def test_a_spike_is_measured_without_the_growth_of_its_days() -> None:
    steep = [100.0 * day for day in range(30)]
    assert without_jumps([value + 200 * (day == 15) for day, value in enumerate(steep)]) == (steep, [])


@pytest.mark.parametrize(("back", "is_spike"), [(7, False), (7.5, True), (14, True), (15, False)])
def test_a_spike_goes_back_to_within_30_percent_of_its_size(back: float, is_spike: bool) -> None:
    spiked = [100.0 + 10 * (day == 15) + (10 - back) * (day > 15) for day in range(30)]
    cleaned, jumps = without_jumps(spiked)
    assert (cleaned != spiked, jumps) == (is_spike, [])


def test_a_wrong_first_and_last_day_do_not_hide_a_jump() -> None:
    wrong = [value + 1000 * (day in (0, 29)) for day, value in enumerate(jumping(15))]
    assert without_jumps(wrong) == (pytest.approx([value - 50 for value in LINE]), [Jump(15, pytest.approx(-50))])
    again = [value - 70 * (day >= 8) for day, value in enumerate(wrong)]
    assert without_jumps(again) == (again, [])
