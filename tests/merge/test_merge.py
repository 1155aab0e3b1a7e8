"""The days, lines, states, gaps and notes of merged parts: each rule with a case."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.merge.merger import merge, paused_gc
from s3_monitor.model.part import Listing, Part
from s3_monitor.model.plan import ListingRule, Plan, Unit
from s3_monitor.model.request_metrics import RequestMetrics
from tests.merge import fixtures
from tests.merge.fixtures import ACCOUNT, GIB, LAST, REGION, WINDOW, Truth, part, plan, unit
from tests.problems import codes, gap, note

S, IA = "StandardStorage", "StandardIAStorage"
HERE = f"{ACCOUNT}/{REGION}"
QUIET = ListingRule("off")  # for tests that do not concern listings
FULL = {day: float(GIB) for day in range(LAST + 1)}


def merged(
    *buckets: Truth, plan_: Plan | None = None, parts: Sequence[Part] | None = None, **answer: object
) -> MergedData:
    """Merge the part of a single shard with these buckets, or the given parts."""
    made = plan_ or plan([unit()], listing=QUIET)
    if parts is None:
        parts = [part(made, shard.name, buckets, **answer) for shard in made.shards]  # type: ignore[arg-type]
    return merge(made, fixtures.digest(made), parts)


def only(facts: MergedData) -> ResolvedBucket:
    (record,) = facts.buckets
    return record


def seconds(day: int, hour: int = 12) -> int:
    shown = WINDOW.day(day)
    return int(datetime(shown.year, shown.month, shown.day, hour, tzinfo=UTC).timestamp())


# The day of the figures


@pytest.mark.parametrize(
    ("sizes", "day", "lines", "ended"),
    [
        pytest.param({S: {5: 7, 4: 9}}, 5, {S: 7}, [], id="the newest day"),
        pytest.param({S: {5: 7}, IA: {5: 1}}, 5, {S: 7, IA: 1}, [], id="all series of that day"),
        pytest.param({S: {5: 7}, IA: {4: 1}}, 5, {S: 7}, ["2026-11-20"], id="one ended"),
        pytest.param({S: {3: 7}, IA: {4: 7}}, 4, {IA: 7}, ["2026-11-19"], id="bytes that moved count once"),
        pytest.param({S: {5: 7}, IA: {}}, 5, {S: 7}, [], id="a series without a point in the window is nothing"),
        pytest.param({S: {6: 0}}, 6, {S: 0}, [], id="a zero is a figure"),
    ],
)
def test_lines_are_the_points_of_the_newest_day(
    sizes: dict[str, dict[int, float]], day: int, lines: dict[str, float], ended: list[str]
) -> None:
    facts = merged(Truth("b", sizes, {5: 1}))
    assert (only(facts).day, only(facts).lines) == (day, lines)
    assert [problem.code for problem in facts.problems] == ["storage-type-ended"] * len(ended)
    assert all(f"data up to {last}," in problem.message for last, problem in zip(ended, facts.problems, strict=True))


@pytest.mark.parametrize(
    ("count", "objects"),
    [
        ({5: 3, 4: 2}, 3),
        ({4: 2}, 2),  # the newest before
        ({6: 9, 4: 2}, 2),  # never a later one
        ({6: 9}, None),
        ({}, None),
        (None, None),
        ({5: 0}, 0),
    ],
)
def test_objects_are_counted_on_that_day_or_the_newest_before(count: dict[int, float], objects: float | None) -> None:
    assert only(merged(Truth("b", {S: {5: 1}}, count))).objects == objects


# States


@pytest.mark.parametrize(
    ("truth", "state", "objects"),
    [
        (Truth("b", {S: FULL}, {5: 1}), "measured", 1),
        (Truth("b"), "empty", 0),
        (Truth("b", {}, {5: 0}), "empty", 0),
        (Truth("b", created=None), "incomplete", None),  # it may be too new to have figures
        (Truth("b", {}, {5: 0}, created=None), "empty", 0),
        (Truth("b", created=None, listing=Listing(None, 0)), "empty", 0),
        (Truth("b", created=seconds(6)), "young", None),
        (Truth("b", created=seconds(4, hour=0)), "young", None),  # two days before the 22nd
        (Truth("b", created=seconds(3, hour=23)), "empty", 0),  # three days before
        (Truth("b", {}, {5: 4}, created=seconds(5)), "young", 4),
        (Truth("b", {S: FULL}, {5: 4}, created=seconds(5)), "measured", 4),
        (Truth("b", {}, {5: 4}), "no-data", 4),
        (Truth("b", listing=Listing(1, 4)), "no-data", None),  # the listing found objects: it is not empty
        (Truth("b", listing=Listing(None, 0)), "empty", 0),
    ],
)
def test_a_bucket_without_figures_has_a_state_for_each_cause(truth: Truth, state: str, objects: float | None) -> None:
    record = only(merged(truth))
    assert (record.state, record.objects) == (state, objects)


@pytest.mark.parametrize(
    ("answer", "state", "lines"),
    [
        ({"sizes": False}, "incomplete", {S: GIB}),
        ({"counts": False}, "measured", {S: GIB}),
        ({"unanswered": [("b", IA)]}, "incomplete", {S: GIB}),
        ({"unanswered": [("b", "")]}, "measured", {S: GIB}),
        ({"unanswered": [("other", IA)]}, "measured", {S: GIB}),
    ],
)
def test_missing_data_makes_a_bucket_incomplete_and_keeps_its_lines(
    answer: dict[str, object], state: str, lines: dict[str, float]
) -> None:
    facts = merged(Truth("b", {S: FULL}), **answer)
    record = next(record for record in facts.buckets if record.name == "b")
    assert (record.state, record.lines) == (state, lines)


@pytest.mark.parametrize("answer", [{"sizes": False}, {"counts": False}, {"unanswered": [("b", "")]}])
def test_a_bucket_without_lines_is_empty_only_if_all_data_was_received(answer: dict[str, object]) -> None:
    record = only(merged(Truth("b"), **answer))
    assert (record.state, record.objects) == ("incomplete", None)


def test_a_bucket_that_only_a_series_without_points_names_is_kept() -> None:
    record = only(merged(listed=False, unanswered=[("b", S)]))
    assert (record.name, record.state, record.created) == ("b", "incomplete", None)


# Splits by type, with a missing shard


BY_TYPE = plan([unit("s", types=[S], rest=False)], [unit("rest", except_=[S])])
BUCKET = Truth("b", {S: FULL, IA: FULL}, {5: 3})


@pytest.mark.parametrize(
    ("arrived", "state", "lines", "objects"),
    [
        (["s0", "s1"], "measured", {IA: GIB, S: GIB}, 3),
        (["s0"], "incomplete", {S: GIB}, None),
        (["s1"], "incomplete", {IA: GIB}, 3),
    ],
)
def test_a_missing_shard_leaves_its_types_unknown(
    arrived: list[str], state: str, lines: dict[str, float], objects: float | None
) -> None:
    record = only(merged(plan_=BY_TYPE, parts=[part(BY_TYPE, name, [BUCKET]) for name in arrived]))
    assert (record.state, record.lines, record.objects) == (state, lines, objects)


def test_another_unit_can_have_the_data_that_is_missing_in_a_unit() -> None:
    both = plan([unit("s", types=[S], rest=False)], [unit("all")])
    parts = [
        part(both, "s0", [BUCKET], status="partial", problems=[gap(HERE, "throttled")], unanswered=[("b", S)]),
        part(both, "s1", [BUCKET]),
    ]
    assert only(merged(plan_=both, parts=parts)).state == "measured"


def test_a_pattern_covers_only_the_buckets_it_matches() -> None:
    cut = plan([unit("a", buckets=["a*"])], [unit("b", buckets=["b*"])])
    facts = merged(plan_=cut, parts=[part(cut, "s0", [Truth("ab"), Truth("ba")])])
    assert [(record.name, record.state) for record in facts.buckets] == [("ab", "empty")]


# The list of buckets


def test_directory_buckets_are_kept_and_deleted_buckets_are_omitted_with_a_note() -> None:
    series = {"sizes": {S: FULL}, "listed": False}
    facts = merged(Truth("x--x-s3", **series), Truth("gone", **series))  # type: ignore[arg-type]
    record = only(facts)
    assert (record.name, record.kind, record.created) == ("x--x-s3", "directory", None)
    assert codes(facts.problems) == [("deleted-bucket", f"{HERE}/gone")]


def test_without_a_list_of_buckets_none_counts_as_deleted() -> None:
    record = only(merged(Truth("b", {S: FULL}, listed=False), listed=False))
    assert (record.name, record.kind, record.created) == ("b", "general-purpose", None)


def test_a_list_of_another_region_deletes_nothing() -> None:
    two = plan([unit("here")], [unit("there", region="eu-west-1")])
    parts = [part(two, "s0", [Truth("b", {S: FULL}, listed=False)], listed=False), part(two, "s1", [])]
    assert [record.name for record in merged(plan_=two, parts=parts).buckets] == ["b"]


@pytest.mark.parametrize(
    ("units", "names"),
    [
        ([unit(types=[S])], ["std"]),
        ([unit(types=[S, IA])], ["ia", "std"]),
        ([unit("one", types=[S], rest=False), unit("rest", types=[])], ["std"]),
        ([unit("one", types=[S], rest=False), unit("rest", except_=[S])], ["ia", "none", "std"]),
    ],
)
def test_a_selection_of_types_leaves_out_buckets_without_them(units: list[Unit], names: list[str]) -> None:
    facts = merged(Truth("std", {S: FULL}), Truth("ia", {IA: FULL}), Truth("none"), plan_=plan(units))
    assert [record.name for record in facts.buckets] == names


def test_buckets_are_sorted_by_name_then_account() -> None:
    cut = plan([unit("one"), unit("other", account="000000000001")])
    facts = merged(Truth("b"), Truth("a"), Truth("a", account="000000000001"), plan_=cut)
    assert [(record.name, record.account) for record in facts.buckets] == [
        ("a", "000000000001"), ("a", ACCOUNT), ("b", ACCOUNT),
    ]  # fmt: skip


# Conflicts and odd names


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({5: 1, 4: 8}, {5: 2}, (5, {S: 2})),
        ({5: 1}, {4: 2}, (5, {S: 1})),
        ({5: 1}, {5: 1}, (5, {S: 1})),
    ],
)
def test_the_larger_of_two_values_counts_in_any_order(
    one: dict[int, float], other: dict[int, float], expected: tuple[int, dict[str, float]]
) -> None:
    twice = plan([unit("a")], [unit("b")], listing=QUIET)
    parts = [part(twice, "s0", [Truth("b", {S: one})]), part(twice, "s1", [Truth("b", {S: other})])]
    for order in (parts, parts[::-1]):
        facts = merged(plan_=twice, parts=order)
        assert (only(facts).day, only(facts).lines) == expected
        conflict = {day for day in one if other.get(day, one[day]) != one[day]}
        assert codes(facts.problems) == [("size-conflict", f"{HERE}/b/{S}")] * bool(conflict)


def test_the_two_names_of_one_overhead_count_once() -> None:
    old, new = "GlacierInstantRetrievalSizeOverhead", "GlacierIRSizeOverhead"
    facts = merged(Truth("b", {old: FULL, new: FULL}))
    assert only(facts).lines == {new: GIB}
    assert codes(facts.problems) == [("former-name-excluded", f"{HERE}/b/{old}")]
    assert only(merged(Truth("b", {old: FULL}))).lines == {old: GIB}
    assert only(merged(Truth("b", {old: {4: 1}, new: FULL}))).lines == {new: GIB}


# Listings


@pytest.mark.parametrize(
    ("rule", "truth", "noted"),
    [
        (ListingRule(), Truth("b", {S: FULL}, {5: 1001}), True),
        (ListingRule(), Truth("b", {S: FULL}, {5: 1000}, listing=Listing(1, 1000)), False),
        (ListingRule(), Truth("b", {S: FULL}, {5: 1000}), False),  # not listed for another reason, which has a problem
        (ListingRule(), Truth("b", {S: FULL}), True),  # an unknown count: the first page was not the last
        (ListingRule(max_objects=2000), Truth("b", {S: FULL}, {5: 1001}, listing=Listing(1, 1001)), False),
        (ListingRule("off"), Truth("b", {S: FULL}, {5: 5000}), False),
        (ListingRule("all"), Truth("b", {S: FULL}, {5: 5000}), False),
        (ListingRule(), Truth("x--x-s3", {S: FULL}, {5: 5000}, listed=False), False),
    ],
)
def test_buckets_over_the_listing_limit_share_a_note(rule: ListingRule, truth: Truth, noted: bool) -> None:
    facts = merged(truth, plan_=plan([unit()], listing=rule))
    assert only(facts).modified == (truth.listing.newest if truth.listing else None)
    assert codes(facts.problems) == [("listing-limit-exceeded", HERE)] * noted


def test_the_newest_of_several_listings_counts() -> None:
    twice = plan([unit("a")], [unit("b")])
    parts = [
        part(twice, f"s{n}", [Truth("b", {S: FULL}, listing=Listing(newest, 5))]) for n, newest in ((0, 7), (1, 9))
    ]
    assert only(merged(plan_=twice, parts=parts)).modified == 9


# Shards and gaps


def test_every_planned_shard_appears_once_with_its_status() -> None:
    five = plan(*([unit(f"u{n}", region=f"r{n}")] for n in range(5)))
    denied = gap("r2", "denied")
    parts = [
        part(five, "s0", [Truth("b", region="r0"), Truth("c", region="r0")], problems=[note("b", "odd")]),
        part(five, "s1", [], status="partial", problems=[denied]),
        part(five, "s2", [], status="failed", problems=[denied], listed=False, sizes=False, counts=False),
        part(five, "s3", [], status="failed", listed=False, sizes=False, counts=False),
    ]
    facts = merged(plan_=five, parts=parts)
    assert [(line.name, line.status, line.buckets, line.problems) for line in facts.shards] == [
        ("s0", "complete", 2, 2),  # its own, and the note about listings that merging makes
        ("s1", "partial", 0, 1),
        ("s2", "failed", 0, 1),
        ("s3", "failed", 0, 1),  # without a problem: the merge adds a gap
        ("s4", "missing", 0, 1),
    ]
    assert codes(problem for problem in facts.problems if problem.severity == "gap") == [
        ("part-incomplete", f"shard s3 ({ACCOUNT}/r3)"),
        ("shard-missing", f"shard s4 ({ACCOUNT}/r4)"),
        ("denied", "r2"),
    ]
    assert facts.incomplete_regions == {(ACCOUNT, "r2"), (ACCOUNT, "r3"), (ACCOUNT, "r4")}


@pytest.mark.parametrize("shards", [1, 2])
def test_a_note_of_the_merge_on_a_region_counts_for_each_of_its_shards(shards: int) -> None:
    made = plan(*([unit(f"u{n}")] for n in range(shards)), [unit("other", region="r9")], listing=QUIET)
    deleted = Truth("gone", {S: FULL}, listed=False)
    parts = [part(made, f"s{n}", [deleted]) for n in range(shards)]
    facts = merged(plan_=made, parts=[*parts, part(made, f"s{shards}", [])])
    assert [p.severity for p in facts.problems] == ["note"]
    assert [line.problems for line in facts.shards] == [1] * shards + [0]


def test_a_part_that_claims_to_be_complete_and_is_not_is_a_gap() -> None:
    facts = merged(Truth("b"), sizes=False)
    assert facts.shards[0].status == "partial"
    assert codes(facts.problems) == [("part-incomplete", f"shard s0 ({HERE})")]


@pytest.mark.parametrize(
    ("answer", "usable"),
    [
        ({}, True),  # an account without buckets is complete
        ({"sizes": False, "counts": False}, True),  # it has no buckets, by its list
        ({"listed": False, "sizes": False, "counts": False}, False),
    ],
)
def test_data_is_usable_if_any_list_was_received(answer: dict[str, object], usable: bool) -> None:
    assert merged(**answer).usable is usable


def test_a_report_without_any_part_states_it() -> None:
    facts = merged(parts=[])
    assert not facts.usable
    assert ("no-usable-part", "") in codes(facts.problems)


def test_problems_of_plan_and_parts_appear_once_and_in_order() -> None:
    made = plan([unit("a")], [unit("b")])
    same = gap(HERE, "denied")
    parts = [part(made, name, [], status="partial", problems=[same, note("z", "odd")]) for name in ("s0", "s1")]
    assert merged(plan_=made, parts=parts).problems == [same, note("z", "odd")]


def test_the_requests_of_a_shard_that_ran_twice_count_twice() -> None:
    made = plan([unit()])
    parts = [
        part(made, "s0", [Truth("a")], status="partial", problems=[gap(HERE, "interrupted")], sizes=False),
        part(made, "s0", [Truth("a", {S: FULL}), Truth("b")], seconds=60),
    ]
    facts = merged(plan_=made, parts=parts)
    assert [(record.name, record.state) for record in facts.buckets] == [("a", "measured"), ("b", "empty")]
    assert facts.calls.total == 4
    assert ("shard-repeated", "shard s0") in codes(facts.problems)
    assert [line.status for line in facts.shards] == ["partial"]


def test_a_bucket_of_several_units_and_parts_of_a_shard_counts_once() -> None:
    buckets = [Truth(name, {S: FULL, IA: FULL}) for name in "abc"]
    by_type = [unit("s", types=[S], rest=False), unit("rest", except_=[S])]
    made = plan(by_type, [unit("one", region="eu-west-1")])
    there = [Truth(name, {S: FULL}, region="eu-west-1") for name in "ab"]
    given = [part(made, "s0", buckets), part(made, "s0", buckets[1:], seconds=9), part(made, "s1", there)]
    facts = merge(made, fixtures.digest(made), given)
    assert [(line.name, line.buckets) for line in facts.shards] == [("s0", 3), ("s1", 2)]


def test_two_creation_dates_are_a_note_and_the_later_counts_in_any_order() -> None:
    made = plan([unit("one")], [unit("two")], listing=QUIET)
    given = [part(made, f"s{number}", [Truth("b", {S: FULL}, created=seconds(number))]) for number in (0, 1)]
    for order in (given, given[::-1]):
        facts = merge(made, fixtures.digest(made), order)
        assert only(facts).created == seconds(1)
        assert codes(facts.problems) == [("creation-date-conflict", f"{HERE}/b")]


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        (False, []),
        (True, [("requests-not-measured", HERE, 2)]),
    ],
)
def test_buckets_without_request_metrics_are_counted_where_these_were_requested(
    requests: bool, expected: list[tuple[str, str, int]]
) -> None:
    made = msgspec.structs.replace(plan([unit()], listing=QUIET), requests=requests)
    known = RequestMetrics(3, {"GetRequests": 1}) if requests else None
    facts = merged(Truth("a", {S: FULL}), Truth("b", {S: FULL}), Truth("c", {S: FULL}, traffic=known), plan_=made)
    assert [(problem.code, problem.place, problem.count) for problem in facts.problems] == expected


@pytest.mark.parametrize(("age", "noted"), [(3, False), (4, True)])
def test_figures_are_noted_as_delayed_from_the_fourth_day_on(age: int, noted: bool) -> None:
    """The newest figures of the region are one day newer than those of the bucket, so it is not emptied."""
    last = {day: float(GIB) for day in range(LAST + 2 - age)}
    newer = {day: float(GIB) for day in range(LAST + 3 - age)}
    facts = merged(Truth("b", {S: last}), Truth("other", {S: newer}))
    assert (("bucket-delayed", f"{HERE}/b") in codes(facts.problems)) is noted


# The edges of the window


def test_the_first_day_of_the_window_is_a_day_like_any_other() -> None:
    facts = merged(Truth("a", {S: {0: 7}}), Truth("b", {S: {0: 7}}, listing=Listing(None, 0)), Truth("c", {}, {0: 4}))
    assert [(one.state, one.day, one.lines, one.objects) for one in facts.buckets] == [
        ("measured", 0, {S: 7}, None),
        ("measured", 0, {S: 7}, None),
        ("no-data", None, {}, 4),
    ]
    assert ("region-delayed", HERE) in codes(facts.problems)
    assert ("bucket-without-sizes", f"{HERE}/c") in codes(facts.problems)


def test_figures_of_the_first_day_do_not_need_a_count() -> None:
    assert only(merged(Truth("b", {S: {0: 7}}, {0: 1}), counts=False)).state == "measured"


def test_a_count_of_the_first_day_is_within_the_listing_limit() -> None:
    facts = merged(Truth("b", {S: {0: 7}}, {0: 1000}), plan_=plan([unit()]))
    assert "listing-limit-exceeded" not in [problem.code for problem in facts.problems]


def test_a_count_of_the_first_day_is_known_where_bytes_are_not() -> None:
    record = only(merged(Truth("b", {}, {0: 4}), sizes=False))
    assert (record.state, record.objects) == ("incomplete", 4)


@pytest.mark.parametrize(("day", "objects"), [(LAST, 4), (LAST - 2, 4), (LAST - 3, None), (0, None)])
def test_without_bytes_in_the_region_a_count_is_current_for_3_days(day: int, objects: float | None) -> None:
    record = only(merged(Truth("b", {S: {}}, {day: 4})))
    assert (record.state, record.objects) == ("no-data", objects)


@pytest.mark.parametrize(("count", "state"), [({0: 0}, "empty"), ({0: 1}, "emptied"), ({}, "emptied")])
def test_only_a_bucket_that_held_objects_is_emptied(count: dict[int, float], state: str) -> None:
    assert only(merged(Truth("b", {}, count, listing=Listing(None, 0, vacant=True)))).state == state


def test_a_region_with_figures_of_the_first_day_is_not_without_data() -> None:
    facts = merged(Truth("a", {S: {0: 7}}), Truth("b", {S: {}}, {}))
    assert ("bucket-without-current-sizes", f"{HERE}/b") in codes(facts.problems)
    assert not [problem for problem in facts.problems if problem.severity == "gap"]


# Narrowed selections, listings, deleted buckets


def test_a_bucket_whose_selected_type_ended_while_its_objects_go_on_is_left_out() -> None:
    made = plan([unit("ia", types=[IA], rest=False), unit("counts", types=[])], listing=QUIET)
    going_on = dict.fromkeys(range(LAST + 1), 9.0)
    for ended, is_there in ((LAST - 3, False), (LAST - 2, True)):
        truth = Truth("b", {IA: dict.fromkeys(range(ended + 1), 1.0)}, going_on)
        assert bool(merged(truth, plan_=made).buckets) is is_there


@pytest.mark.parametrize(
    ("answer", "is_noted"),
    [({}, True), ({"status": "partial"}, False), ({"counts": False}, False)],
)
def test_a_bucket_without_a_count_is_over_the_limit_if_a_complete_part_did_not_list_it(
    answer: dict[str, object], is_noted: bool
) -> None:
    facts = merged(Truth("b", {S: FULL}), plan_=plan([unit()]), **answer)
    assert ("listing-limit-exceeded" in [problem.code for problem in facts.problems]) is is_noted


def test_deleted_buckets_keep_their_history_apart_from_the_report() -> None:
    facts = merged(Truth("z", {S: FULL}, listed=False), Truth("a", {S: FULL}, listed=False), Truth("b", {S: FULL}))
    assert [one.name for one in facts.buckets] == ["b"]
    assert [(one.name, one.state, set(one.sizes)) for one in facts.deleted] == [
        ("a", "empty", {S}),
        ("z", "empty", {S}),
    ]


def test_the_cycle_collector_pauses_and_resumes_even_after_an_error() -> None:
    assert gc.isenabled()
    with pytest.raises(KeyError), paused_gc():
        assert not gc.isenabled()
        with paused_gc():
            pass
        assert not gc.isenabled()
        raise KeyError
    assert gc.isenabled()
