"""Keys become what is known of a bucket's objects: each range of keys is folded for itself, all of them are united."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import repeat

from s3_monitor.model.object_stats import AGE_EDGES, DAY, RECENT_DAYS, SIZE_EDGES, Amount, ObjectStats
from s3_monitor.model.responses import KeysPage
from s3_monitor.objects.prefixes import Prefixes, merge_prefixes
from s3_monitor.objects.sums import ClassSums, merge_sums, sum_by_bin, sum_by_name

_FORM = "%Y-%m-%dT%H:%M:%S.000Z"


class AgeBins:
    """Where the edges of ages and of the last UTC days lie, as texts that sort like times; so that millions of times
    need not be read."""

    def __init__(self, at: int) -> None:
        """``at``: seconds since 1970 UTC, from which ages count."""
        self.at = at
        midnight = at // DAY * DAY
        # An age of so many whole days: written at this time or before.
        ages = [_text(at - edge * DAY) for edge in AGE_EDGES]
        # Of the day ``n`` days ago: written at its midnight or later, so after the millisecond before that.
        days = [_text(midnight - n * DAY - 1).replace(".000Z", ".999Z") for n in range(RECENT_DAYS)]
        self.edges = sorted({*ages, *days})
        self._ages = [self._bin(text) for text in ages]
        self._days = [self._bin(text) for text in days]

    def _bin(self, text: str) -> int:
        return bisect_left(self.edges, text)

    def age_bin(self, place: int) -> int:
        """Of a time whose place among the edges is this."""
        return sum(place <= edge for edge in self._ages)

    def recent(self, place: int) -> int | None:
        """How many UTC days ago: 0 is the day of ``at``, and whatever is dated later. Null: longer ago than is told."""
        return next((day for day, edge in enumerate(self._days) if place > edge), None)


class _Sums:
    """Objects and bytes by storage class, by bin of size and by place among the edges of time: one key counts three
    times."""

    def __init__(self, times: AgeBins) -> None:
        self._edges = times.edges
        self.classes: dict[str, Amount] = {}
        self.sizes: dict[int, Amount] = {}
        self.times: dict[int, Amount] = {}

    def add(self, classes: Mapping[str, Amount], sizes: Sequence[int], times: Sequence[str]) -> tuple[str, str]:
        """The oldest and the newest of the times."""
        oldest, newest = min(times), max(times)
        self.classes = merge_sums([self.classes, classes])
        self.sizes = merge_sums([self.sizes, sum_by_bin(SIZE_EDGES, sizes)])
        self.times = merge_sums([self.times, sum_by_name(self._places(times, oldest, newest), sizes)])
        return oldest, newest

    def _places(self, times: Sequence[str], oldest: str, newest: str) -> list[int]:
        first, last = (bisect_left(self._edges, time) for time in (oldest, newest))
        if first == last:
            return [first] * len(times)
        return list(map(bisect_left, repeat(self._edges), times, repeat(first), repeat(last)))


class KeyAggregator:
    """One range of keys, a page after the other in their order."""

    def __init__(self, times: AgeBins, depth: int, top: int) -> None:
        self.current = _Sums(times)
        self.older = _Sums(times)
        self.markers = 0
        self.newest = ""
        self.oldest = ""
        self.prefixes = Prefixes(depth, top)

    def add(self, page: KeysPage) -> None:
        """The next keys, which follow those before."""
        self.markers += len(page.markers)
        if page.latest is not None and not all(page.latest):
            older = page.where([not latest for latest in page.latest])
            self.older.add(sum_by_name(older.classes, older.sizes), older.sizes, older.times)
            page = page.where(page.latest)
        if not page.keys:
            return
        classes = ClassSums(page.classes, page.sizes)
        oldest, newest = self.current.add(classes.between(0, len(page.keys)), page.sizes, page.times)
        self.prefixes.add(page.keys, classes)
        self.newest = max(self.newest, newest)
        self.oldest = min(self.oldest, oldest) if self.oldest else oldest


def listing_stats(
    folds: Sequence[KeyAggregator],
    times: AgeBins,
    *,
    versions: bool,
    complete: bool = True,
    cut: str = "",
    keys: str = "",
    multipart: Amount | None = None,
) -> ObjectStats:
    """What all ranges say together. ``folds``: in the order of their keys; the rest as of Objects."""
    classes = merge_sums(fold.current.classes for fold in folds)
    older = merge_sums(fold.older.classes for fold in folds)
    sizes = merge_sums(fold.current.sizes for fold in folds)
    places = merge_sums(fold.current.times for fold in folds)
    all_places = merge_sums([places, *(fold.older.times for fold in folds)])
    ages = merge_sums({times.age_bin(place): amount} for place, amount in places.items())
    recent = merge_sums({times.recent(place): amount} for place, amount in all_places.items())
    return ObjectStats(
        source="listing",
        at=times.at,
        complete=complete,
        current=_sum(classes.values()),
        classes=dict(sorted(classes.items())),
        sizes=tuple(sizes.get(number, Amount()) for number in range(len(SIZE_EDGES) + 1)),
        ages=tuple(ages.get(number, Amount()) for number in range(len(AGE_EDGES) + 1)),
        recent=tuple(recent.get(day, Amount()) for day in range(RECENT_DAYS)),
        newest=_seconds(max((fold.newest for fold in folds), default="")),
        oldest=_seconds(min((fold.oldest for fold in folds if fold.oldest), default="")),
        noncurrent=_sum(older.values()) if versions else None,
        noncurrent_classes=dict(sorted(older.items())),
        delete_markers=sum(fold.markers for fold in folds) if versions else None,
        prefixes=merge_prefixes([fold.prefixes for fold in folds]),
        cut=cut,
        keys=keys,
        multipart=multipart,
    )


def _sum(amounts: Iterable[Amount]) -> Amount:
    return sum(amounts, Amount())


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(_FORM)


def _seconds(text: str) -> int | None:
    return int(datetime.fromisoformat(text).timestamp()) if text else None
