"""The states that depend on the region's newest figures, the object count and the listing, too."""

from __future__ import annotations

import msgspec
import pytest

from s3_monitor.merge.merged_data import Figures, MergedData, ResolvedBucket
from s3_monitor.merge.merger import merge
from s3_monitor.model.object_stats import Amount, ObjectStats, Source
from s3_monitor.model.part import Listing, Part
from s3_monitor.model.plan import ListingRule, Plan
from tests.merge import fixtures
from tests.merge.fixtures import ACCOUNT, AS_OF, GIB, LAST, REGION, Points, Truth, part, plan, unit

S, IA = "StandardStorage", "StandardIAStorage"
HERE = f"{ACCOUNT}/{REGION}"
QUIET = ListingRule("off")


def until(day: int, value: float = GIB) -> Points:
    """Return a point for every day up to and including a day."""
    return dict.fromkeys(range(day + 1), value)


NEWER = Truth("other", {S: until(LAST)}, until(LAST, 3))
VACANT = Listing(None, 0, vacant=True)
YESTERDAY = int(AS_OF.timestamp()) - 86_400


def merged(*buckets: Truth, plan_: Plan | None = None, **answer: object) -> MergedData:
    made = plan_ or plan([unit()], listing=QUIET)
    return merge(made, fixtures.digest(made), [part(made, shard.name, buckets, **answer) for shard in made.shards])  # type: ignore[arg-type]


def record(facts: MergedData, name: str = "b") -> ResolvedBucket:
    return next(one for one in facts.buckets if one.name == name)


def problems(facts: MergedData) -> list[tuple[str, str, str]]:
    return [(problem.severity, problem.place, problem.code) for problem in facts.problems]


# Emptied


@pytest.mark.parametrize(
    ("day", "state"),
    [(LAST, "measured"), (LAST - 1, "measured"), (LAST - 2, "measured"), (LAST - 3, "emptied"), (0, "emptied")],
)
def test_a_bucket_is_emptied_if_its_figures_end_3_days_before_those_of_its_region(day: int, state: str) -> None:
    assert record(merged(Truth("b", {S: until(day)}, until(day, 9)), NEWER)).state == state


def test_an_emptied_bucket_holds_nothing_and_keeps_its_last_figures_and_its_history() -> None:
    sizes = {S: until(2), IA: {1: 5.0, 2: 7.0}, "GlacierStorage": {0: 1.0}}
    found = record(merged(Truth("b", sizes, {1: 8, 2: 9}), NEWER))
    assert (found.day, found.lines, found.objects) == (None, {}, 0)
    assert found.last == Figures(2, (IA, S), (7, GIB), 9)
    assert set(found.sizes) == set(sizes)


@pytest.mark.parametrize(
    "newer",
    [
        pytest.param(Truth("gone", {S: until(LAST)}, listed=False), id="a deleted bucket"),
        pytest.param(Truth("x--x-s3", {S: until(LAST)}, listed=False), id="a directory bucket"),
        pytest.param(Truth("c", {IA: until(LAST)}), id="another storage type"),
    ],
)
def test_every_bucket_of_the_region_shows_that_cloudwatch_has_newer_figures(newer: Truth) -> None:
    assert record(merged(Truth("b", {S: until(2)}), newer)).state == "emptied"


@pytest.mark.parametrize("place", [{"region": "eu-west-1"}, {"account": "444455556666"}])
def test_newer_figures_of_other_regions_and_accounts_show_nothing(place: dict[str, str]) -> None:
    two = plan([unit("here"), unit("there", **place)], listing=QUIET)  # type: ignore[arg-type]
    there = Truth("other", {S: until(LAST)}, **place)  # type: ignore[arg-type]
    assert record(merged(Truth("b", {S: until(2)}), there, plan_=two)).state == "measured"


def test_a_delayed_region_keeps_its_last_figures_with_a_note() -> None:
    facts = merged(Truth("a", {S: until(2)}), Truth("b", {S: until(1)}))
    assert [one.state for one in facts.buckets] == ["measured", "measured"]
    assert problems(facts) == [("note", HERE, "region-delayed")]


def test_emptied_buckets_share_a_note() -> None:
    facts = merged(*[Truth(name, {S: until(2)}) for name in "abcd"], NEWER)
    assert problems(facts) == [("note", HERE, "bucket-emptied")]


