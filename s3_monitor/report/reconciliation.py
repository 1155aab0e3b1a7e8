"""Why the newest day of the trends does not come to the headline's figures."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from s3_monitor.model.summary import Group
from s3_monitor.report.formats import plural
from s3_monitor.trends import Trends
from s3_monitor.trends.buckets import BucketTrend

LEAST = 0.005  # per month, in the currency of the price list: less is shown as nothing
_LEAST_SHARE = 0.001  # of the day's bytes; where bytes have no known price, they are all that differs


class Part(msgspec.Struct, frozen=True):
    """``cost``: USD a month; ``size``: bytes; of so many ``buckets``."""

    buckets: int
    cost: float
    size: float


class Reconciliation(msgspec.Struct, frozen=True):
    """headline + emptied + deleted + late = the newest day of the trends, in USD a month and in bytes.

    ``emptied``, ``deleted``: buckets emptied or deleted after that day. ``late``: figures that CloudWatch still owes,
    which the trends take from the days beside, and what came since that day, where it is not the newest
    (``is_newest``).
    """

    emptied: Part
    deleted: Part
    late: Part
    is_newest: bool
    size: float
    """Bytes of the newest day of the trends."""

    @property
    def parts(self) -> list[tuple[str, Part]]:
        """From the headline to that day: what it differs by, in words, and how much more or less it is."""
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
    """Null where one of the two has no figures to compare."""
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
    """What these buckets held on the newest day."""
    held = [one for one in buckets if one.size]
    return Part(len(held), sum(one.cost or 0.0 for one in held), float(sum(one.size or 0 for one in held)))
