"""Why the newest day of the trends does not come to the headline's figures."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from s3_monitor.merge import BucketRecord
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.summary import Group
from s3_monitor.report.formats import plural
from s3_monitor.trends import Trends

LEAST = 0.005  # USD a month: less is shown as nothing


class Part(msgspec.Struct, frozen=True):
    """``cost``: USD a month; ``size``: bytes; of so many ``buckets``."""

    buckets: int
    cost: float
    size: float


class Reconciliation(msgspec.Struct, frozen=True):
    """headline − emptied + deleted + late = the newest day of the trends, in USD a month and in bytes.

    ``emptied``: buckets whose figures ended: the headline holds their last ones, the newest day does not.
    ``deleted``: buckets that are gone since, which that day still holds. ``late``: figures that CloudWatch still
    owes, which the trends take from the days beside, and what came since that day, where it is not the newest
    (``is_newest``).
    """

    emptied: Part
    deleted: Part
    late: Part
    is_newest: bool

    @property
    def parts(self) -> list[tuple[str, Part]]:
        """From the headline to that day: what it differs by, in words, and how much more or less it is."""
        emptied, deleted = self.emptied, self.deleted
        return [
            (text, part)
            for text, part in (
                (
                    f"{plural(emptied.buckets, 'emptied bucket')} that the totals hold at the last figures",
                    Part(emptied.buckets, -emptied.cost, -emptied.size),
                ),
                (f"{plural(deleted.buckets, 'bucket')} deleted since", deleted),
                (
                    "late figures, taken from the days beside"
                    if self.is_newest
                    else "late figures and what came since",
                    self.late,
                ),
            )
            if abs(part.cost) >= LEAST
        ]


def reconcile(buckets: Sequence[Bucket], totals: Group, trends: Trends) -> Reconciliation | None:
    """Null where one of the two has no figures to compare."""
    size, cost = trends.total.sizes[trends.newest], trends.total.costs[trends.newest]
    if size is None or cost is None or totals.size is None or totals.cost is None:
        return None
    names = {_key(one.record) for one in trends.emptied}
    gone = [bucket for bucket in buckets if names and _key(bucket) in names and bucket.total_size]
    emptied = Part(len(gone), sum(b.total_cost or 0.0 for b in gone), sum(b.total_size or 0.0 for b in gone))
    held = [one for one in trends.deleted if one.size]
    deleted = Part(len(held), sum(one.cost or 0.0 for one in held), float(sum(one.size or 0 for one in held)))
    late = Part(
        0,
        cost - totals.cost + emptied.cost - deleted.cost,
        size - totals.size + emptied.size - deleted.size,
    )
    return Reconciliation(emptied, deleted, late, trends.newest == len(trends.days) - 1)


def _key(one: Bucket | BucketRecord) -> tuple[str, str, str]:
    return one.account, one.region, one.name
