"""The last known figures of emptied buckets: priced as if they were still stored, and excluded from all sums."""

from __future__ import annotations

import json

import msgspec
import pytest

from s3_monitor.merge.merged_data import MergedData
from s3_monitor.merge.merger import merge
from s3_monitor.model import bucket as buckets_file
from s3_monitor.model.bucket import Bucket, LastKnown
from s3_monitor.model.summary import Summary
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import buckets_and_summary
from tests.merge.fixtures import AS_OF, GIB, LAST, Truth, day, digest, part, plan, unit

S, IA, HOLOGRAMS = "StandardStorage", "StandardIAStorage", "HolographicStorage"
TIB = 1024 * GIB
MATRIX = bundled_prices()
FIRST, SECOND = 0.023, 0.022  # USD per GB-month in us-east-1, up to and above 50 TB
NEWER = Truth("newer", {S: {LAST: GIB}}, {LAST: 1})


def reported(*truths: Truth) -> tuple[dict[str, Bucket], Summary]:
    made = plan([unit()])
    facts: MergedData = merge(made, digest(made), [part(made, "s0", truths)])
    found, summary = buckets_and_summary(facts, MATRIX, AS_OF)
    return {one.name: one for one in found}, summary


def last(found: Bucket) -> LastKnown:
    assert isinstance(found.last_known, LastKnown)
    return found.last_known


def test_an_emptied_bucket_counts_as_0_and_has_last_known_figures() -> None:
    found, summary = reported(Truth("was", {S: {1: 100 * GIB}, IA: {1: 8 * GIB}}, {1: 7}), NEWER)
    one = found["was"]
    assert (one.state, one.storage, one.total_size, one.total_cost, one.num_objects) == ("emptied", {}, 0, 0, 0)
    assert one.as_of is None
    assert (last(one).as_of, last(one).total_size, last(one).num_objects) == (day(1), 108 * GIB, 7)
    assert last(one).total_cost == pytest.approx(100 * FIRST + 8 * 0.0125)
    assert {name: line.size for name, line in last(one).storage.items()} == {S: 100 * GIB, IA: 8 * GIB}
    assert [(one.name, one.last_known.total_size) for one in summary.emptied] == [("was", 108 * GIB)]


def test_last_figures_are_in_no_sum_and_fill_no_price_tier() -> None:
    plain, without = reported(NEWER)
    found, summary = reported(Truth("was", {S: {1: 60 * TIB}}, {1: 7}), NEWER)
    assert found["newer"] == plain["newer"]
    for one, other in ((summary.totals, without.totals), *zip(groups(summary), groups(without), strict=True)):
        for field in ("size", "cost", "objects", "unpriced_size", "unknown_buckets", "unknown_objects"):
            assert getattr(one, field) == getattr(other, field), field
    assert summary.totals.buckets == 2
    assert list(summary.by_storage_type) == [S]


def groups(summary: Summary) -> list[object]:
    return [*summary.by_account.values(), *summary.by_region.values(), *summary.by_storage_type.values()]


def test_last_figures_are_priced_on_top_of_the_stored_bytes() -> None:
    big = Truth("big", {S: {LAST: 40 * TIB}}, {LAST: 1})
    found, _ = reported(Truth("was", {S: {1: 40 * TIB}}, {1: 7}), big)
    pool = (50 * FIRST + 30 * SECOND) * 1024
    assert last(found["was"]).total_cost == pytest.approx(pool / 2)
    assert found["big"].total_cost == pytest.approx(40 * FIRST * 1024)


def test_a_type_without_a_price_leaves_the_last_cost_unknown() -> None:
    found, summary = reported(Truth("was", {HOLOGRAMS: {1: GIB}, S: {1: GIB}}, {1: 7}), NEWER)
    assert last(found["was"]).total_cost is None
    assert last(found["was"]).storage[S].cost == pytest.approx(FIRST)
    assert (found["was"].total_cost, summary.totals.unpriced_size) == (0, 0)


def test_only_emptied_buckets_have_last_figures() -> None:
    found, _ = reported(Truth("was", {S: {1: GIB}}, {1: 7}), NEWER, Truth("none"))
    written = {one["name"]: one for one in json.loads(buckets_file.encode([*found.values()]))}
    assert {name for name, one in written.items() if "last_known" in one} == {"was"}
    assert written["was"]["last_known"] == {
        "as_of": day(1).isoformat(),
        "storage": {S: {"size": GIB, "cost": FIRST}},
        "total_size": GIB,
        "total_cost": FIRST,
        "num_objects": 7,
    }


def test_a_fraction_of_a_byte_is_priced_too() -> None:
    found, _ = reported(Truth("was", {S: {1: GIB + 0.5}}, {1: 7}), NEWER)
    assert last(found["was"]).total_size == GIB + 0.5
    assert msgspec.json.encode(found["was"])
