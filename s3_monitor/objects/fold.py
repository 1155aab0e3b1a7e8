"""Keys become what is known of a bucket's objects: each range of keys is folded for itself, all of them are united."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import compress, repeat
from typing import TypeVar

from s3_monitor.model.answers import KeysPage
from s3_monitor.model.objects import AGE_EDGES, DAY, RECENT_DAYS, SIZE_EDGES, Amount, Objects
from s3_monitor.objects.prefixes import Prefixes, united

K = TypeVar("K", bound=Hashable)
_FORM = "%Y-%m-%dT%H:%M:%S.000Z"


class Times:
    """Where the edges of ages and of the last UTC days lie, as texts that sort like times; so that millions of times
    need not be read."""

    def __init__(self, at: int) -> None:
        """``at``: seconds since 1970 UTC, from which ages count."""
        self.at = at
        midnight = at // DAY * DAY
        # An age of so many whole days: written at this time or before.
        ages = [_text(at - edge * DAY) for edge in AGE_EDGES]
        # Of the day ``n`` days ago: written at its midnight or later, so after the second before that.
        days = [_text(midnight - n * DAY - 1) for n in range(RECENT_DAYS)]
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


class Fold:
    """One range of keys, a page after the other in their order. Bytes by (storage class, bin of size, place among the
    edges of time) are all there is to add up: the rest follows from them at the end."""

    def __init__(self, times: Times, depth: int, top: int) -> None:
        self._times = times
        self.objects: Counter[tuple[str, int, int]] = Counter()
        self.sizes: defaultdict[tuple[str, int, int], int] = defaultdict(int)
        self.older_objects: Counter[tuple[str, int, int]] = Counter()
        self.older_sizes: defaultdict[tuple[str, int, int], int] = defaultdict(int)
        self.markers = 0
        self.newest = ""
        self.oldest = ""
        self.prefixes = Prefixes(depth, top)

    def add(self, page: KeysPage) -> None:
        """The next keys, which follow those before."""
        self.markers += len(page.markers)
        if page.latest is not None and not all(page.latest):
            older = [not latest for latest in page.latest]
            sizes = list(compress(page.sizes, older))
            self._tally(
                *(list(compress(page.classes, older)), sizes, list(compress(page.times, older))),
                *(self.older_objects, self.older_sizes),
            )
            page = page.where(page.latest)
        if not page.keys:
            return
        self._tally(page.classes, page.sizes, page.times, self.objects, self.sizes)
        newest, oldest = max(page.times), min(page.times)
        self.newest = max(self.newest, newest)
        self.oldest = min(self.oldest, oldest) if self.oldest else oldest
        self.prefixes.add(page.keys, page.sizes, page.classes)

    def _tally(
        self,
        classes: Sequence[str],
        sizes: Sequence[int],
        times: Sequence[str],
        objects: Counter[tuple[str, int, int]],
        totals: defaultdict[tuple[str, int, int], int],
    ) -> None:
        of_size = map(bisect_right, repeat(SIZE_EDGES), sizes)
        of_time = map(bisect_left, repeat(self._times.edges), times)
        bins = list(zip(classes, of_size, of_time, strict=True))
        objects.update(bins)
        for place, size in zip(bins, sizes, strict=True):
            totals[place] += size


def objects_of(
    folds: Sequence[Fold],
    times: Times,
    *,
    versions: bool,
    complete: bool = True,
    cut: str = "",
    keys: str = "",
    multipart: Amount | None = None,
) -> Objects:
    """What all ranges say together. ``folds``: in the order of their keys; the rest as of Objects."""
    count: Counter[tuple[str, int, int]] = Counter()
    older: Counter[tuple[str, int, int]] = Counter()
    bytes_: Counter[tuple[str, int, int]] = Counter()
    older_bytes: Counter[tuple[str, int, int]] = Counter()
    for fold in folds:
        count.update(fold.objects)
        older.update(fold.older_objects)
        bytes_.update(fold.sizes)
        older_bytes.update(fold.older_sizes)
    current = [(place, Amount(count[place], bytes_[place])) for place in count]
    noncurrent = [(place, Amount(older[place], older_bytes[place])) for place in older]
    days = [(times.recent(place[2]), amount) for place, amount in current + noncurrent]
    by_size = _summed((place[1], amount) for place, amount in current)
    by_age = _summed((times.age_bin(place[2]), amount) for place, amount in current)
    recent = _summed(days)
    return Objects(
        source="listing",
        at=times.at,
        complete=complete,
        current=_sum(amount for _, amount in current),
        classes=dict(sorted(_summed((place[0], amount) for place, amount in current).items())),
        sizes=tuple(by_size.get(number, Amount()) for number in range(len(SIZE_EDGES) + 1)),
        ages=tuple(by_age.get(number, Amount()) for number in range(len(AGE_EDGES) + 1)),
        recent=tuple(recent.get(day, Amount()) for day in range(RECENT_DAYS)),
        newest=_seconds(max((fold.newest for fold in folds), default="")),
        oldest=_seconds(min((fold.oldest for fold in folds if fold.oldest), default="")),
        noncurrent=_sum(amount for _, amount in noncurrent) if versions else None,
        noncurrent_classes=dict(sorted(_summed((place[0], amount) for place, amount in noncurrent).items())),
        delete_markers=sum(fold.markers for fold in folds) if versions else None,
        prefixes=united([fold.prefixes for fold in folds]),
        cut=cut,
        keys=keys,
        multipart=multipart,
    )


def _summed(amounts: Iterable[tuple[K, Amount]]) -> dict[K, Amount]:
    found: dict[K, Amount] = {}
    for key, amount in amounts:
        found[key] = found.get(key, Amount()) + amount
    return found


def _sum(amounts: Iterable[Amount]) -> Amount:
    return sum(amounts, Amount())


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime(_FORM)


def _seconds(text: str) -> int | None:
    return int(datetime.fromisoformat(text).timestamp()) if text else None
