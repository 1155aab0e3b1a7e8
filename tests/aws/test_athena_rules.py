"""How long a statement of Athena is awaited, what it costs, and why it failed."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from s3_monitor.aws.athena import AthenaApi
from s3_monitor.model.athena import Statement, StatementFailure, StatementResult
from tests.aws.canned_client import CannedClients, failure


class Stop(threading.Event):
    """An event that never waits, and keeps how long it would have waited."""

    def __init__(self, after: int | None = None) -> None:
        super().__init__()
        self.waits: list[float] = []
        self.after = after

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        return self.after is not None and len(self.waits) >= self.after


def execution(state: str, scanned: Any = 0, **status: Any) -> dict[str, Any]:
    return {"QueryExecution": {"Status": {"State": state, **status}, "Statistics": {"DataScannedInBytes": scanned}}}


HEAD = {"Data": [{"VarCharValue": "a"}]}


def athena(*states: dict[str, Any], **more: list[Any]) -> CannedClients:
    responses = {
        "start_query_execution": [{"QueryExecutionId": "id"}],
        "get_query_execution": list(states),
        "get_query_results": [{"ResultSet": {"Rows": [HEAD, {"Data": [{"VarCharValue": "1"}, {}]}]}}],
        "stop_query_execution": [{}],
    }
    return CannedClients({**responses, **more})


def run(clients: CannedClients, stop: Stop, seconds: float = 3600.0, output: str = "") -> StatementResult:
    return AthenaApi(clients).run_statement("r", Statement("SELECT 1", "w", "d", output), stop, seconds)


def test_a_statement_is_polled_after_growing_pauses_of_at_most_five_seconds() -> None:
    clients, stop = athena(*[execution("RUNNING")] * 8, execution("SUCCEEDED", 7)), Stop()
    assert run(clients, stop) == StatementResult([("1", None)], 7)
    assert stop.waits == [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


@pytest.mark.parametrize(
    ("output", "expected"), [("", {}), ("s3://b/", {"ResultConfiguration": {"OutputLocation": "s3://b/"}})]
)
def test_a_statement_names_its_output_if_it_is_configured(output: str, expected: dict[str, Any]) -> None:
    clients = athena(execution("SUCCEEDED"))
    run(clients, Stop(), output=output)
    assert clients.requests[0][1] == {
        "QueryString": "SELECT 1",
        "WorkGroup": "w",
        "QueryExecutionContext": {"Database": "d"},
        **expected,
    }


@pytest.mark.parametrize(
    ("stop", "seconds", "message"),
    [(Stop(after=2), 3600.0, "the run was interrupted"), (Stop(), 0.0, "it ran for more than 0 s")],
)
def test_a_statement_that_is_no_longer_awaited_is_stopped(stop: Stop, seconds: float, message: str) -> None:
    clients = athena(execution("RUNNING", 3), execution("RUNNING", 5), execution("CANCELLED", 9))
    with pytest.raises(StatementFailure, match=message) as caught:
        run(clients, stop, seconds)
    assert ("stop_query_execution", {"QueryExecutionId": "id"}) in clients.requests
    assert caught.value.scanned == (9 if seconds else 5)


def test_a_statement_that_cannot_be_stopped_is_named() -> None:
    clients = athena(execution("RUNNING", 3), stop_query_execution=[failure("AccessDenied")])
    with pytest.raises(StatementFailure) as caught:
        run(clients, Stop(after=1))
    assert "stop statement id in Athena's console" in caught.value.advice


@pytest.mark.parametrize(("state", "scanned"), [("FAILED", None), ("CANCELLED", 5)])
def test_a_failed_statement_is_not_billed_and_a_cancelled_one_is(state: str, scanned: int | None) -> None:
    with pytest.raises(StatementFailure) as caught:
        run(athena(execution(state, 5)), Stop())
    assert caught.value.scanned == scanned
    assert ("was cancelled" in str(caught.value)) == (state == "CANCELLED")


@pytest.mark.parametrize(
    ("scanned", "is_valid"), [(0, True), (2**62, True), (2**62 + 1, False), (-1, False), ("x", False)]
)
def test_the_bytes_that_a_statement_scanned_are_an_amount(scanned: Any, is_valid: bool) -> None:
    if is_valid:
        assert run(athena(execution("SUCCEEDED", scanned)), Stop()).scanned == scanned
    else:
        with pytest.raises(StatementFailure, match="could not read the response"):
            run(athena(execution("SUCCEEDED", scanned)), Stop())


@pytest.mark.parametrize(
    ("reason", "category", "code", "kind", "advice"),
    [
        ("TABLE_NOT_FOUND: line 1", 2, "TABLE_NOT_FOUND", "refused", "console"),
        ("FAILED: COLUMN_NOT_FOUND: x", 2, "COLUMN_NOT_FOUND", "refused", "create the table again"),
        ("SYNTAX_ERROR: line 1: Table 'a.b' does not exist", 2, "TABLE_NOT_FOUND", "refused", "console"),
        ("SYNTAX_ERROR: line 1: Schema 'a' does not exist", 2, "SCHEMA_NOT_FOUND", "refused", "inventory.database"),
        ("SYNTAX_ERROR: line 1: Column 'a' cannot be resolved", 2, "COLUMN_NOT_FOUND", "refused", "table again"),
        ("SYNTAX_ERROR: line 1: mismatched input", 2, "SYNTAX_ERROR", "refused", "console"),
        ("The specified bucket does not exist", 2, "FAILED", "refused", "LOCATION"),
        ("Access Denied (Service: Amazon S3)", 2, "FAILED", "refused", "s3:GetObject"),
        ("PERMISSION_DENIED: no", 2, "PERMISSION_DENIED", "refused", "s3:GetObject"),
        ("GENERIC_INTERNAL_ERROR: x", 1, "GENERIC_INTERNAL_ERROR", "broken", "try again later"),
        ("", None, "FAILED", "refused", "console"),
    ],
)
def test_a_failed_statement_has_its_code_and_advice(
    reason: str, category: int | None, code: str, kind: str, advice: str
) -> None:
    status = {"StateChangeReason": reason, "AthenaError": {"ErrorCategory": category}}
    with pytest.raises(StatementFailure) as caught:
        run(athena(execution("FAILED", **status)), Stop())
    assert (caught.value.code, caught.value.kind) == (code, kind)
    assert advice in caught.value.advice
    assert (reason or "no reason given") in str(caught.value)
