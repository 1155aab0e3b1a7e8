"""The coverage of a bucket, for every combination of units and parts."""

from __future__ import annotations

from typing import Any

import pytest

from s3_monitor.merge.coverage import OBJECT_COUNT, BucketCoverage, RegionCoverage, UnitCoverage
from s3_monitor.model.plan import Unit
from tests.merge.fixtures import unit

S, IA = "StandardStorage", "StandardIAStorage"
ALL = unit("all")
ONLY_IA = unit("ia", types=[IA], rest=False)
REST = unit("rest", except_=[IA])
COUNTS_ONLY = unit("counts", types=[])
COMPLETE = BucketCoverage(complete=True, counts=True, narrowed=False, listings=True)


def received(of: Unit, **changes: Any) -> UnitCoverage:
    fields: dict[str, Any] = {"listed": True, "sizes": True, "counts": of.rest, "part_is_complete": True, "missing": {}}
    return UnitCoverage(of, **(fields | changes))


@pytest.mark.parametrize(
    ("coverage", "is_complete"),
    [
        (received(ALL), True),
        (received(ALL, listed=False), False),
        (received(ALL, sizes=False), False),
        (received(ALL, counts=False), False),
        (received(ALL, missing={"b": frozenset({S})}), False),
        (received(ALL, part_is_complete=False), True),
        (received(ONLY_IA), True),  # it requests no object counts
        (received(ONLY_IA, sizes=False), False),
        (received(COUNTS_ONLY, sizes=False), True),  # it requests no byte series
        (received(COUNTS_ONLY, counts=False), False),
    ],
)
def test_a_unit_is_complete_if_everything_it_requests_was_received(coverage: UnitCoverage, is_complete: bool) -> None:
    assert coverage.is_complete is is_complete


@pytest.mark.parametrize(
    ("units", "parts", "expected"),
    [
        ([ALL], [received(ALL)], COMPLETE),
        ([ALL], [], COMPLETE._replace(complete=False, counts=False, listings=False)),
        ([ALL], [received(ALL, part_is_complete=False)], COMPLETE._replace(listings=False)),
        ([ALL], [received(ALL, counts=False)], COMPLETE._replace(counts=False)),
        ([ALL], [received(ALL, sizes=False)], COMPLETE._replace(complete=False)),
        ([ALL], [received(ALL, missing={"b": frozenset({S})})], COMPLETE._replace(complete=False)),
        ([ALL], [received(ALL, missing={"b": frozenset({OBJECT_COUNT})})], COMPLETE._replace(counts=False)),
        ([ALL], [received(ALL, missing={"other": frozenset({S, OBJECT_COUNT})})], COMPLETE),
        # A second part has what the first does not have.
        ([ALL], [received(ALL, missing={"b": frozenset({S})}), received(ALL)], COMPLETE),
        ([ALL], [received(ALL, counts=False, part_is_complete=False), received(ALL)], COMPLETE),
        ([ONLY_IA, REST], [received(ONLY_IA), received(REST)], COMPLETE),
        ([ONLY_IA, REST], [received(REST)], COMPLETE._replace(complete=False)),
        ([ONLY_IA, REST], [received(ONLY_IA)], BucketCoverage(False, False, False, False)),
        ([ONLY_IA], [received(ONLY_IA)], BucketCoverage(True, False, True, False)),
        ([ONLY_IA, COUNTS_ONLY], [received(ONLY_IA), received(COUNTS_ONLY)], COMPLETE._replace(narrowed=True)),
        # Units with patterns count for the buckets that match.
        ([unit("b", buckets=["b*"])], [received(unit("b", buckets=["b*"]))], COMPLETE),
        ([unit("c", buckets=["c*"])], [received(unit("c", buckets=["c*"]))], BucketCoverage(True, False, True, False)),
        ([ALL, unit("c", buckets=["c*"])], [received(ALL)], COMPLETE),
        ([ALL, unit("b", buckets=["b*"], types=[IA])], [received(ALL)], COMPLETE),
    ],
)
def test_a_bucket_is_covered_by_the_units_that_match_and_were_received(
    units: list[Unit], parts: list[UnitCoverage], expected: BucketCoverage
) -> None:
    assert RegionCoverage(units, parts).of("b") == expected


def test_a_missing_series_of_a_bucket_concerns_no_other_bucket() -> None:
    coverage = RegionCoverage([ALL], [received(ALL, missing={"b": frozenset({S})})])
    assert [coverage.of(name).complete for name in ("a", "b", "c", "b")] == [True, False, True, False]
