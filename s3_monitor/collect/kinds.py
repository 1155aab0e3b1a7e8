"""Which buckets of a region are of another kind than the list of buckets names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from s3_monitor.collect.account import Account
from s3_monitor.collect.crew import Lane, Question
from s3_monitor.collect.losses import Losses, cause_of
from s3_monitor.collect.tally import Tally
from s3_monitor.model.identity import FoundBucket, KindOfList, ListedBucket
from s3_monitor.model.problem import gap

_KINDS: Final[tuple[KindOfList, ...]] = ("directory", "table", "vector")


class Kinds:
    """The directory, table and vector buckets of one account and region. ``found``: the table and vector buckets;
    ``on_directory`` hears of the others. Used by the folding thread alone."""

    def __init__(
        self,
        where: str,
        region: str,
        wanted: Callable[[str], bool],
        on_directory: Callable[[FoundBucket], None],
        losses: Losses,
        tally: Tally,
    ) -> None:
        self.found: set[ListedBucket] = set()
        self._where, self._region = where, region
        self._wanted, self._on_directory = wanted, on_directory
        self._losses, self._tally = losses, tally

    def ask(self, account: Account, lane: Lane) -> None:
        """A call each, and more where the buckets of a kind are more than a page."""
        for kind in _KINDS:
            pages = partial(account.listed_buckets, kind, self._region, self._tally.count)
            lane.ask(Question(pages, partial(self._came, kind), partial(self._ended, kind)))

    def _came(self, kind: KindOfList, page: list[FoundBucket]) -> None:
        for bucket in page:
            if not self._wanted(bucket.name):
                continue
            if bucket.bad_date:
                self._losses.bad_creation_date(self._where, bucket.name)
            if kind == "directory":
                self._on_directory(bucket)
            else:
                self.found.add(ListedBucket(kind, bucket.name, bucket.created))

    def _ended(self, kind: KindOfList, error: Exception | None) -> None:
        if error is not None:
            cause = cause_of(error)
            self._losses.add(gap(self._where, f"{cause.text}: which {kind} buckets there are is unknown", cause.advice))