@pytest.mark.parametrize(
    ("truth", "state"),
    [
        (Truth("b", {S: until(LAST)}, until(LAST, 9), listing=VACANT), "emptied"),
        (Truth("b", {S: {}}, {}, listing=VACANT), "emptied"),  # the window has no figure of its content
        (Truth("b", {S: until(LAST)}, until(LAST, 9), created=YESTERDAY, listing=VACANT), "emptied"),
        # Earlier versions or unfinished uploads hold the bytes, or were not listed.
        (Truth("b", {S: until(LAST)}, until(LAST, 9), listing=Listing(None, 0)), "measured"),
        # It never held anything.
        (Truth("b", listing=VACANT), "empty"),
        (Truth("b", {}, until(LAST, 0), listing=VACANT), "empty"),
    ],
)
def test_a_complete_listing_that_finds_nothing_shows_that_a_bucket_is_emptied(truth: Truth, state: str) -> None:
    assert record(merged(truth)).state == state


def test_bytes_without_current_objects_are_noted() -> None:
    facts = merged(Truth("b", {S: until(LAST)}, until(LAST, 9), listing=Listing(None, 0)))
    assert problems(facts) == [("note", f"{HERE}/b", "bucket-without-current-objects")]


def test_an_emptied_bucket_without_figures_has_no_last_ones() -> None:
    found = record(merged(Truth("b", {S: {}}, {}, listing=VACANT)))
    assert (found.state, found.last) == ("emptied", None)


NONE, SOME = Amount(), Amount(1, 7)


