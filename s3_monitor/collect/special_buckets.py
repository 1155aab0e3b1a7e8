"""Which buckets of a region are of another kind than the list of buckets names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from s3_monitor.collect.account import Account
from s3_monitor.collect.call_counter import CallCounter
from s3_monitor.collect.problem_log import ProblemLog, cause_of
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task
from s3_monitor.model.identity import AccountBucket, SpecialBucket, SpecialKind
from s3_monitor.model.problem import gap

_KINDS: Final[tuple[SpecialKind, ...]] = ("directory", "table", "vector")


class SpecialBucketCollector:
    """The directory, table and vector buckets of one account and region. ``found``: the table and vector buckets;
    ``on_directory`` hears of the others. Used by the folding thread alone."""

    def __init__(
        self,
        where: str,
        region: str,
        wanted: Callable[[str], bool],
        on_directory: Callable[[AccountBucket], None],
        losses: ProblemLog,
        tally: CallCounter,
    ) -> None:
        self.found: set[SpecialBucket] = set()
        self._where, self._region = where, region
        self._wanted, self._on_directory = wanted, on_directory
        self._losses, self._tally = losses, tally

    def ask(self, account: Account, lane: ConcurrencyLimit) -> None:
        """A call each, and more where the buckets of a kind are more than a page."""
        for kind in _KINDS:
            pages = partial(account.listed_buckets, kind, self._region, self._tally.count)
            lane.ask(Task(pages, partial(self._came, kind), partial(self._ended, kind)))

    def _came(self, kind: SpecialKind, page: list[AccountBucket]) -> None:
        for bucket in page:
            if not self._wanted(bucket.name):
                continue
            if bucket.bad_date:
                self._losses.bad_creation_date(self._where, bucket.name)
            if kind == "directory":
                self._on_directory(bucket)
            else:
                self.found.add(SpecialBucket(kind, bucket.name, bucket.created))

    def _ended(self, kind: SpecialKind, error: Exception | None) -> None:
        if error is not None:
            cause = cause_of(error)
            self._losses.add(gap(self._where, f"{cause.text}: which {kind} buckets there are is unknown", cause.advice))
