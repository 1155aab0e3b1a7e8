"""Daily points, packed: nothing is lost, and any union of them is the same union."""

from __future__ import annotations

import math
from base64 import b64encode
from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model import delta_codec
from s3_monitor.model.series import EMPTY, Series, Window, are_sound, pack, pack_daily, union

# CloudWatch sends floats, so integral amounts are those that a float can hold.
whole = st.integers(0, 2**62).map(float).map(int)
values = whole | st.floats(0, 1e18, allow_nan=False, allow_infinity=False)
points = st.dictionaries(st.integers(0, 455), values, max_size=40)


@given(points)
def test_packing_and_unpacking_gives_the_same_points_newest_first(given_points: dict[int, float]) -> None:
    assert list(pack(given_points).points()) == sorted(given_points.items(), reverse=True)


@given(points)
def test_a_series_survives_its_file(given_points: dict[int, float]) -> None:
    series = pack(given_points)
    again = msgspec.json.decode(msgspec.json.encode(series), type=Series)
    assert list(again.points()) == list(series.points())


@given(points, points, points)
def test_union_is_associative_commutative_and_idempotent(
    one: dict[int, float], two: dict[int, float], three: dict[int, float]
) -> None:
    a, b, c = pack(one), pack(two), pack(three)
    assert as_dict(union(a, b)[0]) == as_dict(union(b, a)[0])
    assert as_dict(union(union(a, b)[0], c)[0]) == as_dict(union(a, union(b, c)[0])[0])
    assert union(a, a) == (a, False)


def as_dict(series: Series) -> dict[int, float]:
    return dict(series.points())


def test_the_larger_of_two_values_wins_and_is_reported() -> None:
    merged, conflict = union(pack({1: 10, 2: 20}), pack({2: 25, 3: 5}))
    assert as_dict(merged) == {1: 10, 2: 25, 3: 5}
    assert conflict


def test_days_that_only_one_side_has_are_no_conflict() -> None:
    assert union(pack({1: 10}), pack({2: 20})) == (pack({1: 10, 2: 20}), False)


@pytest.mark.parametrize("value", [math.nan, math.inf, -1, -0.5, 2**62 + 1, 2.0**63, 1e308])
def test_a_value_that_cannot_be_bytes_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="a value must be"):
        pack({0: value})


def test_a_point_before_the_window_is_refused() -> None:
    with pytest.raises(ValueError, match="not in a window"):
        pack({-1: 5})


@pytest.mark.parametrize(
    ("packed", "expected"),
    [
        ({}, [-1, 0, ""]),
        ({3: 440440195.0}, [3, 440440195, ""]),
        # 7 bits: a width of 3; 9 bits: 3 days; then 4 - 2, no point, 4 + 1, and 7 bits to fill: 010 000 101 0000000
        ({3: 10, 2: 8, 0: 9}, [3, 10, b64encode(bytes([0b0000011_0, 0b00000011, 0b01000010, 0b10000000])).decode()]),
        ({3: 10, 2: 10, 1: 10}, [3, 10, b64encode(bytes([0b0000001_0, 0b00000010, 0b11000000])).decode()]),
        ({3: 10, 2: 8.5, 1: 8}, [3, 10, [8.5, 8.0]]),
        # A list is shorter where one day moved much and the others nothing.
        (dict.fromkeys(range(9), 10**12) | {9: 2 * 10**12}, [9, 2 * 10**12, [-(10**12)] + [0] * 8]),
    ],
)
def test_the_packed_form(packed: dict[int, float], expected: list[object]) -> None:
    assert msgspec.json.decode(msgspec.json.encode(pack(packed))) == expected


def test_no_points_is_the_empty_series() -> None:
    assert list(EMPTY.points()) == []


@given(
    st.dictionaries(st.integers(0, 80), st.integers(0, 2**62) | st.integers(0, 3), max_size=60),
    st.integers(-1, 90),
)
def test_a_single_day_has_the_value_of_the_complete_history(points: dict[int, int], before: int) -> None:
    series = pack(points)
    values = series.values()
    assert series.value_before(before) == (values[before] if 0 <= before < len(values) else None)


