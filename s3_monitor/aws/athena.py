"""Athena: run a statement and read its rows. Writes nothing except the result of the statement."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import Any

from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.aws.error_text import one_line
from s3_monitor.model.athena import NO_COLUMN, NO_DATABASE, NO_TABLE, Statement, StatementFailure, StatementResult
from s3_monitor.model.bounds import is_amount
from s3_monitor.model.errors import AwsError, ErrorKind

_FIRST_WAIT, _LONGEST_WAIT = 0.25, 5.0  # seconds between two requests for the state
_LONGEST_RUN = 3600.0  # seconds; AWS: a statement times out after 30 minutes, by default, and may wait before it runs
# AWS: a reason begins with the engine's error code. Engine version 2 has one code for all errors of analysis.
_CODE = re.compile(r"\s*(?:FAILED:\s*)?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b")
_OF_VERSION_2 = {
    NO_TABLE: re.compile(r"Table '?[\w.$\"-]+'? does not exist"),
    NO_DATABASE: re.compile(r"(Schema|Database) '?[\w.$\"-]+'? does not exist"),
    NO_COLUMN: re.compile(r"Column '[^']*' cannot be resolved"),
}
_SYSTEM = 1  # AWS: AthenaError.ErrorCategory of a failure of the service; 2: of the user


class AthenaApi(AwsApi):
    """The operations of Athena."""

    def run_statement(
        self, region: str, statement: Statement, stop: threading.Event, max_seconds: float = _LONGEST_RUN
    ) -> StatementResult:
        """Return the rows of a statement.

        Raises AwsError if it could not be started, and StatementFailure if it failed or was cancelled, if a request
        about it failed, after ``max_seconds``, and once ``stop`` is set. A statement that may still run is stopped, so
        that it scans no more.
        """
        client = self.client("athena", region)
        request: dict[str, Any] = {
            "QueryString": statement.sql,
            "WorkGroup": statement.workgroup,
            "QueryExecutionContext": {"Database": statement.database},
        }
        if statement.output:
            request["ResultConfiguration"] = {"OutputLocation": statement.output}
        with self.call("StartQueryExecution"):
            id_ = client.start_query_execution(**request)["QueryExecutionId"]
        run = _Run(self, client, id_)
        scanned = run.wait(stop, max_seconds)
        try:
            return StatementResult(list(run.rows()), scanned)
        except AwsError as failure:
            raise StatementFailure(failure, scanned) from failure


class _Run:
    """A statement that was started."""

    def __init__(self, api: AthenaApi, client: Any, id_: str) -> None:
        self._api, self._client, self._id = api, client, id_
        self._scanned = 0  # bytes, as far as AWS has reported them

    def wait(self, stop: threading.Event, longest: float) -> int:
        """Return the bytes scanned once the statement has succeeded."""
        pause, end = _FIRST_WAIT, time.monotonic() + longest
        while True:
            try:
                status = self._look()
            except AwsError as failure:
                raise self._stopped(failure) from failure
            if status["State"] == "SUCCEEDED":
                return self._scanned
            if status["State"] in ("FAILED", "CANCELLED"):
                # AWS: statements that fail are not billed; those cancelled are billed for what they have scanned.
                raise StatementFailure(_failure(status), self._scanned if status["State"] != "FAILED" else None)
            if stop.wait(min(pause, max(0.0, end - time.monotonic()))):
                raise self._stopped(_refused("stopped: the run was interrupted"))
            if time.monotonic() >= end:
                raise self._stopped(_refused(f"stopped: it ran for more than {longest:,.0f} s"))
            pause = min(pause * 2, _LONGEST_WAIT)

    def _look(self) -> dict[str, Any]:
        """Return the status of the statement."""
        with self._api.call("GetQueryExecution"):
            execution = self._client.get_query_execution(QueryExecutionId=self._id)["QueryExecution"]
            sent = execution["Status"]
            status: dict[str, Any] = {"StateChangeReason": "", **sent, "State": sent["State"]}
            scanned = int(execution.get("Statistics", {}).get("DataScannedInBytes", 0))
            if not is_amount(scanned):
                raise ValueError(f"DataScannedInBytes must be from 0 to 2^62, got {scanned}")
            self._scanned = scanned
            return status

    def _stopped(self, failure: AwsError) -> StatementFailure:
        """Stop the statement; the failure with the bytes scanned, as far as AWS reports them."""
        try:
            with self._api.call("StopQueryExecution"):
                self._client.stop_query_execution(QueryExecutionId=self._id)
        except AwsError as another:
            advice = f"stop statement {self._id} in Athena's console: it could not be stopped ({another})"
            failure.advice = "; ".join(filter(None, (failure.advice, advice)))
        with suppress(AwsError):  # then what the last response reported is the minimum
            self._look()
        return StatementFailure(failure, self._scanned)

    def rows(self) -> Iterator[tuple[str | None, ...]]:
        """Return the rows. AWS: the first row of the first page names the columns."""
        pages = self._api.pages(self._client, "GetQueryResults", {"QueryExecutionId": self._id}, _rows)
        return islice(chain.from_iterable(pages), 1, None)


def _rows(response: dict[str, Any]) -> list[tuple[str | None, ...]]:
    return [tuple(cell.get("VarCharValue") for cell in row["Data"]) for row in response["ResultSet"]["Rows"]]


def _refused(what: str) -> AwsError:
    return AwsError("refused", "StartQueryExecution", f"the statement was {what}")


def _failure(status: dict[str, Any]) -> AwsError:
    state, given = status["State"], status["StateChangeReason"]
    reason = one_line(given or "no reason given")
    code = _code(given) or state
    system = status.get("AthenaError", {}).get("ErrorCategory") == _SYSTEM
    kind: ErrorKind = "broken" if system else "refused"
    advice = "try again later" if system else _advice(code, given)
    what = f"the statement {'failed' if state == 'FAILED' else 'was cancelled'}: {reason}"
    return AwsError(kind, "StartQueryExecution", what, code=code, advice=advice)


def _code(reason: str) -> str:
    found = _CODE.match(reason)
    code = found[1] if found else ""
    if code and code != "SYNTAX_ERROR":
        return code
    return next((name for name, form in _OF_VERSION_2.items() if form.search(reason)), code)


def _advice(code: str, reason: str) -> str:
    if code == NO_DATABASE:
        return "set inventory.database in shards.yaml to a database of Athena's catalog in this region"
    if code == NO_COLUMN:
        return "create the table again with the columns of the inventory's manifest.json"
    if code == "NoSuchBucket" or "NoSuchBucket" in reason or "specified bucket does not exist" in reason:
        return "check the buckets in the table's LOCATION and in inventory.output, and their regions"
    if code in ("PERMISSION_DENIED", "ACCESS_DENIED") or "denied" in reason.lower():
        return "allow Athena's caller s3:GetObject on the inventory, and to write the results"
    return "run the statement in Athena's console: its history holds it"
