"""Sharding is invisible: any split of a selection gives the same bytes, in any order and with duplicate parts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.merge.merger import merge
from s3_monitor.merge.part_union import MergedBucket, merge_buckets
from s3_monitor.model import bucket, part
from s3_monitor.model.plan import Plan
from s3_monitor.model.problem import Problem
from s3_monitor.model.series import EMPTY, pack
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import buckets_and_summary
from tests.merge import fixtures
from tests.merge.accounts import TYPES, accounts, cuts, points, whole
from tests.merge.fixtures import OLD, Truth

MATRIX = bundled_prices()
selections = st.one_of(st.none(), st.lists(st.sampled_from(TYPES), min_size=1, unique=True).map(tuple))


def report(plan: Plan, parts: list[part.Part]) -> bytes:
    """Return the buckets and the sums of findings."""
    buckets, summary = buckets_and_summary(merge(plan, fixtures.digest(plan), parts), MATRIX, fixtures.AS_OF)
    return bucket.encode(buckets) + msgspec.json.encode(summary.findings)


@given(st.data(), accounts(), selections)
def test_any_split_gives_the_bytes_of_the_single_run(
    data: st.DataObject, buckets: list[Truth], selected: tuple[str, ...] | None
) -> None:
    single = whole(buckets, selected)
    cut = data.draw(cuts(buckets, selected))
    parts = [fixtures.part(cut, shard.name, buckets, seconds=number) for number, shard in enumerate(cut.shards)]
    again = data.draw(st.lists(st.sampled_from(parts)))
    shuffled = data.draw(st.permutations([*parts, *again]))
    one = [fixtures.part(single, "s0", buckets)]
    assert report(cut, shuffled) == report(single, one)
    assert problems(cut, shuffled) == problems(single, one)


def problems(plan: Plan, parts: list[part.Part]) -> list[Problem]:
    """Return the problems of buckets and regions; those of shards differ."""
    found = merge(plan, fixtures.digest(plan), parts).problems
    return [one for one in found if one.shard is None]


answers = st.fixed_dictionaries(
    {
        "listed": st.booleans(),
        "sizes": st.booleans(),
        "counts": st.booleans(),
        "unanswered": st.lists(st.tuples(st.sampled_from(["a", "b", "new"]), st.sampled_from(["", *TYPES[:2]]))),
    }
)


@given(st.data(), accounts(), selections)
def test_the_order_of_parts_changes_no_byte_even_if_data_is_missing(
    data: st.DataObject, buckets: list[Truth], selected: tuple[str, ...] | None
) -> None:
    cut = data.draw(cuts(buckets, selected))
    arrived = data.draw(st.lists(st.sampled_from(cut.shards), unique_by=lambda shard: shard.name))
    parts = [fixtures.part(cut, shard.name, buckets, status="partial", **data.draw(answers)) for shard in arrived]
    again = data.draw(st.permutations([*parts, *parts[:1]]))
    assert report(cut, again) == report(cut, parts)


@given(st.data(), accounts(), selections)
def test_a_part_merges_alike_before_and_after_its_file(
    data: st.DataObject, buckets: list[Truth], selected: tuple[str, ...] | None
) -> None:
    cut = data.draw(cuts(buckets, selected))
    parts = [fixtures.part(cut, shard.name, buckets) for shard in cut.shards]
    read = [part.decode(part.encode(one), "part") for one in parts]
    assert report(cut, read) == report(cut, parts)


@given(accounts(), selections)
def test_buckets_have_the_lines_and_states_of_the_account(
    buckets: list[Truth], selected: tuple[str, ...] | None
) -> None:
    plan = whole(buckets, selected)
    facts = merge(plan, fixtures.digest(plan), [fixtures.part(plan, "s0", buckets)])
    got = {
        (one.account, one.region, one.name): (one.state, one.kind, one.day, one.lines, one.objects, last_lines(one))
        for one in facts.buckets
    }
    assert got == {
        (truth.account, truth.region, truth.name): expected
        for truth in buckets
        if (expected := expect(truth, selected, newest_of(truth, buckets, selected))) is not None
    }


def last_lines(record: ResolvedBucket) -> dict[str, float]:
    return dict(zip(record.last.types, record.last.amounts, strict=True)) if record.last else {}


def newest_of(truth: Truth, buckets: list[Truth], selected: tuple[str, ...] | None) -> int | None:
    """Return the newest day with a byte point in the bucket's account and region."""
    return max(
        (
            when
            for other in buckets
            if (other.account, other.region) == (truth.account, truth.region)
            for type_ in asked(other, selected)
            for when in other.sizes[type_]
        ),
        default=None,
    )


