"""Which buckets of a region are listed for their newest object, and the listing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from s3_monitor.collect.account import Account
from s3_monitor.collect.call_counter import CallCounter
from s3_monitor.collect.empty_check import EmptyBucketCheck
from s3_monitor.collect.metric_queries import requests_allowed
from s3_monitor.collect.problem_log import ProblemLog, cause_of
from s3_monitor.collect.request_budget import RequestBudget
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task
from s3_monitor.model.errors import RequestBudgetExhausted
from s3_monitor.model.part import Listing
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.plan import ListingRule
from s3_monitor.model.problem import gap
from s3_monitor.model.series import Series

_UNKNOWN = "its newest object is unknown"


class LastModifiedCollector:
    """The listings of one account and region: {bucket: Listing}. Used by the folding thread alone.

    A bucket is listed as soon as it is known to be there and its count is; what listing said cut short is not kept.
    """

    def __init__(
        self, where: str, region: str, rule: ListingRule, budget: RequestBudget, losses: ProblemLog, tally: CallCounter
    ) -> None:
        self.found: dict[str, Listing] = {}
        self._where = where
        self._region = region
        self._rule = rule
        self._budget = budget
        self._losses = losses
        self._tally = tally
        self._there: set[str] = set()  # buckets that wait for their count
        self._counts: dict[str, float | None] = {}  # counts that wait for their bucket
        self._settled = False
        self._given_up = rule.mode == "off"
        self._vacancy = EmptyBucketCheck(self, region, budget, tally, self.found)
        self._account: Account  # from ``ask`` on
        self._lane: ConcurrencyLimit

    def ask(self, account: Account, lane: ConcurrencyLimit) -> None:
        """Be ready to ask."""
        self._account, self._lane = account, lane
        self._vacancy.ask(account, lane)

    def is_there(self, bucket: str) -> None:
        """ListBuckets named it, and a unit wants it listed."""
        # AWS: directory buckets are listed at another endpoint.
        if self._given_up or bucket.endswith(DIRECTORY_SUFFIX):
            return
        if bucket in self._counts or self._settled or self._rule.mode == "all":
            self._decide(bucket, self._counts.pop(bucket, None))
        else:
            self._there.add(bucket)

    def counted(self, bucket: str, series: Series) -> None:
        """Its object count arrived; without a point it is not known."""
        count = series.value if series.day >= 0 else None
        self._vacancy.counted(bucket, series)
        if self._given_up or self._rule.mode == "all":
            return
        if bucket in self._there:
            self._there.discard(bucket)
            self._decide(bucket, count)
        else:
            self._counts[bucket] = count

    def settled(self) -> None:
        """No more counts will come: the other buckets have none that is known."""
        self._settled = True
        for bucket in sorted(self._there):
            self._decide(bucket, None)
        self._there.clear()

    def close(self) -> None:
        """When nothing more comes: a listing that was cut short says nothing."""

    def _decide(self, bucket: str, count: float | None) -> None:
        allowed = requests_allowed(self._rule, count)
        if allowed == 0 or self._given_up:
            return
        self._lane.ask(
            Task(
                partial(self._list, bucket, allowed),
                partial(self._vacancy.listed, bucket),
                partial(self._ended, bucket),
                about=self,
            )
        )

    def _list(self, bucket: str, allowed: int | None) -> Iterator[Listing]:
        """One Listing, or none where the listing would take more requests than it may."""
        pages = self._account.objects(bucket, self._region, self._tally.count, self._budget.take)
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

    def _ended(self, bucket: str, error: Exception | None) -> None:
        if error is None:
            return
        cause = cause_of(error)
        if cause.kind == "missing":
            self._losses.deleted(self._where, bucket)
        elif cause.kind == "unreachable" or (cause.hopeless and cause.kind != "denied"):
            # S3 does not answer, or not to these credentials: nor will it for the other buckets.
            self._given_up = True
            left = 1 + len(self._lane.drop(self, under_way=True)) + len(self._there)
            self._there.clear()
            what = f"{cause.text}: the newest objects of {left:,} buckets or more are unknown"
            self._losses.add(gap(self._where, what, cause.advice))
        else:
            self._losses.lose(
                self._where,
                [bucket],
                alone=f"{_UNKNOWN}: {cause.text}",
                together=f"buckets could not be listed, their newest objects are unknown: {cause.text}",
                advice=cause.advice,
            )
