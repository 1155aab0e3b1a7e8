"""The paths of sparklines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.report.sparklines import LARGE, SMALL, WIDTH, Scale, sparkline_path


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ([], ""),
        ([5.0], ""),
        ([None, 5.0, None], ""),
        ([0.0, 10.0], "M0 19l90-18"),
        ([10.0, 0.0], "M0 1l90 18"),
        ([7.0, 7.0, 7.0], "M0 10h90"),  # level days are one step
        ([100.0, 101.0], "M0 12l90-4"),  # a hundredth is no mountain
        ([0.0, 10.0, None, 10.0, 0.0], "M0 19l22-18M68 1l22 18"),  # a gap breaks the line
        ([0.0, None, 10.0], "M0 19h0M90 1h0"),  # a point alone is a dot
    ],
)
def test_a_sparkline_is_a_relative_path(values: list[float | None], path: str) -> None:
    assert sparkline_path(values) == path


def test_a_gap_remains_when_points_are_omitted() -> None:
    values = [float(day) for day in range(40)]
    assert sparkline_path(values).count("M") == 1
    assert sparkline_path([*values[:17], None, *values[18:]]).count("M") == 2


def test_omitted_points_are_those_before_the_last_of_each_piece() -> None:
    values = [0.0, *[10.0] * 9, None, *[10.0] * 5, 0.0]  # the first piece of two days has one
    assert sparkline_path(values) == "M0 19l11-18h34M68 1h11l11 18"
    assert sparkline_path(values[1:])[:5] == "M0 1h"


@given(st.lists(st.none() | st.integers(0, 2**60), max_size=460), st.sampled_from([SMALL, LARGE]))
def test_a_sparkline_fits_its_box_and_is_short(values: list[float | None], scale: Scale) -> None:
    path = sparkline_path(values, scale)
    assert re.fullmatch(r"([Ml]-?\d+[ -]-?\d+|h\d+)*", path)
    x = y = 0
    for sign, one, other in re.findall(r"([Mlh])(-?\d+)(?: ?(-?\d+))?", path):
        x, y = (int(one), int(other)) if sign == "M" else (x + int(one), y + int(other or 0))
        assert 0 <= x <= WIDTH
        assert 0 < y < scale.height
    assert len(path) <= 12 * scale.most
