"""What all collectors of a shard share: the plan, the worker threads and their limits, problems and counters."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from s3_monitor.collect.athena_statements import RunningStatements
from s3_monitor.collect.problem_log import ProblemLog
from s3_monitor.collect.temp_dir import BoundedTempDir
from s3_monitor.collect.worker_pool import ConcurrencyLimit, WorkerPool
from s3_monitor.model.call_counts import CallCounter, RequestBudget
from s3_monitor.model.plan import Plan

# Connecting and ListBuckets: creating clients takes CPU time, and idle threads wake every 5 ms to request the GIL.
# A hundred of them took half of the CPU.
_CONNECTIONS = 16
_METRIC_LISTS = 40
# GetMetricData: a month of 500 series takes megabytes until it is packed, and one CPU packs less than 32 requests
# return, even if a response takes 500 ms.
_METRIC_DATA = 32
_OBJECT_LISTS = 32
_BUCKET_CONFIGS = 16  # more would only wait for the rate limit
_INVENTORIES = 8
_TEMP_BYTES = 4 << 30


class ShardContext:
    """Shared by all accounts and regions of a shard."""

    def __init__(
        self, plan: Plan, now: datetime, stop: threading.Event, calls: CallCounter, on_progress: Callable[[], None]
    ) -> None:
        """``on_progress`` is called when ListBuckets or CloudWatch have responded for an account and region."""
        self.plan, self.now, self.stop = plan, now, stop
        self.on_progress = on_progress
        self.problems = ProblemLog()
        self.calls = calls
        self.list_budget = RequestBudget(plan.listing.max_requests)
        self.pool = WorkerPool()
        self.connections = ConcurrencyLimit(self.pool, _CONNECTIONS)
        self.metric_lists = ConcurrencyLimit(self.pool, _METRIC_LISTS)
        self.metric_data = ConcurrencyLimit(self.pool, _METRIC_DATA)
        self.object_lists = ConcurrencyLimit(self.pool, _OBJECT_LISTS)
        self.bucket_configs = ConcurrencyLimit(self.pool, _BUCKET_CONFIGS)
        self.inventories = ConcurrencyLimit(self.pool, _INVENTORIES)
        self.temp_dir = BoundedTempDir(_TEMP_BYTES)
        self.statements = RunningStatements(stop)
        self.shards_of_region = Counter(
            place for shard in plan.shards for place in {(unit.account, unit.region) for unit in shard.units}
        )
        """The number of shards of the plan that read an account and region."""

    @property
    def as_of(self) -> int:
        """The plan's time, in seconds since 1970 UTC."""
        return int(self.plan.as_of.timestamp())
