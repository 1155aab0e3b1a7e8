"""Sums of facts: by account and region, and from these all groups. Exact, whatever the order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

import msgspec

from s3_monitor.merge.merged_data import BucketRecord, MergedData
from s3_monitor.model.bucket import State
from s3_monitor.model.summary import Group
from s3_monitor.money.list_pricing import Exact, Rates, line_cost, to_dollars
from s3_monitor.money.storage_types import INDEX_BYTES, storage_types
from s3_monitor.money.upper_bounds import UpperBounds

Place = tuple[str, str]  # account, region

# States in which a bucket's lines are not all there is to it.
UNKNOWN_STATES: frozenset[State] = frozenset({"incomplete", "young", "no-data", "unmeasured"})

# Archive type → the type that holds INDEX_BYTES for each of its objects.
COUNTED_BY = {type_.name: type_.counted_by for type_ in storage_types().values() if type_.counted_by}


class RegionTotals(msgspec.Struct):
    """The sums of one account and region."""

    buckets: int = 0
    objects: Exact = 0
    uncounted: int = 0  # buckets without an object count
    unknown: int = 0  # buckets without a total size
    sizes: dict[str, Exact] = msgspec.field(default_factory=dict)  # bytes of each storage type, sorted by type
    lines: dict[str, int] = msgspec.field(default_factory=dict)  # buckets that hold each storage type
    counted: dict[str, int] = msgspec.field(default_factory=dict)  # of these, buckets with an object count of the type
    objects_of: dict[str, Exact] = msgspec.field(default_factory=dict)  # objects of the counted ones
    untyped: int = 0  # buckets of which it is unknown what storage types they hold
    unknown_lines: dict[str, int] = msgspec.field(default_factory=dict)  # of these, buckets that hold each storage type


class Missing(NamedTuple):
    """Data that was requested and not received."""

    places: frozenset[Place] = frozenset()  # accounts and regions with an incomplete unit
    undiscovered: tuple[str, ...] = ()  # accounts or regions that the plan could not look into

    def in_account(self, name: str) -> bool:
        of_plan = any(where.split("/")[0] == name for where in self.undiscovered)
        return of_plan or any(account == name for account, _ in self.places)

    def in_region(self, name: str) -> bool:
        return bool(self.undiscovered) or any(region == name for _, region in self.places)

    def anywhere(self, _: str = "") -> bool:
        return bool(self.places or self.undiscovered)


class _Gathering:
    """Lists of a cell's figures, to be summed at once: there may be millions."""

    def __init__(self) -> None:
        self.unknown = self.untyped = 0
        self.unknown_lines: Counter[str] = Counter()
        self.objects: list[float | None] = []
        self.rows: defaultdict[tuple[str, ...], list[tuple[float, ...]]] = defaultdict(list)  # by their storage types

    def add(self, record: BucketRecord) -> None:
        self.objects.append(record.objects)
        if record.state in UNKNOWN_STATES:
            self.unknown += 1
            if record.state != "unmeasured":  # buckets of that kind hold no storage type
                self.untyped += 1
                self.unknown_lines.update(record.types)
        self.rows[record.types].append(record.amounts)

    def cell(self) -> RegionTotals:
        known = [number for number in self.objects if number is not None]
        sizes: defaultdict[str, Exact] = defaultdict(int)
        lines: Counter[str] = Counter()
        indexes: defaultdict[str, Exact] = defaultdict(int)
        counted: Counter[str] = Counter()
        for types, rows in self.rows.items():
            sums = dict(zip(types, map(_exact_sum, zip(*rows, strict=True)), strict=True))
            for name, size in sums.items():
                sizes[name] += size
                lines[name] += len(rows)
                if (index := COUNTED_BY.get(name)) in sums:
                    indexes[name] += sums[index]
                    counted[name] += len(rows)
        return RegionTotals(
            buckets=len(self.objects),
            objects=_exact_sum(known),
            uncounted=len(self.objects) - len(known),
            unknown=self.unknown,
            sizes={name: sizes[name] for name in sorted(sizes)},
            lines=dict(lines),
            counted=dict(counted),
            objects_of={name: Fraction(size) / INDEX_BYTES for name, size in indexes.items()},
            untyped=self.untyped,
            unknown_lines=dict(self.unknown_lines),
        )


def _exact_sum(numbers: Sequence[float]) -> Exact:
    """Whatever the order; nearly always of integers."""
    total = sum(numbers)
    return total if isinstance(total, int) else sum((Fraction(number) for number in numbers if number), Fraction(0))


