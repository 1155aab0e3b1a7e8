"""Athena: a statement sent, waited for and read. Nothing is made in the account but the statement's own result."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from s3_monitor.aws.asking import Clients, Count, asked, turned, watched_client
from s3_monitor.aws.errors import one_line
from s3_monitor.model.athena import NO_TABLE, Statement, StatementAnswer
from s3_monitor.model.failure import AwsFailure

_FIRST_WAIT, _LONGEST_WAIT = 0.25, 5.0  # seconds between two looks


def run(clients: Clients, region: str, statement: Statement, stop: threading.Event, count: Count) -> StatementAnswer:
    """The statement's rows. AwsFailure where it failed or was cancelled, and once ``stop`` is set: it is then stopped
    in Athena too, so that it costs no more."""
    client = watched_client(clients, "athena", region)
    question: dict[str, Any] = {
        "QueryString": statement.sql,
        "WorkGroup": statement.workgroup,
        "QueryExecutionContext": {"Database": statement.database},
    }
    if statement.output:
        question["ResultConfiguration"] = {"OutputLocation": statement.output}
    with asked("StartQueryExecution", count):
        id_ = client.start_query_execution(**question)["QueryExecutionId"]
    scanned = _finished(client, id_, stop, count)
    return StatementAnswer(list(_rows(client, id_, count)), scanned)


def _finished(client: Any, id_: str, stop: threading.Event, count: Count) -> int:
    """When it is through: the bytes it read."""
    wait = _FIRST_WAIT
    while True:
        with asked("GetQueryExecution", count):
            execution = client.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
            state = execution["Status"]["State"]
            reason = execution["Status"].get("StateChangeReason", "")
            scanned = int(execution.get("Statistics", {}).get("DataScannedInBytes", 0))
        if state == "SUCCEEDED":
            return scanned
        if state in ("FAILED", "CANCELLED"):
            what = f"the statement {state.lower()}: {one_line(reason or 'no reason given')}"
            code = NO_TABLE if NO_TABLE in reason or "does not exist" in reason else state
            raise AwsFailure("refused", "StartQueryExecution", what, code=code, advice=_advice(reason))
        if stop.wait(wait):
            with asked("StopQueryExecution", count):
                client.stop_query_execution(QueryExecutionId=id_)
            raise AwsFailure("refused", "StartQueryExecution", "stopped: the run was interrupted")
        wait = min(wait * 2, _LONGEST_WAIT)


def _advice(reason: str) -> str:
    if "denied" in reason.lower():
        return "allow Athena's caller s3:GetObject on the inventory, and to write the results"
    return "try the statement in Athena's console: its history holds it"


def _rows(client: Any, id_: str, count: Count) -> Iterator[tuple[str | None, ...]]:
    """AWS: the first row of the first page names the columns."""
    question: dict[str, Any] = {"QueryExecutionId": id_}
    first = True
    while True:
        with asked("GetQueryResults", count):
            answer = client.get_query_results(**question)
            rows = [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in answer["ResultSet"]["Rows"]]
            more = turned("GetQueryResults", question, "NextToken", answer.get("NextToken"))
        yield from rows[1:] if first else rows
        first = False
        if not more:
            return
