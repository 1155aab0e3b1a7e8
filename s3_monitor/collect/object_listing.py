"""The listings of a region's buckets, for what they say of objects: many buckets at once, and a large one by ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal

from s3_monitor.collect.account import Account
from s3_monitor.collect.call_counter import CallCounter
from s3_monitor.collect.empty_check import EmptyBucketCheck
from s3_monitor.collect.inventory_collector import InventoryUnavailable, lose_objects
from s3_monitor.collect.problem_log import Cause, ProblemLog, cause_of
from s3_monitor.collect.request_budget import RequestBudget
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task
from s3_monitor.model.bounds import check_storage_classes
from s3_monitor.model.errors import AwsError, RequestBudgetExhausted
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.part import Listing
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.plan import ObjectsRule
from s3_monitor.model.problem import gap
from s3_monitor.model.responses import KeysPage, ListKeysRequest, UploadPartsPage, UploadsPage
from s3_monitor.model.series import Series
from s3_monitor.objects.key_aggregator import AgeBins, KeyAggregator, listing_stats
from s3_monitor.objects.key_filter import KeyFilter, key_filter_for
from s3_monitor.objects.key_ranges import PAGE, KeyRange, KeyRangeSplitter

_INTERRUPTED = "interrupted"
Answer = KeysPage | UploadsPage | UploadPartsPage
_Subject = KeyRange | Literal["uploads", "parts"]  # what a request is about


class _Bucket:
    """One bucket's listing under way. ``left``: keys that may still be asked for. ``open``: questions under way.
    ``waiting``: ranges for which no key is left unless a page brings fewer than it might."""

    def __init__(self, name: str, keys: KeyFilter, rule: ObjectsRule, times: AgeBins, expected: float | None) -> None:
        self.name = name
        self.keys = keys
        self.left = rule.max_objects
        self.open = 0
        self.waiting: list[KeyRange] = []
        self.cut = ""
        self.failed = False
        self.uploads: Amount | None = None
        self.uploads_asked = False
        self.classes: set[str] = set()
        # AWS: directory buckets keep no versions, and list their keys in no order: in one go, and no prefix is whole
        # before the last key has come.
        self.in_order = not name.endswith(DIRECTORY_SUFFIX)
        self.versions = rule.versions and self.in_order
        depth = rule.depth if self.in_order else 0
        self.ranges = KeyRangeSplitter(
            keys.prefix, lambda: KeyAggregator(times, depth, rule.top), self.versions, None if keys.prefix else expected
        )

    @property
    def has_pages(self) -> bool:
        """Whether a page of keys was received."""
        return any(one.pages for one in self.ranges.all)


class ObjectStatsCollector:
    """Stands where a Lister does, where objects are asked about: one listing answers both. Used by the folding thread
    alone, its questions apart.

    ``contents``: {bucket: Objects}; one that a budget or a failure cut short is kept as a lower bound. ``found``: the
    newest object and the count of buckets that were listed whole.
    """

    def __init__(
        self,
        where: str,
        region: str,
        rule: ObjectsRule,
        at: int,
        budget: RequestBudget,
        losses: ProblemLog,
        tally: CallCounter,
    ) -> None:
        """``at``: seconds since 1970 UTC, to which ages count."""
        self.found: dict[str, Listing] = {}
        self.contents: dict[str, ObjectStats] = {}
        self._where, self._region = where, region
        self._rule = rule
        self._all = rule.mode == "listing"  # else those that have no inventory
        self._times = AgeBins(at)
        self._budget, self._losses, self._tally = budget, losses, tally
        self._there: set[str] = set()  # buckets that wait for their count
        self._counts: dict[str, float | None] = {}  # counts that wait for their bucket
        self._absent: dict[str, InventoryUnavailable] = {}
        self._settled = False
        self._given_up = False
        self._listings: dict[str, _Bucket] = {}
        self._vacancy = EmptyBucketCheck(self, region, budget, tally, self.found)
        self._account: Account  # from ``ask`` on
        self._lane: ConcurrencyLimit

    def ask(self, account: Account, lane: ConcurrencyLimit) -> None:
        """Be ready to ask."""
        self._account, self._lane = account, lane
        self._vacancy.ask(account, lane)

    def is_there(self, bucket: str) -> None:
        """ListBuckets named it, and a unit wants it listed."""
        if bucket in self._counts or self._settled:
            self._begin(bucket, self._counts.pop(bucket, None))
        else:
            self._there.add(bucket)

    def instead(self, bucket: str, absent: InventoryUnavailable) -> None:
        """It has no inventory of which the same could be learnt."""
        self._absent[bucket] = absent
        self.is_there(bucket)

    def counted(self, bucket: str, series: Series) -> None:
        """Its object count arrived: how long the listing will be shows how it may be cut."""
        count = series.value if series.day >= 0 else None
        if self._all and not self._rule.versions:
            self._vacancy.counted(bucket, series)
        # AWS: the list of buckets leaves out directory buckets.
        if bucket in self._there or (self._all and bucket.endswith(DIRECTORY_SUFFIX)):
            self._there.discard(bucket)
            self._begin(bucket, count)
        else:
            self._counts[bucket] = count

    def settled(self) -> None:
        """No more counts will come."""
        self._settled = True
        for bucket in sorted(self._there):
            self._begin(bucket, None)
        self._there.clear()

    def close(self) -> None:
        """When nothing more comes: what was under way is a lower bound."""
        for listing in list(self._listings.values()):
            if listing.has_pages:
                listing.failed = True  # which has a gap of its own
                listing.cut = listing.cut or _INTERRUPTED
                self._keep(listing)

    def _begin(self, bucket: str, expected: float | None) -> None:
        if self._given_up:
            return
        absent, most = self._absent.get(bucket), self._rule.max_objects
        if absent is not None and expected is not None and expected > most:
            why = f"it holds more than the {most:,} objects that may be listed, and of its inventory: {absent.reason}"
            lose_objects(self._losses, self._where, bucket, absent._replace(reason=why))
            return
        listing = _Bucket(bucket, key_filter_for(self._rule, bucket), self._rule, self._times, expected)
        self._listings[bucket] = listing
        self._ask_keys(listing, listing.ranges.all[0])
        self._go_on(listing)

    # keys

    def _ask_keys(self, listing: _Bucket, one: KeyRange) -> None:
        most = min(PAGE, listing.left)
        if most == 0:
            listing.waiting.append(one)
            return
        listing.left -= most
        question = listing.ranges.question(one, most)
        self._ask(listing, self._keys(listing.name, question), partial(self._read, listing, one, most), one)

    def _keys(self, bucket: str, question: ListKeysRequest) -> Iterator[KeysPage]:
        yield self._account.keys(bucket, self._region, question, self._tally.count, self._budget.take)

    def _read(self, listing: _Bucket, one: KeyRange, most: int, page: KeysPage) -> None:
        operation = "ListObjectVersions" if listing.versions else "ListObjectsV2"
        if listing.in_order and not page.is_ordered:
            raise AwsError("broken", operation, "the keys are not in order", advice="try again later")
        listing.classes.update(page.classes)
        try:
            check_storage_classes(listing.classes)
        except ValueError as error:
            raise AwsError("broken", operation, str(error), advice="try again later") from error
        listing.left += max(0, most - listing.ranges.read(one, page, listing.keys.wanted))

    def _look_for_more(self, listing: _Bucket, one: KeyRange) -> None:
        """As many keys as may be listed have come: whether they were all, a key more tells, which is not counted."""
        question = listing.ranges.question(one, 1)
        self._ask(listing, self._keys(listing.name, question), partial(self._looked, listing, one), one)

    def _looked(self, listing: _Bucket, one: KeyRange, page: KeysPage) -> None:
        if listing.ranges.holds_more(one, page):
            listing.cut = f"it holds more than the {self._rule.max_objects:,} objects that may be listed"

    # uploads

    def _ask_uploads(self, listing: _Bucket, token: tuple[str, ...]) -> None:
        self._ask(listing, self._uploads(listing, token), partial(self._read_uploads, listing), "uploads")

    def _uploads(self, listing: _Bucket, token: tuple[str, ...]) -> Iterator[UploadsPage]:
        prefix, take = listing.keys.prefix, self._budget.take
        yield self._account.uploads(listing.name, self._region, prefix, token, self._tally.count, take)

    def _read_uploads(self, listing: _Bucket, page: UploadsPage) -> None:
        wanted = listing.keys.wanted
        uploads = [upload for upload in page.uploads if wanted is None or wanted(upload[0])]
        self._add_uploads(listing, Amount(len(uploads)))
        for upload in uploads:
            self._ask_parts(listing, upload, ())
        if page.token:
            self._ask_uploads(listing, page.token)

    def _add_uploads(self, listing: _Bucket, more: Amount) -> None:
        if listing.uploads is not None:  # it is once something about uploads failed
            listing.uploads += more

    def _ask_parts(self, listing: _Bucket, upload: tuple[str, str], token: tuple[str, ...]) -> None:
        self._ask(listing, self._parts(listing, upload, token), partial(self._read_parts, listing, upload), "parts")

    def _parts(self, listing: _Bucket, upload: tuple[str, str], token: tuple[str, ...]) -> Iterator[UploadPartsPage]:
        take = self._budget.take
        yield self._account.parts(listing.name, self._region, upload, token, self._tally.count, take)

    def _read_parts(self, listing: _Bucket, upload: tuple[str, str], page: UploadPartsPage) -> None:
        self._add_uploads(listing, Amount(0, page.size))
        if page.token:
            self._ask_parts(listing, upload, page.token)

    # both

    def _ask(self, listing: _Bucket, pages: Iterator[Answer], fold: Callable[[Any], None], subject: _Subject) -> None:
        listing.open += 1
        self._lane.ask(Task(lambda: pages, fold, partial(self._ended, listing, subject), about=self))

    def _ended(self, listing: _Bucket, subject: _Subject, error: Exception | None) -> None:
        """Handle the end of a request, whether its page was received or not."""
        listing.open -= 1
        if isinstance(error, RequestBudgetExhausted):
            listing.cut = listing.cut or f"a shard may send {self._budget.most or 0:,} list requests"
        elif error is not None:
            self._failed(listing, subject, cause_of(error))
        elif isinstance(subject, KeyRange) and not subject.done:
            listing.waiting.append(subject)
        if listing.name in self._listings and not self._given_up:
            self._go_on(listing)

    def _go_on(self, listing: _Bucket) -> None:
        """Ask for what is next, as far as keys are left and others do not wait; or keep what is known."""
        waiting, listing.waiting = listing.waiting, []
        for one in waiting if not listing.cut else []:
            self._ask_keys(listing, one)
        while listing.in_order and not listing.cut and self._lane.idle > 0 and listing.left >= PAGE:
            more = listing.ranges.cut()
            if more is None:
                break
            self._ask_keys(listing, more)
        if listing.open:
            return
        if listing.waiting and not listing.cut:
            self._look_for_more(listing, listing.waiting.pop())
            return
        if listing.versions and not listing.cut and not listing.uploads_asked:
            listing.uploads_asked = True
            listing.uploads = Amount()
            self._ask_uploads(listing, ())
            return
        self._keep(listing)

    def _keep(self, listing: _Bucket) -> None:
        del self._listings[listing.name]
        if listing.cut and not listing.has_pages:
            self._lose_unlisted(listing)
            return
        objects = listing_stats(
            listing.ranges.folds(),
            self._times,
            versions=listing.versions,
            complete=not listing.cut,
            cut=listing.cut,
            keys=listing.keys.shown,
            multipart=listing.uploads,
        )
        if not listing.cut and not self._rule.narrowed:
            self._vacancy.listed(listing.name, Listing(objects.newest, objects.current.objects))
        if listing.cut and not listing.failed:
            self._losses.lose(
                self._where,
                [listing.name],
                alone=f"listed in part, so there is more than is said of its objects: {listing.cut}",
                together=f"buckets were listed in part, so there is more than is said of their objects: {listing.cut}",
                advice="raise listing.max_objects or listing.max_requests in shards.yaml",
                severity="note",
            )
        self.contents[listing.name] = objects

    def _lose_unlisted(self, listing: _Bucket) -> None:
        """No page was received: nothing is known, not even a lower bound."""
        if not listing.failed:
            self._losses.lose(
                self._where,
                [listing.name],
                alone=f"Could not list the objects: {listing.cut}",
                together=f"buckets were not listed: {listing.cut}",
                advice="raise listing.max_requests in shards.yaml",
                severity="note",
            )

    def _failed(self, listing: _Bucket, subject: _Subject, cause: Cause) -> None:
        if cause.kind == "missing":
            if subject != "parts" and listing.name in self._listings:  # an upload may have ended meanwhile
                del self._listings[listing.name]
                self._losses.deleted(self._where, listing.name)
        elif cause.kind == "unreachable" or (cause.hopeless and cause.kind != "denied"):
            self._give_up(cause)
        elif not listing.failed:
            listing.failed = True
            unknown = "objects are" if isinstance(subject, KeyRange) else "unfinished uploads are"
            self._losses.lose(
                self._where,
                [listing.name],
                alone=f"its {unknown} not all known: {cause.text}",
                together=f"buckets could not be listed whole, {unknown} not all known: {cause.text}",
                advice=cause.advice,
            )
            if isinstance(subject, KeyRange):
                listing.cut = cause.text
            else:
                listing.uploads = None

    def _give_up(self, cause: Cause) -> None:
        """S3 does not answer, or not to these credentials: nor will it for the other buckets."""
        if self._given_up:
            return
        self._given_up = True
        self._lane.drop(self, under_way=True)
        left = len(self._listings) + len(self._there)
        what = f"{cause.text}: the objects of {left:,} buckets or more are not all known"
        self._losses.add(gap(self._where, what, cause.advice))
        for listing in self._listings.values():
            listing.cut, listing.failed = cause.text, True
        self._there.clear()
