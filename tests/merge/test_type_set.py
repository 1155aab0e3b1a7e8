"""Sets of storage types behave as sets, also those that are all but a few."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.merge.type_set import EVERYTHING, NOTHING, TypeSet, types_of_unit
from tests.merge.fixtures import unit

NAMES = ("A", "B", "C")
UNIVERSE = (*NAMES, "anything else")  # stands for the types nobody named
sets = st.builds(TypeSet, st.frozensets(st.sampled_from(NAMES)), st.booleans())


def members(types: TypeSet) -> set[str]:
    return {name for name in UNIVERSE if name in types}


@given(sets, sets)
def test_union_and_inclusion_are_those_of_the_members(one: TypeSet, other: TypeSet) -> None:
    assert members(one.union(other)) == members(one) | members(other)
    assert one.within(other) == (members(one) <= members(other))


@given(sets, st.frozensets(st.sampled_from(NAMES)))
def test_without_takes_names_away(types: TypeSet, names: frozenset[str]) -> None:
    assert members(types.without(names)) == members(types) - names


def test_a_unit_asks_everything_all_but_a_few_or_a_few() -> None:
    assert types_of_unit(unit()) == EVERYTHING
    assert types_of_unit(unit(except_=["A"])) == TypeSet(frozenset({"A"}), True)
    assert types_of_unit(unit(types=["A"])) == TypeSet(frozenset({"A"}))
    assert types_of_unit(unit(types=[])) == NOTHING
