"""What all collectors of a shard share: the plan, the worker threads and their limits, problems and counters."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from msgspec import UNSET, UnsetType

from s3_monitor import __version__
from s3_monitor.collect.account import Account
from s3_monitor.collect.athena_statements import AthenaStatements, RunningStatements
from s3_monitor.collect.part_check import drop_unreadable
from s3_monitor.collect.problem_log import ProblemLog
from s3_monitor.collect.temp_dir import BoundedTempDir
from s3_monitor.collect.worker_pool import ConcurrencyLimit, Task, WorkerPool
from s3_monitor.model.bill import BillData
from s3_monitor.model.call_counts import CallCounter, RequestBudget
from s3_monitor.model.part import Part, Status, UnitData
from s3_monitor.model.plan import Access, Plan, Shard
from s3_monitor.model.storage_lens import LensData
from s3_monitor.objects import athena_table

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
        self,
        plan: Plan,
        digest: str,
        shard: Shard,
        connect: Callable[[Access], Account],
        *,
        now: Callable[[], datetime],
        stop: threading.Event,
        log: Callable[[str], None],
        calls: CallCounter | None = None,
    ) -> None:
        """``digest``: of the plan. Other parameters: see collect_shard."""
        self.plan, self.shard, self.stop, self.log = plan, shard, stop, log
        self._digest, self._connect, self._clock = digest, connect, now
        self.now, self._start = now(), time.monotonic()
        self.on_progress: Callable[[], None] = lambda: None
        """Called when ListBuckets or CloudWatch have responded for an account and region."""
        self.problems = ProblemLog()
        self.calls = calls or CallCounter()
        self.list_budget = RequestBudget(plan.listing.max_requests)
        self._pool = WorkerPool()
        self.connections = ConcurrencyLimit(self._pool, _CONNECTIONS)
        self.metric_lists = ConcurrencyLimit(self._pool, _METRIC_LISTS)
        self.metric_data = ConcurrencyLimit(self._pool, _METRIC_DATA)
        self.object_lists = ConcurrencyLimit(self._pool, _OBJECT_LISTS)
        self.bucket_configs = ConcurrencyLimit(self._pool, _BUCKET_CONFIGS)
        self.inventories = ConcurrencyLimit(self._pool, _INVENTORIES)
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

    def connect(self, access: Access, list_budget: RequestBudget | None = None) -> Account:
        """Return an account whose calls are counted. Raises AwsError or UserError."""
        return self._connect(access).metered(self.calls, list_budget)

    def excess(self, statements: AthenaStatements, size: int, what: str) -> dict[str, Any] | None:
        """Log the USD that a query of ``size`` bytes of an export could cost, if Athena reads exports.

        Returns the values of a problem if all statements could then exceed the limit, else None.
        """
        if self.plan.exports.engine != "athena":
            return None
        dollars = f"{athena_table.query_cost(size):.6f}"
        self.log(f"{what}: Athena reads at most {size:,} bytes, at most {dollars} USD")
        return None if statements.excess(size) is None else {"dollars": dollars, "most": self.plan.exports.max_usd}

    def run(self) -> None:
        """Handle the results of tasks until none is running, or until ``stop`` is set; then remove temporary files."""
        try:
            self._pool.run(self.stop)
            self.statements.wait()
        finally:
            self.temp_dir.clear()

    def run_reader(self, task: Task, interrupted: str) -> None:
        """Run a task that reads a source. ``interrupted``: code of the problem if ``stop`` ends it."""
        self.connections.start(task)
        self.run()
        if self.stop.is_set():
            self.problems.report(interrupted)

    def create_part(
        self,
        extent: str,
        status: Status,
        *,
        types: Sequence[str] = (),
        units: Sequence[UnitData] = (),
        bill: BillData | UnsetType = UNSET,
        lens: LensData | UnsetType = UNSET,
    ) -> Part:
        """Return the part of the shard, and log its size: ``extent``. ``units``: in the order of their ids."""
        shard, calls = self.shard, self.calls.calls()
        part = Part(
            shard=shard.name,
            plan=self._digest,
            tool=__version__,
            started=self.now,
            finished=self._clock(),
            status=status,
            window=self.plan.window,
            types=list(types),
            units=list(units),
            problems=self.problems.problems(),
            calls=calls,
            usd=calls.usd,
            bill=bill,
            lens=lens,
        )
        part = drop_unreadable(part, sorted(shard.units, key=attrgetter("id")))
        seconds = time.monotonic() - self._start
        self.log(f"{shard.name}: {extent}, {calls.total:,} calls, {seconds:.1f} s, {part.status}")
        return part
