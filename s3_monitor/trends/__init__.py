"""Trends from the daily history that the parts carry: no database, no further question to AWS.

A day counts for a sum only if it is whole: a bucket with points before and after a day but none on it makes the
day a gap, never a dip; a bucket whose newest points are late does so for the last days. Single such buckets, up to a
hundredth of the sum, are taken to hold what the days beside say.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property

import msgspec

from s3_monitor.merge import BucketRecord, Facts
from s3_monitor.model.bucket import APART
from s3_monitor.model.series import Window
from s3_monitor.money.prices import Matrix
from s3_monitor.trends.buckets import Bookkeeper, BucketTrend, Flow, Key, created_day
from s3_monitor.trends.courses import Change, Course, Courses, Sums, with_changes
from s3_monitor.trends.fit import Forecast, forecast
from s3_monitor.trends.history import Span, Unpacked, daily_total, guesses

__all__ = ["Change", "Course", "Flow", "Forecast", "NextMonth", "Trends", "trends"]

MONTH_DAYS = 30  # a month of growth
COMPARED = (1, 7, 30)  # days before the newest
MOVERS = 100  # of each direction are kept
LEAST_MOVE = 0.005  # USD a month: less is shown as nothing


class NextMonth(msgspec.Struct, frozen=True):
    """What the coming calendar month's storage will cost, from its ``first`` to its ``last`` day."""

    first: date
    last: date
    cost: Forecast


class Trends(msgspec.Struct, frozen=True, dict=True):
    """``span``: the days of the window that have points; lists hold a value for each of its days, oldest first.
    ``newest``: index in them of the newest whole day; ``compared``: days before it → index. Of the whole, accounts,
    regions and storage types; of buckets by account, region and name. ``risen``, ``fallen``: by the cost of the last
    of ``compared``, most first. ``guessed``: how many buckets each day lacks."""

    window: Window
    span: Span
    newest: int
    compared: dict[int, int]
    whole: Course
    by_account: dict[str, Course]
    by_region: dict[str, Course]
    by_storage_type: dict[str, Course]
    buckets: dict[Key, BucketTrend]
    risen: list[BucketTrend]
    fallen: list[BucketTrend]
    born: list[BucketTrend]
    emptied: list[BucketTrend]
    deleted: list[BucketTrend]
    flows: list[Flow]
    next_month: NextMonth | None
    guessed: list[int]
    unpacked: Unpacked

    @cached_property
    def days(self) -> list[date]:
        """The days of the span."""
        return [self.window.day(offset) for offset in range(self.span.first, self.span.last + 1)]

    def daily(self, record: BucketRecord) -> list[int | None]:
        """A bucket's bytes day by day; null: a gap."""
        rows = self.unpacked(record)
        if not rows:
            return [0] * len(self.days)
        return daily_total(rows, guesses(rows, self.span, created_day(record, self.window)), self.span)


def trends(facts: Facts, matrix: Matrix) -> Trends | None:
    """Null where no bucket has a point, or no day is whole."""
    span = _span(facts)
    if span is None:
        return None
    window = facts.plan.window
    sums, unpacked = Sums(span), Unpacked()
    for records, deleted in ((facts.buckets, False), (facts.deleted, True)):
        for record in records:
            rows = unpacked(record)
            if rows:
                lacks = guesses(rows, span, created_day(record, window), deleted=deleted)
                sums.add((record.account, record.region), rows, lacks)
    rates = sums.rates(facts.plan, matrix)
    courses = Courses(sums, rates, span)
    whole = courses.whole()
    newest = max((index for index, size in enumerate(whole.sizes) if size is not None), default=None)
    if newest is None:
        return None
    compared = _compared(whole, newest)
    keeper = Bookkeeper(window, span, [newest, *compared.values()], rates, unpacked)
    buckets = {
        (one.account, one.region, one.name): keeper.follow(one) for one in facts.buckets if one.kind not in APART
    }
    gone = [keeper.follow(one, deleted=True) for one in facts.deleted]
    followed = [*buckets.values(), *gone]
    risen, fallen = _movers(followed, len(compared))
    return Trends(
        window=window,
        span=span,
        newest=newest,
        compared=compared,
        whole=with_changes(whole, compared, newest),
        by_account=courses.by(lambda place, name: place[0], compared, newest),
        by_region=courses.by(lambda place, name: place[1], compared, newest),
        by_storage_type=courses.by(lambda place, name: name, compared, newest),
        buckets=buckets,
        risen=risen,
        fallen=fallen,
        born=_events(followed, "born"),
        emptied=_events(followed, "emptied"),
        deleted=_events(followed, "deleted"),
        flows=keeper.flows,
        next_month=_next_month(whole, window.day(span.last), facts.plan.today),
        guessed=sums.guessed_buckets,
        unpacked=unpacked,
    )


def _span(facts: Facts) -> Span | None:
    first, last = facts.plan.window.days, -1
    for records in (facts.buckets, facts.deleted):
        for record in records:
            for series in record.sizes.values():
                if series.day >= 0:
                    last = max(last, series.day)
                    if first > 0:
                        first = max(0, min(first, series.day - series.length + 1))
    return Span(first, last) if last >= 0 else None


def _compared(whole: Course, newest: int) -> dict[int, int]:
    """The days to compare the newest with: 1, 7 and 30 days before, or the nearest whole day to these."""
    found: dict[int, int] = {}
    for days in COMPARED:
        near = sorted(range(max(1, days - days // 10 - 1), days + days // 10 + 2), key=lambda n: (abs(n - days), n))
        for before in near:
            index = newest - before
            if index >= 0 and whole.sizes[index] is not None and before not in found:
                found[before] = index
                break
    return found


def _movers(followed: list[BucketTrend], compared: int) -> tuple[list[BucketTrend], list[BucketTrend]]:
    if not compared:
        return [], []
    found = [(one.cost_change(compared - 1), one) for one in followed]
    changes = [(change, one) for change, one in found if change is not None and abs(change) >= LEAST_MOVE]
    risen = sorted((pair for pair in changes if pair[0] > 0), key=lambda pair: (-pair[0], *_place(pair[1])))
    fallen = sorted((pair for pair in changes if pair[0] < 0), key=lambda pair: (pair[0], *_place(pair[1])))
    return [one for _, one in risen[:MOVERS]], [one for _, one in fallen[:MOVERS]]


def _events(followed: list[BucketTrend], event: str) -> list[BucketTrend]:
    """The newest first."""
    found = [one for one in followed if one.event == event]
    return sorted(found, key=lambda one: (-(one.day or 0), *_place(one)))


def _place(one: BucketTrend) -> Key:
    return one.record.name, one.record.account, one.record.region


def _next_month(whole: Course, last_day: date, today: date) -> NextMonth | None:
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    found = forecast(whole.costs, (first - last_day).days, (last - last_day).days)
    return None if found is None else NextMonth(first, last, found)
