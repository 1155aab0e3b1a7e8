"""Trends of random accounts against a reckoning of their own: plain dictionaries, fractions and every pair of days."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from datetime import date
from fractions import Fraction
from statistics import median

import msgspec
import pytest

from s3_monitor.merge import merge
from s3_monitor.money.types import storage_types
from s3_monitor.simulator.accounts import Account
from s3_monitor.simulator.random_account import random_account
from s3_monitor.trends import Trends, trends
from tests.merge.world import AS_OF, OLD, Truth, digest, part, plan, unit
from tests.trends.test_trends import DAYS, MATRIX, WINDOW

REGIONS = ("us-east-1", "eu-west-1")
LATE = 3
Days = dict[int, int]  # offset in the window → bytes
Cell = tuple[str, str]  # region, storage type


class Reckoning:
    """Of one account: what its buckets held, what is a guess, and what that comes to."""

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
        self.guesses = {key: self._guessed(*key) for key in self.points}

    def _guessed(self, bucket: str, name: str) -> Days:
        days, one = self.points[bucket, name], self.truths[bucket]
        first, last = min(days), max(days)
        found: Days = {}
        for day in range(first + 1, last):
            if day not in days:
                before, after = max(d for d in days if d < day), min(d for d in days if d > day)
                found[day] = days[before] + (days[after] - days[before]) * (day - before) // (after - before)
        held = one.listed or bucket.endswith("--x-s3")  # a directory bucket is in no list, and is not gone
        if held and 0 < self.last - last <= LATE and not self._went_on(bucket, name, last, 1):
            found |= dict.fromkeys(range(last + 1, self.last + 1), days[last])
        made = (one.created or 0) // 86_400 - (WINDOW.first - date(1970, 1, 1)).days
        if made < self.first - 1 and 0 < first - self.first <= LATE and not self._went_on(bucket, name, first, -1):
            found |= dict.fromkeys(range(self.first, first), days[first])
        return found

    def _went_on(self, bucket: str, name: str, edge: int, step: int) -> bool:
        """Half of its bytes or more are in the bucket's other types a day beyond."""
        others = [days for (other, type_), days in self.points.items() if other == bucket and type_ != name]
        beyond = [days[edge + step] for days in others if edge + step in days]
        gained = sum(beyond) - sum(days.get(edge, 0) for days in others)
        return bool(beyond) and 2 * gained >= self.points[bucket, name].get(edge, 0)

    def on(self, day: int) -> tuple[dict[Cell, int], dict[Cell, int]]:
        """Known and guessed bytes of a day."""
        known: dict[Cell, int] = defaultdict(int)
        guessed: dict[Cell, int] = defaultdict(int)
        for (bucket, name), days in self.points.items():
            cell = (self.truths[bucket].region, name)
            known[cell] += days.get(day, 0)
            guessed[cell] += self.guesses[bucket, name].get(day, 0)
        return known, guessed

    def cost(self, day: int) -> dict[Cell, Fraction | None]:
        """USD a month of a byte, each day's tiers filled by its bytes."""
        known, guessed = self.on(day)
        pools: dict[Cell, int] = defaultdict(int)
        for region, name in known:
            if name in storage_types():
                pools[region, storage_types()[name].pool] += known[region, name] + guessed[region, name]
        return {
            (region, name): _rate(region, storage_types()[name].pool, pools[region, storage_types()[name].pool])
            if name in storage_types()
            else None
            for region, name in known
        }

    def whole(self, day: int, region: str | None = None) -> tuple[int, float] | None:
        """Bytes and USD of everything or of a region; null: not (nearly) whole."""
        known, guessed = self.on(day)
        rates = self.cost(day)
        cells = [cell for cell in known if region in (None, cell[0])]
        sizes = [sum(part[cell] for cell in cells) for part in (known, guessed)]
        costs = [sum((rates[cell] or 0) * part[cell] for cell in cells) for part in (known, guessed)]
        if any(100 * guess > certain + guess for certain, guess in (sizes, costs)):
            return None
        return sum(sizes), float(sum(costs))


