"""Trends from the daily history in the parts: no database and no further requests.

A day counts for a sum only if it is complete. If a bucket has points before and after a day but none on that day, the
day is missing, it is not a dip. The same holds for the last days of a bucket whose points are late. Such buckets are
imputed from the neighboring days if they make up at most a hundredth of the sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cached_property
from itertools import chain

import msgspec

from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.model.bucket import SEPARATE_NAMESPACE_KINDS
from s3_monitor.model.change import ClassMove, CostJump, MonthForecast, PeriodChange, SumChange
from s3_monitor.model.series import Window
from s3_monitor.money.list_pricing import DECIMALS, Rates
from s3_monitor.money.price_book import PriceBook
from s3_monitor.trends.buckets import BucketTrend, BucketTrendBuilder, Event, Key
from s3_monitor.trends.change import MONTH_DAYS, day_before, difference, newest_day
from s3_monitor.trends.daily_totals import DailyTotals, DailyTotalsBuilder, StorageTotals, bucket_classes, class_of
from s3_monitor.trends.forecasting import forecast
from s3_monitor.trends.history import Histories, Span, created_day
from s3_monitor.trends.periods import BucketChange, Period

PERIODS = (1, 7, MONTH_DAYS, 90)  # days; summary.json has the changes over each


class Trends(msgspec.Struct, frozen=True, dict=True):
    """Totals, buckets and events. Lists have one value per day of the span, oldest first."""

    window: Window
    span: Span
    """The days of the window from the first to the last with a point."""
    newest: int
    """Index of the newest complete day in the span."""
    before: dict[int, int]
    """Days of each period that the history covers → index in the span of its first day."""
    total: DailyTotals
    by_account: dict[str, DailyTotals]
    by_region: dict[str, DailyTotals]
    by_storage_type: dict[str, DailyTotals]
    by_class: dict[str, DailyTotals]
    """Storage class → its part of ``total`` on the complete days."""
    buckets: dict[Key, BucketTrend]
    created: list[BucketTrend]
    emptied: list[BucketTrend]
    deleted: list[BucketTrend]
    transitions: list[ClassMove]
    next_month: MonthForecast | None
    changes: dict[str, PeriodChange | None]
    """Period, such as 7d → the change of all buckets with its causes; None: the history is shorter."""
    movers: dict[str, list[BucketChange]]
    """Period → the buckets with the largest changes, the largest first."""
    histories: Histories
    rates: list[Rates]
    """The rates of each day."""

    @property
    def compared(self) -> dict[int, int]:
        """Return days before ``newest`` → index in the span, of at most 30 days."""
        return {self.newest - index: index for days, index in self.before.items() if days <= MONTH_DAYS}

    @cached_property
    def days(self) -> list[date]:
        """The days of the span."""
        return [self.window.day(offset) for offset in range(self.span.first, self.span.last + 1)]

    def change(self, daily: DailyTotals, before: int) -> SumChange:
        """Return the newest complete day of a group minus the day ``before``, an index in the span."""
        size = difference(daily.sizes[self.newest], daily.sizes[before])
        cost = difference(daily.costs[self.newest], daily.costs[before])
        return SumChange(None if size is None else float(size), None if cost is None else round(cost, DECIMALS))

    def daily(self, record: ResolvedBucket) -> list[int | None]:
        """Return a bucket's bytes per day, None where the day is missing."""
        return self.histories(record).daily()

    def classes(self, record: ResolvedBucket) -> Mapping[str, DailyTotals]:
        """Return storage class → bytes and cost of a bucket per day."""
        return bucket_classes(record, self.histories(record), self.rates)


def compute_trends(facts: MergedData, price_book: PriceBook) -> Trends | None:
    """Return the trends of all buckets, or None if no bucket has a point or no day is complete."""
    span = _span(facts)
    if span is None:
        return None
    window = facts.plan.window
    totals, histories = StorageTotals(span), Histories(window, span)
    for record in chain(facts.buckets, facts.deleted):
        history = histories(record)
        if history.rows:
            totals.add((record.account, record.region), history)
    rates_by_day = totals.rates(facts.plan, price_book)
    groups = DailyTotalsBuilder(totals, rates_by_day)
    total = groups.total()
    newest = newest_day(total.sizes)
    if newest is None:
        return None
    before = {days: index for days in PERIODS if (index := day_before(total.sizes, newest, days)) is not None}
    periods = {days: Period(groups, total, index, newest) for days, index in before.items()}
    moved_since = min([index for days, index in before.items() if days <= MONTH_DAYS], default=None)
    builder = BucketTrendBuilder(newest, moved_since, rates_by_day[newest])

    def build(record: ResolvedBucket, *, deleted: bool = False) -> BucketTrend:
        history, created = histories(record), created_day(record, window)
        trend, now = builder.build(record, history, created, deleted=deleted), history.on(newest)
        for period in periods.values():
            period.add(trend, now, history.on(period.first), None if created is None else created - span.first)
        return trend

    trends = [build(record) for record in facts.buckets]
    deleted_buckets = [build(record, deleted=True) for record in facts.deleted]
    buckets = {
        (trend.record.account, trend.record.region, trend.record.name): trend
        for trend in trends
        if trend.record.kind not in SEPARATE_NAMESPACE_KINDS
    }
    all_buckets = [*buckets.values(), *deleted_buckets]
    return Trends(
        window=window,
        span=span,
        newest=newest,
        before=before,
        total=total,
        by_account=groups.by(lambda region, name: region[0]),
        by_region=groups.by(lambda region, name: region[1]),
        by_storage_type=groups.by(lambda region, name: name),
        by_class=groups.by(lambda region, name: class_of(name), parts_of=total),
        buckets=buckets,
        created=_events(all_buckets, "created"),
        emptied=_events(all_buckets, "emptied"),
        deleted=_events(all_buckets, "deleted"),
        transitions=builder.transitions,
        next_month=_next_month(total, window.day(span.first), facts.plan.today),
        changes={f"{days}d": periods[days].change(window, span.first) if days in periods else None for days in PERIODS},
        movers={f"{days}d": periods[days].movers() if days in periods else [] for days in PERIODS},
        histories=histories,
        rates=rates_by_day,
    )


def _span(facts: MergedData) -> Span | None:
    first, last = facts.plan.window.days, -1
    for records in (facts.buckets, facts.deleted):
        for record in records:
            for series in record.sizes.values():
                if series.day >= 0:
                    last = max(last, series.day)
                    if first > 0:
                        first = max(0, min(first, series.day - series.length + 1))
    return Span(first, last) if last >= 0 else None


def _events(buckets: Iterable[BucketTrend], event: Event) -> list[BucketTrend]:
    """Return the buckets with this event, the newest first."""
    matching = [trend for trend in buckets if trend.event == event]
    by_name = sorted(matching, key=lambda trend: (trend.record.name, trend.record.account, trend.record.region))
    return sorted(by_name, key=lambda trend: -(trend.day or 0))


def _next_month(total: DailyTotals, first_day: date, today: date) -> MonthForecast | None:
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    newest = first_day + timedelta(days=len(total.costs) - 1)
    cost = forecast(total.costs, (first - newest).days, (last - newest).days)
    if cost is None:
        return None
    jump = None
    if cost.jump:
        jump = CostJump(first_day + timedelta(days=cost.jump.day), cost.jump.size, cost.may_repeat)
    return MonthForecast(first, cost.middle, cost.low, cost.high, jump)
