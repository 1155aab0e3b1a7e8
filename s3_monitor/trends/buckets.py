"""Changes of single buckets: size and cost over 30 days, creation and deletion, transitions between classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.series import Window
from s3_monitor.money.list_pricing import Exact, Rates, to_dollars
from s3_monitor.money.storage_types import storage_types
from s3_monitor.trends.change import MONTH_DAYS, day_before, difference, is_weekly_swing, newest_day
from s3_monitor.trends.history import Rows, Span, Unpacked, daily_total, has_ended, imputed_days

UNKNOWN_CLASS = "UNKNOWN"
UNKNOWN_STATES = ("incomplete", "young", "no-data")
_DAY_SECONDS = 86_400
_EPOCH = date(1970, 1, 1)

Key = tuple[str, str, str]  # account, region, name
Changes = tuple[int | None, float | None]  # of bytes, and of monthly cost
Event = Literal["created", "emptied", "deleted"]


class BucketTrend(msgspec.Struct, frozen=True, gc=False):
    """The changes of one bucket. None: unknown, for example because a part of the bucket is missing that day."""

    record: ResolvedBucket
    size: int | None
    """Bytes on the newest day of all buckets."""
    cost: float | None
    """Monthly cost of these bytes, in USD at today's prices."""
    size_change: int | None
    """Bytes on the bucket's newest day minus those 30 days before (see ``change.day_before``)."""
    cost_change: float | None
    """The same in USD per month, at today's prices."""
    is_swing: bool
    """The change lies within what the bucket varies in a normal week (see ``change.is_weekly_swing``)."""
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


class ClassTransition(msgspec.Struct, frozen=True):
    """Bytes that left one storage class while another class of the same bucket grew, summed over ``buckets``."""

    source: str
    target: str
    size: int
    buckets: int


def created_day(record: ResolvedBucket, window: Window) -> int | None:
    """Return the offset of the day on which the bucket was created, or None if unknown."""
    return None if record.created is None else record.created // _DAY_SECONDS - (window.first - _EPOCH).days


class BucketTrendBuilder:
    """Builds the trend of each bucket, and sums the transitions between storage classes.

    ``newest``: index of the newest complete day in the span; ``before``: the day that transitions are counted from,
    None if there is none. ``rates``: one per day of the span. ``changes``: the changes of buckets' size and cost over
    30 days that the data files state; those of other buckets are computed here.
    """

    def __init__(
        self,
        window: Window,
        span: Span,
        newest: int,
        before: int | None,
        rates: Sequence[Rates],
        unpacked: Unpacked,
        changes: Mapping[Key, Changes] | None = None,
    ) -> None:
        self._window = window
        self._unpacked = unpacked
        self._changes = changes or {}
        self._span = span
        self._newest = newest
        self._before = before
        self._rates = rates
        self._classes = {type_.name: type_.storage_class for type_ in storage_types().values()}
        self._transitions: dict[tuple[str, str], list[int]] = {}

    def build(self, record: ResolvedBucket, *, deleted: bool = False) -> BucketTrend:
        """Return the trend of a bucket."""
        rows = self._unpacked(record)
        created = created_day(record, self._window)
        imputed = imputed_days(rows, self._span, created, ended=has_ended(record))
        event, when = self._event(record, rows, created, deleted=deleted)
        is_known = record.state not in UNKNOWN_STATES or (bool(rows) and record.state != "incomplete")
        if not is_known:
            return BucketTrend(record, None, None, None, None, False, event, when)
        key = (record.account, record.region, record.name)
        if not rows:
            return BucketTrend(record, 0, 0.0, *self._changes.get(key, (0, 0.0)), False, event, when)
        sizes = daily_total(rows, imputed, self._span)
        if len(rows) > 1 and self._before is not None and None not in (sizes[self._newest], sizes[self._before]):
            self._count_transitions(rows, self._newest, self._before)
        size = sizes[self._newest]
        cost = None if size is None else self._cost(record, rows, self._newest)
        newest = newest_day(sizes)
        before = None if newest is None else day_before(sizes, newest, MONTH_DAYS)
        if newest is None or before is None:
            return BucketTrend(record, size, cost, None, None, False, event, when)
        newest_cost = cost if newest == self._newest else self._cost(record, rows, newest)
        size_change = difference(sizes[newest], sizes[before])
        cost_change = difference(newest_cost, self._cost(record, rows, before))
        if not deleted:
            size_change, cost_change = self._changes.get(key, (size_change, cost_change))
        is_swing = bool(size_change) and is_weekly_swing(sizes, newest, before)
        return BucketTrend(record, size, cost, size_change, cost_change, is_swing, event, when)

    @property
    def transitions(self) -> list[ClassTransition]:
        """The largest first."""
        transitions = [ClassTransition(*key, size, buckets) for key, (size, buckets) in self._transitions.items()]
        return sorted(transitions, key=lambda transition: (-transition.size, transition.source, transition.target))

    def _cost(self, record: ResolvedBucket, rows: Rows, day: int) -> float | None:
        """Return the monthly cost of a day, or None if some of its bytes have no price."""
        rates = self._rates[day].get((record.account, record.region), {})
        amount: Exact = 0
        for name, row in rows.items():
            if size := row.at(self._span.first + day):
                rate = rates[name]
                if rate is None:
                    return None
                amount += rate * size
        return to_dollars(amount)

    def _event(
        self, record: ResolvedBucket, rows: Rows, created: int | None, *, deleted: bool
    ) -> tuple[Event | None, int | None]:
        last = max([row.last for row in rows.values()], default=-1)
        if deleted:
            return ("deleted", last) if last >= 0 else (None, None)
        if any(any(row.values) for row in rows.values()) and _is_emptied(record):
            return "emptied", last
        if created is not None and created >= self._span.first:
            return "created", created
        return None, None

    def _count_transitions(self, rows: Rows, newest: int, before: int) -> None:
        """Match the classes that decreased with those that increased, in proportion."""
        change: dict[str, int] = {}
        for name, row in rows.items():
            class_ = self._classes.get(name, UNKNOWN_CLASS)
            now, then = row.on([self._span.first + newest, self._span.first + before])
            change[class_] = change.get(class_, 0) + now - then
        if max(change.values()) <= 0 or min(change.values()) >= 0:
            return
        losses = {class_: -size for class_, size in change.items() if size < 0}
        gains = {class_: size for class_, size in change.items() if size > 0}
        all_lost, all_gained = sum(losses.values()), sum(gains.values())
        moved = min(all_lost, all_gained)
        for source, loss in losses.items():
            for target, gain in gains.items():
                transition = self._transitions.setdefault((source, target), [0, 0])
                transition[0] += moved * loss * gain // (all_lost * all_gained)
                transition[1] += 1


def _is_emptied(record: ResolvedBucket) -> bool:
    """Return whether the bucket holds no bytes, by the merge's decision or by a measured size of 0."""
    return record.state == "emptied" or (record.state == "measured" and not any(record.amounts))
