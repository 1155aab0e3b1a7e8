"""Athena over real HTTP: two emulators, and rare responses of AWS."""

from __future__ import annotations

import json
import threading
import urllib.request
from typing import Any

import pytest

from s3_monitor.aws.athena import AthenaApi
from s3_monitor.model.athena import Statement, StatementFailure, StatementResult
from s3_monitor.model.errors import AwsError
from tests.collect.canned_responses import server
from tests.collect.fixtures import Clients
from tests.e2e import fakes

REGION = "us-east-1"
ASKED = Statement("SELECT 1 AS one, 'x' AS two", "primary", "default", "s3://results/here/")


def run(
    url: str, *, stop: threading.Event | None = None, asked: Statement = ASKED
) -> tuple[StatementResult, dict[str, int]]:
    api = AthenaApi(Clients(url))
    answer = api.run_statement(REGION, asked, stop or threading.Event())
    return answer, api.calls.calls().requests


def test_rows_that_were_stored_in_moto_are_read() -> None:
    def row(*texts: str | None) -> dict[str, Any]:
        return {"Data": [{} if text is None else {"VarCharValue": text} for text in texts]}

    with fakes.running("moto") as url:
        result = {"rows": [row("one", "two"), row("1", None), row("2", "x")], "column_info": []}
        content = json.dumps({"region": REGION, "results": [result]}).encode()
        request = urllib.request.Request(
            f"{url}/moto-api/static/athena/query-results", content, {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=10).close()
        answer, counted = run(url)
    assert answer.rows == [("1", None), ("2", "x")]
    assert counted["StartQueryExecution"] == 1


def test_ministack_runs_the_statement() -> None:
    with fakes.running("ministack") as url:
        fakes.client("s3", url, REGION).create_bucket(Bucket="results")
        answer, _ = run(url)
    assert answer.rows == [("1", "x")]


def script(states: list[dict[str, Any]], pages: list[dict[str, Any]], heard: list[tuple[str, dict[str, Any]]]) -> Any:
    """Return a script of one statement: its states, then its pages."""

    def answer(operation: str, asked: dict[str, Any]) -> tuple[int, Any]:
        heard.append((operation, asked))
        if operation == "StartQueryExecution":
            return 200, {"QueryExecutionId": "id"}
        if operation == "GetQueryExecution":
            return 200, {"QueryExecution": states.pop(0) if len(states) > 1 else states[0]}
        if operation == "GetQueryResults":
            return 200, pages.pop(0)
        return 200, {}

    return answer


def state(name: str, **status: str) -> dict[str, Any]:
    return {"Status": {"State": name, **status}, "Statistics": {"DataScannedInBytes": 12345}}


def page(*rows: str, token: str | None = None) -> dict[str, Any]:
    found = [{"Data": [{"VarCharValue": text}]} for text in rows]
    return {"ResultSet": {"Rows": found}, **({"NextToken": token} if token else {})}


def test_the_end_of_a_statement_is_awaited_and_every_page_is_read() -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    states = [state("QUEUED"), state("RUNNING"), state("SUCCEEDED")]
    with server(script(states, [page("name", "a", token="t"), page("b")], heard)) as url:
        answer, counted = run(url)
    assert answer == StatementResult([("a",), ("b",)], 12345)
    assert counted == {"StartQueryExecution": 1, "GetQueryExecution": 3, "GetQueryResults": 2}
    started = heard[0][1]
    assert started["QueryString"] == ASKED.sql
    assert (started["WorkGroup"], started["QueryExecutionContext"]) == ("primary", {"Database": "default"})
    assert started["ResultConfiguration"] == {"OutputLocation": "s3://results/here/"}
    assert heard[-1][1] == {"QueryExecutionId": "id", "NextToken": "t"}


def test_results_with_repeated_pages_end() -> None:
    pages = [page("name", "a", token="t"), page("b", token="t")]
    with server(script([state("SUCCEEDED")], pages, [])) as url, pytest.raises(AwsError, match="the pages repeat"):
        run(url)


def test_without_an_output_location_the_workgroup_decides() -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    with server(script([state("SUCCEEDED")], [page("name")], heard)) as url:
        run(url, asked=ASKED._replace(output=""))
    assert "ResultConfiguration" not in heard[0][1]


@pytest.mark.parametrize(
    ("status", "what", "advice"),
    [
        (state("FAILED", StateChangeReason="TABLE_NOT_FOUND: line 1"), "failed: TABLE_NOT_FOUND", "console"),
        (state("FAILED", StateChangeReason="Access Denied on s3://x"), "failed: Access Denied", "allow"),
        (state("CANCELLED", StateChangeReason="Query cancelled by user"), "was cancelled: Query cancelled", "console"),
        (state("FAILED"), "failed: no reason given", "console"),
    ],
)
def test_a_failed_statement_is_an_error_with_its_reason(status: dict[str, Any], what: str, advice: str) -> None:
    with (
        server(script([state("RUNNING"), status], [], [])) as url,
        pytest.raises(AwsError, match=what) as failure,
    ):
        run(url)
    assert advice in failure.value.advice


def test_an_interrupted_run_stops_the_statement() -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    stop = threading.Event()
    stop.set()
    with (
        server(script([state("RUNNING")], [], heard)) as url,
        pytest.raises(AwsError, match="the run was interrupted"),
    ):
        run(url, stop=stop)
    assert heard[-2:] == [(name, {"QueryExecutionId": "id"}) for name in ("StopQueryExecution", "GetQueryExecution")]


def test_a_statement_that_does_not_end_is_stopped() -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    with (
        server(script([state("RUNNING")], [], heard)) as url,
        pytest.raises(StatementFailure, match="ran for more than 0 s") as failure,
    ):
        AthenaApi(Clients(url)).run_statement(REGION, ASKED, threading.Event(), max_seconds=0.01)
    assert (failure.value.scanned, heard[-2][0]) == (12345, "StopQueryExecution")


@pytest.mark.parametrize(("category", "kind"), [(1, "broken"), (2, "refused"), (3, "refused")])
def test_an_error_of_the_service_is_distinguished_from_an_error_of_the_user(category: int, kind: str) -> None:
    failed = state("FAILED", AthenaError={"ErrorCategory": category})  # type: ignore[arg-type]
    with server(script([failed], [], [])) as url, pytest.raises(StatementFailure) as failure:
        run(url)
    assert failure.value.kind == kind


@pytest.mark.parametrize("body", [{}, {"QueryExecution": {}}, {"QueryExecution": {"Status": {}}}])
def test_a_response_without_a_state_ends_the_wait(body: dict[str, Any]) -> None:
    def answer(operation: str, asked: dict[str, Any]) -> tuple[int, Any]:
        return 200, {"QueryExecutionId": "id"} if operation == "StartQueryExecution" else body

    with server(answer) as url, pytest.raises(AwsError, match="could not read the response"):
        run(url)
