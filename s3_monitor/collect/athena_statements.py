"""Statements of Athena in one region: run, counted, and limited in dollars."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal

from s3_monitor.collect.account import Account
from s3_monitor.model.athena import NO_TABLE, Statement, StatementFailure, StatementResult
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.errors import AwsError
from s3_monitor.model.exports import ExportReading
from s3_monitor.model.plan import InventoryRule
from s3_monitor.objects import athena_table
from s3_monitor.objects.sql_dialect import quote_name, quote_text

_STOP_SECONDS = 10.0  # for statements to be stopped, after an interruption


class RunningStatements:
    """Counts the running statements of a shard. Any thread may use it.

    An interrupted process waits until they are stopped, so that they scan no more.
    """

    def __init__(self, stop: threading.Event) -> None:
        """``stop``: once it is set, statements are stopped."""
        self.stop = stop
        self._running = 0
        self._changed = threading.Condition()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count a statement until it has ended or was stopped."""
        with self._changed:
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def wait(self) -> None:
        """Wait until none is running, for a limited time."""
        with self._changed:
            self._changed.wait_for(lambda: not self._running, _STOP_SECONDS)


class AthenaStatements:
    """The statements of one reader, used by one thread. ``account`` counts the bytes that AWS bills."""

    def __init__(
        self, account: Account, region: str, settings: ExportReading | InventoryRule, running: RunningStatements
    ) -> None:
        self._account, self._region = account, region
        self._settings, self._running = settings, running
        self.spent = Decimal(0)
        """USD, for the bytes that were scanned."""

    def excess(self, size: int) -> Decimal | None:
        """Return the USD that a query of ``size`` bytes could cost if all statements could exceed the limit.

        AWS: Athena bills the bytes that it reads, compressed if the files are, so at most the size of the files.
        """
        dollars = athena_table.query_cost(size)
        return dollars if self.spent + dollars > Decimal(str(self._settings.max_usd)) else None

    def columns(self, table: str, ddl: str) -> dict[str, str]:
        """Return the columns of a table and their types, in order.

        Raises AwsError; if there is no such table, with the advice to run ``ddl``.
        """
        database = self._settings.database
        schema, name = quote_text(database.lower()), quote_text(table.lower())
        sql = "SELECT column_name, data_type FROM information_schema.columns"
        sql += f" WHERE table_schema = {schema} AND table_name = {name} ORDER BY ordinal_position"
        rows = self.run(sql).rows
        if not rows:
            what = f"table {database}.{table} does not exist"
            advice = f"run this in Athena, once: {athena_table.join_lines(ddl)}"
            raise AwsError("refused", "StartQueryExecution", what, code=NO_TABLE, advice=advice)
        return {str(name): str(type_) for name, type_ in rows}

    def source(self, table: str, columns: dict[str, str], bucket: str, keys: Sequence[str]) -> str:
        """Return the SQL of a subquery that reads some files. ``columns``: name in the result → name in the table."""
        chosen = ", ".join(f"{quote_name(name)} AS {quote_name(as_name)}" for as_name, name in columns.items())
        paths = ", ".join(quote_text(f"s3://{bucket}/{key}") for key in keys)
        place = f"{quote_name(self._settings.database)}.{quote_name(table)}"
        return f'(SELECT {chosen} FROM {place} WHERE "$path" IN ({paths}))'  # noqa: S608  quoted

    def run(self, sql: str) -> StatementResult:
        """Run a statement and count the bytes that AWS bills, also if it fails. Raises AwsError."""
        settings = self._settings
        statement = Statement(sql, settings.workgroup, settings.database, settings.output)
        scanned: int | None = None
        with self._running.running():
            try:
                result = self._account.run_statement(self._region, statement, self._running.stop)
                scanned = result.scanned
            except StatementFailure as failure:
                scanned = failure.scanned
                raise
            finally:
                if scanned is not None:
                    self.spent += athena_table.query_cost(scanned)
                    self._account.calls.add(CallCounts(athena_mb=athena_table.billed_mb(scanned)))
        return result
