"""Sums by account, region, unit and storage type, with what they exclude."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.summary import Group
from s3_monitor.report.totals import Dimension, Missing, RegionTotals, Totals, TypeTotals, totals_of_records

A, B, EU, US = "111111111111", "222222222222", "eu-west-1", "us-east-1"
S, GLACIER, INDEX, NEW = "StandardStorage", "GlacierStorage", "GlacierObjectOverhead", "NewStorage"
DOLLAR = 10**76


def record(state: Any = "measured", objects: float | None = 5, **sizes: float) -> ResolvedBucket:
    lines = dict(sorted(sizes.items()))
    return ResolvedBucket(
        A, EU, "b", 0, "general-purpose", state, 1, tuple(lines), tuple(lines.values()), objects, None, {}, None
    )


def of(*records: ResolvedBucket) -> RegionTotals:
    return totals_of_records(records)[A, EU]


def test_the_totals_of_a_region_count_buckets_objects_and_what_is_unknown() -> None:
    found = of(
        record(StandardStorage=5, GlacierStorage=7, GlacierObjectOverhead=3 * 32 * 1024),
        record(objects=None, StandardStorage=1),
        record("incomplete", None, StandardStorage=2),
        record("unmeasured", None),
        record("young", 0),
        record("empty", 0),
    )
    assert (found.buckets, found.objects, found.uncounted, found.unknown, found.untyped) == (6, 5, 3, 3, 2)
    assert found.types == {
        GLACIER: TypeTotals(7, 1, 1, 3, 0),
        INDEX: TypeTotals(3 * 32 * 1024, 1, 0, 0, 0),
        S: TypeTotals(8, 3, 0, 0, 1),
    }
    assert list(found.types) == [INDEX, GLACIER, S]
    assert found.sizes == {GLACIER: 7, INDEX: 98304, S: 8}


def test_fractions_of_bytes_and_objects_are_summed_exactly() -> None:
    records = [record(objects=0.1, StandardStorage=size) for size in (0.1, 1e17, 0.2)]
    found = of(*records)
    assert found.types[S].size == Fraction(0.1) + Fraction(0.2) + 10**17
    assert found.objects == 3 * Fraction(0.1)
    assert of(*records[::-1]) == found


def test_accounts_and_regions_of_the_plan_have_totals_without_buckets() -> None:
    found = totals_of_records([record(StandardStorage=5)], [(B, US), (A, EU)])
    assert list(found) == [(A, EU), (B, US)]
    assert found[B, US] == RegionTotals()


@pytest.mark.parametrize(
    ("missing", "dimension", "key", "expected"),
    [
        (Missing(), "account", A, False),
        (Missing(frozenset({(A, EU)})), "account", A, True),
        (Missing(frozenset({(A, EU)})), "account", B, False),
        (Missing(frozenset({(A, EU)})), "region", EU, True),
        (Missing(frozenset({(A, EU)})), "region", US, False),
        (Missing(frozenset({(A, EU)})), "storage-type", S, True),
        (Missing(undiscovered=(A,)), "account", A, True),
        (Missing(undiscovered=(A,)), "account", B, False),
        (Missing(undiscovered=(A,)), "region", US, True),
        (Missing(undiscovered=(None,)), "account", B, False),
        (Missing(undiscovered=(None,)), "region", US, True),
        (Missing(), "storage-type", S, False),
    ],
)
def test_data_is_missing_where_a_region_or_account_is(
    missing: Missing, dimension: Dimension, key: str, expected: bool
) -> None:
    assert missing.within(dimension, key) is expected
    assert missing.anywhere() is (missing != Missing())


REGIONS = {
    (A, EU): RegionTotals(2, 5, 0, 0, 0, {S: TypeTotals(10, 2), NEW: TypeTotals(3, 1)}),
    (A, US): RegionTotals(3, 7, 1, 1, 1, {S: TypeTotals(20, 2, 0, 0, 1), GLACIER: TypeTotals(4, 1, 1, 9, 0)}),
    (B, EU): RegionTotals(1, 0, 1, 1, 1, {}),
    (B, US): RegionTotals(),
}
RATES: Any = {place: {S: DOLLAR, NEW: None, GLACIER: 2 * DOLLAR} for place in REGIONS}


def totals(missing: Missing | None = None, bounds: Any = None) -> Totals:
    return Totals(REGIONS, RATES, bounds or {}, missing or Missing())


def short(group: Group) -> tuple[Any, ...]:
    """Return buckets, size, objects, cost, unpriced size, unknown buckets, unknown objects, and completeness."""
    return (
        group.buckets, group.size, group.objects, group.cost, group.unpriced_size, group.unknown_buckets,
        group.unknown_objects, group.complete,
    )  # fmt: skip


def test_groups_are_sums_of_their_accounts_and_regions() -> None:
    found = totals()
    assert short(found.total()) == (6, 37.0, 12.0, 38.0, 3.0, 2, 2, True)
    assert {name: short(group) for name, group in found.by_account().items()} == {
        A: (5, 37.0, 12.0, 38.0, 3.0, 1, 1, True),
        B: (1, None, None, None, 0.0, 1, 1, True),
    }
    assert {name: short(group) for name, group in found.by_region().items()} == {
        EU: (3, 13.0, 5.0, 10.0, 3.0, 1, 1, True),
        US: (3, 24.0, 7.0, 28.0, 0.0, 1, 1, True),
    }
    assert {name: short(group) for name, group in found.by_storage_type().items()} == {
        GLACIER: (1, 4.0, 9.0, 8.0, 0.0, 2, 0, True),
        NEW: (1, 3.0, None, None, 3.0, 2, 1, True),
        S: (4, 30.0, None, 30.0, 0.0, 1, 4, True),
    }


def test_a_region_without_buckets_is_no_group_and_has_no_parts() -> None:
    only = Totals({(A, EU): RegionTotals()}, {}, {}, Missing())
    assert short(only.total()) == (0, 0.0, 0.0, 0.0, 0.0, 0, 0, True)
    assert (only.by_region(), list(only.by_account())) == ({}, [A])
    incomplete = Totals({(A, EU): RegionTotals()}, {}, {}, Missing(frozenset({(A, EU)})))
    assert short(incomplete.total()) == (0, None, None, None, 0.0, 0, 0, False)


@pytest.mark.parametrize(
    ("dimension", "key", "by", "expected"),
    [
        ("account", A, "region", {EU: (2, 13.0, 10.0, True), US: (3, 24.0, 28.0, True)}),
        ("account", B, "region", {EU: (1, None, None, True)}),
        ("region", EU, "account", {A: (2, 13.0, 10.0, True), B: (1, None, None, True)}),
        (
            "account", A, "storage-type",
            {GLACIER: (1, 4.0, 8.0, True), NEW: (1, 3.0, None, True), S: (4, 30.0, 30.0, True)},
        ),
        ("region", US, "storage-type", {GLACIER: (1, 4.0, 8.0, True), S: (2, 20.0, 20.0, True)}),
        ("storage-type", S, "account", {A: (4, 30.0, 30.0, True)}),
        ("storage-type", S, "region", {EU: (2, 10.0, 10.0, True), US: (2, 20.0, 20.0, True)}),
        ("storage-type", GLACIER, "region", {US: (1, 4.0, 8.0, True)}),
        ("account", "3", "region", {}),
        ("account", "3", "storage-type", {}),
    ],
)  # fmt: skip
def test_a_group_has_parts_by_every_other_dimension(
    dimension: Dimension, key: str, by: Dimension, expected: dict[str, tuple[Any, ...]]
) -> None:
    found = totals().parts(dimension, key, by)
    assert {name: (one.buckets, one.size, one.cost, one.complete) for name, one in found.items()} == expected


def test_a_part_is_complete_unless_data_is_missing_from_both_its_groups() -> None:
    found = totals(Missing(frozenset({(A, EU)})))
    completeness = {
        (dimension, key, by): {name: one.complete for name, one in found.parts(dimension, key, by).items()}
        for dimension, key, by in (
            ("account", A, "region"), ("region", EU, "account"), ("storage-type", S, "region"),
            ("storage-type", S, "account"), ("account", A, "storage-type"), ("region", US, "storage-type"),
        )
    }  # fmt: skip
    assert completeness == {
        ("account", A, "region"): {EU: False, US: True},
        ("region", EU, "account"): {A: False, B: True},
        ("storage-type", S, "region"): {EU: False, US: True},
        ("storage-type", S, "account"): {A: False},
        ("account", A, "storage-type"): {GLACIER: False, NEW: False, S: False},
        ("region", US, "storage-type"): {GLACIER: True, S: True},
    }
    assert {name: one.complete for name, one in found.by_storage_type().items()} == {
        GLACIER: False,
        NEW: False,
        S: False,
    }
    assert {name: one.complete for name, one in found.by_region().items()} == {EU: False, US: True}
    assert {name: one.complete for name, one in found.by_account().items()} == {A: False, B: True}


@pytest.mark.parametrize(
    ("missing", "complete"),
    [
        (Missing(), {"Data": True, "Prod": True}),
        (Missing(frozenset({(A, US)})), {"Data": False, "Prod": True}),
        (Missing(undiscovered=(B,)), {"Data": True, "Prod": False}),
        (Missing(undiscovered=(None,)), {"Data": False, "Prod": False}),
    ],
)
def test_an_organizational_unit_has_the_sums_of_its_accounts(missing: Missing, complete: dict[str, bool]) -> None:
    found = totals(missing).by_unit({B: "Prod", A: "Data"})
    assert {name: group.complete for name, group in found.items()} == complete
    assert [(name, group.buckets) for name, group in found.items()] == [("Data", 5), ("Prod", 1)]
    only = totals().by_unit({A: "Data"})
    assert [(name, group.buckets, group.size) for name, group in only.items()] == [("Data", 5, 37.0)]


def test_bytes_at_upper_bounds_are_summed() -> None:
    found = totals(bounds={(A, EU): frozenset({S}), (A, US): frozenset({GLACIER})})
    assert found.total().upper_bound_size == 14.0
    assert {name: group.upper_bound_size for name, group in found.by_region().items()} == {EU: 10.0, US: 4.0}
