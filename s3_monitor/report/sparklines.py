"""Sparklines: small lines without axes, as inline SVG paths."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

WIDTH = 90
_LEAST_RISE = 20  # changes below 1/20 of the value do not fill the height, so that noise does not look like growth


class Scale(NamedTuple):
    """The resolution of a line."""

    most: int
    """Maximum number of points."""
    height: int
    """Height in units of the path."""
    from_zero: bool
    """Whether the line is drawn above 0; otherwise around its values."""


SMALL = Scale(16, 20, False)  # in tables of ten thousand rows, where each byte counts
LARGE = Scale(91, 100, True)  # on a page


def sparkline_path(values: Sequence[float | None], scale: Scale = SMALL) -> str:
    """Return the ``d`` of an SVG path, interrupted at unknown days; empty if fewer than two days are known."""
    step = max(1, -(-len(values) // scale.most))
    shown = values[::-step][::-1] if step == 1 or None not in values else _thinned(values, step)
    known = [value for value in shown if value is not None]
    if len(known) < 2:
        return ""
    low, high = 0.0 if scale.from_zero else min(known), max(known)
    rise = max(high - low, high / _LEAST_RISE) or 1
    low = max(0.0, low - (rise - (high - low)) / 2)
    bottom, up = scale.height - 1, (scale.height - 2) / rise
    points = [
        None if value is None else (x, bottom - round((value - low) * up))
        for x, value in zip(_across(len(shown)), shown, strict=True)
    ]
    return _path(points)


@cache
def _across(points: int) -> list[int]:
    return [round(index * WIDTH / (points - 1)) for index in range(points)]


def _thinned(values: Sequence[float | None], step: int) -> list[float | None]:
    """Return the last value of every ``step`` days; None if a day is unknown."""
    pieces = [values[max(0, end - step) : end] for end in range(len(values), 0, -step)]
    return [None if None in piece else piece[-1] for piece in reversed(pieces)]


def _path(points: Sequence[tuple[int, int] | None]) -> str:
    """Return relative steps; level steps are joined, and a single point is a line of length 0, drawn as a dot."""
    steps: list[str] = []
    x = y = level = 0
    before: tuple[int, int] | None = None
    for point in [*points, None]:
        if before is not None and point is not None and point[1] == y:
            level += point[0] - x
            x = point[0]
        else:
            if level:
                steps.append(f"h{level}")
                level = 0
            if point is not None and before is not None:
                rise = point[1] - y
                steps.append(f"l{point[0] - x}{rise}" if rise < 0 else f"l{point[0] - x} {rise}")
            elif point is not None:
                steps.append(f"M{point[0]} {point[1]}")
            elif before is not None and steps[-1].startswith("M"):
                steps.append("h0")
            if point is not None:
                x, y = point
        before = point
    return "".join(steps)
