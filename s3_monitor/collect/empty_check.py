"""Whether a bucket without current objects is empty: earlier versions and unfinished uploads are billed too."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from s3_monitor.collect.account import Account
from s3_monitor.collect.call_counter import CallCounter
from s3_monitor.collect.request_budget import RequestBudget
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task
from s3_monitor.model.errors import RequestBudgetExhausted
from s3_monitor.model.part import Listing
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.responses import ListKeysRequest
from s3_monitor.model.series import Series


class EmptyBucketCheck:
    """Marks the listings of one account and region that found an empty bucket. Used by the folding thread alone.

    Two requests are sent for each bucket whose listing found no object although CloudWatch lists an object count, as
    for a bucket emptied since. A request that fails leaves the listing unmarked.
    """

    def __init__(
        self, owner: object, region: str, budget: RequestBudget, tally: CallCounter, found: dict[str, Listing]
    ) -> None:
        """``owner``: whose requests these are. ``found``: the listings, by bucket."""
        self._owner = owner
        self._region, self._budget, self._tally, self._found = region, budget, tally, found
        self._held: set[str] = set()  # buckets whose object count is listed and not 0
        self._account: Account  # from ``ask`` on
        self._lane: ConcurrencyLimit

    def ask(self, account: Account, lane: ConcurrencyLimit) -> None:
        self._account, self._lane = account, lane

    def counted(self, bucket: str, series: Series) -> None:
        """The object count of a bucket was received."""
        if series.day < 0 or series.value > 0:
            self._held.add(bucket)
            self._check(bucket)

    def listed(self, bucket: str, listing: Listing) -> None:
        """A bucket was listed completely."""
        self._found[bucket] = listing
        self._check(bucket)

    def _check(self, bucket: str) -> None:
        listing = self._found.get(bucket)
        if listing is None or listing.objects or bucket not in self._held or bucket.endswith(DIRECTORY_SUFFIX):
            return
        self._lane.ask(Task(partial(self._vacant, bucket), partial(self._mark, bucket), _ignore, about=self._owner))

    def _vacant(self, bucket: str) -> Iterator[bool]:
        account, count, take = self._account, self._tally.count, self._budget.take
        try:
            page = account.keys(bucket, self._region, ListKeysRequest(most=1, versions=True), count, take)
            if not (page.keys or page.markers or page.token):
                uploads = account.uploads(bucket, self._region, "", (), count, take)
                yield not (uploads.uploads or uploads.token)
        except RequestBudgetExhausted:
            return

    def _mark(self, bucket: str, vacant: bool) -> None:
        if vacant:
            self._found[bucket] = Listing(None, 0, vacant=True)


def _ignore(error: Exception | None) -> None:
    """The listing stays as it is: the merge notes that there are bytes without current objects."""
