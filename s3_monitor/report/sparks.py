"""Sparklines: small lines without axes, drawn inline with attributes only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

WIDTH = 90
_LEAST_RISE = 20  # a change of a twentieth fills the height; a smaller one does not, or noise would look like growth


class Scale(NamedTuple):
    """``most``: points at most; ``height``: units that the line may rise."""

    most: int
    height: int


SMALL = Scale(16, 20)  # in a table, where each byte counts ten thousand times
LARGE = Scale(91, 100)  # on its own


def spark(values: Sequence[float | None], scale: Scale = SMALL) -> str:
    """The line as the ``d`` of an SVG path, broken where days are not known. Empty where fewer than two are."""
    step = max(1, -(-len(values) // scale.most))
    shown = values[::-step][::-1] if step == 1 or None not in values else _thinned(values, step)
    known = [value for value in shown if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
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
    """Each last value of ``step`` days; none of them gone without a gap."""
    pieces = [values[max(0, end - step) : end] for end in range(len(values), 0, -step)]
    return [None if None in piece else piece[-1] for piece in reversed(pieces)]


def _path(points: Sequence[tuple[int, int] | None]) -> str:
    """Steps from point to point, level ones together. A point alone is a line to itself: its round ends make a dot."""
    written: list[str] = []
    x = y = level = 0
    before: tuple[int, int] | None = None
    for point in [*points, None]:
        if before is not None and point is not None and point[1] == y:
            level += point[0] - x
            x = point[0]
        else:
            if level:
                written.append(f"h{level}")
                level = 0
            if point is not None and before is not None:
                rise = point[1] - y
                written.append(f"l{point[0] - x}{rise}" if rise < 0 else f"l{point[0] - x} {rise}")
            elif point is not None:
                written.append(f"M{point[0]} {point[1]}")
            elif before is not None and written[-1].startswith("M"):
                written.append("h0")
            if point is not None:
                x, y = point
        before = point
    return "".join(written)
