"""Daily sums of bytes and cost: of all buckets, and per account, region, storage type and class."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import add

import msgspec

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.plan import Plan
from s3_monitor.money.list_pricing import Exact, Rate, Rates, billing_families, line_cost, rates_for, to_dollars
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.storage_types import storage_types
from s3_monitor.trends.history import BucketHistory, Span

RegionKey = tuple[str, str]  # account, region

# A day is complete if at most a hundredth of its bytes and cost is imputed. A few buckets without a point neither
# cause a dip nor hide the day of all other buckets.
_IMPUTED_SHARE = 100


UNKNOWN_CLASS = "UNKNOWN"


class Daily(msgspec.Struct):
    """Bytes of one storage type in an account and region, one value per day of the span."""

    known: list[int]
    imputed: list[int]


class DailyTotals(msgspec.Struct, frozen=True):
    """A sum per day of the span, None where the day is not complete."""

    sizes: list[int | None]
    """Bytes."""
    costs: list[float | None]
    """Cost per month for the bytes of that day at today's prices. All None if no price is known."""
    unpriced: list[int] = []
    """Bytes per day that have no known price and are not in ``costs``."""


class StorageTotals:
    """Adds up buckets per account, region and storage type."""

    def __init__(self, span: Span) -> None:
        self._days = span.last - span.first + 1
        self._first = span.first
        self.cells: dict[RegionKey, dict[str, Daily]] = {}

    def add(self, region: RegionKey, history: BucketHistory) -> None:
        """Add a bucket to its region."""
        cell = self.cells.setdefault(region, {})
        for name, row in history.rows.items():
            daily = cell.get(name)
            if daily is None:
                daily = cell[name] = Daily([0] * self._days, [0] * self._days)
            start = row.first - self._first
            stop = start + len(row.values)
            values = [value or 0 for value in row.values] if row.has_missing_days else row.values
            daily.known[start:stop] = map(add, daily.known[start:stop], values)
        for name, days in history.imputed.items():
            for day, size in days.items():
                cell[name].imputed[day - self._first] += size

    def rates(self, plan: Plan, price_book: PriceBook) -> list[Rates]:
        """Return the rates of each day: the bytes of that day fill its price tiers."""
        families = billing_families(plan)
        return [
            rates_for(
                {
                    region: {name: daily.known[day] + daily.imputed[day] for name, daily in cell.items()}
                    for region, cell in self.cells.items()
                },
                families,
                price_book,
            )
            for day in range(self._days)
        ]


