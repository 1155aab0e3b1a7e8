"""Statements of Athena in one region: run, counted, and limited in dollars."""

from __future__ import annotations

import threading
from decimal import Decimal

from s3_monitor.collect.account import Account
from s3_monitor.collect.shard_context import RunningStatements
from s3_monitor.model.athena import Statement, StatementFailure, StatementResult
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.objects import athena_table


class AthenaStatements:
    """The statements of one reader, used by one thread. ``account`` counts the bytes that AWS bills."""

    def __init__(self, account: Account, region: str, running: RunningStatements, stop: threading.Event) -> None:
        self._account, self._region = account, region
        self._running, self._stop = running, stop
        self.spent = Decimal(0)
        """USD, for the bytes that were scanned."""

    def excess(self, size: int, max_usd: float) -> Decimal | None:
        """Return the USD that a query of ``size`` bytes could cost if all statements could exceed ``max_usd``.

        AWS: Athena bills the bytes that it reads, compressed if the files are, so at most the size of the files.
        """
        dollars = athena_table.query_cost(size)
        return dollars if self.spent + dollars > Decimal(str(max_usd)) else None

    def run(self, statement: Statement) -> StatementResult:
        """Run a statement and count the bytes that AWS bills, also if it fails. Raises AwsError."""
        scanned: int | None = None
        with self._running.running():
            try:
                result = self._account.run_statement(self._region, statement, self._stop)
                scanned = result.scanned
            except StatementFailure as failure:
                scanned = failure.scanned
                raise
            finally:
                if scanned is not None:
                    self.spent += athena_table.query_cost(scanned)
                    self._account.calls.add(CallCounts(athena_mb=athena_table.billed_mb(scanned)))
        return result
