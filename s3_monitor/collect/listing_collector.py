"""The base class of the collectors that list buckets: which they list, and which of those are empty."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from functools import partial

from s3_monitor.collect.collector import AccountRegion, Collector, Subject
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task
from s3_monitor.model.errors import RequestBudgetExhausted
from s3_monitor.model.part import Listing
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.responses import ListKeysRequest
from s3_monitor.model.series import Series


class CountedBuckets:
    """Pairs each bucket to list with its object count. They are received in any order.

    Calls ``on_pair`` once for each bucket; with ``None`` if its count has no point in the window.
    """

    def __init__(self, on_pair: Callable[[str, float | None], None]) -> None:
        self._on_pair = on_pair
        self._buckets: set[str] = set()  # they wait for their count
        self._counts: dict[str, float | None] = {}  # they wait for their bucket
        self._is_complete = False

    def __len__(self) -> int:
        """Return the number of buckets that wait for their count."""
        return len(self._buckets)

    def add_bucket(self, bucket: str) -> None:
        """Add a bucket to list."""
        if bucket in self._counts or self._is_complete:
            self._on_pair(bucket, self._counts.pop(bucket, None))
        else:
            self._buckets.add(bucket)

    def add_count(self, bucket: str, series: Series) -> None:
        """Add the object count of a bucket."""
        count = newest_value(series)
        if bucket in self._buckets:
            self._buckets.discard(bucket)
            self._on_pair(bucket, count)
        else:
            self._counts[bucket] = count

    def complete(self) -> None:
        """Pair the remaining buckets: no more counts will be received."""
        self._is_complete = True
        buckets, self._buckets = sorted(self._buckets), set()
        for bucket in buckets:
            self._on_pair(bucket, None)


def newest_value(series: Series) -> float | None:
    """Return the newest value of a series; ``None`` if it has no point."""
    return series.value if series.day >= 0 else None


class ListingCollector(Collector[Subject]):
    """Lists each bucket once its object count is received, and marks the listings that found an empty bucket.

    AWS bills earlier versions and incomplete uploads, too. Two requests are sent for each bucket whose listing found no
    object although CloudWatch lists an object count, as for a bucket emptied since. A request that fails leaves the
    listing unmarked: the merge notes that there are bytes without current objects.
    """

    def __init__(self, region: AccountRegion, limit: ConcurrencyLimit) -> None:
        super().__init__(region, limit)
        self.listings: dict[str, Listing] = {}
        """The last-modified date and object count of completely listed buckets, by bucket."""
        self._counted = CountedBuckets(self._list)
        self._nonempty: set[str] = set()  # buckets whose object count is listed and not 0

    @abstractmethod
    def _list(self, bucket: str, count: float | None) -> None:
        """List a bucket; ``count``: its newest object count, if it has one."""

    def on_counts_complete(self) -> None:
        """List the remaining buckets: no more object counts will be received."""
        self._counted.complete()

    def _check_count(self, bucket: str, series: Series) -> None:
        """Check the bucket if it has objects in CloudWatch."""
        if series.day < 0 or series.value > 0:
            self._nonempty.add(bucket)
            self._check(bucket)

    def _on_listing(self, bucket: str, listing: Listing) -> None:
        """Handle the complete listing of a bucket."""
        self.listings[bucket] = listing
        self._check(bucket)

    def _check(self, bucket: str) -> None:
        listing = self.listings.get(bucket)
        if listing is None or listing.objects or bucket not in self._nonempty or bucket.endswith(DIRECTORY_SUFFIX):
            return
        self._limit.start(Task(partial(self._is_empty, bucket), partial(self._mark, bucket), lambda error: None, self))

    def _is_empty(self, bucket: str) -> Iterator[bool]:
        """Yield whether the bucket has no version, delete marker or upload; nothing if the budget is exhausted."""
        try:
            page = self._account.keys_page(bucket, self._region, ListKeysRequest(most=1, versions=True))
            if not (page.keys or page.markers or page.token):
                uploads = self._account.uploads_page(bucket, self._region, "", ())
                yield not (uploads.uploads or uploads.token)
        except RequestBudgetExhausted:
            return

    def _mark(self, bucket: str, is_empty: bool) -> None:
        if is_empty:
            self.listings[bucket] = Listing(None, 0, vacant=True)
