"""The changes of all buckets between two days, with their causes and the buckets that changed most."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from heapq import nsmallest
from typing import NamedTuple

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.change import Cause, CauseSum, Mover, PeriodChange
from s3_monitor.model.series import Window
from s3_monitor.money.list_pricing import Rate, apportion_dollars, to_dollars
from s3_monitor.trends.buckets import BucketTrend
from s3_monitor.trends.causes import Effect, causes_of, main_cause
from s3_monitor.trends.daily_totals import DailyTotals, DailyTotalsBuilder

MAX_MOVERS = 100  # kept for each period
_SAME_WEEKDAYS = 8  # days; in longer periods, a bucket that varies by weekday is not a mover
_KEPT_FACTOR = 8  # up to this multiple is kept before the smaller ones are dropped


class BucketChange(NamedTuple):
    """The change of a bucket in a period, at the rates of the last day."""

    record: ResolvedBucket
    causes: dict[Cause, Effect]
    change: Effect
    is_priced: bool
    """All storage types that changed have a rate."""
    before: Mapping[str, int]
    """Storage type → bytes on the first day."""
    rates: Mapping[str, Rate]

    @property
    def rank(self) -> tuple[object, ...]:
        """The sort key: the largest changes of cost first, then changes without a price by bytes."""
        record, size, cost = self.record, self.change.size, self.change.cost
        return not self.is_priced, min(cost, -cost), min(size, -size), record.name, record.account, record.region

    @property
    def mover(self) -> Mover:
        """The entry of summary.json."""
        return Mover(
            name=self.record.name,
            account=self.record.account,
            region=self.record.region,
            cause=main_cause(self.causes),
            size=float(self.change.size),
            cost=to_dollars(self.change.cost) if self.is_priced else None,
            size_before=float(sum(self.before.values())),
            cost_before=None
            if any(size and self.rates[name] is None for name, size in self.before.items())
            else to_dollars(sum((self.rates[name] or 0) * size for name, size in self.before.items())),
        )


class Period:
    """The changes between two days, which are indexes in the span. Buckets are added one at a time."""

    def __init__(self, totals: DailyTotalsBuilder, total: DailyTotals, first: int, last: int) -> None:
        self.first, self.last = first, last
        self._total, self._totals = total, totals
        self._rates = totals.rates_on(last)
        self._buckets: Counter[Cause] = Counter()
        self._effects: defaultdict[Cause, Effect] = defaultdict(Effect)
        self._changes: list[BucketChange] = []

    def add(self, trend: BucketTrend, now: Mapping[str, int], before: Mapping[str, int], created: int | None) -> None:
        """Add a bucket. ``now``, ``before``: storage type → bytes on the last and the first day.

        ``created``: index of the day of its creation in the span; None: unknown.
        """
        if now == before:
            return
        record = trend.record
        rates = self._rates[record.account, record.region]
        is_new = created is not None and created > self.first
        causes = causes_of(now, before, rates, created=is_new, deleted=trend.event == "deleted")
        for cause, effect in causes.items():
            self._buckets[cause] += 1
            self._effects[cause] += effect
        if trend.is_swing and self.last - self.first > _SAME_WEEKDAYS:
            return
        is_priced = None not in [rates[name] for name in now if now[name] != before[name]]
        self._changes.append(BucketChange(record, causes, sum(causes.values(), Effect()), is_priced, before, rates))
        if len(self._changes) > _KEPT_FACTOR * MAX_MOVERS:
            self._changes = self.movers()

    def movers(self) -> list[BucketChange]:
        """Return the buckets with the largest changes, the largest first."""
        return nsmallest(MAX_MOVERS, self._changes, key=lambda change: change.rank)

    def change(self, window: Window, first_offset: int) -> PeriodChange:
        """Return the change of all buckets. ``first_offset``: the offset of the span in the window."""
        effects = dict(self._effects)
        if price := self._totals.price_effect(self.first, self.last):
            effects["price"] = Effect(cost=price)
        costs_before = self._total.costs[self.first]
        is_priced = costs_before is not None and self._total.costs[self.last] is not None
        costs = apportion_dollars([effect.cost for effect in effects.values()])
        causes = {
            cause: CauseSum(self._buckets[cause], float(effect.size), cost if is_priced else None)
            for (cause, effect), cost in zip(effects.items(), costs, strict=True)
        }
        total = sum(effects.values(), Effect())
        return PeriodChange(
            first=window.day(first_offset + self.first),
            last=window.day(first_offset + self.last),
            size=float(total.size),
            cost=to_dollars(total.cost) if is_priced else None,
            size_before=float(self._total.sizes[self.first] or 0),
            cost_before=costs_before,
            causes=dict(sorted(causes.items())),
        )
