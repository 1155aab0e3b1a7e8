"""The difference between the totals and the newest day of the trends."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from s3_monitor.model.summary import Group
from s3_monitor.report.formats import plural
from s3_monitor.trends import Trends
from s3_monitor.trends.buckets import BucketTrend

LEAST = 0.005  # per month, in the currency of the price list: smaller differences are not shown
_LEAST_SHARE = 0.001  # of the day's bytes, for differences without a known price


class Part(msgspec.Struct, frozen=True):
    """A part of the difference."""

    buckets: int
    cost: float
    """USD per month."""
    size: float
    """Bytes."""


class Reconciliation(msgspec.Struct, frozen=True):
    """Totals + emptied + deleted + late = the newest complete day of the trends."""

    emptied: Part
    """Buckets emptied after that day."""
    deleted: Part
    """Buckets deleted after that day."""
    late: Part
    """Late figures, which trends estimate from adjacent days, and changes after that day."""
    is_newest: bool
    """Whether that day is the newest of the window."""
    size: float
    """Bytes of the newest day of the trends."""

    @property
    def parts(self) -> list[tuple[str, Part]]:
        """Return the parts that are large enough to show, with their descriptions."""
        emptied, deleted = self.emptied, self.deleted
        return [
            (text, part)
            for text, part in (
                (f"{plural(emptied.buckets, 'bucket')} emptied since", emptied),
                (f"{plural(deleted.buckets, 'bucket')} deleted since", deleted),
                (
                    "late figures, estimated from adjacent days"
                    if self.is_newest
                    else "late figures and changes since",
                    self.late,
                ),
            )
            if abs(part.cost) >= LEAST or abs(part.size) > self.size * _LEAST_SHARE
        ]


def reconcile(totals: Group, trends: Trends) -> Reconciliation | None:
    """Return the difference; None if a size or cost is unknown."""
    size, cost = trends.total.sizes[trends.newest], trends.total.costs[trends.newest]
    if size is None or cost is None or totals.size is None or totals.cost is None:
        return None
    emptied, deleted = _held(trends.emptied), _held(trends.deleted)
    late = Part(
        0,
        cost - totals.cost - emptied.cost - deleted.cost,
        size - totals.size - emptied.size - deleted.size,
    )
    return Reconciliation(emptied, deleted, late, trends.newest == len(trends.days) - 1, float(size))


def _held(buckets: Iterable[BucketTrend]) -> Part:
    """Return the sum of buckets on the newest complete day."""
    held = [trend for trend in buckets if trend.size]
    return Part(len(held), sum(trend.cost or 0.0 for trend in held), float(sum(trend.size or 0 for trend in held)))
