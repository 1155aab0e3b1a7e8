"""Events of single buckets: creation and deletion, and transitions between classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.change import ClassMove
from s3_monitor.money.list_pricing import Rates, line_cost, to_dollars
from s3_monitor.trends.change import MONTH_DAYS, day_before, is_weekly_swing, newest_day
from s3_monitor.trends.daily_totals import class_of
from s3_monitor.trends.history import BucketHistory

UNKNOWN_STATES = ("incomplete", "young", "no-data")

Key = tuple[str, str, str]  # account, region, name
Event = Literal["created", "emptied", "deleted"]


class BucketTrend(msgspec.Struct, frozen=True, gc=False):
    """The changes of one bucket. None: unknown, for example because a part of the bucket is missing that day."""

    record: ResolvedBucket
    size: int | None
    """Bytes on the newest day of all buckets."""
    cost: float | None
    """Monthly cost of these bytes, in USD at today's prices."""
    is_swing: bool
    """The change over 30 days lies within what the bucket varies in a normal week (see ``change.is_weekly_swing``)."""
    event: Event | None
    day: int | None
    """The day of the event, as an offset in the window."""

    @property
    def last_size(self) -> int | None:
        """Return the bytes of the newest day with a point, or None if there is none."""
        newest = max((series.day for series in self.record.sizes.values()), default=-1)
        if newest < 0:
            return None
        return round(sum(series.value for series in self.record.sizes.values() if series.day == newest))


class BucketTrendBuilder:
    """Builds the trend of each bucket, and sums the transitions between storage classes.

    ``newest``: index of the newest complete day in the span; ``before``: the day that transitions are counted from,
    None if there is none. ``rates``: those of the newest day.
    """

    def __init__(self, newest: int, before: int | None, rates: Rates) -> None:
        self._newest, self._before, self._rates = newest, before, rates
        self._transitions: dict[tuple[str, str], list[int]] = {}

    def build(
        self, record: ResolvedBucket, history: BucketHistory, created: int | None, *, deleted: bool = False
    ) -> BucketTrend:
        """Return the trend of a bucket. ``created``: offset of the day of its creation; None: unknown."""
        event, when = _event(record, history, created, deleted=deleted)
        if record.state == "incomplete" or (record.state in UNKNOWN_STATES and not history.rows):
            return BucketTrend(record, None, None, False, event, when)
        if not history.rows:
            return BucketTrend(record, 0, 0.0, False, event, when)
        sizes = history.daily()
        size, before = sizes[self._newest], self._before
        if len(history.rows) > 1 and size is not None and before is not None and sizes[before] is not None:
            self._count_transitions(history.on(self._newest), history.on(before))
        cost = None if size is None else self._cost(record, history)
        return BucketTrend(record, size, cost, _swings(sizes), event, when)

    @property
    def transitions(self) -> list[ClassMove]:
        """The largest first."""
        moves = [ClassMove(*key, float(size), buckets) for key, (size, buckets) in self._transitions.items()]
        return sorted(moves, key=lambda move: (-move.size, move.source, move.target))

    def _cost(self, record: ResolvedBucket, history: BucketHistory) -> float | None:
        """Return the monthly cost of the newest day, or None if some of its bytes have no price."""
        rates = self._rates[record.account, record.region]
        costs = [line_cost(rates[name], size) for name, size in history.on(self._newest).items()]
        return None if None in costs else to_dollars(sum(cost for cost in costs if cost is not None))

    def _count_transitions(self, now: dict[str, int], before: dict[str, int]) -> None:
        """Match the classes that decreased with those that increased, in proportion."""
        change: dict[str, int] = {}
        for name, size in now.items():
            class_ = class_of(name)
            change[class_] = change.get(class_, 0) + size - before[name]
        losses = {class_: -size for class_, size in change.items() if size < 0}
        gains = {class_: size for class_, size in change.items() if size > 0}
        all_lost, all_gained = sum(losses.values()), sum(gains.values())
        moved = min(all_lost, all_gained)
        for source, loss in losses.items():
            for target, gain in gains.items():
                transition = self._transitions.setdefault((source, target), [0, 0])
                transition[0] += moved * loss * gain // (all_lost * all_gained)
                transition[1] += 1


def _swings(sizes: Sequence[int | None]) -> bool:
    newest = newest_day(sizes)
    before = None if newest is None else day_before(sizes, newest, MONTH_DAYS)
    if newest is None or before is None or sizes[newest] == sizes[before]:
        return False
    return is_weekly_swing(sizes, newest, before)


def _event(
    record: ResolvedBucket, history: BucketHistory, created: int | None, *, deleted: bool
) -> tuple[Event | None, int | None]:
    rows = history.rows.values()
    last = max([row.last for row in rows], default=-1)
    if deleted:
        return ("deleted", last) if last >= 0 else (None, None)
    if any(any(row.values) for row in rows) and _is_emptied(record):
        return "emptied", last
    if created is not None and created >= history.span.first:
        return "created", created
    return None, None


def _is_emptied(record: ResolvedBucket) -> bool:
    """Return whether the bucket holds no bytes, by the merge's decision or by a measured size of 0."""
    return record.state == "emptied" or (record.state == "measured" and not any(record.amounts))
