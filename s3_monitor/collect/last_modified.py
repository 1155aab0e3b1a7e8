"""The listings of buckets for their last-modified date."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from s3_monitor.collect.collector import AccountRegion, Collector
from s3_monitor.collect.counted_buckets import CountedBuckets
from s3_monitor.collect.empty_check import EmptyBucketCheck
from s3_monitor.collect.metric_queries import requests_allowed
from s3_monitor.collect.problem_log import Cause
from s3_monitor.collect.worker_pool import ConcurrencyLimit
from s3_monitor.model.errors import RequestBudgetExhausted
from s3_monitor.model.part import Listing
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.plan import ListingRule
from s3_monitor.model.series import Series


class LastModifiedCollector(Collector[str]):
    """The complete listings of one account and region. A bucket is listed once its object count is known."""

    _code: ClassVar = "last-modified-unreadable"

    def __init__(self, region: AccountRegion, limit: ConcurrencyLimit, rule: ListingRule) -> None:
        super().__init__(region, limit)
        self.listings: dict[str, Listing] = {}
        """By bucket; incomplete listings are left out."""
        self._rule = rule
        self._has_stopped = rule.mode == "off"
        self._counted = CountedBuckets(self._list)
        self._empty_check = EmptyBucketCheck(region, limit, self, self.listings)

    def on_bucket(self, bucket: str) -> None:
        """Handle a bucket to list."""
        # AWS: directory buckets are listed at another endpoint.
        if self._has_stopped or bucket.endswith(DIRECTORY_SUFFIX):
            return
        if self._rule.mode == "all":
            self._list(bucket, None)
        else:
            self._counted.add_bucket(bucket)

    def on_object_count(self, bucket: str, series: Series) -> None:
        """Handle the object count of a bucket."""
        self._empty_check.on_object_count(bucket, series)
        if not self._has_stopped and self._rule.mode != "all":
            self._counted.add_count(bucket, series)

    def on_counts_complete(self) -> None:
        """List the remaining buckets: no more object counts will be received."""
        self._counted.complete()

    def close(self) -> None:
        """End collecting: a listing that is not complete has no result."""

    def _list(self, bucket: str, count: float | None) -> None:
        allowed = requests_allowed(self._rule, count)
        if allowed != 0:
            pages = partial(self._read_listing, bucket, allowed)
            self._request(bucket, pages, partial(self._empty_check.on_listing, bucket))

    def _read_listing(self, bucket: str, allowed: int | None) -> Iterator[Listing]:
        """Yield the listing; nothing if it takes more than ``allowed`` requests or the budget is exhausted."""
        pages = self._account.object_pages(bucket, self._region)
        newest: int | None = None
        objects = requests = 0
        more = True
        while more:
            if requests == allowed:
                return
            try:
                page = next(pages)
            except RequestBudgetExhausted:
                return
            requests += 1
            objects += page.objects
            more = page.more
            if page.newest is not None:
                newest = page.newest if newest is None else max(newest, page.newest)
        yield Listing(newest, objects)

    def _abandon(self, requests: int, cause: Cause) -> int:
        buckets = requests + len(self._counted)
        self._counted.clear()
        return buckets
