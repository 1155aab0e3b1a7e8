"""What the readers of exports share with their shard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from s3_monitor.collect.athena_statements import AthenaStatements, RunningStatements
from s3_monitor.collect.temp_dir import BoundedTempDir
from s3_monitor.collect.worker_pool import Task, WorkerPool
from s3_monitor.model.exports import ExportReading
from s3_monitor.model.plan import Plan
from s3_monitor.objects import athena_table

_TEMP_BYTES = 4 << 30


class ExportContext(NamedTuple):
    """What reading exports shares with the shard."""

    today: date
    """UTC day of the plan."""
    reading: ExportReading
    temp_dir: BoundedTempDir
    statements: RunningStatements
    stop: threading.Event
    log: Callable[[str], None]

    @classmethod
    def of(cls, plan: Plan, stop: threading.Event, log: Callable[[str], None]) -> ExportContext:
        """Return the context of a shard."""
        return cls(plan.today, plan.exports, BoundedTempDir(_TEMP_BYTES), RunningStatements(stop), stop, log)

    def excess(self, statements: AthenaStatements, size: int, what: str) -> dict[str, Any] | None:
        """Log the USD that a query of ``size`` bytes could cost.

        Returns the values of a problem if all statements could then exceed the limit, else None.
        """
        dollars = f"{athena_table.query_cost(size):.6f}"
        self.log(f"{what}: Athena reads at most {size:,} bytes, at most {dollars} USD")
        return None if statements.excess(size) is None else {"dollars": dollars, "most": self.reading.max_usd}

    def run(self, task: Task) -> None:
        """Run the task of the shard until it ends, or until ``stop`` is set; then remove its files."""
        pool = WorkerPool()
        try:
            pool.start(task)
            pool.run(self.stop)
            self.statements.wait()
        finally:
            self.temp_dir.clear()
