"""What became of single buckets: their growth and changes, births and ends, and bytes that went to other classes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import msgspec

from s3_monitor.merge import BucketRecord
from s3_monitor.model.series import Window
from s3_monitor.money.bill import Bytes, Rates, dollars
from s3_monitor.money.types import storage_types
from s3_monitor.trends.fit import slope
from s3_monitor.trends.history import LATE, Rows, Span, Unpacked, daily_total, guesses

UNKNOWN_CLASS = "UNKNOWN"
UNKNOWN_STATES = ("incomplete", "young", "no-data")
FIT_POINTS = 11  # days that a bucket's growth is taken from: there may be hundreds of thousands of buckets
_DAY_SECONDS = 86_400
_EPOCH = date(1970, 1, 1)

Key = tuple[str, str, str]  # account, region, name
Event = Literal["born", "emptied", "deleted"]


class BucketTrend(msgspec.Struct, frozen=True, gc=False):
    """``growth``: bytes a day by the robust fit, null: not enough days, or not all of it is known. ``sizes``
    (bytes), ``costs`` (USD a month at the prices of today): of the newest day, then of each day it is compared with;
    null: not known that day. ``event``: what happened to it in these days, ``day``: on which offset."""

    record: BucketRecord
    growth: float | None
    sizes: tuple[int | None, ...]
    costs: tuple[float | None, ...]
    event: Event | None
    day: int | None

    @property
    def last_size(self) -> int | None:
        """Bytes of the newest day that has a figure; null: there is none."""
        newest = max((series.day for series in self.record.sizes.values()), default=-1)
        if newest < 0:
            return None
        return round(sum(series.value for series in self.record.sizes.values() if series.day == newest))

    def size_change(self, index: int) -> int | None:
        """Since the compared day of that index, from 0 on."""
        now, before = self.sizes[0], self.sizes[index + 1]
        return None if now is None or before is None else now - before

    def cost_change(self, index: int) -> float | None:
        now, before = self.costs[0], self.costs[index + 1]
        return None if now is None or before is None else now - before


class Flow(msgspec.Struct, frozen=True):
    """Bytes that left one storage class while another of the same bucket grew, summed over ``buckets``."""

    source: str
    target: str
    size: int
    buckets: int


def created_day(record: BucketRecord, window: Window) -> int | None:
    """The offset of the day a bucket was made."""
    return None if record.created is None else record.created // _DAY_SECONDS - (window.first - _EPOCH).days


class Bookkeeper:
    """Follows bucket after bucket. ``days``: the newest day and those it is compared with, as indexes in the span;
    ``rates``: of the days of the span."""

    def __init__(
        self, window: Window, span: Span, days: Sequence[int], rates: Sequence[Rates], unpacked: Unpacked
    ) -> None:
        self._window = window
        self._unpacked = unpacked
        self._span = span
        self._days = [span.first + day for day in days]
        self._rates = [rates[day] for day in days]
        self._classes = {type_.name: type_.storage_class for type_ in storage_types().values()}
        self._flows: dict[tuple[str, str], list[int]] = {}

    def follow(self, record: BucketRecord, *, deleted: bool = False) -> BucketTrend:
        rows = self._unpacked(record)
        created = created_day(record, self._window)
        guessed = guesses(rows, self._span, created, deleted=deleted)
        picked = {name: row.on(self._days) for name, row in rows.items()}
        # Whether each of the compared days is known: no part of it is a guess, and no series is missing altogether.
        known = [record.state not in UNKNOWN_STATES or (bool(rows) and record.state != "incomplete")] * len(self._days)
        if guessed:
            known = [
                is_known and not any(day in days for days in guessed.values())
                for is_known, day in zip(known, self._days, strict=True)
            ]
        sums = map(sum, zip(*picked.values(), strict=True)) if picked else [0] * len(self._days)
        sizes = tuple([size if is_known else None for size, is_known in zip(sums, known, strict=True)])
        costs = tuple(
            [None if size is None else cost for size, cost in zip(sizes, self._costs(record, picked), strict=True)]
        )
        event, when = self._event(rows, created, deleted=deleted)
        growth = None
        if known[0] and rows and not deleted:
            growth = slope(_since_first(daily_total(rows, guessed, self._span)), FIT_POINTS)
        if len(rows) > 1 and known[0] and known[-1]:
            self._count_flows(picked)
        return BucketTrend(record, growth, sizes, costs, event, when)

    @property
    def flows(self) -> list[Flow]:
        """The largest first."""
        found = [Flow(*classes, size, buckets) for classes, (size, buckets) in self._flows.items()]
        return sorted(found, key=lambda flow: (-flow.size, flow.source, flow.target))

    def _costs(self, record: BucketRecord, picked: dict[str, list[int]]) -> list[float | None]:
        """Of each compared day; null where bytes of it have no price."""
        amounts: list[Bytes | None] = [0] * len(self._days)
        for index, rates in enumerate(self._rates):
            of_place = rates.get((record.account, record.region), {})
            amount: Bytes | None = 0
            for name, sizes in picked.items():
                if size := sizes[index]:
                    rate = of_place[name]
                    amount = None if amount is None or rate is None else amount + rate * size
            amounts[index] = amount
        return [None if amount is None else dollars(amount) for amount in amounts]

    def _event(self, rows: Rows, created: int | None, *, deleted: bool) -> tuple[Event | None, int | None]:
        last = max([row.last for row in rows.values()], default=-1)
        if deleted:
            return ("deleted", last) if last >= 0 else (None, None)
        holds = last >= self._span.last - LATE and any(row.values[-1] for row in rows.values() if row.last == last)
        if not holds and any(any(row.values) for row in rows.values()):
            return "emptied", last
        if created is not None and created >= self._span.first:
            return "born", created
        return None, None

    def _count_flows(self, picked: dict[str, list[int]]) -> None:
        """From the oldest compared day to the newest, class by class."""
        change: dict[str, int] = {}
        for name, sizes in picked.items():
            class_ = self._classes.get(name, UNKNOWN_CLASS)
            change[class_] = change.get(class_, 0) + sizes[0] - sizes[-1]
        if max(change.values()) <= 0 or min(change.values()) >= 0:
            return
        lost = {class_: -size for class_, size in change.items() if size < 0}
        won = {class_: size for class_, size in change.items() if size > 0}
        all_lost, all_won = sum(lost.values()), sum(won.values())
        moved = min(all_lost, all_won)
        for source, loss in lost.items():
            for target, gain in won.items():
                flow = self._flows.setdefault((source, target), [0, 0])
                flow[0] += moved * loss * gain // (all_lost * all_won)
                flow[1] += 1


def _since_first(total: Sequence[int | None]) -> Sequence[int | None]:
    """Without the days before the bucket held anything: it did not grow from nothing on all of them."""
    start = next((index for index, size in enumerate(total) if size), len(total))
    return total[start:] if start else total
