"""Merged configurations: the same for any split; absent if not requested, null if not received."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from s3_monitor.merge.merger import merge
from s3_monitor.model import bucket as buckets_file
from s3_monitor.model import part as parts
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.identity import SpecialBucket, SpecialKind
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan
from s3_monitor.model.problem import create_problem
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import buckets_and_summary
from tests.merge import fixtures
from tests.merge.accounts import accounts, cuts, whole
from tests.merge.fixtures import ACCOUNT, REGION, Truth, part, plan, unit

MATRIX = bundled_prices()
A, B = BucketConfig(tags={"team": "a"}), BucketConfig(tags={"team": "b"})
details = st.sampled_from([None, A, B, BucketConfig(tags=None, versioning="none")])
traffics = st.sampled_from(
    [
        None,
        RequestMetrics(3, {"GetRequests": 7}),
        RequestMetrics(30, {"BytesDownloaded": 2**40}),
        RequestMetrics(1, {"PutRequests": 9}, "storage-lens"),
    ]
)


def report(plan_: Plan, made: list[Part]) -> bytes:
    found, _ = buckets_and_summary(merge(plan_, fixtures.digest(plan_), made), MATRIX, fixtures.AS_OF)
    return buckets_file.encode(found)


@given(st.data(), accounts())
def test_any_split_gives_the_bytes_of_the_single_run(data: st.DataObject, truths: list[Truth]) -> None:
    truths = [
        replace(truth, details=data.draw(details), traffic=data.draw(traffics)) if truth.listed else truth
        for truth in truths
    ]
    single = msgspec.structs.replace(whole(truths, None), details=True, requests=True)
    cut = msgspec.structs.replace(data.draw(cuts(truths, None)), details=True, requests=True)
    made = [part(cut, shard.name, truths, seconds=number) for number, shard in enumerate(cut.shards)]
    again = data.draw(st.lists(st.sampled_from(made)))
    shuffled = data.draw(st.permutations([*made, *again]))
    assert report(cut, shuffled) == report(single, [part(single, "s0", truths)])


def test_details_that_were_not_requested_are_absent_and_those_not_received_are_null() -> None:
    for asked, expected in ((False, UNSET), (True, None)):
        made = plan([unit()], details=asked)
        (record,) = merge(made, fixtures.digest(made), [part(made, "s0", [Truth("b")])]).buckets
        assert record.details is expected
        merged = merge(made, fixtures.digest(made), [part(made, "s0", [Truth("b")])])
        found, _ = buckets_and_summary(merged, MATRIX, fixtures.AS_OF)
        assert (b'"details"' in buckets_file.encode(found)) == asked


def test_different_configurations_are_a_note_and_the_order_does_not_matter() -> None:
    made = plan([unit("one")], [unit("two")], details=True)
    ran = [part(made, "s0", [Truth("b", details=A)]), part(made, "s1", [Truth("b", details=B)])]
    for order in (ran, ran[::-1]):
        facts = merge(made, fixtures.digest(made), order)
        assert facts.buckets[0].details == B
        conflict = create_problem("configuration-conflict", account=ACCOUNT, region=REGION, bucket="b", property="tags")
        assert conflict in facts.problems


@pytest.mark.parametrize(
    ("names", "what"),
    [
        (["b", "a"], "configurations out of order or duplicate"),
        (["a", "a"], "configurations out of order or duplicate"),
        (["z"], "configurations of a bucket that is not in the unit"),
    ],
)
def test_an_invalid_configuration_is_a_gap(names: list[str], what: str) -> None:
    made = plan([unit()], details=True)
    bad = part(made, "s0", [Truth("a"), Truth("b")], details=[(name, A) for name in names])
    facts = merge(made, fixtures.digest(made), [bad])
    assert any(what in problem.message for problem in facts.problems if problem.severity == "gap")


def test_a_part_round_trips_configurations_and_rejects_invalid_ones() -> None:
    made = plan([unit()], details=True)
    content = parts.encode(part(made, "s0", [Truth("a", details=A)]))
    assert parts.decode(content, "s0.json").units[0].details == [("a", A)]
    with pytest.raises(InvalidFileError, match="versioning"):
        parts.decode(content.replace(b'"tags":{"team":"a"}', b'"versioning":"sometimes"'), "s0.json")
    assert b"details" not in parts.encode(part(made, "s0", [Truth("a")]))


@pytest.mark.parametrize(
    ("others", "what"),
    [
        ([("table", "b"), ("table", "a")], "special buckets out of order or duplicate"),
        ([("table", "a"), ("table", "a")], "special buckets out of order or duplicate"),
        ([("directory", "a")], "special buckets out of order or duplicate"),
        ([("table", "z")], "a special bucket that was not requested"),
    ],
)
def test_an_invalid_list_of_special_buckets_is_a_gap(others: list[tuple[SpecialKind, str]], what: str) -> None:
    made = plan([unit(buckets=["[ab]"])], details=True)
    bad = part(made, "s0", [], others=[SpecialBucket(kind, name, None) for kind, name in others])
    facts = merge(made, fixtures.digest(made), [bad])
    assert any(what in problem.message for problem in facts.problems if problem.severity == "gap")


def test_special_buckets_merge_in_any_order_and_are_omitted_for_selected_storage_types() -> None:
    made = plan([unit("one")], [unit("two")], details=True)
    first = part(made, "s0", [], others=[SpecialBucket("table", "a", None)])
    second = part(
        made, "s1", [], others=[SpecialBucket("table", "a", fixtures.OLD), SpecialBucket("vector", "a", None)]
    )
    for order in ([first, second], [second, first], [first, second, second]):
        found = merge(made, fixtures.digest(made), order).buckets
        assert [(one.kind, one.created, one.state) for one in found] == [
            ("table", fixtures.OLD, "unmeasured"), ("vector", None, "unmeasured"),
        ]  # fmt: skip
    narrow = plan([unit(types=["StandardStorage"])], details=True)
    alone = part(narrow, "s0", [], others=[SpecialBucket("table", "a", None)])
    assert merge(narrow, fixtures.digest(narrow), [alone]).buckets == []


@pytest.mark.parametrize("types", [None, ["StandardStorage"]])
def test_special_buckets_follow_patterns_and_storage_types_together(types: list[str] | None) -> None:
    made = plan([unit("a", buckets=["a*"], types=types), unit("b", buckets=["b*"], types=types)], details=True)
    bad = part(made, "s0", [])
    found = [
        [SpecialBucket("table", "a1", None)],
        [SpecialBucket("table", "b1", None), SpecialBucket("vector", "b1", 5)],
    ]
    units = [msgspec.structs.replace(facts, others=others) for facts, others in zip(bad.units, found, strict=True)]
    facts = merge(made, fixtures.digest(made), [msgspec.structs.replace(bad, units=units)])
    expected = [] if types else [("a1", "table"), ("b1", "table"), ("b1", "vector")]
    assert [(one.name, one.kind) for one in facts.buckets] == expected
    counts = [problem.count for problem in facts.problems if problem.code == "special-buckets-unmeasured"]
    assert counts == ([] if types else [3])
