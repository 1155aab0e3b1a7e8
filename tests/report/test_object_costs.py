"""The objects of buckets.json with their costs: of all keys and of some."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.merge.merger import merge
from s3_monitor.model import bucket as buckets
from s3_monitor.model import part as parts
from s3_monitor.model.object_stats import Amount, ObjectStats, Prefix, merge_object_stats
from s3_monitor.model.plan import KeyPattern, ObjectsRule, Plan
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.money.storage_types import allocate_to_types, storage_types
from s3_monitor.report.data import buckets_and_summary
from tests.merge import fixtures
from tests.merge.fixtures import GIB, LAST, Truth

AT = int(fixtures.AS_OF.timestamp())
SIZES = (*[Amount()] * 7, Amount(3, 3 * GIB))
AGES = (*[Amount()] * 7, Amount(3, 3 * GIB))


def objects(**fields: Any) -> ObjectStats:
    plain: dict[str, Any] = {
        "source": "listing",
        "at": AT,
        "complete": True,
        "current": Amount(3, 3 * GIB),
        "classes": {"INTELLIGENT_TIERING": Amount(1, GIB), "STANDARD": Amount(2, 2 * GIB)},
        "sizes": SIZES,
        "ages": AGES,
        "recent": (Amount(),) * 4,
        "newest": AT - 86_400,
        "oldest": AT - 2 * 86_400,
        "prefixes": (Prefix("a/", {"STANDARD": Amount(2, 2 * GIB)}),),
    }
    return ObjectStats(**(plain | fields))


TRUTH = Truth(
    "a",
    {
        "StandardStorage": {LAST: 8 * GIB},
        "IntelligentTieringFAStorage": {LAST: GIB},
        "IntelligentTieringIAStorage": {LAST: 3 * GIB},
    },
    {LAST: 10},
)
WHOLE = ObjectsRule("listing")
SOME = ObjectsRule("listing", keys=(KeyPattern("a", "a/*"),))


def reported(
    rule: ObjectsRule, found: ObjectStats | None, truth: Truth = TRUTH, **answer: Any
) -> tuple[dict[str, Any], Any]:
    """Return the bucket in buckets.json, and the summary."""
    plan = msgspec.structs.replace(fixtures.plan([fixtures.unit()]), objects=rule)
    part = fixtures.part(plan, "s0", [truth], **answer, **({"objects": [("a", found)]} if found else {}))
    read = parts.decode(parts.encode(part), "part")
    lines, summary = buckets_and_summary(merge(plan, fixtures.digest(plan), [read]), bundled_prices(), fixtures.AS_OF)
    return json.loads(buckets.encode(lines))[0], summary


def test_objects_that_were_not_requested_are_absent() -> None:
    assert "objects" not in reported(ObjectsRule(), None)[0]


def test_objects_have_the_time_and_source_of_their_listing() -> None:
    found = reported(WHOLE, objects(origin="listed"))[0]["objects"]
    assert (found["as_of"], found["source"], found["origin"]) == ("2026-11-22 03:00:00+00:00", "listing", "listed")
    assert (found["newest"], found["oldest"]) == ("2026-11-21 03:00:00+00:00", "2026-11-20 03:00:00+00:00")


def test_objects_that_were_not_received_are_null() -> None:
    assert reported(WHOLE, None)[0]["objects"] is None


def test_fields_that_an_inventory_lacks_are_null_and_unexplained() -> None:
    unasked: dict[str, Any] = dict.fromkeys(("sizes", "ages", "recent", "prefixes"))
    line, _ = reported(WHOLE, objects(source="inventory", **unasked))
    found = line["objects"]
    assert (found["sizes"], found["ages"], found["prefixes"], found["encryption"]) == (None, None, None, None)
    assert found["classes"]["STANDARD"]["objects"] == 2
    assert (found["difference"]["written_since"], found["difference"]["unexplained"]) == (None, 9 * GIB)


def test_every_amount_is_priced_at_the_rates_of_the_bucket() -> None:
    line, _ = reported(WHOLE, objects(noncurrent=Amount(1, GIB), noncurrent_classes={"STANDARD": Amount(1, GIB)}))
    found = line["objects"]
    assert line["total_size"] == 12 * GIB
    assert found["classes"]["STANDARD"] == {"objects": 2, "size": 2 * GIB, "cost": 0.046}
    # A quarter of this class is in the frequent tier, three in the infrequent one.
    assert found["classes"]["INTELLIGENT_TIERING"]["cost"] == round(0.023 / 4 + 0.0125 * 3 / 4, 6)
    assert found["noncurrent"] == {"objects": 1, "size": GIB, "cost": 0.023}
    assert found["prefixes"] == [{"prefix": "a/", "depth": 1, "objects": 2, "size": 2 * GIB, "cost": 0.046}]
    assert found["difference"]["unexplained"] == 8 * GIB
    assert line["storage"]["StandardStorage"]["num_objects"] == 3
    assert "num_objects" not in line["storage"]["IntelligentTieringFAStorage"]


@pytest.mark.parametrize("unanswered", ["StandardStorage", "IntelligentTieringIAStorage"])
def test_an_unknown_storage_type_is_neither_compared_nor_allocated(unanswered: str) -> None:
    """The known lines alone would show a difference that does not exist, and allocate to the wrong types."""
    line, _ = reported(WHOLE, objects(), unanswered=[("a", unanswered)])
    found = line["objects"]
    assert (line["state"], line["total_size"], found["difference"]) == ("incomplete", None, None)
    assert found["classes"]["STANDARD"]["cost"] == 0.046
    assert found["classes"]["INTELLIGENT_TIERING"]["cost"] is None
    assert found["current"] == {"objects": 3, "size": 3 * GIB, "cost": None}


def test_a_class_without_a_storage_type_has_no_price() -> None:
    line, _ = reported(WHOLE, objects(classes={"SNOW": Amount(3, 3 * GIB)}))
    assert line["objects"]["classes"]["SNOW"]["cost"] is None


def test_incomplete_statistics_fill_no_counts_and_explain_nothing() -> None:
    line, _ = reported(WHOLE, objects(complete=False, cut="enough"))
    assert (line["objects"]["complete"], line["objects"]["cut"], line["objects"]["difference"]) == (
        False,
        "enough",
        None,
    )
    assert "num_objects" not in line["storage"]["StandardStorage"]


def test_a_selection_of_keys_has_only_their_figures() -> None:
    line, summary = reported(SOME, objects(keys="a/*"))
    assert {name: one["size"] for name, one in line["storage"].items()} == {
        "IntelligentTieringFAStorage": GIB // 4,
        "IntelligentTieringIAStorage": GIB // 4 * 3,
        "StandardStorage": 2 * GIB,
    }
    cost = round(2 * 0.023 + 0.023 / 4 + 0.0125 * 3 / 4, 6)
    assert (line["total_size"], line["total_cost"], line["num_objects"]) == (3 * GIB, cost, 3)
    assert (summary.totals.size, summary.totals.cost, summary.totals.objects) == (3 * GIB, cost, 3)
    assert line["last_modified"] == "2026-11-21 03:00:00+00:00"
    assert line["as_of"] == "2026-11-22"
    assert (line["objects"]["keys"], line["objects"]["difference"]) == ("a/*", None)


@pytest.mark.parametrize("found", [None, objects(complete=False, cut="enough")])
def test_an_incomplete_selection_of_keys_has_no_total(found: ObjectStats | None) -> None:
    line, summary = reported(SOME, found)
    assert (line["state"], line["total_size"], line["total_cost"], line["num_objects"]) == ("incomplete", *[None] * 3)
    assert summary.totals.unknown_buckets == 1


def test_a_selection_of_keys_has_a_note() -> None:
    _, summary = reported(SOME, objects(keys="a/*"))
    assert "selection-of-keys" in {problem.code for problem in summary.problems}


def test_a_selection_without_keys_has_0_bytes() -> None:
    nothing = objects(current=Amount(), classes={}, sizes=(Amount(),) * 8, ages=(Amount(),) * 8, prefixes=())
    line, _ = reported(SOME, nothing)
    assert (line["state"], line["total_size"], line["total_cost"], line["num_objects"]) == ("empty", 0, 0, 0)


def test_selected_keys_have_the_rates_of_all_keys_of_their_buckets() -> None:
    much = Truth("a", {"StandardStorage": {LAST: 102_400 * GIB}}, {LAST: 10})
    line, _ = reported(SOME, objects(classes={"STANDARD": Amount(3, 3 * GIB)}), much)
    assert line["total_cost"] == round(3 * (51_200 * 0.023 + 51_200 * 0.022) / 102_400, 6)


@given(
    st.dictionaries(st.sampled_from(["STANDARD", "INTELLIGENT_TIERING", "SNOW"]), st.integers(0, 2**60)),
    st.dictionaries(st.sampled_from(sorted(storage_types())), st.integers(0, 2**60)),
)
def test_the_allocation_to_storage_types_is_complete(sizes: dict[str, int], lines: dict[str, float]) -> None:
    assert sum(allocate_to_types(sizes, lines).values()) == sum(sizes.values())


answers = st.builds(
    objects,
    complete=st.booleans(),
    at=st.integers(AT, AT + 1),
    current=st.builds(Amount, st.integers(0, 2), st.integers(0, 2)),
    cut=st.sampled_from(["", "x"]),
)


@given(answers, answers, answers)
def test_statistics_of_a_bucket_merge_in_any_order(one: ObjectStats, two: ObjectStats, three: ObjectStats) -> None:
    assert merge_object_stats(one, one) == one
    assert merge_object_stats(one, two) == merge_object_stats(two, one)
    assert merge_object_stats(merge_object_stats(one, two), three) == merge_object_stats(
        one, merge_object_stats(two, three)
    )


def sharded(*shards: Any) -> Plan:
    return msgspec.structs.replace(fixtures.plan(*shards), objects=WHOLE)


def test_overlapping_shards_give_the_result_of_a_single_one() -> None:
    def report(plan: Plan) -> bytes:
        made = [
            fixtures.part(plan, shard.name, [TRUTH], objects=[("a", objects())] if shard.units[0].rest else [])
            for shard in plan.shards
        ]
        return buckets.encode(
            buckets_and_summary(merge(plan, fixtures.digest(plan), [*made, *made]), bundled_prices(), fixtures.AS_OF)[0]
        )

    one_type = fixtures.unit("one", types=["StandardStorage"], rest=False)
    assert report(sharded([fixtures.unit()])) == report(
        sharded([fixtures.unit()], [fixtures.unit("again")], [one_type])
    )


def test_versions_after_the_day_of_cloudwatch_are_written_since() -> None:
    recent = tuple(Amount(1, 10**exponent) for exponent in range(4))  # of the day of the listing, and of 3 days before
    line, _ = reported(WHOLE, objects(recent=recent))
    assert (line["as_of"], line["objects"]["difference"]["written_since"]) == ("2026-11-21", 1)
