"""The request metrics of buckets that have a metrics configuration for all their requests."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from s3_monitor.collect.collector import AccountRegion, Collector
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.request_metrics import RequestMetrics


class RequestMetricsCollector(Collector[str]):
    """The request metrics of one account and region."""

    _code: ClassVar = "requests-unreadable"

    def __init__(self, region: AccountRegion, context: ShardContext) -> None:
        super().__init__(region, context.metric_data)
        self.metrics: dict[str, RequestMetrics] = {}
        """By bucket."""
        self._window = context.plan.window  # its last day has not ended and is left out

    def on_config(self, bucket: str, config: BucketConfig) -> None:
        """Handle the configuration of a bucket. Its configurations without a filter count the same: use the first."""
        if unfiltered := [one.id for one in config.metrics or () if one.whole]:
            period = self._window.start, self._window.complete_end
            call = partial(self._account.read_request_metrics, bucket, unfiltered[0], self._region, *period)
            self._request_one(bucket, call, partial(self._on_metrics, bucket))

    def _on_metrics(self, bucket: str, metrics: RequestMetrics | None) -> None:
        if metrics is not None:
            self.metrics[bucket] = metrics
