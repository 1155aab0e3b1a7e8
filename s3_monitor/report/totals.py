"""Sums of facts: by account and region, and from these all groups. Exact, whatever the order."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import msgspec

from s3_monitor.merge import BucketRecord, Facts
from s3_monitor.model.bucket import State
from s3_monitor.model.summary import Group, Totals
from s3_monitor.money.bill import CONTEXT, Bytes, Rates, dollars, exact, total
from s3_monitor.money.types import INDEX_BYTES, storage_types

Place = tuple[str, str]  # account, region

# States in which a bucket's lines are not all there is to it.
UNKNOWN_STATES: frozenset[State] = frozenset({"incomplete", "young", "no-data"})


class Held(msgspec.Struct):
    """What the buckets of a place hold under one storage type: buckets, bytes, and the bytes of the 32 KB indexes
    that count its objects. ``uncounted``: buckets where those are not known."""

    buckets: int = 0
    size: Bytes = 0
    index_size: Bytes = 0
    uncounted: int = 0


class Cell(msgspec.Struct):
    """The sums of one account and region. ``uncounted``: buckets without an object count; ``unknown``: without a
    total size."""

    buckets: int = 0
    objects: Bytes = 0
    uncounted: int = 0
    unknown: int = 0
    held: dict[str, Held] = msgspec.field(default_factory=dict)

    def add(self, record: BucketRecord) -> None:
        self.buckets += 1
        if record.objects is None:
            self.uncounted += 1
        else:
            self.objects += whole(record.objects)
        if record.state in UNKNOWN_STATES:
            self.unknown += 1
        for name, size in record.lines.items():
            held = self.held.get(name)
            if held is None:
                held = self.held[name] = Held()
            held.buckets += 1
            held.size += whole(size)
            counter = _COUNTED.get(name)
            if counter in record.lines:
                held.index_size += whole(record.lines[counter])
            elif counter is not None:
                held.uncounted += 1


_COUNTED = {type_.name: type_.counted_by for type_ in storage_types().values() if type_.counted_by}


def whole(number: float) -> Bytes:
    """A number whose sums are exact."""
    return number if isinstance(number, int) else Fraction(number)


def cells(facts: Facts) -> dict[Place, Cell]:
    """The sums of every account and region that was asked about, sorted."""
    made = {place: Cell() for place in sorted({(unit.account, unit.region) for unit in facts.plan.units})}
    for record in facts.buckets:
        made[record.account, record.region].add(record)
    return made


class Sums:
    """Groups over the cells, with what their lines cost."""

    def __init__(self, cells: dict[Place, Cell], rates: Rates, owed: frozenset[Place]) -> None:
        self._cells = cells
        self._rates = rates
        self._owed = owed

    def totals(self) -> Totals:
        places = list(self._cells)
        group = self._group(places)
        unpriced = sum((held.size for held, cost in self._lines(places) if cost is None), 0)
        unknown = sum(cell.unknown for cell in self._cells.values())
        return Totals(group.buckets, group.size, group.objects, group.cost, float(unpriced), unknown)

    def by_account(self) -> dict[str, Group]:
        """Every account that was asked about."""
        return self._groups(0, list(self._cells))

    def by_region(self) -> dict[str, Group]:
        """Every region that holds a bucket."""
        return self._groups(1, [place for place, cell in self._cells.items() if cell.buckets])

    def by_storage_type(self) -> dict[str, Group]:
        names = sorted({name for cell in self._cells.values() for name in cell.held})
        return {name: self._type_group(name) for name in names}

    def _groups(self, key: int, places: list[Place]) -> dict[str, Group]:
        """Of places with the same account (key 0) or region (1)."""
        members: dict[str, list[Place]] = {}
        for place in places:
            members.setdefault(place[key], []).append(place)
        return {name: self._group(members[name]) for name in sorted(members)}

    def _group(self, places: list[Place]) -> Group:
        cells = [self._cells[place] for place in places]
        lines = self._lines(places)
        costs = [cost for _, cost in lines if cost is not None]
        buckets = sum(cell.buckets for cell in cells)
        unknown = any(cell.unknown for cell in cells) or (not buckets and not self._owed.isdisjoint(places))
        uncounted = any(cell.uncounted for cell in cells) or (not buckets and unknown)
        return Group(
            buckets=buckets,
            size=None if unknown and not lines else _sum(held.size for held, _ in lines),
            objects=None if uncounted else _sum(cell.objects for cell in cells),
            cost=None if not costs and (unknown or lines) else dollars(total(costs)),
        )

    def _type_group(self, name: str) -> Group:
        held = [cell.held[name] for cell in self._cells.values() if name in cell.held]
        costs = [cost for place in self._cells if (cost := self._cost(place, name)) is not None]
        counted = name in _COUNTED and not any(one.uncounted for one in held)
        return Group(
            buckets=sum(one.buckets for one in held),
            size=_sum(one.size for one in held),
            objects=_sum(one.index_size for one in held) / INDEX_BYTES if counted else None,
            cost=dollars(total(costs)) if costs else None,
        )

    def _lines(self, places: list[Place]) -> list[tuple[Held, Decimal | None]]:
        return [
            (held, self._cost(place, name))
            for place in places
            for name, held in sorted(self._cells[place].held.items())
        ]

    def _cost(self, place: Place, name: str) -> Decimal | None:
        """Of all bytes of a type in a place: what its lines cost together, unrounded."""
        held = self._cells[place].held.get(name)
        if held is None:
            return None
        rate = self._rates[place][name]
        if rate is None:
            return None if held.size else Decimal(0)
        return CONTEXT.multiply(rate, exact(held.size))


def _sum(numbers: Iterable[Bytes]) -> float:
    return float(sum(numbers, 0))
