"""Sums of facts: by account and region, and from these all groups. Exact, whatever the order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction

import msgspec

from s3_monitor.merge import BucketRecord, Facts
from s3_monitor.model.bucket import State
from s3_monitor.model.summary import Group, Totals
from s3_monitor.money.bill import Bytes, Rates, cost, dollars
from s3_monitor.money.types import INDEX_BYTES, storage_types

Place = tuple[str, str]  # account, region

# States in which a bucket's lines are not all there is to it.
UNKNOWN_STATES: frozenset[State] = frozenset({"incomplete", "young", "no-data", "unmeasured"})

# Archive type → the type that holds INDEX_BYTES for each of its objects.
COUNTED_BY = {type_.name: type_.counted_by for type_ in storage_types().values() if type_.counted_by}


class Cell(msgspec.Struct):
    """The sums of one account and region. ``uncounted``: buckets without an object count; ``unknown``: without a
    total size. ``sizes``, ``lines``: bytes and buckets of each storage type, sorted by type. ``objects_of``: objects
    of archive types, as far as all buckets of the type have them counted."""

    buckets: int = 0
    objects: Bytes = 0
    uncounted: int = 0
    unknown: int = 0
    sizes: dict[str, Bytes] = msgspec.field(default_factory=dict)
    lines: dict[str, int] = msgspec.field(default_factory=dict)
    objects_of: dict[str, Bytes | None] = msgspec.field(default_factory=dict)


class _Gathering:
    """Lists of a cell's figures, to be summed at once: there may be millions."""

    def __init__(self) -> None:
        self.unknown = 0
        self.objects: list[float | None] = []
        self.rows: defaultdict[tuple[str, ...], list[tuple[float, ...]]] = defaultdict(list)  # by their storage types

    def add(self, record: BucketRecord) -> None:
        self.objects.append(record.objects)
        if record.state in UNKNOWN_STATES:
            self.unknown += 1
        self.rows[record.types].append(record.amounts)

    def cell(self) -> Cell:
        known = [number for number in self.objects if number is not None]
        sizes: defaultdict[str, Bytes] = defaultdict(int)
        lines: Counter[str] = Counter()
        indexes: dict[str, Bytes | None] = {}
        for types, rows in self.rows.items():
            sums = dict(zip(types, map(_exact_sum, zip(*rows, strict=True)), strict=True))
            for name, size in sums.items():
                sizes[name] += size
                lines[name] += len(rows)
                if name in COUNTED_BY:
                    one, other = indexes.get(name, 0), sums.get(COUNTED_BY[name])
                    indexes[name] = None if one is None or other is None else one + other
        return Cell(
            buckets=len(self.objects),
            objects=_exact_sum(known),
            uncounted=len(self.objects) - len(known),
            unknown=self.unknown,
            sizes={name: sizes[name] for name in sorted(sizes)},
            lines=dict(lines),
            objects_of={name: None if size is None else Fraction(size) / INDEX_BYTES for name, size in indexes.items()},
        )


def _exact_sum(numbers: Sequence[float]) -> Bytes:
    """Whatever the order; nearly always of integers."""
    total = sum(numbers)
    return total if isinstance(total, int) else sum((Fraction(number) for number in numbers if number), Fraction(0))


def cells(facts: Facts) -> dict[Place, Cell]:
    """The sums of every account and region that was asked about, sorted."""
    return cells_of(facts.buckets, {(unit.account, unit.region) for unit in facts.plan.units})


def cells_of(records: Iterable[BucketRecord], places: Iterable[Place] = ()) -> dict[Place, Cell]:
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
    """Groups over the cells, with what their lines cost."""

    def __init__(self, cells: dict[Place, Cell], rates: Rates, owed: frozenset[Place]) -> None:
        self._cells = cells
        self._rates = rates
        self._owed = owed

    def totals(self) -> Totals:
        places = list(self._cells)
        group = self._group(places)
        unpriced = sum((size for size, amount in self._lines(places) if amount is None), 0)
        unknown = sum(cell.unknown for cell in self._cells.values())
        return Totals(
            buckets=group.buckets,
            size=group.size,
            objects=group.objects,
            cost=group.cost,
            unpriced_size=float(unpriced),
            unknown_buckets=unknown,
            unknown_objects=group.unknown_objects,
        )

    def whole(self) -> Group:
        """Of all cells."""
        return self._group(list(self._cells))

    def by_account(self) -> dict[str, Group]:
        """Every account that was asked about."""
        return self._groups(0, list(self._cells))

    def by_region(self) -> dict[str, Group]:
        """Every region that holds a bucket."""
        return self._groups(1, [place for place, cell in self._cells.items() if cell.buckets])

    def by_storage_type(self) -> dict[str, Group]:
        names = sorted({name for cell in self._cells.values() for name in cell.sizes})
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
        amounts = [amount for _, amount in lines if amount is not None]
        buckets = sum(cell.buckets for cell in cells)
        unknown = any(cell.unknown for cell in cells) or (not buckets and not self._owed.isdisjoint(places))
        uncounted = sum(cell.uncounted for cell in cells)
        return Group(
            buckets=buckets,
            size=None if unknown and not lines else float(sum(size for size, _ in lines)),
            objects=None if uncounted == buckets and (uncounted or unknown) else float(sum(c.objects for c in cells)),
            cost=None if not amounts and (unknown or lines) else dollars(sum(amounts)),
            unknown_objects=uncounted,
        )

    def _type_group(self, name: str) -> Group:
        places = [place for place, cell in self._cells.items() if name in cell.sizes]
        cells = [self._cells[place] for place in places]
        amounts = [amount for place in places if (amount := self._cost(place, name)) is not None]
        objects = [cell.objects_of.get(name) for cell in cells]
        return Group(
            buckets=sum(cell.lines[name] for cell in cells),
            size=float(sum(cell.sizes[name] for cell in cells)),
            objects=None if None in objects else float(sum(number for number in objects if number is not None)),
            cost=dollars(sum(amounts)) if amounts else None,
        )

    def _lines(self, places: list[Place]) -> list[tuple[Bytes, Bytes | None]]:
        """(bytes, cost) of each place and storage type."""
        return [(size, self._cost(place, name)) for place in places for name, size in self._cells[place].sizes.items()]

    def _cost(self, place: Place, name: str) -> Bytes | None:
        """What all lines of a type in a place cost together, unrounded."""
        return cost(self._rates[place][name], self._cells[place].sizes[name])
