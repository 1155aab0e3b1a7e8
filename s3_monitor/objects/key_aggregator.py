"""Object statistics from listed keys. Each range of keys is aggregated separately, then the ranges are merged."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import repeat

from s3_monitor.model.object_stats import AGE_EDGES, RECENT_DAYS, SIZE_EDGES, Amount, ObjectStats
from s3_monitor.model.responses import KeysPage
from s3_monitor.objects.age_bins import AgeBins
from s3_monitor.objects.prefixes import Prefixes, merge_prefixes
from s3_monitor.objects.sums import ClassSums, in_bins, merge_sums, sum_by_bin, sum_by_name, total


class _Sums:
    """Objects and bytes by storage class, by size bin and by time bin. Each object counts in all three."""

    def __init__(self, edges: Sequence[str]) -> None:
        """``edges``: of the time bins, as texts, so that millions of times need not be parsed."""
        self._edges = edges
        self.classes: dict[str, Amount] = {}
        self.sizes: dict[int, Amount] = {}
        self.times: dict[int, Amount] = {}

    def add(self, classes: Mapping[str, Amount], sizes: Sequence[int], times: Sequence[str]) -> tuple[str, str]:
        """Add objects, and return the oldest and the newest of the times."""
        oldest, newest = min(times), max(times)
        self.classes = merge_sums([self.classes, classes])
        self.sizes = merge_sums([self.sizes, sum_by_bin(SIZE_EDGES, sizes)])
        self.times = merge_sums([self.times, sum_by_name(self._time_bins(times, oldest, newest), sizes)])
        return oldest, newest

    def _time_bins(self, times: Sequence[str], oldest: str, newest: str) -> list[int]:
        first, last = (bisect_left(self._edges, time) for time in (oldest, newest))
        if first == last:
            return [first] * len(times)
        return list(map(bisect_left, repeat(self._edges), times, repeat(first), repeat(last)))


class KeyAggregator:
    """Aggregates the pages of one range of keys, in key order."""

    def __init__(self, bins: AgeBins, depth: int, top: int) -> None:
        edges = [_text(edge) for edge in bins.edges]
        self.current = _Sums(edges)
        self.noncurrent = _Sums(edges)
        self.markers = 0
        self.newest = ""
        self.oldest = ""
        self.prefixes = Prefixes(depth, top)

    def add(self, page: KeysPage) -> None:
        """Add the page that follows the previous one."""
        self.markers += len(page.markers)
        if page.latest is not None and not all(page.latest):
            noncurrent = page.where([not latest for latest in page.latest])
            classes = sum_by_name(noncurrent.classes, noncurrent.sizes)
            self.noncurrent.add(classes, noncurrent.sizes, noncurrent.times)
            page = page.where(page.latest)
        if not page.keys:
            return
        class_sums = ClassSums(page.classes, page.sizes)
        oldest, newest = self.current.add(class_sums.between(0, len(page.keys)), page.sizes, page.times)
        self.prefixes.add(page.keys, class_sums)
        self.newest = max(self.newest, newest)
        self.oldest = min(self.oldest, oldest) if self.oldest else oldest


def listing_stats(
    aggregators: Sequence[KeyAggregator],
    bins: AgeBins,
    *,
    versions: bool,
    complete: bool = True,
    cut: str = "",
    keys: str = "",
    multipart: Amount | None = None,
) -> ObjectStats:
    """Return the statistics of all ranges, in key order. Other parameters: see ObjectStats."""
    classes = merge_sums(one.current.classes for one in aggregators)
    noncurrent = merge_sums(one.noncurrent.classes for one in aggregators)
    sizes = merge_sums(one.current.sizes for one in aggregators)
    times = merge_sums(one.current.times for one in aggregators)
    all_times = merge_sums([times, *(one.noncurrent.times for one in aggregators)])
    ages = merge_sums({bins.age_bin(time_bin): amount} for time_bin, amount in times.items())
    recent = merge_sums({bins.recent_day(time_bin): amount} for time_bin, amount in all_times.items())
    return ObjectStats(
        source="listing",
        at=bins.at,
        complete=complete,
        current=total(classes.values()),
        classes=dict(sorted(classes.items())),
        sizes=in_bins(sizes, len(SIZE_EDGES) + 1),
        ages=in_bins(ages, len(AGE_EDGES) + 1),
        recent=in_bins(recent, RECENT_DAYS),
        newest=_seconds(max((one.newest for one in aggregators), default="")),
        oldest=_seconds(min((one.oldest for one in aggregators if one.oldest), default="")),
        noncurrent=total(noncurrent.values()) if versions else None,
        noncurrent_classes=dict(sorted(noncurrent.items())),
        delete_markers=sum(one.markers for one in aggregators) if versions else None,
        prefixes=merge_prefixes([one.prefixes for one in aggregators]),
        cut=cut,
        keys=keys,
        multipart=multipart,
    )


def _text(milliseconds: int) -> str:
    time = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{time:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"


def _seconds(text: str) -> int | None:
    return int(datetime.fromisoformat(text).timestamp()) if text else None
