"""Whether a bucket without current objects is empty: AWS bills earlier versions and incomplete uploads, too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from s3_monitor.collect.collector import AccountRegion
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task
from s3_monitor.model.errors import RequestBudgetExhausted
from s3_monitor.model.part import Listing
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.responses import ListKeysRequest
from s3_monitor.model.series import Series


class EmptyBucketCheck:
    """Marks the listings of one account and region that found an empty bucket.

    Two requests are sent for each bucket whose listing found no object although CloudWatch lists an object count, as
    for a bucket emptied since. A request that fails leaves the listing unmarked.
    """

    def __init__(
        self, region: AccountRegion, limit: ConcurrencyLimit, owner: object, listings: dict[str, Listing]
    ) -> None:
        """``owner``: the collector whose requests these are. ``listings``: its listings, by bucket."""
        self._account, self._region = region.account, region.region
        self._limit, self._owner = limit, owner
        self._listings = listings
        self._nonempty: set[str] = set()  # buckets whose object count is listed and not 0

    def on_object_count(self, bucket: str, series: Series) -> None:
        """Handle the object count of a bucket."""
        if series.day < 0 or series.value > 0:
            self._nonempty.add(bucket)
            self._check(bucket)

    def on_listing(self, bucket: str, listing: Listing) -> None:
        """Handle the complete listing of a bucket."""
        self._listings[bucket] = listing
        self._check(bucket)

    def _check(self, bucket: str) -> None:
        listing = self._listings.get(bucket)
        if listing is None or listing.objects or bucket not in self._nonempty or bucket.endswith(DIRECTORY_SUFFIX):
            return
        self._limit.start(Task(partial(self._is_empty, bucket), partial(self._mark, bucket), _ignore, self._owner))

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
            self._listings[bucket] = Listing(None, 0, vacant=True)


def _ignore(error: Exception | None) -> None:
    """Leave the listing unmarked: the merge notes that there are bytes without current objects."""
