"""Statements of Athena: their SQL, their cost and their limit."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pytest

from s3_monitor.collect.athena_statements import AthenaStatements, RunningStatements
from s3_monitor.model.athena import NO_TABLE, Statement, StatementFailure, StatementResult
from s3_monitor.model.call_counts import CallCounter
from s3_monitor.model.errors import AwsError
from s3_monitor.model.exports import ExportReading

MB = 1 << 20
READING = ExportReading(engine="athena", workgroup="w", database="My_Db", output="s3://out/", max_usd=0.0001)


class Athena:
    """Returns results in order; an exception among them is raised."""

    def __init__(self, *results: Any) -> None:
        self.results = list(results)
        self.statements: list[tuple[str, Statement]] = []
        self.calls = CallCounter()

    @property
    def mb(self) -> int:
        """Return the megabytes that are billed."""
        return self.calls.calls().athena_mb or 0

    def run_statement(self, region: str, statement: Statement, stop: threading.Event) -> StatementResult:
        self.statements.append((region, statement))
        result = self.results.pop(0)
        if isinstance(result, Exception):
            raise result
        assert isinstance(result, StatementResult)
        return result


def statements(*results: Any) -> tuple[AthenaStatements, Athena]:
    athena: Any = Athena(*results)
    return AthenaStatements(athena, "eu-west-1", READING, RunningStatements(threading.Event())), athena


def scanned(size: int, *rows: tuple[str | None, ...]) -> StatementResult:
    return StatementResult([*rows], size)


def test_a_statement_has_the_settings_and_its_bytes_are_counted() -> None:
    found, athena = statements(scanned(11 * MB, ("1",)), scanned(0))
    assert found.run("SELECT 1").rows == [("1",)]
    assert athena.statements == [("eu-west-1", Statement("SELECT 1", "w", "My_Db", "s3://out/"))]
    assert found.spent == Decimal(5) / MB * 11
    assert athena.mb == 11
    found.run("SELECT 2")
    assert found.spent == Decimal(5) / MB * 21
    assert athena.mb == 21


@pytest.mark.parametrize(("size", "mb"), [(None, 0), (0, 10), (12 * MB, 12)])
def test_the_bytes_of_a_failed_statement_are_counted_if_they_are_billed(size: int | None, mb: int) -> None:
    found, athena = statements(StatementFailure(AwsError("refused", "StartQueryExecution", "no"), size))
    with pytest.raises(StatementFailure):
        found.run("SELECT 1")
    assert found.spent == Decimal(5) / MB * mb
    assert athena.mb == mb


def test_a_statement_that_was_not_started_costs_nothing() -> None:
    found, athena = statements(AwsError("denied", "StartQueryExecution", "no"))
    with pytest.raises(AwsError):
        found.run("SELECT 1")
    assert (found.spent, athena.mb) == (0, 0)


def test_a_query_may_cost_what_is_left_of_the_limit() -> None:
    """0.0001 USD are 20.97 MB."""
    found, _ = statements(scanned(10 * MB))
    assert found.excess(20 * MB) is None
    assert found.excess(21 * MB) == Decimal(5) / MB * 21
    found.run("SELECT 1")
    assert found.excess(10 * MB) is None
    assert found.excess(11 * MB) == Decimal(5) / MB * 11


def test_the_columns_of_a_table_are_read_by_its_name_in_lower_case() -> None:
    found, athena = statements(scanned(0, ("a", "varchar"), ("b", "bigint")))
    assert list(found.columns("My_Table", "CREATE").items()) == [("a", "varchar"), ("b", "bigint")]
    (_, statement), *_ = athena.statements
    assert "WHERE table_schema = 'my_db' AND table_name = 'my_table' ORDER BY ordinal_position" in statement.sql


def test_a_table_that_does_not_exist_is_an_error_with_the_statement_that_creates_it() -> None:
    found, _ = statements(scanned(0))
    with pytest.raises(AwsError, match=r"table My_Db\.t does not exist") as caught:
        found.columns("t", "CREATE\n  TABLE t")
    assert (caught.value.code, caught.value.kind) == (NO_TABLE, "refused")
    assert caught.value.advice == "run this in Athena, once: CREATE TABLE t"


def test_only_the_files_of_the_delivery_are_read_and_names_are_quoted() -> None:
    found, _ = statements()
    assert found.source('t"x', {"a": "A", "b": 'B"'}, "bucket", ["k/1", "it's"]) == (
        '(SELECT "A" AS "a", "B""" AS "b" FROM "My_Db"."t""x" '
        "WHERE \"$path\" IN ('s3://bucket/k/1', 's3://bucket/it''s'))"
    )
