"""Sums of bytes and of cost day by day: of everything, of an account, a region, a storage type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import add
from typing import TypeVar

import msgspec

from s3_monitor.model.plan import Plan
from s3_monitor.money.bill import Bytes, Rates, dollars, price
from s3_monitor.money.families import families
from s3_monitor.money.prices import Matrix
from s3_monitor.money.types import storage_types
from s3_monitor.trends.fit import slope
from s3_monitor.trends.history import Guesses, Rows, Span

N = TypeVar("N", int, float)

Place = tuple[str, str]  # account, region

# A day counts where no more than a hundredth of it is a guess: single buckets that CloudWatch left out neither
# make a dip nor take the day from all the others.
MOST_GUESSED = 100


class Daily(msgspec.Struct):
    """Bytes of one storage type in one place, a value a day of the span: of points, and of guesses."""

    known: list[int]
    guessed: list[int]


class Change(msgspec.Struct, frozen=True):
    """``days`` before the newest day: what has come since (bytes; USD a month). ``before``: cost then."""

    days: int
    size: int | None
    cost: float | None
    before: float | None


class Course(msgspec.Struct, frozen=True):
    """A sum day by day over the span, null where the day is not (nearly) whole. ``sizes`` in bytes; ``costs``: USD a
    month for that day's bytes at the prices of today, null throughout where no price is known.
    ``growth``, ``cost_growth``: a day, by the robust fit; null where there are too few days."""

    sizes: list[int | None]
    costs: list[float | None]
    growth: float | None
    cost_growth: float | None
    changes: list[Change]


class Sums:
    """Filled bucket by bucket; asked when all are in."""

    def __init__(self, span: Span) -> None:
        self._days = span.last - span.first + 1
        self._first = span.first
        self.cells: dict[Place, dict[str, Daily]] = {}
        self.guessed_buckets = [0] * self._days

    def add(self, place: Place, rows: Rows, guesses: Guesses) -> None:
        cell = self.cells.setdefault(place, {})
        for name, row in rows.items():
            daily = cell.get(name)
            if daily is None:
                daily = cell[name] = Daily([0] * self._days, [0] * self._days)
            start = row.first - self._first
            stop = start + len(row.values)
            values = [value or 0 for value in row.values] if row.holes else row.values
            daily.known[start:stop] = map(add, daily.known[start:stop], values)
        for name, days in guesses.items():
            for day, size in days.items():
                cell[name].guessed[day - self._first] += size
        for day in {day for days in guesses.values() for day in days}:
            self.guessed_buckets[day - self._first] += 1

    def rates(self, plan: Plan, matrix: Matrix) -> list[Rates]:
        """Each day's rates: its pools filled by its bytes."""
        families_, types = families(plan), storage_types()
        return [
            price(
                {
                    place: {name: one.known[day] + one.guessed[day] for name, one in cell.items()}
                    for place, cell in self.cells.items()
                },
                families_,
                matrix,
                types,
            )
            for day in range(self._days)
        ]


class Courses:
    """Groups of cells as courses."""

    def __init__(self, sums: Sums, rates: Sequence[Rates], span: Span) -> None:
        self._cells = {place: sums.cells[place] for place in sorted(sums.cells)}
        self._rates = rates
        self._span = span

    def whole(self) -> Course:
        return self._course(self._lines())

    def by(self, key: Callable[[Place, str], str], compared: Mapping[int, int], newest: int) -> dict[str, Course]:
        """Courses of lines with the same key. ``compared``: days before → index in the span, from ``newest`` on."""
        groups: dict[str, list[tuple[Place, str, Daily]]] = {}
        for place, name, daily in self._lines():
            groups.setdefault(key(place, name), []).append((place, name, daily))
        return {name: with_changes(self._course(lines), compared, newest) for name, lines in sorted(groups.items())}

    def _lines(self) -> list[tuple[Place, str, Daily]]:
        return [(place, name, daily) for place, cell in self._cells.items() for name, daily in sorted(cell.items())]

    def _course(self, lines: Iterable[tuple[Place, str, Daily]]) -> Course:
        days = range(self._span.last - self._span.first + 1)
        known, guessed = [0] * len(days), [0] * len(days)
        amounts: list[Bytes] = [0] * len(days)
        guessed_amounts: list[Bytes] = [0] * len(days)
        is_priced = False
        for place, name, daily in lines:
            known = list(map(add, known, daily.known))
            guessed = list(map(add, guessed, daily.guessed))
            for day in days:
                rate = self._rates[day][place][name]
                if rate is not None:
                    is_priced = True
                    amounts[day] += rate * daily.known[day]
                    if daily.guessed[day]:
                        guessed_amounts[day] += rate * daily.guessed[day]
        whole = [_nearly(known[day], guessed[day]) and _nearly(amounts[day], guessed_amounts[day]) for day in days]
        sizes = [known[day] + guessed[day] if whole[day] else None for day in days]
        costs = [dollars(amounts[day] + guessed_amounts[day]) if whole[day] and is_priced else None for day in days]
        return Course(sizes, costs, slope(sizes), slope(costs), [])


def with_changes(course: Course, compared: Mapping[int, int], newest: int) -> Course:
    """``newest`` and the values of ``compared``: indexes in the span."""
    changes = [
        Change(
            days,
            _difference(course.sizes[newest], course.sizes[index]),
            _difference(course.costs[newest], course.costs[index]),
            course.costs[index],
        )
        for days, index in compared.items()
    ]
    return msgspec.structs.replace(course, changes=changes)


def _nearly(known: Bytes, guessed: Bytes) -> bool:
    return guessed * MOST_GUESSED <= known + guessed


def _difference(now: N | None, before: N | None) -> N | None:
    return None if now is None or before is None else now - before
