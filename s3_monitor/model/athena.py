"""What Athena is asked and answers, shared by who asks and who reads."""

from __future__ import annotations

from typing import NamedTuple

NO_TABLE = "TABLE_NOT_FOUND"  # the code of the AwsFailure of a statement on a table that nobody has made


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
