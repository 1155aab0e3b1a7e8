"""Totals of buckets by account and region, and of all groups from these. Exact, in any order of the buckets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

import msgspec

from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.model.bucket import State
from s3_monitor.model.summary import Group
from s3_monitor.money.list_pricing import Exact, Rates, UpperBounds, line_cost, to_dollars
from s3_monitor.money.storage_types import INDEX_BYTES, storage_types

Place = tuple[str, str]  # account, region
Dimension = Literal["account", "region", "storage-type"]

# States of buckets that may hold more than their lines.
UNKNOWN_STATES: frozenset[State] = frozenset({"incomplete", "young", "no-data", "unmeasured"})

# Archive type → the type that holds INDEX_BYTES for each of its objects.
COUNTED_BY = {type_.name: type_.counted_by for type_ in storage_types().values() if type_.counted_by}

_KEYS: dict[Dimension, int] = {"account": 0, "region": 1}  # index in a place


class TypeTotals(msgspec.Struct):
    """The totals of a storage type in one account and region."""

    size: Exact = 0
    """Bytes."""
    buckets: int = 0
    """Number of buckets that hold the type."""
    counted: int = 0
    """Number of these with an object count of the type."""
    objects: Exact = 0
    """Number of objects of the counted ones."""
    unknown: int = 0
    """Number of the buckets that may hold more types."""


class RegionTotals(msgspec.Struct):
    """The totals of one account and region."""

    buckets: int = 0
    """Number of buckets."""
    objects: Exact = 0
    """Number of objects of the buckets with a count."""
    uncounted: int = 0
    """Number of buckets without an object count."""
    unknown: int = 0
    """Number of buckets without a total size."""
    untyped: int = 0
    """Number of buckets whose storage types are not all known."""
    types: dict[str, TypeTotals] = msgspec.field(default_factory=dict)
    """Storage type → its totals, sorted by type."""

    @property
    def sizes(self) -> dict[str, Exact]:
        """Return storage type → bytes."""
        return {name: totals.size for name, totals in self.types.items()}


class Missing(NamedTuple):
    """Data that was requested and not received."""

    places: frozenset[Place] = frozenset()
    """Accounts and regions with an incomplete unit."""
    undiscovered: tuple[str | None, ...] = ()
    """Accounts that discovery could not read completely; None: an unknown account."""

    def anywhere(self) -> bool:
        """Return whether any data is missing."""
        return bool(self.places or self.undiscovered)

    def within(self, dimension: Dimension, key: str) -> bool:
        """Return whether data of an account, region or storage type may be missing."""
        if dimension == "account":
            return key in self.undiscovered or any(account == key for account, _ in self.places)
        if dimension == "region":
            return bool(self.undiscovered) or any(region == key for _, region in self.places)
        return self.anywhere()


class _RegionColumns:
    """The figures of the buckets of a region, as lists that are summed at once: there may be millions."""

    def __init__(self) -> None:
        self.unknown = self.untyped = 0
        self.unknown_lines: Counter[str] = Counter()
        self.objects: list[float | None] = []
        self.amounts: defaultdict[tuple[str, ...], list[tuple[float, ...]]] = defaultdict(list)  # by storage types

    def add(self, record: ResolvedBucket) -> None:
        self.objects.append(record.objects)
        if record.state in UNKNOWN_STATES:
            self.unknown += 1
            if record.state != "unmeasured":  # buckets of that kind hold no storage type
                self.untyped += 1
                self.unknown_lines.update(record.types)
        self.amounts[record.types].append(record.amounts)

    def totals(self) -> RegionTotals:
        known = [number for number in self.objects if number is not None]
        totals: defaultdict[str, TypeTotals] = defaultdict(TypeTotals)
        for types, rows in self.amounts.items():
            sizes = dict(zip(types, map(_exact_sum, zip(*rows, strict=True)), strict=True))
            for name, size in sizes.items():
                of_type = totals[name]
                of_type.size += size
                of_type.buckets += len(rows)
                of_type.unknown = self.unknown_lines[name]
                if (index := COUNTED_BY.get(name)) in sizes:
                    of_type.objects += Fraction(sizes[index]) / INDEX_BYTES
                    of_type.counted += len(rows)
        return RegionTotals(
            buckets=len(self.objects),
            objects=_exact_sum(known),
            uncounted=len(self.objects) - len(known),
            unknown=self.unknown,
            untyped=self.untyped,
            types={name: totals[name] for name in sorted(totals)},
        )


def _exact_sum(numbers: Sequence[float]) -> Exact:
    """Return a sum that does not depend on the order; nearly always of integers."""
    total = sum(numbers)
    return total if isinstance(total, int) else sum((Fraction(number) for number in numbers if number), Fraction(0))


def region_totals(facts: MergedData) -> dict[Place, RegionTotals]:
    """Return the totals of every account and region of the plan, sorted."""
    return totals_of_records(facts.buckets, {(unit.account, unit.region) for unit in facts.plan.units})


def totals_of_records(records: Iterable[ResolvedBucket], places: Iterable[Place] = ()) -> dict[Place, RegionTotals]:
    """Return the totals of some buckets by account and region, sorted; of ``places`` even without buckets."""
    columns = {place: _RegionColumns() for place in places}
    for record in records:
        place = (record.account, record.region)
        of_place = columns.get(place)
        if of_place is None:
            of_place = columns[place] = _RegionColumns()
        of_place.add(record)
    return {place: columns[place].totals() for place in sorted(columns)}


class Totals:
    """Groups of buckets with their list price, and with what their sums exclude."""

    def __init__(
        self, regions: Mapping[Place, RegionTotals], rates: Rates, bounds: UpperBounds, missing: Missing
    ) -> None:
        self._regions = regions
        self._rates = rates
        self._bounds = bounds
        self._missing = missing
        self._members: dict[Dimension, dict[str, list[Place]]] = {"account": {}, "region": {}}  # with buckets
        for place, totals in regions.items():
            for dimension, index in _KEYS.items() if totals.buckets else ():
                self._members[dimension].setdefault(place[index], []).append(place)

    def total(self) -> Group:
        """Return the totals of all buckets."""
        return self._group(list(self._regions), complete=not self._missing.anywhere())

    def by_account(self) -> dict[str, Group]:
        """Return the totals of every account, even without buckets."""
        accounts: dict[str, list[Place]] = {}
        for place in self._regions:
            accounts.setdefault(place[0], []).append(place)
        return {name: self._group(accounts[name], self._is_complete("account", name)) for name in sorted(accounts)}

    def by_region(self) -> dict[str, Group]:
        """Return the totals of every region with a bucket."""
        regions = self._members["region"]
        return {name: self._group(regions[name], self._is_complete("region", name)) for name in sorted(regions)}

    def by_unit(self, units: Mapping[str, str]) -> dict[str, Group]:
        """Return the totals of every organizational unit. ``units``: account → path of its unit."""
        places: dict[str, list[Place]] = {unit: [] for unit in sorted(units.values())}
        for place in self._regions:
            if place[0] in units:
                places[units[place[0]]].append(place)
        incomplete = {unit for account, unit in units.items() if not self._is_complete("account", account)}
        if None in self._missing.undiscovered:  # the account may be in any unit
            incomplete = set(places)
        return {unit: self._group(of_unit, unit not in incomplete) for unit, of_unit in places.items()}

    def by_storage_type(self) -> dict[str, Group]:
        """Return the totals of every storage type."""
        return self._types(list(self._regions), complete=not self._missing.anywhere())

    def parts(self, dimension: Dimension, key: str, by: Dimension) -> dict[str, Group]:
        """Return the totals of one account, region or storage type by another of these dimensions.

        A part is complete if no data is missing in one of the two.
        """
        own_is_complete = self._is_complete(dimension, key)
        if by == "storage-type":
            return self._types(self._members[dimension].get(key, []), own_is_complete)
        if dimension == "storage-type":
            return {
                name: self._type_group(key, places, own_is_complete or self._is_complete(by, name))
                for name, places in self._members[by].items()
                if any(key in self._regions[place].types for place in places)
            }
        return {
            (name := place[_KEYS[by]]): self._group([place], own_is_complete or self._is_complete(by, name))
            for place in self._members[dimension].get(key, [])
        }

    def _is_complete(self, dimension: Dimension, key: str) -> bool:
        return not self._missing.within(dimension, key)

    def _types(self, places: list[Place], complete: bool) -> dict[str, Group]:
        names = sorted({name for place in places for name in self._regions[place].types})
        return {name: self._type_group(name, places, complete) for name in names}

    def _group(self, places: list[Place], complete: bool) -> Group:
        regions = [self._regions[place] for place in places]
        lines = [(place, name) for place in places for name in self._regions[place].types]
        sums = self._sum(lines, complete)
        buckets = sum(totals.buckets for totals in regions)
        unknown = sum(totals.unknown for totals in regions)
        uncounted = sum(totals.uncounted for totals in regions)
        nothing = unknown > 0 or (not buckets and not complete)  # without lines, nothing is known
        objects = float(sum(totals.objects for totals in regions))
        return msgspec.structs.replace(
            sums,
            buckets=buckets,
            size=None if nothing and not lines else sums.size,
            objects=None if uncounted == buckets and (uncounted or nothing) else objects,
            cost=None if nothing and not lines else sums.cost,
            unknown_buckets=unknown,
            unknown_objects=uncounted,
        )

    def _type_group(self, name: str, places: list[Place], complete: bool) -> Group:
        regions = [self._regions[place] for place in places]
        held = [totals.types[name] for totals in regions if name in totals.types]
        buckets = sum(totals.buckets for totals in held)
        counted = sum(totals.counted for totals in held)
        return msgspec.structs.replace(
            self._sum([(place, name) for place in places if name in self._regions[place].types], complete),
            buckets=buckets,
            objects=float(sum(totals.objects for totals in held)) if counted else None,
            unknown_buckets=sum(totals.untyped for totals in regions) - sum(totals.unknown for totals in held),
            unknown_objects=buckets - counted,
        )

    def _sum(self, lines: Sequence[tuple[Place, str]], complete: bool) -> Group:
        """Return the bytes of some storage types in some places, and their unrounded cost."""
        sizes = [self._regions[place].types[name].size for place, name in lines]
        costs = [line_cost(self._rates[place][name], size) for (place, name), size in zip(lines, sizes, strict=True)]
        known = [cost for cost in costs if cost is not None]
        unpriced = sum(size for size, cost in zip(sizes, costs, strict=True) if cost is None)
        upper = sum(
            size for (place, name), size in zip(lines, sizes, strict=True) if name in self._bounds.get(place, ())
        )
        return Group(
            buckets=0,
            size=float(sum(sizes)),
            objects=None,
            cost=to_dollars(sum(known)) if known or not lines else None,
            unpriced_size=float(unpriced),
            complete=complete,
            upper_bound_size=float(upper),
        )


class ReportTotals(NamedTuple):
    """The totals of a report."""

    buckets: Totals
    """Of all buckets."""
    labels: Mapping[str, Mapping[str, Totals]]
    """Dimension (``encryption`` or ``tag:KEY``) → label → the totals of its buckets."""