class DailyTotalsBuilder:
    """Groups the totals of places and storage types."""

    def __init__(self, totals: StorageTotals, rates: Sequence[Rates]) -> None:
        self._cells = {region: totals.cells[region] for region in sorted(totals.cells)}
        self._rates = rates

    def total(self) -> DailyTotals:
        """Return the totals of all lines."""
        return self._sum(self._lines())

    def by(
        self, key: Callable[[RegionKey, str], str], *, parts_of: DailyTotals | None = None
    ) -> dict[str, DailyTotals]:
        """Return the totals of the lines with the same key, by key.

        ``parts_of``: a total that they add up to on its complete days.
        """
        groups: dict[str, list[tuple[RegionKey, str, Daily]]] = {}
        for region, name, daily in self._lines():
            groups.setdefault(key(region, name), []).append((region, name, daily))
        complete = None if parts_of is None else [size is not None for size in parts_of.sizes]
        return {name: self._sum(lines, complete) for name, lines in sorted(groups.items())}

    def rates_on(self, day: int) -> Rates:
        """Return the rates of a day; None for lines that costs exclude on all days."""
        return {
            region: {
                name: None if self._last_rate(region, name, daily) is None else self._rates[day][region][name]
                for name, daily in cell.items()
            }
            for region, cell in self._cells.items()
        }

    def price_effect(self, first: int, last: int) -> int:
        """Return what the bytes of the first day cost more at the rates of the last day than at their own."""
        before, now = self.rates_on(first), self.rates_on(last)
        return sum(
            ((now[region][name] or 0) - (before[region][name] or 0)) * (daily.known[first] + daily.imputed[first])
            for region, name, daily in self._lines()
        )

    def _last_rate(self, region: RegionKey, name: str, daily: Daily) -> Rate:
        """Return the rate of the last day with bytes, or of the last day if there is none.

        Bytes without a price on that day are excluded on all days, as they are from the report's totals. Bytes with a
        price on that day alone would look like an increase: days on which they have none are not complete.
        """
        held = (day for day in reversed(range(len(self._rates))) if daily.known[day] or daily.imputed[day])
        return self._rates[next(held, -1)][region][name]

    def _lines(self) -> list[tuple[RegionKey, str, Daily]]:
        return [(region, name, daily) for region, cell in self._cells.items() for name, daily in sorted(cell.items())]

    def _sum(
        self, lines: Iterable[tuple[RegionKey, str, Daily]], complete: Sequence[bool] | None = None
    ) -> DailyTotals:
        """Return the sum. ``complete``: whether each day is complete; None: determined from these lines."""
        days = range(len(self._rates))
        known, imputed = [0] * len(days), [0] * len(days)
        amounts: list[Exact] = [0] * len(days)
        imputed_amounts: list[Exact] = [0] * len(days)
        unpriced, partly_priced = [0] * len(days), [False] * len(days)
        is_priced = False
        for region, name, daily in lines:
            known = list(map(add, known, daily.known))
            imputed = list(map(add, imputed, daily.imputed))
            rates = [self._rates[day][region][name] for day in days]
            if self._last_rate(region, name, daily) is None:
                unpriced = [sum(sizes) for sizes in zip(unpriced, daily.known, daily.imputed, strict=True)]
                continue
            is_priced = True
            for day, rate in enumerate(rates):
                if rate is not None:
                    amounts[day] += rate * daily.known[day]
                    if daily.imputed[day]:
                        imputed_amounts[day] += rate * daily.imputed[day]
                elif daily.known[day] or daily.imputed[day]:
                    partly_priced[day] = True
        complete = complete or [
            _is_nearly_known(known[day], imputed[day]) and _is_nearly_known(amounts[day], imputed_amounts[day])
            for day in days
        ]
        sizes = [known[day] + imputed[day] if complete[day] else None for day in days]
        costs = [
            to_dollars(amounts[day] + imputed_amounts[day])
            if is_priced and complete[day] and not partly_priced[day]
            else None
            for day in days
        ]
        return DailyTotals(sizes, costs, unpriced)


def _is_nearly_known(known: Exact, imputed: Exact) -> bool:
    return imputed * _IMPUTED_SHARE <= known + imputed


def class_of(storage_type: str) -> str:
    """Return the storage class of a storage type."""
    type_ = storage_types().get(storage_type)
    return UNKNOWN_CLASS if type_ is None else type_.storage_class


def bucket_classes(record: ResolvedBucket, history: BucketHistory, rates: Sequence[Rates]) -> Mapping[str, DailyTotals]:
    """Return storage class → bytes and cost of a bucket per day, without the cost of types that have no known price.

    A day on which a part of the bucket is missing is unknown in all classes. ``rates``: those of each day.
    """
    place = (record.account, record.region)
    classes = {class_of(name): DailyTotals([], []) for name in sorted(history.rows)}
    for day, total in enumerate(history.daily()):
        sizes = dict.fromkeys(classes, 0)
        amounts: dict[str, Exact] = dict.fromkeys(classes, 0)
        for name, size in history.on(day).items():
            sizes[class_of(name)] += size
            amounts[class_of(name)] += line_cost(rates[day][place][name], size) or 0
        for class_, daily in classes.items():
            daily.sizes.append(None if total is None else sizes[class_])
            daily.costs.append(None if total is None else to_dollars(amounts[class_]))
    return classes
