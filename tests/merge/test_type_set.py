"""Sets of storage types behave as sets, also those of all types but some."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.merge.type_set import EVERYTHING, NOTHING, TypeSet, types_of_unit
from tests.merge.fixtures import unit

NAMES = ("A", "B", "C")
UNIVERSE = (*NAMES, "anything else")  # for the types without a name in the test
sets = st.builds(TypeSet, st.frozensets(st.sampled_from(NAMES)), st.booleans())


def members(types: TypeSet) -> set[str]:
    return {name for name in UNIVERSE if name in types}


@given(sets, sets)
def test_union_and_inclusion_are_those_of_the_members(one: TypeSet, other: TypeSet) -> None:
    assert members(one.union(other)) == members(one) | members(other)
    assert one.within(other) == (members(one) <= members(other))


@given(sets, st.frozensets(st.sampled_from(NAMES)))
def test_without_removes_names(types: TypeSet, names: frozenset[str]) -> None:
    assert members(types.without(names)) == members(types) - names


def test_a_unit_requests_all_types_all_but_some_or_some() -> None:
    assert types_of_unit(unit()) == EVERYTHING
    assert types_of_unit(unit(except_=["A"])) == TypeSet(frozenset({"A"}), True)
    assert types_of_unit(unit(types=["A"])) == TypeSet(frozenset({"A"}))
    assert types_of_unit(unit(types=[])) == NOTHING
