"""For any splits into ranges and any order of pages, the result is that of one sequential listing."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.object_stats import (
    AGE_EDGES,
    DAY,
    RECENT_DAYS,
    SIZE_EDGES,
    Amount,
    ObjectStats,
    Prefix,
    age_bin,
    size_bin,
)
from s3_monitor.model.responses import KeysPage
from s3_monitor.objects.age_bins import AgeBins
from s3_monitor.objects.key_aggregator import KeyAggregator, listing_stats
from s3_monitor.objects.key_ranges import KeyRange, KeyRangeSplitter, most_requests

AT = int(datetime(2026, 11, 22, 3, 0, tzinfo=UTC).timestamp())
TIMES = AgeBins(AT)

Version = tuple[str, int, int, str, bool]  # key, bytes, seconds since 1970, storage class, whether it is the latest


def text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Bucket:
    """A bucket of given keys, listed by pages as S3 does."""

    def __init__(self, versions: list[Version], markers: Sequence[str] = (), page: int = 1000) -> None:
        entries: list[tuple[str, Version | None]] = [
            *((one[0], one) for one in versions),
            *((m, None) for m in markers),
        ]
        self.entries = sorted(entries, key=lambda entry: entry[0])
        self.keys = [key for key, _ in self.entries]
        self.page = page
        self.requests = 0

    def list(self, one: KeyRange) -> KeysPage:
        self.requests += 1
        start = int(one.token[0]) if one.token else bisect_right(self.keys, one.start)
        entries = self.entries[start : start + self.page]
        found = [version for _, version in entries if version is not None]
        return KeysPage(
            [one[0] for one in found],
            [one[1] for one in found],
            [one[3] for one in found],
            [text(one[2]) for one in found],
            [one[4] for one in found],
            [key for key, version in entries if version is None],
            (str(start + self.page),) if start + self.page < len(self.entries) else (),
        )


def listed(
    bucket: Bucket, at_once: int, order: random.Random, expected: float | None = None, depth: int = 2
) -> ObjectStats:
    """List all keys with this many concurrent ranges, whose pages are received in any order."""
    ranges = KeyRangeSplitter("", lambda: KeyAggregator(TIMES, 2, 3), True, expected)
    under_way = [ranges.ranges[0]]
    while under_way:
        one = under_way.pop(order.randrange(len(under_way)))
        ranges.add_page(one, bucket.list(one), None)
        if not one.done:
            under_way.append(one)
        while len(under_way) < at_once and (more := ranges.split()) is not None:
            under_way.append(more)
    assert ranges.done
    return listing_stats(ranges.aggregators(), TIMES, versions=True)


def truth(versions: list[Version], markers: list[str], depth: int, top: int) -> ObjectStats:
    """Compute the same key by key."""
    current = [one for one in versions if one[4]]
    older = [one for one in versions if not one[4]]

    def amount(some: list[Version]) -> Amount:
        return Amount(len(some), sum(one[1] for one in some))

    def classes(some: list[Version]) -> dict[str, Amount]:
        return {name: amount([one for one in some if one[3] == name]) for name in sorted({one[3] for one in some})}

    def of_prefix(depth_: int) -> dict[str, list[Version]]:
        found: dict[str, list[Version]] = {}
        for one in current:
            parts = one[0].split("/")
            if len(parts) > depth_:
                found.setdefault("".join(f"{part}/" for part in parts[:depth_]), []).append(one)
        return found

    root = [one for one in current if "/" not in one[0]]
    prefixes = [Prefix("", classes(root))] if root and depth else []
    for level in range(1, depth + 1):
        groups = of_prefix(level)
        order = sorted(groups, key=lambda name: (-sum(one[1] for one in groups[name]), name))
        prefixes += [Prefix(name, classes(groups[name])) for name in order[:top]]
    recent = Counter(max(0, AT // DAY - one[2] // DAY) for one in versions)
    recent_bytes: Counter[int] = Counter()
    for one in versions:
        recent_bytes[max(0, AT // DAY - one[2] // DAY)] += one[1]
    return ObjectStats(
        source="listing",
        at=AT,
        complete=True,
        current=amount(current),
        classes=classes(current),
        sizes=tuple(amount([one for one in current if size_bin(one[1]) == n]) for n in range(len(SIZE_EDGES) + 1)),
        ages=tuple(
            amount([one for one in current if age_bin((AT - one[2]) // DAY) == n]) for n in range(len(AGE_EDGES) + 1)
        ),
        recent=tuple(Amount(recent[day], recent_bytes[day]) for day in range(RECENT_DAYS)),
        newest=max((one[2] for one in current), default=None),
        oldest=min((one[2] for one in current), default=None),
        noncurrent=amount(older),
        noncurrent_classes=classes(older),
        delete_markers=len(markers),
        prefixes=tuple(prefixes),
    )


keys = st.text(alphabet="ab/é0", min_size=1, max_size=6)
moments = st.one_of(
    st.integers(AT - 1000 * DAY, AT + 5),
    st.sampled_from([AT - edge * DAY + shift for edge in AGE_EDGES for shift in (-1, 0, 1)]),
    st.sampled_from([AT // DAY * DAY - day * DAY + shift for day in range(RECENT_DAYS + 1) for shift in (-1, 0)]),
)
sizes = st.one_of(st.integers(0, 2**36), st.sampled_from([edge + shift for edge in SIZE_EDGES for shift in (-1, 0)]))
buckets = st.lists(
    st.tuples(keys, sizes, moments, st.sampled_from(["STANDARD", "GLACIER"]), st.booleans()),
    max_size=60,
    unique_by=lambda one: (one[0], one[2]),
)


@given(buckets, st.lists(keys, max_size=10, unique=True), st.integers(1, 5), st.integers(1, 8), st.randoms())
def test_any_splits_while_listing_give_the_same_result(
    versions: list[Version], markers: list[str], page: int, at_once: int, order: random.Random
) -> None:
    # The pages are small, and many are expected, so splits start immediately.
    assert listed(Bucket(versions, markers, page), at_once, order, 1e6) == truth(versions, markers, 2, 3)


@given(buckets, st.lists(keys, max_size=6), st.integers(0, 3))
def test_ranges_split_anywhere_aggregate_to_the_same_result(
    versions: list[Version], cuts: list[str], depth: int
) -> None:
    edges = sorted({"", *cuts})
    folds = []
    for start, end in zip(edges, [*edges[1:], None], strict=True):
        fold = KeyAggregator(TIMES, depth, 3)
        mine = [one for one in sorted(versions) if one[0] > start and (end is None or one[0] <= end)]
        for one in mine:
            fold.add(KeysPage([one[0]], [one[1]], [one[3]], [text(one[2])], [one[4]]))
        folds.append(fold)
    assert listing_stats(folds, TIMES, versions=True) == truth(versions, [], depth, 3)


ORDER = random.Random(4)
LAYOUTS: dict[str, Callable[[int], str]] = {
    "numbers with a folder before": lambda number: f"data/{number:09d}.bin",
    "random names": lambda number: f"{ORDER.getrandbits(128):032x}",
    "days": lambda number: f"logs/{2023 + number % 4}/{ORDER.randint(1, 12):02d}/{number % 28:02d}/{ORDER.random()}",
    "folders of all sizes": lambda number: f"{('app', 'backup', 'zeta')[number % 3]}/u{number % 997}/{ORDER.random()}",
    "nearly all in one folder": lambda number: f"{'az'[number < 9]}/{number:012d}",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_large_bucket_takes_few_additional_requests_and_far_fewer_rounds(layout: str) -> None:
    names = sorted(map(LAYOUTS[layout], range(200_000)))
    bucket = Bucket([(name, 1, AT, "STANDARD", True) for name in names])
    ranges = KeyRangeSplitter("", lambda: KeyAggregator(TIMES, 0, 1), False, len(names))
    under_way, turns = [ranges.ranges[0]], 0
    while under_way:
        turns += 1
        for one in under_way:
            ranges.add_page(one, bucket.list(one), None)
        under_way = [one for one in under_way if not one.done]
        while len(under_way) < 24 and (more := ranges.split()) is not None:
            under_way.append(more)
    pages = len(names) / 1000
    assert sum(objects.objects for fold in ranges.aggregators() for objects in fold.current.classes.values()) == len(
        names
    )
    assert bucket.requests <= 1.2 * pages
    assert turns <= pages / 2.5


def test_a_small_bucket_is_listed_without_splits() -> None:
    bucket = Bucket([(f"{number:05d}", 1, AT, "STANDARD", True) for number in range(5000)])
    listed(bucket, 32, random.Random(1), 5000)
    assert bucket.requests == 5


@pytest.mark.parametrize(
    ("time", "days_ago"),
    [
        ("2026-11-21T23:59:59.000Z", 1),
        ("2026-11-21T23:59:59.999Z", 1),  # AWS lists seconds without fractions; emulators may list fractions
        ("2026-11-22T00:00:00.000Z", 0),
        ("2026-11-20T00:00:00.000Z", 2),
        ("2026-11-19T23:59:59.500Z", 3),
    ],
)
def test_a_day_ends_at_midnight(time: str, days_ago: int) -> None:
    fold = KeyAggregator(TIMES, 2, 3)
    fold.add(KeysPage(["k"], [5], ["STANDARD"], [time]))
    (recent,) = {listing_stats([fold], TIMES, versions=False).recent}
    assert recent is not None
    assert [amount.objects for amount in recent].index(1) == days_ago


def test_an_empty_page_before_others_does_not_show_that_there_is_more() -> None:
    ranges = KeyRangeSplitter("", lambda: KeyAggregator(AgeBins(0), 1, 1), versions=False, expected=None)
    (one,) = ranges.ranges
    time = "2026-11-21T03:04:05.000Z"
    assert not ranges.holds_more(one, KeysPage([], [], [], [], token=("t",)))
    assert not one.done
    assert ranges.holds_more(one, KeysPage(["k"], [1], ["STANDARD"], [time]))


@pytest.mark.parametrize("keys", [0, 1000, 1001, 12_000, 40_000])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_order_of_responses_takes_more_requests_than_announced(keys: int, layout: str) -> None:
    names = sorted(map(LAYOUTS[layout], range(keys)))
    versions: list[Version] = [(name, 1, AT, "STANDARD", True) for name in names]
    for seed in range(2):
        bucket = Bucket(versions)
        ranges = KeyRangeSplitter("", lambda: KeyAggregator(TIMES, 0, 1), False, keys)
        order, under_way = random.Random(seed), [ranges.ranges[0]]
        while under_way:
            one = under_way.pop(order.randrange(len(under_way)))
            ranges.add_page(one, bucket.list(one), None)
            if not one.done:
                under_way.append(one)
            while (more := ranges.split()) is not None:
                under_way.append(more)
        needed = max(1, -(-keys // 1000))
        assert needed <= bucket.requests <= most_requests(needed) <= 1.2 * needed


def test_the_announced_requests_cover_the_rule_for_splits() -> None:
    """Each split wastes a request, and the number of splits is limited by the pages that were read or are expected."""
    for pages in range(1, 1000):
        read = pages
        while (worst := pages + (10 * read + 7 * pages) // 100) != read:
            read = worst
        assert worst <= most_requests(pages) <= worst + 1
