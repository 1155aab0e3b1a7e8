"""Daily changes that a bucket's own history does not explain.

The newest daily change of a bucket is compared with its earlier daily changes: their median, their median absolute
deviation, and the largest of them in the same direction. A bucket that changes by terabytes every week has no anomaly
if it does so again.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, pairwise
from statistics import median
from typing import Final, NamedTuple

from s3_monitor.model.change import Anomaly, Measure
from s3_monitor.trends import Trends
from s3_monitor.trends.periods import BucketChange

MAX_ANOMALIES: Final = 5  # per report: the largest
_PERIOD = "1d"
_LEAST_DAYS = 14  # of earlier changes
_OUTLIER = 8.0  # times the usual deviation
_NEW = 1.5  # times the largest earlier deviation in the same direction
_LEAST_SHARE = 0.01  # of the bucket on the day before
_LEAST_COST, _LEAST_SIZE = 1.0, 2**30  # per month; bytes where the change has no price
_NORMAL = 1.4826  # median absolute deviation → standard deviation


class _Deviation(NamedTuple):
    """The newest change compared with the earlier ones."""

    measure: Measure
    usual: float
    noise: float
    days: int


def find_anomalies(trends: Trends) -> list[Anomaly]:
    """Return the largest unusual changes of the newest day, at most MAX_ANOMALIES."""
    changes = filter(_is_material, trends.movers.get(_PERIOD, ()))
    anomalies = (_anomaly(change, trends) for change in changes)
    return [*islice((anomaly for anomaly in anomalies if anomaly is not None), MAX_ANOMALIES)]


def _is_material(change: BucketChange) -> bool:
    mover = change.mover
    return abs(mover.size) >= _LEAST_SIZE if mover.cost is None else abs(mover.cost) >= _LEAST_COST


def _anomaly(change: BucketChange, trends: Trends) -> Anomaly | None:
    """Return how the bytes or the cost of a bucket deviate; None: its history explains the change."""
    stop = trends.newest + 1
    created = change.record.created
    start = 0 if created is None else max(0, trends.window.offset_of_time(created) - trends.span.first)
    sizes = trends.daily(change.record)[start:stop]
    classes = [totals.costs[start:stop] for totals in trends.classes(change.record).values()]
    costs = [
        None if None in day else sum(cost for cost in day if cost is not None) for day in zip(*classes, strict=True)
    ]
    deviation = deviation_of("bytes", sizes) or deviation_of("cost", costs)
    if deviation is None:
        return None
    mover, day = change.mover, trends.days[trends.newest]
    return Anomaly(mover.name, mover.account, mover.region, day, mover.cause, mover.size, mover.cost, *deviation)


def deviation_of(measure: Measure, values: Sequence[float | None]) -> _Deviation | None:
    """Return how the last daily change deviates from the earlier ones; None: it does not, or is unknown."""
    steps = [(before, now) for before, now in pairwise(values) if now is not None and before is not None]
    if None in values[-2:] or len(steps) <= _LEAST_DAYS:
        return None
    *earlier, newest = [now - before for before, now in steps]
    usual = median(earlier)
    deviations = [change - usual for change in earlier]
    noise = _NORMAL * median(map(abs, deviations))
    deviation = newest - usual
    largest = max([abs(other) for other in deviations if other * deviation > 0], default=0.0)
    if abs(deviation) <= max(_OUTLIER * noise, _NEW * largest, _LEAST_SHARE * steps[-1][0]):
        return None
    return _Deviation(measure, usual, noise, len(earlier))
