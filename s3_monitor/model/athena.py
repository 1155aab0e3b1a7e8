"""What Athena is asked and answers, shared by who asks and who reads."""

from __future__ import annotations

from typing import NamedTuple

from s3_monitor.model.errors import AwsError

# The code of the failure of a statement whose table does not exist, and of other objects of the catalog.
NO_TABLE, NO_DATABASE, NO_COLUMN = "TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "COLUMN_NOT_FOUND"


class StatementFailure(AwsError):
    """A statement was started and brought no rows. ``scanned``: the bytes that AWS bills; ``None``: it bills none."""

    def __init__(self, failure: AwsError, scanned: int | None) -> None:
        super().__init__(failure.kind, failure.operation, failure.message, code=failure.code, advice=failure.advice)
        self.scanned = scanned


class Statement(NamedTuple):
    """``output``: where results go, an s3:// URL; empty: where the workgroup says."""

    sql: str
    workgroup: str
    database: str
    output: str


class StatementAnswer(NamedTuple):
    """``rows`` as texts, null where they are; ``scanned``: bytes that Athena read and bills for."""

    rows: list[tuple[str | None, ...]]
    scanned: int
