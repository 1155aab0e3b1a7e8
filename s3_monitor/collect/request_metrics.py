"""The requests to the buckets of a region, where a metrics configuration counts them all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from s3_monitor.collect.account import Account
from s3_monitor.collect.call_counter import CallCounter
from s3_monitor.collect.problem_log import ProblemLog, cause_of
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.request_metrics import METRICS, RequestMetrics
from s3_monitor.model.series import Window


class RequestMetricsCollector:
    """The request metrics of one account and region: {bucket: Traffic}. Used by the folding thread alone."""

    def __init__(
        self, where: str, region: str, window: Window, losses: ProblemLog, tally: CallCounter, *, wanted: bool
    ) -> None:
        """``window``: its last day has not ended, and is left out. Not ``wanted``: nothing is asked."""
        self.found: dict[str, RequestMetrics] = {}
        self._where, self._region, self._window = where, region, window
        self._losses, self._tally, self._wanted = losses, tally, wanted
        self._account: Account  # from ``ask`` on
        self._lane: ConcurrencyLimit

    def ask(self, account: Account, lane: ConcurrencyLimit) -> None:
        """Be ready to ask."""
        self._account, self._lane = account, lane

    def configured(self, bucket: str, details: BucketConfig) -> None:
        """How a bucket is configured is known; of several whole configurations, which count alike, the first."""
        whole = [one.id for one in details.metrics or () if one.whole]
        if self._wanted and whole:
            pages = partial(self._traffic, bucket, whole[0])
            self._lane.ask(Task(pages, partial(self._came, bucket), partial(self._ended, bucket)))

    def _traffic(self, bucket: str, filter_id: str) -> Iterator[RequestMetrics | None]:
        start, end = self._window.start, self._window.complete_end
        yield self._account.traffic(bucket, filter_id, self._region, start, end, self._tally.count)

    def _came(self, bucket: str, traffic: RequestMetrics | None) -> None:
        self._tally.metrics(len(METRICS))
        if traffic is not None:
            self.found[bucket] = traffic

    def _ended(self, bucket: str, error: Exception | None) -> None:
        if error is not None:
            cause = cause_of(error)
            self._losses.lose(
                self._where,
                [bucket],
                alone=f"its requests are unknown: {cause.text}",
                together=f"buckets, their requests unknown: {cause.text}",
                advice=cause.advice,
            )
