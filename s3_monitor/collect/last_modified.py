"""The listings of buckets for their last-modified date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import ClassVar

from s3_monitor.collect.collector import AccountRegion
from s3_monitor.collect.listing_collector import ListingCollector
from s3_monitor.collect.metric_queries import requests_allowed
from s3_monitor.collect.problem_log import Cause
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.model.errors import RequestBudgetExhausted
from s3_monitor.model.part import Listing
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.responses import ListKeysRequest
from s3_monitor.model.series import Series


class LastModifiedCollector(ListingCollector[str]):
    """The complete listings of one account and region. A bucket is listed once its object count is known."""

    _code: ClassVar = "last-modified-unreadable"

    def __init__(self, region: AccountRegion, context: ShardContext) -> None:
        super().__init__(region, context.object_lists)
        self._rule = context.plan.listing
        self._has_stopped = self._rule.mode == "off"

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
        self._check_count(bucket, series)
        if not self._has_stopped and self._rule.mode != "all":
            self._counted.add_count(bucket, series)

    def close(self) -> None:
        """End collecting: a listing that is not complete has no result."""

    def _list(self, bucket: str, count: float | None) -> None:
        allowed = requests_allowed(self._rule, count)
        if allowed != 0:
            pages = partial(self._read_listing, bucket, allowed)
            self._request(bucket, pages, partial(self._on_listing, bucket))

    def _read_listing(self, bucket: str, allowed: int | None) -> Iterator[Listing]:
        """Yield the listing; nothing if it takes more than ``allowed`` requests or the budget is exhausted."""
        newest, objects, requests = "", 0, 0
        token: tuple[str, ...] = ()
        while token or not requests:
            if requests == allowed:
                return
            try:
                page = self._account.keys_page(bucket, self._region, ListKeysRequest(token=token))
            except RequestBudgetExhausted:
                return
            requests += 1
            objects += len(page.keys)
            newest = max([newest, *page.times])
            token = page.token
        yield Listing(int(datetime.fromisoformat(newest).timestamp()) if newest else None, objects)

    def _abandon(self, requests: int, cause: Cause) -> int:
        return requests + len(self._counted)