def expect(truth: Truth, selected: tuple[str, ...] | None, region: int | None) -> tuple[object, ...] | None:
    """Compute state, kind, day, lines, objects and last lines of a bucket by the rules; None if it is omitted.

    ``region``: the newest day with a point in its region.
    """
    directory = truth.name.endswith("--x-s3")
    known_to_somebody = truth.listed or truth.count is not None or any(asked(truth, selected))
    if not truth.listed and not (directory and known_to_somebody):
        return None
    series = {type_: truth.sizes[type_] for type_ in sorted(asked(truth, selected))}
    newest = max((when for points_ in series.values() for when in points_), default=None)
    lines = {type_: points_[newest] for type_, points_ in series.items() if newest in points_}
    if "GlacierIRSizeOverhead" in lines:
        lines.pop("GlacierInstantRetrievalSizeOverhead", None)

    def silent(day: int) -> bool:
        return fixtures.DAYS - 1 - day > 3 if region is None else region - day >= 3

    counted = max(truth.count) if truth.count else None
    count = truth.count[counted] if truth.count and counted is not None and not silent(counted) else None
    if selected is not None:
        ended = newest is None or silent(newest) or (counted is not None and counted - newest >= 3)
        if newest is None:
            ended = silent(-1) or (counted is not None and counted >= 2)
        if not series or (ended and count):
            return None
    upto = {when: value for when, value in (truth.count or {}).items() if newest is None or when <= newest}
    objects = upto[max(upto)] if upto else None
    kind = "directory" if directory else "general-purpose"
    listing = truth.listing if truth.listed else None
    held = bool(series) or (truth.count is not None and (counted is None or truth.count[counted] > 0))
    if held and listing is not None and listing.vacant:
        return "emptied", kind, None, {}, 0, lines
    if newest is not None and not silent(newest):
        return "measured", kind, newest, lines, objects, {}
    if truth.listed and truth.created is not None and young(truth.created):
        return "young", kind, None, {}, count, {}
    if count or (listing is not None and listing.objects):
        return "no-data", kind, None, {}, count, {}
    if newest is not None:
        return "emptied", kind, None, {}, 0, lines
    if held:
        return "no-data", kind, None, {}, count, {}
    if (truth.created is None or not truth.listed) and truth.count is None and listing is None:
        return "incomplete", kind, None, {}, None, {}
    return "empty", kind, None, {}, 0, {}


def asked(truth: Truth, selected: tuple[str, ...] | None) -> list[str]:
    return [type_ for type_ in truth.sizes if selected is None or type_ in selected]


def young(created: int) -> bool:
    return datetime.fromtimestamp(created, UTC).date() > fixtures.TODAY - timedelta(days=3)


known = st.builds(
    MergedBucket,
    st.one_of(st.none(), st.integers(OLD, OLD + 3)),
    st.booleans(),
    st.dictionaries(st.sampled_from(TYPES[:3]), points().map(pack), max_size=3).map(
        lambda sizes: dict(sorted(sizes.items()))
    ),
    st.one_of(st.none(), st.just(EMPTY), points().map(pack)),
    st.one_of(st.none(), st.builds(part.Listing, st.integers(0, 9), st.integers(0, 9), st.booleans())),
)


@given(known, known, known)
def test_the_merge_of_buckets_is_associative_commutative_and_idempotent(
    one: MergedBucket, two: MergedBucket, three: MergedBucket
) -> None:
    def both(left: MergedBucket, right: MergedBucket) -> MergedBucket:
        return merge_buckets(left, right)[0]

    assert both(one, one) == one
    assert both(one, two) == both(two, one)
    assert both(both(one, two), three) == both(one, both(two, three))


@given(accounts())
def test_a_duplicate_part_changes_no_data_and_no_cost(buckets: list[Truth]) -> None:
    plan = whole(buckets, None)
    single = fixtures.part(plan, "s0", buckets)
    once = merge(plan, fixtures.digest(plan), [single])
    twice = merge(plan, fixtures.digest(plan), [single, part.decode(part.encode(single), "copy")])
    assert twice.buckets == once.buckets
    assert (twice.calls, twice.usd) == (once.calls, once.usd)
    assert [problem.code for problem in set(twice.problems) - set(once.problems)] == ["part-duplicate"]