def _rate(region: str, pool: str, size: int) -> Fraction | None:
    """Tier by tier, in fractions."""
    prices = MATRIX.pool(region, pool.removesuffix(":last"))
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


def _pairwise_median(values: dict[int, float]) -> float | None:
    """Theil and Sen, by every pair of the newest 31 days."""
    newest = {day: value for day, value in values.items() if day > DAYS - 2 - 31}
    if len(newest) < 7:
        return None
    return median((newest[b] - newest[a]) / (b - a) for a, b in itertools.combinations(sorted(newest), 2))


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
    found = trends(merge(one, digest(one), [part(one, "s0", truths)]), MATRIX)
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(12))
def test_a_random_account_has_the_trends_that_a_plain_reckoning_gives_it(seed: int) -> None:
    account = random_account(seed, 25 + 5 * seed, REGIONS, today=AS_OF.date(), history_days=40, awkward=seed / 24)
    truths = _truths(account)
    expected, found = Reckoning(truths), _found(truths)
    assert (found.span.first, found.span.last) == (expected.first, expected.last)

    for region, course in ((None, found.whole), *found.by_region.items()):
        wholes = {day: expected.whole(day, region) for day in range(expected.first, expected.last + 1)}
        known = {day: whole for day, whole in wholes.items() if whole is not None}
        sizes = [None if whole is None else whole[0] for whole in wholes.values()]
        costs = [None if whole is None else pytest.approx(whole[1], abs=1e-5) for whole in wholes.values()]
        assert (course.sizes, course.costs) == (sizes, costs), region
        growth = _pairwise_median({day: size for day, (size, _) in known.items()})
        assert course.growth == (None if growth is None else pytest.approx(growth)), region

    newest = max(day for day in range(expected.first, expected.last + 1) if expected.whole(day))
    assert found.newest == newest - expected.first
    _check_buckets(found, expected, newest)
    _check_forecast(found, expected)


def _check_buckets(found: Trends, expected: Reckoning, newest: int) -> None:
    before = {days: index + expected.first for days, index in found.compared.items()}
    for key, trend in found.buckets.items():
        mine = [each for each in expected.points if each[0] == key[2]]
        days = [newest, *before.values()]
        sizes = [
            None
            if any(day in expected.guesses[each] for each in mine)
            else sum(expected.points[each].get(day, 0) for each in mine)
            for day in days
        ]
        if trend.record.state == "measured":
            assert list(trend.sizes) == sizes, key
    held = {name for name, one in expected.truths.items() if one.listed or name.endswith("--x-s3")}
    gone = {name for name, _ in expected.points} - held
    assert {one.record.name for one in found.deleted} == gone


def _check_forecast(found: Trends, expected: Reckoning) -> None:
    costs = {day: cost for day in range(expected.first, expected.last + 1) if (cost := expected.whole(day))}
    values = {day: whole[1] for day, whole in costs.items() if day > expected.last - 31}
    growth = _pairwise_median(values)
    if growth is None or len(values) < 14:
        assert found.next_month is None
        return
    assert found.next_month is not None
    days = sorted(values)
    end = days[-1]
    # The month's middle day: December 2026 is 31 days long.
    ahead = (date(2026, 12, 16) - WINDOW.day(end)).days
    middle = values[end] + growth * ahead
    steps = [(values[b] - values[a] - growth * (b - a)) / math.sqrt(b - a) for a, b in itertools.pairwise(days)]
    deviation = math.sqrt(sum(step**2 for step in steps) / (len(steps) - 1))
    spread = 1.2816 * deviation * math.sqrt(ahead * (1 + ahead / (end - days[0])))
    assert found.next_month.cost.middle == pytest.approx(max(0.0, middle), abs=1e-4)
    assert found.next_month.cost.low == pytest.approx(max(0.0, middle - spread), abs=1e-4)
    assert found.next_month.cost.high == pytest.approx(max(0.0, middle + spread), abs=1e-4)
