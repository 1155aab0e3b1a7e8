"""The listings of buckets for object statistics: many buckets at once, and a large one by key ranges."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Literal, NamedTuple

from s3_monitor.collect.collector import AccountRegion
from s3_monitor.collect.listing_collector import ListingCollector, newest_value
from s3_monitor.collect.problem_log import Cause
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.model.bounds import check_storage_classes
from s3_monitor.model.errors import AwsError
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.part import Listing
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.plan import ObjectsRule
from s3_monitor.model.responses import KeysPage, UploadPartsPage, UploadsPage
from s3_monitor.model.series import Series
from s3_monitor.objects.age_bins import AgeBins
from s3_monitor.objects.key_aggregator import KeyAggregator, listing_stats
from s3_monitor.objects.key_filter import KeyFilter, key_filter_for
from s3_monitor.objects.key_ranges import PAGE, KeyRange, KeyRangeSplitter


class _BucketListing:
    """The listing of one bucket while it is running."""

    def __init__(self, name: str, keys: KeyFilter, rule: ObjectsRule, times: AgeBins, count: float | None) -> None:
        self.name = name
        self.keys = keys
        self.keys_left = rule.max_objects
        """Keys that may still be requested."""
        self.open_requests = 0
        self.waiting: list[KeyRange] = []
        """Ranges for which no key is left, unless a page has fewer keys than requested."""
        self.cut = ""
        """Why the listing is incomplete."""
        self.has_failed = False
        """Whether it has a gap of its own."""
        self.uploads: Amount | None = None
        self.uploads_requested = False
        self.classes: set[str] = set()
        # AWS: directory buckets have no versions, and list their keys in no order: the listing cannot be split, and no
        # prefix is complete before the last key.
        self.is_ordered = not name.endswith(DIRECTORY_SUFFIX)
        self.versions = rule.versions and self.is_ordered
        depth = rule.depth if self.is_ordered else 0
        self.ranges = KeyRangeSplitter(
            keys.prefix, lambda: KeyAggregator(times, depth, rule.top), self.versions, None if keys.prefix else count
        )

    @property
    def has_pages(self) -> bool:
        """Whether a page of keys was received."""
        return any(range_.pages for range_ in self.ranges.ranges)


class _Request(NamedTuple):
    """What a request is about."""

    listing: _BucketListing
    subject: KeyRange | Literal["uploads", "parts"]


class ObjectStatsCollector(ListingCollector[_Request]):
    """The object statistics of one account and region by listing."""

    _code: ClassVar = "objects-unreadable"

    def __init__(self, region: AccountRegion, context: ShardContext) -> None:
        super().__init__(region, context.object_lists)
        self.object_stats: dict[str, ObjectStats] = {}
        """By bucket; those of incomplete listings are lower bounds."""
        self._rule = context.plan.objects
        self._lists_all = self._rule.mode == "listing"  # otherwise those without an inventory
        self._times = AgeBins(context.as_of)
        self._max_requests = context.plan.listing.max_requests
        self._unavailable: dict[str, Cause] = {}
        self._running: dict[str, _BucketListing] = {}

    def on_bucket(self, bucket: str) -> None:
        """Handle a bucket to list."""
        self._counted.add_bucket(bucket)

    def list_instead_of_inventory(self, bucket: str, cause: Cause) -> None:
        """Handle a bucket without a usable inventory."""
        self._unavailable[bucket] = cause
        self.on_bucket(bucket)

    def on_object_count(self, bucket: str, series: Series) -> None:
        """Handle the object count of a bucket: it decides how the listing is split."""
        if self._lists_all and not self._rule.versions:
            self._check_count(bucket, series)
        if self._lists_all and bucket.endswith(DIRECTORY_SUFFIX):  # AWS: ListBuckets leaves them out
            self._list(bucket, newest_value(series))
        else:
            self._counted.add_count(bucket, series)

    def close(self) -> None:
        """End collecting: the listings that are still running are lower bounds."""
        for listing in list(self._running.values()):
            if listing.has_pages:
                listing.has_failed = True
                listing.cut = listing.cut or "interrupted"
                self._finish(listing)

    def _list(self, bucket: str, count: float | None) -> None:
        if self._has_stopped:
            return
        unavailable, most = self._unavailable.get(bucket), self._rule.max_objects
        if unavailable is not None and count is not None and count > most:
            text = f"{unavailable.text}; not listed instead, as it has more than {most:,} objects"
            code, cause = f"inventory-report-{unavailable.kind}", unavailable._replace(text=text)
            self._problems.add_for_bucket(code, self.place, bucket, cause=cause)
            return
        listing = _BucketListing(bucket, key_filter_for(self._rule, bucket), self._rule, self._times, count)
        self._running[bucket] = listing
        self._request_keys(listing, listing.ranges.ranges[0])
        self._continue(listing)

    # keys

    def _request_keys(self, listing: _BucketListing, range_: KeyRange) -> None:
        most = min(PAGE, listing.keys_left)
        if most == 0:
            listing.waiting.append(range_)
            return
        listing.keys_left -= most
        self._request_keys_page(listing, range_, most, partial(self._on_keys, listing, range_, most))

    def _request_keys_page(
        self, listing: _BucketListing, range_: KeyRange, most: int, on_page: Callable[[KeysPage], None]
    ) -> None:
        request = listing.ranges.next_request(range_, most)
        call = partial(self._account.keys_page, listing.name, self._region, request)
        self._request_page(_Request(listing, range_), call, on_page)

    def _on_keys(self, listing: _BucketListing, range_: KeyRange, most: int, page: KeysPage) -> None:
        operation = "ListObjectVersions" if listing.versions else "ListObjectsV2"
        if listing.is_ordered and not page.is_ordered:
            raise AwsError("broken", operation, "the keys are not in order", advice="try again later")
        listing.classes.update(page.classes)
        try:
            check_storage_classes(listing.classes)
        except ValueError as error:
            raise AwsError("broken", operation, str(error), advice="try again later") from error
        listing.keys_left += max(0, most - listing.ranges.add_page(range_, page, listing.keys.matches))

    def _request_one_more(self, listing: _BucketListing, range_: KeyRange) -> None:
        """Request one key beyond the limit, which is not counted: it shows whether the listing is complete."""
        self._request_keys_page(listing, range_, 1, partial(self._on_one_more, listing, range_))

    def _on_one_more(self, listing: _BucketListing, range_: KeyRange, page: KeysPage) -> None:
        if listing.ranges.holds_more(range_, page):
            listing.cut = f"it holds more than the {self._rule.max_objects:,} objects that may be listed"

    # uploads

    def _request_uploads(self, listing: _BucketListing, token: tuple[str, ...]) -> None:
        call = partial(self._account.uploads_page, listing.name, self._region, listing.keys.prefix, token)
        self._request_page(_Request(listing, "uploads"), call, partial(self._on_uploads, listing))

    def _on_uploads(self, listing: _BucketListing, page: UploadsPage) -> None:
        matches = listing.keys.matches
        uploads = [upload for upload in page.uploads if matches is None or matches(upload[0])]
        self._add_uploads(listing, Amount(len(uploads)))
        for upload in uploads:
            self._request_parts(listing, upload, ())
        if page.token:
            self._request_uploads(listing, page.token)

    def _add_uploads(self, listing: _BucketListing, more: Amount) -> None:
        if listing.uploads is not None:  # None: a request about uploads has failed
            listing.uploads += more

    def _request_parts(self, listing: _BucketListing, upload: tuple[str, str], token: tuple[str, ...]) -> None:
        call = partial(self._account.parts_page, listing.name, self._region, upload, token)
        self._request_page(_Request(listing, "parts"), call, partial(self._on_parts, listing, upload))

    def _on_parts(self, listing: _BucketListing, upload: tuple[str, str], page: UploadPartsPage) -> None:
        self._add_uploads(listing, Amount(0, page.size))
        if page.token:
            self._request_parts(listing, upload, page.token)

    # both

    def _request_page(self, request: _Request, call: Callable[[], Any], on_page: Callable[[Any], None]) -> None:
        request.listing.open_requests += 1
        self._request_one(request, call, on_page)

    def _on_done(self, subject: _Request, error: Exception | None) -> None:
        """Handle the end of a request, whether its page was received or not."""
        listing, range_ = subject
        listing.open_requests -= 1
        super()._on_done(subject, error)
        if error is None and isinstance(range_, KeyRange) and not range_.done:
            listing.waiting.append(range_)
        if listing.name in self._running and not self._has_stopped:
            self._continue(listing)

    def _continue(self, listing: _BucketListing) -> None:
        """Send the next requests, as far as keys are left and other buckets do not wait, or finish the listing."""
        waiting, listing.waiting = listing.waiting, []
        for range_ in waiting if not listing.cut else []:
            self._request_keys(listing, range_)
        while listing.is_ordered and not listing.cut and self._limit.idle > 0 and listing.keys_left >= PAGE:
            more = listing.ranges.split()
            if more is None:
                break
            self._request_keys(listing, more)
        if listing.open_requests:
            return
        if listing.waiting and not listing.cut:
            self._request_one_more(listing, listing.waiting.pop())
        elif listing.versions and not listing.cut and not listing.uploads_requested:
            listing.uploads_requested = True
            listing.uploads = Amount()
            self._request_uploads(listing, ())
        else:
            self._finish(listing)

    def _finish(self, listing: _BucketListing) -> None:
        """Keep the statistics, and report why they are incomplete."""
        del self._running[listing.name]
        if listing.cut and not listing.has_pages:  # there is not even a lower bound
            if not listing.has_failed:
                self._problems.add_for_bucket("objects-not-listed", self.place, listing.name, detail=listing.cut)
            return
        stats = listing_stats(
            listing.ranges.aggregators(),
            self._times,
            versions=listing.versions,
            complete=not listing.cut,
            cut=listing.cut,
            keys=listing.keys.text,
            multipart=listing.uploads,
        )
        if not listing.cut and not self._rule.narrowed:
            self._on_listing(listing.name, Listing(stats.newest, stats.current.objects))
        if listing.cut and not listing.has_failed:
            self._problems.add_for_bucket("listing-truncated", self.place, listing.name, detail=listing.cut)
        self.object_stats[listing.name] = stats

    # errors

    def _on_budget_exhausted(self, subject: _Request) -> None:
        listing = subject.listing
        listing.cut = listing.cut or f"a shard may send {self._max_requests or 0:,} list requests"

    def _on_missing(self, subject: _Request, cause: Cause) -> None:
        """Handle a bucket that no longer exists. An upload that has ended is not a problem."""
        name = subject.listing.name
        if subject.subject != "parts" and name in self._running:
            del self._running[name]
            self._problems.add_for_bucket("bucket-deleted", self.place, name)

    def _on_failure(self, subject: _Request, cause: Cause) -> None:
        listing, range_ = subject
        if listing.has_failed:
            return
        listing.has_failed = True
        code = self._code if isinstance(range_, KeyRange) else "uploads-unreadable"
        self._problems.add_for_bucket(code, self.place, listing.name, cause=cause)
        if isinstance(range_, KeyRange):
            listing.cut = cause.text
        else:
            listing.uploads = None

    def _abandon(self, requests: int, cause: Cause) -> int:
        for listing in self._running.values():
            listing.cut, listing.has_failed = cause.text, True
        return len(self._running) + len(self._counted)
