"""When a request is retried, given up, or sent again with new credentials: the handlers of botocore's events."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.hooks import HierarchicalEmitter

from s3_monitor.aws.retries import Renewal, Retry, install, is_throttled, wait_out_throttling, watch


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def response(status: int, code: str = "", **metadata: Any) -> tuple[Any, dict[str, Any]]:
    parsed: dict[str, Any] = {"ResponseMetadata": {"HTTPStatusCode": status, **metadata}}
    if code:
        parsed["Error"] = {"Code": code, "Message": "no"}
    return SimpleNamespace(status_code=status), parsed


def ask(
    events: HierarchicalEmitter, received: Any, context: dict[str, Any], error: Exception | None = None, **more: Any
) -> Any:
    """Return the delay of a retry; None if botocore decides."""
    request = {"context": context, "url": "https://b.s3.eu-west-1.amazonaws.com:8443/x", **more}
    answers = events.emit_until_response(
        "needs-retry.s3.ListBuckets",
        response=received,
        operation=SimpleNamespace(name="ListBuckets"),
        request_dict=request,
        caught_exception=error,
        attempts=more.get("attempts", 1),
    )
    return answers[1]


def started(events: HierarchicalEmitter) -> dict[str, Any]:
    context: dict[str, Any] = {}
    events.emit("before-call.s3.ListBuckets", params={"context": context})
    return context


@pytest.mark.parametrize(
    ("code", "status", "throttled"),
    [
        ("", 200, False),
        ("", 500, False),
        ("", 429, True),
        ("AccessDenied", 403, False),
        ("SlowDown", 503, True),
        ("ThrottlingException", 400, True),
        ("SomeThrottledError", 400, True),
        ("AccessDenied", 429, True),
    ],
)
def test_throttling_is_recognized_by_code_or_status(code: str, status: int, throttled: bool) -> None:
    assert is_throttled(response(status, code)[1]) is throttled
    assert is_throttled({}) is False


@pytest.mark.parametrize(("elapsed", "ends"), [(0.0, False), (119.9, False), (120.0, True), (500.0, True)])
def test_a_request_is_not_retried_after_120_seconds(elapsed: float, ends: bool) -> None:
    events, clock = HierarchicalEmitter(), Clock()
    install(events, clock=clock)
    context = started(events)
    clock.now += elapsed
    assert ask(events, response(499), context) is None
    if ends:
        with pytest.raises(ClientError):
            ask(events, response(500), context)
        with pytest.raises(TimeoutError):
            ask(events, None, context, TimeoutError())
    else:
        assert ask(events, response(500), context) is None
        assert ask(events, None, context, TimeoutError()) is None
    assert ask(events, response(500), {}) is None  # not started here
    assert ask(events, None, context) is None


def test_the_limit_can_be_replaced() -> None:
    events, clock = HierarchicalEmitter(), Clock()
    install(events, clock=clock)
    install(events, 10.0, clock)
    context = started(events)
    clock.now += 10
    with pytest.raises(ClientError):
        ask(events, response(500), context)


@pytest.mark.parametrize(("received", "status"), [(response(400, "SlowDown"), 503), (response(400, "X"), 400)])
def test_a_throttled_response_counts_as_a_server_error(received: Any, status: int) -> None:
    events = HierarchicalEmitter()
    install(events)
    ask(events, received, started(events))
    assert received[0].status_code == status


@pytest.mark.parametrize(
    ("received", "followed"),
    [
        (response(301, "PermanentRedirect"), False),
        (response(301, HTTPHeaders={"x-amz-bucket-region": "eu-west-1"}), True),
        ((SimpleNamespace(status_code=301), {"Error": {"Region": "eu-west-1"}}), True),
    ],
)
def test_a_redirect_without_a_region_is_not_followed(received: Any, followed: bool) -> None:
    events = HierarchicalEmitter()
    install(events)
    context = {**started(events), "s3_redirect": {}}
    ask(events, received, context)
    assert context["s3_redirect"].get("redirected", False) is not followed
    other: dict[str, Any] = started(events)
    ask(events, received, other)
    assert "s3_redirect" not in other


@pytest.mark.parametrize(("attempts", "longest"), [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 5.0), (9, 5.0)])
def test_throttled_requests_are_retried_with_growing_delays_for_a_minute(attempts: int, longest: float) -> None:
    events, clock = HierarchicalEmitter(), Clock()
    install(events, 1e9, clock)
    wait_out_throttling(events, clock)
    context = started(events)
    delays = [ask(events, response(503, "SlowDown"), context, attempts=attempts) for _ in range(200)]
    assert all(0.1 <= delay <= longest for delay in delays)
    assert max(delays) > longest * 0.6
    clock.now += 59.9
    assert ask(events, response(503, "SlowDown"), context, attempts=attempts) is not None
    clock.now += 0.1
    assert ask(events, response(503, "SlowDown"), context, attempts=attempts) is None
    assert ask(events, response(500), started(events), attempts=attempts) is None
    assert ask(events, None, started(events), TimeoutError(), attempts=attempts) is None


def watched(received: Any, error: Exception | None, attempts: int, most: int | None, **context: Any) -> list[Retry]:
    events, found = HierarchicalEmitter(), list[Retry]()
    watch(events, found.append)
    retries = {} if most is None else {"total_max_attempts": most}
    config = {"client_config": SimpleNamespace(retries=retries)}
    ask(events, received, {**config, **context}, error, attempts=attempts)
    return found


@pytest.mark.parametrize(
    ("received", "error", "reason", "unreachable"),
    [
        (None, TimeoutError(), "cannot reach", True),
        (response(503), None, "HTTP 503 from", False),
        (response(500), None, "HTTP 500 from", False),
        (response(400, "SlowDown"), None, "throttled by", False),
    ],
)
def test_a_retry_is_reported_with_its_reason(
    received: Any, error: Exception | None, reason: str, unreachable: bool
) -> None:
    host = "b.s3.eu-west-1.amazonaws.com:8443"
    assert watched(received, error, 1, 8) == [Retry(host, 1, 7, reason, unreachable)]
    assert watched(received, error, 7, 8) == [Retry(host, 7, 7, reason, unreachable)]
    assert watched(received, error, 8, 8) == []
    assert watched(received, error, 1, None) == []


@pytest.mark.parametrize("received", [None, response(200), response(404), response(499)])
def test_a_success_or_an_error_of_the_request_is_no_retry(received: Any) -> None:
    assert watched(received, None, 1, 8) == []


def test_the_bucket_is_not_part_of_the_reported_host() -> None:
    (retry,) = watched(response(503), None, 1, 8, s3_redirect={"bucket": "b"})
    assert retry.host == "s3.eu-west-1.amazonaws.com:8443"


class Session:
    """Credentials as botocore refreshes them."""

    def __init__(self) -> None:
        self._token = "old"
        self.refreshed = 0
        self._expiry_time: Any = "later"

    def refresh_needed(self) -> bool:
        return False

    def _time_fetcher(self) -> str:
        return "now"

    def get_frozen_credentials(self) -> None:
        assert self._expiry_time == "now"
        self.refreshed += 1
        self._token = f"new-{self.refreshed}"


class Renewals:
    """A renewal of a session, and what it did."""

    def __init__(self, session: Any) -> None:
        self.clock, self.forgotten = Clock(), list[str]()
        self.session = session
        self.renewal = Renewal(session, self.forgotten.append, self.clock)

    def send(self, token: bytes | str | None) -> None:
        self.renewal.sending(SimpleNamespace(headers={} if token is None else {"X-Amz-Security-Token": token}))

    def renew(self, received: Any = None, context: dict[str, Any] | None = None) -> int | None:
        return self.renewal.renew(
            response(403, "ExpiredToken") if received is None else received,
            {"context": {} if context is None else context},
        )


@pytest.mark.parametrize("token", ["old", b"old"])
def test_an_expired_session_is_renewed_once_per_request(token: bytes | str) -> None:
    renewals, context = Renewals(Session()), dict[str, Any]()
    renewals.send(token)
    assert renewals.renew(context=context) == 0
    assert (renewals.forgotten, renewals.session.refreshed) == (["old"], 1)
    assert renewals.renew(context=context) is None


def test_a_session_that_another_thread_has_renewed_is_used() -> None:
    renewals = Renewals(Session())
    renewals.send("older")
    assert renewals.renew() == 0
    assert (renewals.forgotten, renewals.session.refreshed) == ([], 0)


@pytest.mark.parametrize(("seconds", "delay"), [(0.0, None), (59.9, None), (60.0, 0), (100.0, 0)])
def test_sessions_are_renewed_at_most_once_per_minute(seconds: float, delay: int | None) -> None:
    renewals = Renewals(Session())
    renewals.send("old")
    assert renewals.renew() == 0
    renewals.clock.now += seconds
    renewals.send("new-1")
    assert renewals.renew() is delay
    assert renewals.session.refreshed == (1 if delay is None else 2)


@pytest.mark.parametrize("received", [response(403, "AccessDenied"), response(500), (None, {})])
def test_other_errors_renew_nothing(received: Any) -> None:
    renewals = Renewals(Session())
    renewals.send("old")
    assert renewals.renew(received) is None
    assert renewals.renewal.renew(None, {"context": {}}) is None
    assert renewals.session.refreshed == 0


def test_credentials_without_a_session_are_not_renewed() -> None:
    renewals = Renewals(Session())
    assert renewals.renew() is None
    renewals.send(None)
    assert renewals.renew() is None
    static = Renewals(SimpleNamespace(_token="old"))
    static.send("old")
    assert static.renew() is None
