"""One-time changes of buckets that explain steps in the cost of all buckets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from s3_monitor.model.change import Mover
from s3_monitor.trends import Trends
from s3_monitor.trends.steps import Step, largest_step

MOST = 3  # events in the chart
_LEAST_SHARE = 0.002  # of the cost of all buckets
_CONSIDERED = 10  # buckets with the largest changes


class Event(NamedTuple):
    """A change of a bucket on one day."""

    mover: Mover
    step: Step


def cost_events(trends: Trends) -> Iterator[Event]:
    """Yield the largest one-time changes of the last 30 days, in the order of their days."""
    newest = trends.total.costs[trends.newest] or 0.0
    events = (
        Event(change.mover, step)
        for change in trends.movers["30d"][:_CONSIDERED]
        if (step := largest_step(trends.classes(change.record))) is not None
        and abs(step.cost) > _LEAST_SHARE * newest
        and trends.total.costs[step.day] is not None
    )
    yield from sorted(islice(events, MOST), key=lambda event: (event.step.day, event.mover.name))
