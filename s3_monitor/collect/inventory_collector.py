"""The object statistics that the inventories of a region's buckets contain."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

from s3_monitor.collect.collector import AccountRegion, Collector
from s3_monitor.collect.inventory_reader import InventoryReader
from s3_monitor.collect.problem_log import Cause
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.problem import Problem


class InventoryCollector(Collector[str]):
    """The object statistics of one account and region by inventory."""

    _code: ClassVar = "inventory-report-unreadable"

    def __init__(
        self, region: AccountRegion, context: ShardContext, on_unavailable: Callable[[str, Cause], None] | None
    ) -> None:
        """``on_unavailable`` is called for each bucket without a usable inventory; ``None``: that is a problem."""
        super().__init__(region, context.inventories)
        self.object_stats: dict[str, ObjectStats] = {}
        """By bucket."""
        self._account_region, self._context = region, context
        self._on_unavailable = on_unavailable or self._report_unavailable

    def on_bucket(self, bucket: str) -> None:
        """Handle a bucket whose objects are requested. AWS: directory buckets have no inventories."""
        if not bucket.endswith(DIRECTORY_SUFFIX):
            reader = InventoryReader(self._account_region, bucket, self._context)
            self._request(bucket, reader.read, partial(self._on_result, bucket))

    def _on_result(self, bucket: str, result: Problem | ObjectStats | Cause) -> None:
        if isinstance(result, ObjectStats):
            self.object_stats[bucket] = result
        elif isinstance(result, Problem):
            self._problems.add(result)
        else:
            self._on_unavailable(bucket, result)

    def _on_failure(self, subject: str, cause: Cause) -> None:
        self._report_unavailable(subject, cause._replace(kind="unreadable"))

    def _report_unavailable(self, bucket: str, cause: Cause) -> None:
        self._problems.add_for_bucket(f"inventory-report-{cause.kind}", self.place, bucket, cause=cause)