def objects(source: Source = "listing", **changes: object) -> ObjectStats:
    """Return a listing with versions of a bucket without objects."""
    plain = {"complete": True, "current": NONE, "noncurrent": NONE, "multipart": NONE, "delete_markers": 0}
    fixed = {"at": int(AS_OF.timestamp()), "classes": {}, "sizes": None, "ages": None}
    return ObjectStats(source=source, **(fixed | plain | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("contents", "state"),
    [
        (objects(), "emptied"),
        (objects(complete=False), "measured"),
        (objects(current=SOME), "measured"),
        (objects(noncurrent=SOME), "measured"),
        (objects(noncurrent=None), "measured"),  # not requested: unknown
        (objects(multipart=SOME), "measured"),
        (objects("inventory", multipart=None), "measured"),  # no inventory has unfinished uploads
        (objects(delete_markers=1), "measured"),
        (objects(keys="a*"), "measured"),  # only of some keys
    ],
)
def test_statistics_of_objects_show_that_a_bucket_is_emptied(contents: ObjectStats, state: str) -> None:
    made = plan([unit()], listing=QUIET)
    single = part(made, "s0", [Truth("b", {S: until(LAST)}, until(LAST, 9))])
    assert record(merge(made, fixtures.digest(made), [with_contents(single, contents)])).state == state


def with_contents(single: Part, contents: ObjectStats) -> Part:
    (only,) = single.units
    return msgspec.structs.replace(single, units=[msgspec.structs.replace(only, objects=[("b", contents)])])


# No data


@pytest.mark.parametrize(
    ("truth", "state", "count"),
    [
        (Truth("b", {S: {}}), "no-data", None),
        (Truth("b", {S: {}}, {}), "no-data", None),
        (Truth("b", {}, {}), "no-data", None),  # a count is listed
        (Truth("b", {S: {}}, {LAST: 4}), "no-data", 4),
        (Truth("b", {S: {}}, {0: 4}), "no-data", None),  # an old count is not current
        (Truth("b", {}, {LAST: 4}), "no-data", 4),
        (Truth("b", listing=Listing(1, 4)), "no-data", None),
        (Truth("b", {S: {}}, created=YESTERDAY), "young", None),
        (Truth("b"), "empty", 0),
        (Truth("b", {}, {LAST: 0}), "empty", 0),
    ],
)
def test_a_listed_series_without_points_is_no_data_and_never_empty(
    truth: Truth, state: str, count: float | None
) -> None:
    found = record(merged(truth, NEWER))
    assert (found.state, found.objects, found.lines, found.last) == (state, count, {}, None)


@pytest.mark.parametrize(
    "holding",
    [
        pytest.param({"count": until(LAST, 4)}, id="the count goes on"),
        pytest.param({"listing": Listing(1, 4)}, id="a listing finds objects"),
    ],
)
def test_figures_that_ended_while_there_are_objects_are_unknown_and_not_0(holding: dict[str, object]) -> None:
    facts = merged(Truth("b", {S: until(2)}, **holding), NEWER)  # type: ignore[arg-type]
    assert (record(facts).state, record(facts).lines, record(facts).last) == ("no-data", {}, None)
    assert problems(facts) == [("note", f"{HERE}/b", "bucket-without-current-sizes")]


@pytest.mark.parametrize(("age", "state"), [(0, "no-data"), (3, "no-data"), (4, "emptied")])
def test_an_inventory_shows_that_there_are_objects_unless_it_is_old(age: int, state: str) -> None:
    made = plan([unit()], listing=QUIET)
    single = part(made, "s0", [Truth("b", {S: until(2)})])
    at = int(AS_OF.timestamp()) - age * 86_400
    found = with_contents(single, objects("inventory", current=SOME, at=at))
    newer = part(made, "s0", [Truth("b", {S: until(2)}), NEWER], seconds=9)
    assert record(merge(made, fixtures.digest(made), [found, newer])).state == state


def test_figures_of_a_bucket_that_was_deleted_and_created_again_are_not_its_own() -> None:
    found = record(merged(Truth("b", {S: until(2)}, created=YESTERDAY), NEWER))
    assert (found.state, found.lines, found.last) == ("young", {}, None)


def test_a_region_without_any_point_is_a_gap() -> None:
    facts = merged(Truth("a", {S: {}}, {}), Truth("b", {IA: {}}), Truth("new", created=YESTERDAY), Truth("none"))
    assert [one.state for one in facts.buckets] == ["no-data", "no-data", "young", "empty"]
    (problem,) = [problem for problem in facts.problems if problem.place == HERE]
    assert (problem.severity, problem.code, problem.count) == ("gap", "region-without-data", 2)


@pytest.mark.parametrize(
    "elsewhere",
    [NEWER, Truth("gone", {S: until(1)}, listed=False), Truth("x--x-s3", {S: {1: 1.0}}, listed=False)],
)
def test_single_buckets_without_points_are_a_note(elsewhere: Truth) -> None:
    facts = merged(Truth("b", {S: {}}), elsewhere)
    delayed = [("note", HERE, "region-delayed")] if max(elsewhere.sizes[S]) < 3 else []
    without_sizes = ("note", f"{HERE}/b", "bucket-without-current-sizes")
    assert [problem for problem in problems(facts) if problem[1] in (HERE, f"{HERE}/b")] == [*delayed, without_sizes]


def test_objects_without_a_byte_series_are_a_note_also_where_the_region_has_no_other() -> None:
    facts = merged(Truth("b", listing=Listing(1, 4)), Truth("c", {}, {LAST: 3}))
    assert problems(facts) == [("note", HERE, "bucket-without-sizes")]


# Selections and splits


OF_IA = [unit(types=[IA])]


@pytest.mark.parametrize(
    ("truth", "state"),
    [
        pytest.param(Truth("b", {S: until(LAST), IA: until(2)}, until(LAST, 4)), None, id="the type ended"),
        pytest.param(Truth("b", {S: until(LAST), IA: {}}, until(LAST, 4)), None, id="before the window"),
        pytest.param(Truth("b", {S: until(LAST)}, until(LAST, 4)), None, id="it never had the type"),
        pytest.param(Truth("b", {IA: until(2)}, until(2, 4)), "emptied", id="the bucket ended"),
        pytest.param(Truth("b", {IA: until(LAST - 2)}, until(LAST, 4)), "measured", id="late"),
        pytest.param(Truth("b", {IA: {}}, {}), "no-data", id="nothing is known"),
    ],
)
def test_a_selection_of_types_has_the_buckets_that_may_hold_them(truth: Truth, state: str | None) -> None:
    facts = merged(truth, Truth("other", {IA: until(LAST)}), plan_=plan(OF_IA, listing=QUIET))
    assert {one.name: one.state for one in facts.buckets if one.name == "b"} == ({"b": state} if state else {})


def test_a_delay_of_cloudwatch_is_a_gap_of_a_selection_of_types_too() -> None:
    facts = merged(Truth("b", {S: {}, IA: {}}, {}), plan_=plan(OF_IA, listing=QUIET))
    assert [one.state for one in facts.buckets] == ["no-data"]
    assert [severity for severity, *_ in problems(facts)] == ["gap"]


BY_TYPE = [[unit("s", types=[S], rest=False)], [unit("ia", types=[IA], rest=False)], [unit("rest", except_=[S, IA])]]


def test_a_bucket_is_emptied_only_if_all_its_units_were_received() -> None:
    """The newest figures may be in the unit that is missing."""
    split = plan(*BY_TYPE, listing=QUIET)
    buckets = [Truth("b", {S: until(2)}, until(2, 9)), NEWER]
    parts = [part(split, shard.name, buckets) for shard in split.shards]
    for missing in range(3):
        received = [one for number, one in enumerate(parts) if number != missing]
        assert record(merge(split, fixtures.digest(split), received)).state == "incomplete"
    assert record(merge(split, fixtures.digest(split), parts)).state == "emptied"


def test_the_newest_figures_of_a_region_may_come_from_another_shard() -> None:
    split = plan(*BY_TYPE, listing=QUIET)
    buckets = [Truth("b", {S: until(2)}, until(2, 9)), Truth("other", {IA: until(LAST)})]
    assert record(merged(*buckets, plan_=split)).state == "emptied"


def test_patterns_split_a_region_without_splitting_its_newest_day() -> None:
    split = plan([unit("b", buckets=["b"])], [unit("other", buckets=["o*"])], listing=QUIET)
    assert record(merged(Truth("b", {S: until(2)}), NEWER, plan_=split)).state == "emptied"


# Several series, and the first and last days of the window


@pytest.mark.parametrize(
    ("sizes", "state"),
    [
        ({S: until(LAST), IA: until(0)}, "measured"),
        ({S: until(LAST), IA: {}}, "measured"),
        ({S: until(LAST - 3), IA: until(0)}, "emptied"),
        ({S: until(0), IA: {}}, "emptied"),
    ],
)
def test_the_newest_of_several_series_decides_also_with_a_listing(sizes: dict[str, Points], state: str) -> None:
    for listing in (None, Listing(None, 0)):
        assert record(merged(Truth("b", sizes, until(LAST - 3, 9), listing=listing), NEWER)).state == state


@pytest.mark.parametrize(
    ("day", "state"),
    [(0, "no-data"), (LAST - 3, "no-data"), (LAST - 2, "measured")],
)
def test_figures_that_ended_while_objects_are_counted_are_no_data(day: int, state: str) -> None:
    assert record(merged(Truth("b", {S: until(day)}, until(LAST, 9)), NEWER)).state == state


@pytest.mark.parametrize("count", [{LAST: 0}, {}])
def test_a_vacant_listing_shows_an_emptied_bucket_only_if_it_held_objects(count: Points) -> None:
    """A series of the object count without a point in the window is from the time before it."""
    found = record(merged(Truth("b", {}, count, listing=VACANT), NEWER))
    assert found.state == ("empty" if count else "emptied")


def test_a_region_whose_only_point_is_of_the_first_day_is_late_and_not_without_figures() -> None:
    facts = merged(Truth("b", {S: until(0)}, until(0, 9)), Truth("c", {S: {}}, {}))
    assert record(facts).state == "measured"
    assert problems(facts) == [
        ("note", HERE, "region-delayed"),
        ("note", f"{HERE}/c", "bucket-without-current-sizes"),
    ]
    assert str(fixtures.day(0)) in facts.problems[0].message


@pytest.mark.parametrize(("count", "named"), [(1, "b0"), (3, "b0, b1, b2"), (4, "b0, b1, b2, …")])
def test_a_note_names_its_first_three_buckets(count: int, named: str) -> None:
    facts = merged(*[Truth(f"b{number}", {S: until(0)}, until(0, 9)) for number in range(count)], NEWER)
    (problem,) = facts.problems
    if count == 1:
        assert (problem.bucket, problem.count) == (named, None)
    else:
        assert problem.message.startswith(f"{count} buckets ({named}) emptied")
        assert (problem.bucket, problem.count) == (None, count)


@pytest.mark.parametrize(("age", "state"), [(2, "young"), (3, "empty")])
@pytest.mark.parametrize("days_later", [0, 86_399])
def test_a_bucket_is_young_until_its_third_day(age: int, state: str, days_later: int) -> None:
    midnight = int(AS_OF.timestamp()) // 86_400 * 86_400
    created = midnight - 86_400 * age + days_later
    assert record(merged(Truth("b", created=created), NEWER)).state == state
