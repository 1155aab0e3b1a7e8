"""Sparklines: small lines without axes, drawn inline with attributes only."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH, HEIGHT = 90, 20
_MOST = 46  # points: more are closer than a pixel and a half
_LEAST_RISE = 20  # a change of a twentieth fills the height; a smaller one does not, or noise would look like growth


def spark(values: Sequence[float | None]) -> list[str]:
    """The points of each unbroken piece of the line, as SVG writes them. Nothing where fewer than two are known."""
    step = max(1, -(-len(values) // _MOST))
    shown = values[::-step][::-1]
    known = [value for value in shown if value is not None]
    if len(known) < 2:
        return []
    low, high = min(known), max(known)
    rise = max(high - low, high / _LEAST_RISE) or 1
    low = max(0.0, low - (rise - (high - low)) / 2)
    across, up = WIDTH / (len(shown) - 1), (HEIGHT - 2) / rise
    pieces: list[list[str]] = [[]]
    for index, value in enumerate(shown):
        if value is None:
            if pieces[-1]:
                pieces.append([])
            continue
        pieces[-1].append(f"{round(index * across)},{HEIGHT - 1 - round((value - low) * up)}")
    # A point alone is a line to itself: its round ends make a dot.
    return [" ".join(piece if len(piece) > 1 else piece * 2) for piece in pieces if piece]
