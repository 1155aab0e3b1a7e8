"""Statements of Athena and their results."""

from __future__ import annotations

from typing import NamedTuple

from s3_monitor.model.errors import AwsError

# Error codes of a statement whose table, database or column does not exist.
NO_TABLE, NO_DATABASE, NO_COLUMN = "TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "COLUMN_NOT_FOUND"


class StatementFailure(AwsError):
    """A statement that was started and failed. ``scanned``: the bytes that AWS bills; None: it bills none."""

    def __init__(self, failure: AwsError, scanned: int | None) -> None:
        super().__init__(failure.kind, failure.operation, failure.message, code=failure.code, advice=failure.advice)
        self.scanned = scanned


class Statement(NamedTuple):
    """A statement to run."""

    sql: str
    workgroup: str
    database: str
    output: str
    """Location of the results, an s3:// URL; empty: the location of the workgroup."""


class StatementResult(NamedTuple):
    """The result of a statement."""

    rows: list[tuple[str | None, ...]]
    """Values as text; None: null."""
    scanned: int
    """Bytes that Athena scanned and bills."""
