"""Trends of random accounts, compared with a separate computation with dictionaries and fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from fractions import Fraction

import msgspec
import pytest

from s3_monitor.merge.merger import merge
from s3_monitor.money.storage_types import storage_types
from s3_monitor.report.data import build_report_data
from s3_monitor.simulator.accounts import Account
from s3_monitor.simulator.random_account import random_account
from s3_monitor.trends import Trends
from s3_monitor.trends.forecasting import forecast
from tests.merge.fixtures import AS_OF, OLD, Truth, digest, part, plan, unit
from tests.trends.test_trends import DAYS, PRICES, WINDOW

REGIONS = ("us-east-1", "eu-west-1")
LATE = ENDED = 3
Days = dict[int, int]  # offset in the window → bytes
Cell = tuple[str, str]  # region, storage type


class Reckoning:
    """The measured and imputed bytes of one account, and their cost."""

    def __init__(self, truths: list[Truth]) -> None:
        self.truths = {one.name: one for one in truths}
        self.points = {
            (one.name, name): {day: round(size) for day, size in days.items()}
            for one in truths
            for name, days in one.sizes.items()
            if days
        }
        known = [day for days in self.points.values() for day in days]
        self.first, self.last = min(known), max(known)
        self.imputed = {key: self._imputed(*key) for key in self.points}

    def _imputed(self, bucket: str, name: str) -> Days:
        days, one = self.points[bucket, name], self.truths[bucket]
        first, last = min(days), max(days)
        found: Days = {}
        for day in range(first + 1, last):
            if day not in days:
                before, after = max(d for d in days if d < day), min(d for d in days if d > day)
                found[day] = days[before] + (days[after] - days[before]) * (day - before) // (after - before)
        held = one.listed or bucket.endswith("--x-s3")  # a directory bucket is in no list, and is not deleted
        newest = self._newest(lambda other: other == bucket)
        emptied = self._newest(lambda other: self.truths[other].region == one.region) - newest >= ENDED
        if held and not emptied and newest - last < ENDED and not self._went_on(bucket, name, last, 1):
            found |= dict.fromkeys(range(last + 1, self.last + 1), days[last])
        made = (one.created or 0) // 86_400 - (WINDOW.first - date(1970, 1, 1)).days
        if made < self.first - 1 and 0 < first - self.first <= LATE and not self._went_on(bucket, name, first, -1):
            found |= dict.fromkeys(range(self.first, first), days[first])
        return found

    def _newest(self, chosen: Callable[[str], bool]) -> int:
        """Return the newest day of the selected buckets."""
        return max(day for (bucket, _), days in self.points.items() if chosen(bucket) for day in days)

    def _went_on(self, bucket: str, name: str, edge: int, step: int) -> bool:
        """Return whether at least half of the bytes are in the bucket's other types one day later."""
        others = [days for (other, type_), days in self.points.items() if other == bucket and type_ != name]
        beyond = [days[edge + step] for days in others if edge + step in days]
        gained = sum(beyond) - sum(days.get(edge, 0) for days in others)
        return bool(beyond) and 2 * gained >= self.points[bucket, name].get(edge, 0)

    def on(self, day: int) -> tuple[dict[Cell, int], dict[Cell, int]]:
        """Return the known and imputed bytes of a day."""
        known: dict[Cell, int] = defaultdict(int)
        imputed: dict[Cell, int] = defaultdict(int)
        for (bucket, name), days in self.points.items():
            cell = (self.truths[bucket].region, name)
            known[cell] += days.get(day, 0)
            imputed[cell] += self.imputed[bucket, name].get(day, 0)
        return known, imputed

    def cost(self, day: int) -> dict[Cell, Fraction | None]:
        """Return USD per byte and month, with each day's bytes in its tiers."""
        known, imputed = self.on(day)
        pools: dict[Cell, int] = defaultdict(int)
        for region, name in known:
            if name in storage_types():
                pools[region, storage_types()[name].pool] += known[region, name] + imputed[region, name]
        return {
            (region, name): _rate(region, storage_types()[name].pool, pools[region, storage_types()[name].pool])
            if name in storage_types()
            else None
            for region, name in known
        }

    def whole(self, day: int, region: str | None = None) -> tuple[int, float] | None:
        """Return bytes and USD of the account or a region; None if the day is not complete."""
        known, imputed = self.on(day)
        rates = self.cost(day)
        cells = [cell for cell in known if region in (None, cell[0])]
        sizes = [sum(part[cell] for cell in cells) for part in (known, imputed)]
        costs = [sum((rates[cell] or 0) * part[cell] for cell in cells) for part in (known, imputed)]
        if any(100 * guess > certain + guess for certain, guess in (sizes, costs)):
            return None
        return sum(sizes), float(sum(costs))