def cells(facts: MergedData) -> dict[Place, RegionTotals]:
    """The sums of every account and region that was asked about, sorted."""
    return cells_of(facts.buckets, {(unit.account, unit.region) for unit in facts.plan.units})


def cells_of(records: Iterable[BucketRecord], places: Iterable[Place] = ()) -> dict[Place, RegionTotals]:
    """The sums of these buckets by account and region, sorted; of ``places`` also where there are none."""
    made = {place: _Gathering() for place in places}
    for record in records:
        place = (record.account, record.region)
        gathering = made.get(place)
        if gathering is None:
            gathering = made[place] = _Gathering()
        gathering.add(record)
    return {place: made[place].cell() for place in sorted(made)}


class Sums:
    """Groups over the cells, with what their lines cost and what their sums leave out."""

    def __init__(self, cells: dict[Place, RegionTotals], rates: Rates, bounds: UpperBounds, missing: Missing) -> None:
        self._cells = cells
        self._rates = rates
        self._bounds = bounds
        self._missing = missing

    def total(self) -> Group:
        """Sum up all cells."""
        return self._group(list(self._cells), complete=not self._missing.anywhere())

    def by_account(self) -> dict[str, Group]:
        """Sum up every account that was requested."""
        return self._groups(0, list(self._cells), self._missing.in_account)

    def by_region(self) -> dict[str, Group]:
        """Sum up every region that holds a bucket."""
        held = [place for place, cell in self._cells.items() if cell.buckets]
        return self._groups(1, held, self._missing.in_region)

    def by_storage_type(self) -> dict[str, Group]:
        names = sorted({name for cell in self._cells.values() for name in cell.sizes})
        return {name: self._type_group(name) for name in names}

    def _groups(self, key: int, places: list[Place], lacks: Callable[[str], bool]) -> dict[str, Group]:
        """Sum up the places that share an account (key 0) or region (1)."""
        members: dict[str, list[Place]] = {}
        for place in places:
            members.setdefault(place[key], []).append(place)
        return {name: self._group(members[name], complete=not lacks(name)) for name in sorted(members)}

    def _group(self, places: list[Place], *, complete: bool) -> Group:
        cells = [self._cells[place] for place in places]
        lines = [(size, self._cost(place, name)) for place in places for name, size in self._cells[place].sizes.items()]
        amounts = [amount for _, amount in lines if amount is not None]
        buckets = sum(cell.buckets for cell in cells)
        unknown = sum(cell.unknown for cell in cells)
        uncounted = sum(cell.uncounted for cell in cells)
        nothing = unknown > 0 or (not buckets and not complete)  # without lines, nothing is known
        return Group(
            buckets=buckets,
            size=None if nothing and not lines else float(sum(size for size, _ in lines)),
            objects=None if uncounted == buckets and (uncounted or nothing) else float(sum(c.objects for c in cells)),
            cost=None if not amounts and (nothing or lines) else to_dollars(sum(amounts)),
            unpriced_size=float(sum(size for size, amount in lines if amount is None)),
            unknown_buckets=unknown,
            unknown_objects=uncounted,
            complete=complete,
            upper_bound_size=float(
                sum(self._cells[place].sizes.get(name, 0) for place in places for name in self._bounds.get(place, ()))
            ),
        )

    def _type_group(self, name: str) -> Group:
        places = [place for place, cell in self._cells.items() if name in cell.sizes]
        cells = [self._cells[place] for place in places]
        amounts = {place: self._cost(place, name) for place in places}
        known = [amount for amount in amounts.values() if amount is not None]
        buckets = sum(cell.lines[name] for cell in cells)
        counted = sum(cell.counted.get(name, 0) for cell in cells)
        return Group(
            buckets=buckets,
            size=float(sum(cell.sizes[name] for cell in cells)),
            objects=float(sum(cell.objects_of.get(name, 0) for cell in cells)) if counted else None,
            cost=to_dollars(sum(known)) if known else None,
            unpriced_size=float(sum(self._cells[place].sizes[name] for place in places if amounts[place] is None)),
            unknown_buckets=sum(cell.untyped - cell.unknown_lines.get(name, 0) for cell in self._cells.values()),
            unknown_objects=buckets - counted,
            complete=not self._missing.anywhere(),
            upper_bound_size=float(
                sum(self._cells[place].sizes[name] for place in places if name in self._bounds.get(place, ()))
            ),
        )

    def _cost(self, place: Place, name: str) -> Exact | None:
        """Return the unrounded cost of all bytes of a type in a place."""
        return line_cost(self._rates[place][name], self._cells[place].sizes[name])
