"""Sums of findings: the same bytes never count twice."""

from __future__ import annotations

from itertools import combinations
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.findings.finding import fee_scope, scope_names, scope_of
from s3_monitor.findings.totals import best_sum, potential, potentials, sum_potentials, totals_by_id
from s3_monitor.model.bucket_config import Replication
from s3_monitor.model.request_metrics import RequestMetrics
from tests.findings.fixtures import GB, TB, bucket, config, findings

AMOUNTS = st.lists(st.tuples(st.integers(1, 63), st.integers(1, 1000).map(float)), max_size=8)


@given(AMOUNTS)
def test_the_sum_is_the_largest_over_all_sets_of_disjoint_findings(amounts: list[tuple[int, float]]) -> None:
    best = 0.0
    for size in range(len(amounts) + 1):
        for chosen in combinations(amounts, size):
            if not any(one[0] & other[0] for one, other in combinations(chosen, 2)):
                best = max(best, fsum(amount for _, amount in chosen))
    assert best_sum(amounts) == best


@given(AMOUNTS, st.randoms())
def test_the_sum_does_not_depend_on_the_order(amounts: list[tuple[int, float]], random: object) -> None:
    shuffled = list(amounts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert best_sum(shuffled) == best_sum(amounts)


def test_alternatives_for_the_same_bytes_count_once() -> None:
    unused = RequestMetrics(33, {"ListRequests": 33})
    source = bucket("source", {"StandardStorage": TB}, details=config(replication=Replication(1, ("copy",))))
    idle = bucket("copy", {"StandardStorage": 100 * GB, "StandardIASizeOverhead": 10 * GB}, request_metrics=unused)
    found = [one for one in findings(source, idle) if one.bucket == "copy"]
    assert {one.id for one in found} == {"no-access", "replica", "small-objects"}
    together = potential(found)
    assert together.high == pytest.approx(100 * 0.023 + 10 * 0.0125)  # no-access covers all bytes
    assert together.low == pytest.approx(10 * 0.0125)  # only the padding is certain


def test_negative_bounds_and_unknown_amounts_do_not_reduce_a_sum() -> None:
    found = findings(bucket(sizes={"StandardStorage": 4 * TB}, objects=1_000_000, details=config(versioning="enabled")))
    totals = sum_potentials(potentials(found).items(), 0)
    assert {one.id: one.kind for one in found} == {
        "int-candidate": "range", "mpu-no-abort": "unknown", "noncurrent-kept": "unknown",
    }  # fmt: skip
    assert (totals.findings, totals.unknown, totals.buckets, totals.usd_month_low) == (3, 2, 1, 0.0)
    assert totals.usd_month_high == pytest.approx(4096 * 0.0105 - 2.5)
    assert totals_by_id(found)["mpu-no-abort"].unknown == 1


def test_a_scope_is_named_by_storage_type_part_and_charge() -> None:
    scope = scope_of(("StandardStorage",), "current", "uploads") | scope_of(("GlacierStorage",)) | fee_scope("requests")
    assert scope_names(scope) == ("StandardStorage:current", "StandardStorage:uploads", "GlacierStorage", "requests")
