"""The list requests of the units of a region."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.collect.metric_queries import (
    ListMetricsQuery,
    SeriesFilter,
    includes,
    list_metrics_queries,
    requests_allowed,
)
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import ListingRule, Unit
from s3_monitor.model.responses import ALL_TYPES, BUCKET_SIZE, OBJECT_COUNT, SeriesName
from tests.collect.fixtures import unit

ALL = unit()
REST = unit(except_=("A", "B"))
ONLY_REST = unit(types=())
A = unit(types=("A",), rest=False)
B = unit(types=("B",), rest=False)


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ([ALL], [ListMetricsQuery(BUCKET_SIZE), ListMetricsQuery(OBJECT_COUNT)]),
        ([REST], [ListMetricsQuery(BUCKET_SIZE), ListMetricsQuery(OBJECT_COUNT)]),
        ([A], [ListMetricsQuery(BUCKET_SIZE, "A")]),
        ([A, B], [ListMetricsQuery(BUCKET_SIZE, "A"), ListMetricsQuery(BUCKET_SIZE, "B")]),
        (
            [A, B, ONLY_REST],
            [ListMetricsQuery(BUCKET_SIZE, "A"), ListMetricsQuery(BUCKET_SIZE, "B"), ListMetricsQuery(OBJECT_COUNT)],
        ),
        ([ONLY_REST], [ListMetricsQuery(OBJECT_COUNT)]),
        ([A, REST], [ListMetricsQuery(BUCKET_SIZE), ListMetricsQuery(OBJECT_COUNT)]),
        ([ALL, ALL], [ListMetricsQuery(BUCKET_SIZE), ListMetricsQuery(OBJECT_COUNT)]),
        ([unit(buckets=("logs-*",))], [ListMetricsQuery(BUCKET_SIZE), ListMetricsQuery(OBJECT_COUNT)]),
        (
            [unit(buckets=("x", "y"))],
            [
                ListMetricsQuery(BUCKET_SIZE, None, "x"),
                ListMetricsQuery(BUCKET_SIZE, None, "y"),
                ListMetricsQuery(OBJECT_COUNT, None, "x"),
                ListMetricsQuery(OBJECT_COUNT, None, "y"),
            ],
        ),
        ([unit(types=("A",), rest=False, buckets=("x",))], [ListMetricsQuery(BUCKET_SIZE, "A", "x")]),
        ([unit(types=("A", "B"), rest=False, buckets=("x",))], [ListMetricsQuery(BUCKET_SIZE, None, "x")]),
        ([unit(buckets=("x",)), ALL], [ListMetricsQuery(BUCKET_SIZE), ListMetricsQuery(OBJECT_COUNT)]),
        (
            [unit(types=("A",), rest=False, buckets=tuple(f"b{n}" for n in range(10, 30)))],
            [ListMetricsQuery(BUCKET_SIZE, "A", f"b{n}") for n in range(10, 30)],
        ),
        (
            [unit(buckets=tuple(f"b{n}" for n in range(21)))],
            [ListMetricsQuery(BUCKET_SIZE), ListMetricsQuery(OBJECT_COUNT)],
        ),
    ],
)
def test_the_units_of_a_region_take_few_list_requests(units: list[Unit], expected: list[ListMetricsQuery]) -> None:
    assert list_metrics_queries(units) == expected


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
def test_every_requested_series_is_listed_by_a_query(units: list[Unit]) -> None:
    found = list_metrics_queries(units)
    assert len(set(found)) == len(found)
    for asking in units:
        for bucket in filter(matcher(asking.buckets), NAMES):
            by_bucket = [chain for chain in found if chain.bucket in (None, bucket)]
            assert not asking.rest or any(chain.metric == OBJECT_COUNT for chain in by_bucket)
            for type_ in TYPES:
                of_type = [c for c in by_bucket if c.metric == BUCKET_SIZE and c.storage_type in (None, type_)]
                assert not includes(asking, type_) or of_type


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
def test_the_rule_limits_the_list_requests_of_a_bucket(
    rule: ListingRule, objects: float | None, allowed: int | None
) -> None:
    assert requests_allowed(rule, objects) == allowed


def test_a_series_is_requested_if_any_unit_with_its_type_names_its_bucket() -> None:
    units = [unit(buckets=("a*",)), unit(buckets=("b*",)), unit(rest=False, types=("X",))]
    matches = SeriesFilter(units).matches
    found = {
        (type_, bucket)
        for type_ in ("StandardStorage", "X", ALL_TYPES)
        for bucket in ("a1", "b1", "c1")
        if matches(SeriesName(OBJECT_COUNT if type_ == ALL_TYPES else BUCKET_SIZE, bucket, type_))
    }
    assert found == {
        *((type_, bucket) for type_ in ("StandardStorage", ALL_TYPES) for bucket in ("a1", "b1")),
        *(("X", bucket) for bucket in ("a1", "b1", "c1")),
    }
