"""Sets of storage types, which include types that are not known yet."""

from __future__ import annotations

from typing import NamedTuple

from s3_monitor.model.plan import Unit


class TypeSet(NamedTuple):
    """Some storage types, or with ``all_but`` all storage types except these."""

    names: frozenset[str] = frozenset()
    all_but: bool = False

    def union(self, other: TypeSet) -> TypeSet:
        """Return the types of both sets."""
        if self.all_but and other.all_but:
            return TypeSet(self.names & other.names, True)
        if self.all_but:
            return TypeSet(self.names - other.names, True)
        if other.all_but:
            return TypeSet(other.names - self.names, True)
        return TypeSet(self.names | other.names)

    def without(self, names: frozenset[str]) -> TypeSet:
        """Return this set without some types."""
        return TypeSet(self.names | names, True) if self.all_but else TypeSet(self.names - names)

    def within(self, other: TypeSet) -> bool:
        """Return whether this is a subset of another set."""
        if self.all_but:
            return other.all_but and other.names <= self.names
        return self.names.isdisjoint(other.names) if other.all_but else self.names <= other.names

    def __contains__(self, name: object) -> bool:
        return (name in self.names) != self.all_but


NOTHING = TypeSet()
EVERYTHING = TypeSet(all_but=True)


def types_of_unit(unit: Unit) -> TypeSet:
    """Return the storage types whose byte series a unit requests."""
    return TypeSet(frozenset(unit.except_), True) if unit.types is None else TypeSet(frozenset(unit.types))
