"""Which questions units come down to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.collect.questions import Chain, asks, chains, requests_allowed
from s3_monitor.model.answers import COUNTS, SIZES
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import ListingRule, Unit
from tests.collect.world import unit

ALL = unit()
REST = unit(except_=("A", "B"))
ONLY_REST = unit(types=())
A = unit(types=("A",), rest=False)
B = unit(types=("B",), rest=False)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([ALL], [Chain(SIZES), Chain(COUNTS)]),
        ([REST], [Chain(SIZES), Chain(COUNTS)]),
        ([A], [Chain(SIZES, "A")]),
        ([A, B], [Chain(SIZES, "A"), Chain(SIZES, "B")]),
        ([A, B, ONLY_REST], [Chain(SIZES, "A"), Chain(SIZES, "B"), Chain(COUNTS)]),
        ([ONLY_REST], [Chain(COUNTS)]),
        ([A, REST], [Chain(SIZES), Chain(COUNTS)]),
        ([ALL, ALL], [Chain(SIZES), Chain(COUNTS)]),
        ([unit(buckets=("logs-*",))], [Chain(SIZES), Chain(COUNTS)]),
        (
            [unit(buckets=("x", "y"))],
            [Chain(SIZES, None, "x"), Chain(SIZES, None, "y"), Chain(COUNTS, None, "x"), Chain(COUNTS, None, "y")],
        ),
        ([unit(types=("A",), rest=False, buckets=("x",))], [Chain(SIZES, "A", "x")]),
        ([unit(types=("A", "B"), rest=False, buckets=("x",))], [Chain(SIZES, None, "x")]),
        ([unit(buckets=("x",)), ALL], [Chain(SIZES), Chain(COUNTS)]),
        ([unit(buckets=tuple(f"b{n}" for n in range(21)))], [Chain(SIZES), Chain(COUNTS)]),
    ],
)
def test_units_of_a_region_come_down_to_few_chains(units: list[Unit], expected: list[Chain]) -> None:
    assert chains(units) == expected


TYPES = ("A", "B", "C")
NAMES = ("logs-1", "logs-2", "data")
some_units = st.lists(
    st.builds(
        lambda types, but, rest, patterns: unit(
            types=types, except_=but if types is None else (), rest=rest, buckets=patterns
        ),
        st.none() | st.lists(st.sampled_from(TYPES), unique=True).map(tuple),
        st.lists(st.sampled_from(TYPES), unique=True).map(tuple),
        st.booleans(),
        st.lists(st.sampled_from((*NAMES, "logs-*", "*")), unique=True).map(tuple),
    ),
    min_size=1,
    max_size=4,
)


@given(some_units)
def test_whatever_a_unit_asks_is_found_by_a_chain(units: list[Unit]) -> None:
    found = chains(units)
    assert len(set(found)) == len(found)
    for asking in units:
        for bucket in filter(matcher(asking.buckets), NAMES):
            by_bucket = [chain for chain in found if chain.bucket in (None, bucket)]
            assert not asking.rest or any(chain.metric == COUNTS for chain in by_bucket)
            for type_ in TYPES:
                of_type = [c for c in by_bucket if c.metric == SIZES and c.storage_type in (None, type_)]
                assert not asks(asking, type_) or of_type


@pytest.mark.parametrize(
    ("rule", "objects", "allowed"),
    [
        (ListingRule("off"), 5, 0),
        (ListingRule("all"), 5_000_000, None),
        (ListingRule("all"), None, None),
        (ListingRule("auto", 1000), 1000, 1),
        (ListingRule("auto", 1000), 1001, 0),
        (ListingRule("auto", 1000), None, 1),
        (ListingRule("auto", 1001), None, 2),
        (ListingRule("auto", 1_000_000), 3, 1000),
        (ListingRule("auto", 0), None, 0),
    ],
)
def test_a_bucket_is_worth_as_many_list_requests_as_the_rule_says(
    rule: ListingRule, objects: float | None, allowed: int | None
) -> None:
    assert requests_allowed(rule, objects) == allowed
