"""One-time jumps and spikes in a daily series: a deletion, an import, a single wrong day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean, median

import msgspec

_OUTLIER = 8.0  # times the usual deviation of a day's change
_DOMINANT = 0.5  # of the deviations of all other days together
_DAYS_PER_JUMP = 30  # more frequent jumps are not one-time events
_SIMILAR = 0.6  # the smaller of two jumps, as a share of the larger
_PEAK = 0.3  # a spike goes back to within this share of its height
_WEEK = 7
_NORMAL = 1.4826  # median absolute deviation → standard deviation


class Jump(msgspec.Struct, frozen=True):
    """A one-time change between two days that lasts."""

    day: int
    """Index of the first day after the jump."""
    size: float


def fill_missing(values: Sequence[float | None]) -> list[float]:
    """Return the values from the first to the last known one, with missing days on the line between their neighbors."""
    filled: list[float] = []
    last: int | None = None
    for day, value in enumerate(values):
        if value is None:
            continue
        if last is not None:
            before = filled[-1]
            filled += [before + (value - before) * step / (day - last) for step in range(1, day - last)]
        filled.append(value)
        last = day
    return filled


def without_jumps(values: Sequence[float]) -> tuple[list[float], list[Jump]]:
    """Return the series without spikes and one-time jumps, and the jumps.

    A jump is a change that is far outside the usual changes and large compared with all of them together. The days
    before it are moved to the level after it. A change on the last day is not confirmed by a second day and counts as
    a spike. If jumps are frequent, as in a series that is written in batches, they are part of the series' law and
    nothing is removed.
    """
    cleaned = list(values)
    changes = [later - earlier for earlier, later in pairwise(values)]
    usual = median(changes)
    most = max(1, len(values) // _DAYS_PER_JUMP)
    outliers = _outliers(changes, usual, most)
    spikes = [
        day for day in outliers if day + 1 in outliers and _returns(changes[day] - usual, changes[day + 1] - usual)
    ]
    jumps = [day for day in outliers if day not in spikes and day - 1 not in spikes]
    if not outliers or len(spikes) + len(jumps) > most + 2:
        return cleaned, []
    for day in spikes:
        cleaned[day + 1] = (cleaned[day] + cleaned[day + 2]) / 2
    if jumps and jumps[0] == 0:
        cleaned[0] = cleaned[1] - usual
        del jumps[0]
    if jumps and jumps[-1] == len(changes) - 1:
        cleaned[-1] = cleaned[-2] + usual
        del jumps[-1]
    sizes = [_size(cleaned, day, jumps) for day in jumps]
    if len(jumps) > most or _recur(sizes):
        return list(values), []
    for day, size in zip(jumps, sizes, strict=True):
        cleaned[: day + 1] = [value + size for value in cleaned[: day + 1]]
    return cleaned, [Jump(day + 1, size) for day, size in zip(jumps, sizes, strict=True)]


def _size(values: Sequence[float], day: int, jumps: Sequence[int]) -> float:
    """Return the difference of the means of up to a week before and after the jump, without the growth between."""
    start = max([0, day - _WEEK + 1, *(other + 1 for other in jumps if other < day)])
    stop = min([len(values), day + 1 + _WEEK, *(other + 1 for other in jumps if other > day)])
    before, after = values[start : day + 1], values[day + 1 : stop]
    steps = len(before) + len(after) - 2
    growth = (before[-1] - before[0] + after[-1] - after[0]) / steps if steps else 0.0
    return fmean(after) - fmean(before) - growth * (len(before) + len(after)) / 2


def _outliers(changes: Sequence[float], usual: float, most: int) -> list[int]:
    """Return the days of the few largest changes, if even the smallest of them dominates all others together."""
    deviations = [abs(change - usual) for change in changes]
    days = sorted(range(len(changes)), key=lambda day: (-deviations[day], day))
    limit = max(_OUTLIER * _NORMAL * median(deviations), 1e-9 * max(map(abs, changes)))
    others = math.fsum(deviations)
    count = 0
    for number, day in enumerate(days[: 2 * most + 2], start=1):
        others -= deviations[day]
        if deviations[day] > max(limit, _DOMINANT * others):
            count = number
    return sorted(days[:count])


def _recur(sizes: Sequence[float]) -> bool:
    """Return whether there are several jumps of similar size in one direction, as of a monthly cleanup."""
    return len(sizes) > 1 and min(sizes) * max(sizes) > 0 and min(map(abs, sizes)) > _SIMILAR * max(map(abs, sizes))


def _returns(there: float, back: float) -> bool:
    return there * back < 0 and abs(there + back) < _PEAK * max(abs(there), abs(back))


def with_jumps(cleaned: Sequence[float], jumps: Sequence[Jump]) -> list[float]:
    """Return the series with its jumps again, but without its spikes."""
    values = list(cleaned)
    for jump in jumps:
        values[: jump.day] = [value - jump.size for value in values[: jump.day]]
    return values