@given(st.integers(1, 2**40), st.integers(1, 60), st.data())
def test_a_single_day_of_daily_points_has_the_value_of_the_complete_history(
    most: int, days: int, data: st.DataObject
) -> None:
    points = data.draw(st.lists(st.integers(0, most), min_size=days, max_size=days))
    series = pack(dict(enumerate(points)))
    assert [series.value_before(before) for before in range(days)] == points[::-1]


@given(points)
def test_the_length_is_that_of_the_history_without_unpacking(given_points: dict[int, float]) -> None:
    series = pack(given_points)
    assert series.length == len(series.values()) == (max(given_points) - min(given_points) + 1 if given_points else 0)


@given(st.integers(0, 60), st.lists(st.integers(0, 2**62), min_size=1, max_size=40))
def test_packing_a_point_per_day_gives_the_same_series_as_packing_any_points(before: int, values: list[int]) -> None:
    newest = before + len(values) - 1
    assert pack_daily(newest, values) == pack({newest - ago: value for ago, value in enumerate(values)})


@given(points)
def test_a_history_may_begin_with_the_window_and_not_before(given_points: dict[int, float]) -> None:
    series = pack(given_points)
    oldest = min(given_points, default=0)
    assert are_sound([series, EMPTY])
    moved = msgspec.structs.replace(series, day=series.day - oldest)
    assert are_sound([moved])
    if series.length > 1:
        assert not are_sound([series, msgspec.structs.replace(moved, day=moved.day - 1)])


def test_a_window_has_days_from_its_first_one_on() -> None:
    window = Window(date(2026, 2, 27), 5)
    assert [window.day(offset) for offset in (0, 2, 4)] == [date(2026, 2, 27), date(2026, 3, 1), date(2026, 3, 3)]
    assert [window.offset(window.day(offset)) for offset in (-1, 0, 4)] == [-1, 0, 4]
    assert window.last == date(2026, 3, 3)
    assert [time.isoformat() for time in (window.start, window.complete_end, window.end)] == [
        "2026-02-27T00:00:00+00:00", "2026-03-03T00:00:00+00:00", "2026-03-04T00:00:00+00:00",
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "valid"), [(0, True), (512, True), (513, False)])
def test_a_window_ends_after_512_days(day: int, valid: bool) -> None:
    if valid:
        assert pack({day: 1}).day == day
    else:
        with pytest.raises(ValueError, match="not in a window"):
            pack({day: 1})


@given(st.dates(date(1970, 1, 1), date(2098, 1, 1)), st.integers(0, 4_000_000_000))
def test_the_offset_of_a_time_is_that_of_its_utc_day(first: date, seconds: int) -> None:
    window = Window(first, 7)
    assert window.offset_of_time(seconds) == window.offset(datetime.fromtimestamp(seconds, UTC).date())
    assert window.day(-window.epoch_day) == date(1970, 1, 1)


@pytest.mark.parametrize("step", [2**11, 2**12, 10**9, 10**15])
def test_a_history_is_written_in_its_shorter_form(step: int) -> None:
    """The steps have more than 12 bits; a byte takes 4/3 characters in base64."""
    forms = set()
    for days in range(1, 60):
        steps = (*[0] * (days - 1), step)
        packed = delta_codec.encode(steps)
        older = pack_daily(days, [step, *[step] * (days - 1), 2 * step]).older
        is_list = len(msgspec.json.encode(steps)) < len(packed) * 4 // 3
        assert older == (steps if is_list else packed)
        forms.add(type(older))
    assert forms == {tuple, bytes}


def test_a_list_of_steps_is_not_preferred_at_equal_length() -> None:
    ties = 0
    for days in range(1, 40):
        for digits in range(4, 18):
            steps = (*[0] * (days - 1), 10**digits)
            packed = delta_codec.encode(steps)
            if len(msgspec.json.encode(steps)) == len(packed) * 4 // 3:
                ties += 1
                assert pack_daily(days, [10**digits, *[10**digits] * (days - 1), 2 * 10**digits]).older == packed
    assert ties > 5
