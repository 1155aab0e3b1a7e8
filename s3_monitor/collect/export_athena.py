"""The Athena statements about exports: estimated and limited in dollars, and counted."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from decimal import Decimal

from s3_monitor.collect.account import Account
from s3_monitor.collect.athena_statements import AthenaStatements
from s3_monitor.collect.shard_context import RunningStatements
from s3_monitor.model.athena import NO_TABLE, Statement, StatementResult
from s3_monitor.model.errors import AwsError
from s3_monitor.model.exports import ExportReading
from s3_monitor.objects import athena_table
from s3_monitor.objects.sql_dialect import quote_name, quote_text


class ExportAthena:
    """Athena for the exports of a shard, used by one thread."""

    def __init__(
        self,
        account: Account,
        region: str,
        reading: ExportReading,
        statements: RunningStatements,
        stop: threading.Event,
    ) -> None:
        self._reading = reading
        self._statements = AthenaStatements(account, region, statements, stop)

    def excess(self, size: int) -> Decimal | None:
        """Return the USD that a query of ``size`` bytes could cost if this is more than allowed, else None."""
        return self._statements.excess(size, self._reading.max_usd)

    def columns(self, table: str, ddl: str) -> dict[str, str]:
        """Return the columns of a table and their types, in order.

        Raises AwsError; if there is no such table, with the advice to run ``ddl``.
        """
        schema, name = quote_text(self._reading.database.lower()), quote_text(table.lower())
        sql = "SELECT column_name, data_type FROM information_schema.columns"
        sql += f" WHERE table_schema = {schema} AND table_name = {name} ORDER BY ordinal_position"
        rows = self.run(sql).rows
        if not rows:
            what = f"table {self._reading.database}.{table} does not exist"
            advice = f"run this in Athena, once: {athena_table.join_lines(ddl)}"
            raise AwsError("refused", "StartQueryExecution", what, code=NO_TABLE, advice=advice)
        return {str(name): str(type_) for name, type_ in rows}

    def source(self, table: str, columns: dict[str, str], bucket: str, keys: Sequence[str]) -> str:
        """Return the SQL of a subquery that reads some files. ``columns``: name in the result → name in the table."""
        chosen = ", ".join(f"{quote_name(name)} AS {quote_name(as_name)}" for as_name, name in columns.items())
        paths = ", ".join(quote_text(f"s3://{bucket}/{key}") for key in keys)
        place = f"{quote_name(self._reading.database)}.{quote_name(table)}"
        return f'(SELECT {chosen} FROM {place} WHERE "$path" IN ({paths}))'  # noqa: S608  quoted

    def run(self, sql: str) -> StatementResult:
        """Run a statement. Raises AwsError."""
        reading = self._reading
        return self._statements.run(Statement(sql, reading.workgroup, reading.database, reading.output))