def _rate(region: str, pool: str, size: int) -> Fraction | None:
    """Return the cost tier by tier, as a fraction."""
    prices = PRICES.pool(region, pool.removesuffix(":last"))
    if prices is None:
        return None
    if pool.endswith(":last") or not size:
        return Fraction(prices.tiers[-1 if pool.endswith(":last") else 0].price) / 2**30
    cost, begin = Fraction(0), Fraction(0)
    for tier in prices.tiers:
        end = Fraction(size) if tier.upto is None else min(Fraction(size), Fraction(tier.upto) * 2**30)
        cost += max(Fraction(0), end - begin) * Fraction(tier.price) / 2**30
        begin = max(begin, end)
    return cost / size


def _truths(account: Account) -> list[Truth]:
    start = WINDOW.first.toordinal()
    days = range(start, start + DAYS)
    return [
        Truth(
            name,
            {
                type_: {day - start: value for day in days if (value := series.value(day)) is not None}
                for type_, series in bucket.sizes.items()
            },
            created=int(bucket.created.timestamp()) if bucket.created else OLD,
            listed=bucket.listed and not name.endswith("--x-s3"),
            region=bucket.region,
        )
        for name, bucket in sorted(account.buckets.items())
    ]


def _found(truths: list[Truth]) -> Trends:
    one = msgspec.structs.replace(plan([unit(region, region=region) for region in REGIONS]), window=WINDOW)
    found = build_report_data(merge(one, digest(one), [part(one, "s0", truths)]), PRICES, AS_OF).trends
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(12))
def test_the_trends_of_a_random_account_equal_a_separate_computation(seed: int) -> None:
    account = random_account(seed, 25 + 5 * seed, REGIONS, today=AS_OF.date(), history_days=40, awkward=seed / 24)
    truths = _truths(account)
    expected, found = Reckoning(truths), _found(truths)
    assert (found.span.first, found.span.last) == (expected.first, expected.last)

    for region, course in ((None, found.total), *found.by_region.items()):
        wholes = {day: expected.whole(day, region) for day in range(expected.first, expected.last + 1)}
        sizes = [None if whole is None else whole[0] for whole in wholes.values()]
        costs = [None if whole is None else pytest.approx(whole[1], abs=1e-5) for whole in wholes.values()]
        assert (course.sizes, course.costs) == (sizes, costs), region

    newest = max(day for day in range(expected.first, expected.last + 1) if expected.whole(day))
    assert found.newest == newest - expected.first
    _check_buckets(found, expected, newest)
    _check_changes(found, expected, newest)
    _check_forecast(found, expected)


def _check_buckets(found: Trends, expected: Reckoning, newest: int) -> None:
    span = range(expected.first, expected.last + 1)
    for key, trend in found.buckets.items():
        mine = [each for each in expected.points if each[0] == key[2]]
        sizes = {
            day: sum(expected.points[each].get(day, 0) for each in mine)
            for day in span
            if not any(day in expected.imputed[each] for each in mine)
        }
        if trend.record.state == "measured":
            assert trend.size == sizes.get(newest), key
    held = {name for name, one in expected.truths.items() if one.listed or name.endswith("--x-s3")}
    gone = {name for name, _ in expected.points} - held
    assert {one.record.name for one in found.deleted} == gone


def _check_changes(found: Trends, expected: Reckoning, newest: int) -> None:
    """Check each period: its causes add up to the difference of two days, and so do the changes of all buckets."""
    now = expected.whole(newest)
    for days, name in ((1, "1d"), (7, "7d"), (30, "30d"), (90, "90d")):
        complete = [day for day in range(expected.first, newest) if expected.whole(day)]
        near = [day for day in complete if abs(newest - days - day) <= days // 10 + 1]
        change = found.changes[name]
        assert (change is None) == (not near)
        if change is None:
            continue
        before = expected.whole(min(near, key=lambda day: (abs(newest - days - day), -day)))
        assert now and before
        assert change.size == now[0] - before[0] == sum(cause.size for cause in change.causes.values())
        if change.cost is not None:
            assert change.cost == pytest.approx(now[1] - before[1], abs=1e-5)
            assert sum(cause.cost or 0 for cause in change.causes.values()) == pytest.approx(change.cost, abs=1e-11)
        if days <= 7:
            assert sum(mover.change.size for mover in found.movers[name]) == change.size


def _check_forecast(found: Trends, expected: Reckoning) -> None:
    """Check the forecast of December 2026, whose days are relative to the last day of the history."""
    end = WINDOW.day(expected.last)
    first, last = (date(2026, 12, 1) - end).days, (date(2026, 12, 31) - end).days
    month = found.next_month
    expected_cost = forecast(found.total.costs, first, last)
    assert (month is None) == (expected_cost is None)
    if month is not None and expected_cost is not None:
        assert (month.low, month.cost, month.high) == (expected_cost.low, expected_cost.middle, expected_cost.high)
