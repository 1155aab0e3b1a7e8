"""Which buckets of a region are asked for their inventory, and what becomes of the answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from s3_monitor.collect.account import Account
from s3_monitor.collect.call_counter import CallCounter
from s3_monitor.collect.problem_log import ProblemLog, cause_of
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.problem import Problem, gap

if TYPE_CHECKING:  # it loads much, which only those wait for who ask for inventories
    from s3_monitor.collect.inventory_reader import InventoryReader


class InventoryUnavailable(NamedTuple):
    """There is no answer by inventory, and why. ``broken``: one was there to be had, and could not be."""

    reason: str
    advice: str
    broken: bool


def lose_objects(losses: ProblemLog, where: str, bucket: str, absent: InventoryUnavailable) -> None:
    """Nothing is known of what the bucket below ``where`` holds: a gap where an answer was to be had, else a note."""
    losses.lose(
        where,
        [bucket],
        alone=f"its objects are unknown: {absent.reason}",
        together=f"buckets hold objects that are unknown: {absent.reason}",
        advice=absent.advice,
        severity="gap" if absent.broken else "note",
    )


class InventoryCollector:
    """The answers by inventory of one account and region: {bucket: Objects}. Used by the folding thread alone."""

    def __init__(
        self,
        where: str,
        inventories: InventoryReader | None,
        losses: ProblemLog,
        tally: CallCounter,
        otherwise: Callable[[str, InventoryUnavailable], None] | None = None,
    ) -> None:
        """``inventories``: null where none are asked for. ``otherwise`` hears of the buckets that have no usable
        one, and why; without it that is a problem."""
        self.found: dict[str, ObjectStats] = {}
        self._where = where
        self._inventories = inventories
        self._losses = losses
        self._tally = tally
        self._otherwise = otherwise or self.without
        self._given_up = inventories is None
        self._account: Account  # from ``ask`` on
        self._lane: ConcurrencyLimit

    def ask(self, account: Account, lane: ConcurrencyLimit) -> None:
        """Be ready to ask."""
        self._account, self._lane = account, lane

    def is_there(self, bucket: str) -> None:
        """ListBuckets named it, and a unit wants it."""
        # AWS: directory buckets have no inventories.
        if self._inventories is None or self._given_up or bucket.endswith(DIRECTORY_SUFFIX):
            return
        pages = partial(self._inventories.answer, self._account, bucket, self._tally.count)
        self._lane.ask(Task(pages, partial(self._fold, bucket), partial(self._ended, bucket), about=self))

    def without(self, bucket: str, absent: InventoryUnavailable) -> None:
        """It has no answer: a gap where one was to be had."""
        lose_objects(self._losses, self._where, bucket, absent)

    def _fold(self, bucket: str, answer: Any) -> None:
        if isinstance(answer, ObjectStats):
            self.found[bucket] = answer
        elif isinstance(answer, Problem):
            self._losses.add(answer)
        else:
            self._otherwise(bucket, answer)

    def _ended(self, bucket: str, error: Exception | None) -> None:
        if error is None:
            return
        cause = cause_of(error)
        if cause.kind == "missing":
            self._losses.deleted(self._where, bucket)
        elif cause.hopeless:
            # S3 does not answer, or not to these credentials: nor will it for the other buckets.
            self._given_up = True
            left = 1 + len(self._lane.drop(self, under_way=True))
            what = f"{cause.text}: the objects of {left:,} buckets or more are unknown"
            self._losses.add(gap(self._where, what, cause.advice))
        else:
            self.without(bucket, InventoryUnavailable(cause.text, cause.advice, True))
