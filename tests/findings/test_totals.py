"""Sums of findings: the same bytes never count twice."""

from __future__ import annotations

from itertools import combinations
from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.findings.finding import Finding, fee_scope, scope_names, scope_of
from s3_monitor.findings.totals import (
    best_sum,
    potential,
    potentials,
    sum_potentials,
    totals_by,
    totals_by_id,
)
from s3_monitor.model.bucket_config import Replication
from s3_monitor.model.finding import FindingId, FindingTotals
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


def of(id_: FindingId, bucket: str | None, low: float | None, high: float | None, account: str = "1") -> Finding:
    kind = "unknown" if high is None else "range"
    return Finding(id_, account, "r", bucket, kind, low, high, fee_scope("features"), (), {})  # type: ignore[arg-type]


FOUND = [
    of("rrs", "a", 1.0, 1.5),
    of("rrs", "b", -2.0, 0.25),
    of("rrs", "c", None, None),
    of("int-fee", "a", 0.5, 0.75),
    of("int-fee", None, 3.0, 3.0),
    of("no-access", "d", None, 4.0, "2"),
    of("sia-size", "d", 0.0, 0.0, "2"),
    of("sia-size", "e", -1.0, -0.5, "2"),
]


def test_the_sums_of_a_rule_count_buckets_and_unknown_amounts_but_no_negative_ones() -> None:
    assert totals_by_id(FOUND) == {
        "int-fee": FindingTotals(2, 1, 3.5, 3.75, 0),
        "no-access": FindingTotals(1, 1, 0.0, 4.0, 0),
        "rrs": FindingTotals(3, 3, 1.0, 1.75, 1),
        "sia-size": FindingTotals(2, 2, 0.0, 0.0, 0),
    }
    assert list(totals_by_id(FOUND)) == ["int-fee", "no-access", "rrs", "sia-size"]


def test_the_sums_of_a_group_count_each_bucket_once_and_those_with_missing_data() -> None:
    found = potentials(FOUND)
    assert {key[2]: (one.low, one.high, one.findings, one.unknown) for key, one in found.items()} == {
        "a": (1.0, 1.5, 2, 0),
        "b": (0.0, 0.25, 1, 0),
        "c": (0.0, 0.0, 1, 1),
        None: (3.0, 3.0, 1, 0),
        "d": (0.0, 4.0, 2, 0),
        "e": (0.0, 0.0, 1, 0),
    }
    incomplete = [("3", "r", "x"), ("1", "r", "y"), ("3", "r", "z")]
    by_account = totals_by(found, incomplete, lambda key: key[0])
    assert by_account == {
        "1": FindingTotals(5, 3, 4.0, 4.75, 1, 1),
        "2": FindingTotals(3, 2, 0.0, 4.0, 0, 0),
        "3": FindingTotals(0, 0, 0.0, 0.0, 0, 2),
    }
    assert list(by_account) == ["1", "2", "3"]
