"""Additions to botocore's retries: a time limit, patience with throttling, renewed credentials, redirect checks.

botocore decides about the retries of a request in its standard mode; the handlers here run first.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from s3_monitor.aws.deadline import CALL_SECONDS
from s3_monitor.aws.error_codes import KINDS

_STARTED = "s3-monitor-started"
_RENEWED = "s3-monitor-renewed"
_RENEWALS_APART_SECONDS = 60.0
_THROTTLED_SECONDS = 60.0
_LONGEST_WAIT_SECONDS = 5.0

Response = tuple[Any, dict[str, Any]] | None


def install(events: Any, seconds: float = CALL_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
    """Limit the retries of a request to ``seconds``, and follow only redirects with a region. May be repeated.

    Throttled requests are retried also if botocore does not recognize the error code.
    """

    def start(params: dict[str, Any], **_: Any) -> None:
        params["context"][_STARTED] = clock()

    def stop(
        response: Response,
        operation: Any,
        request_dict: dict[str, Any],
        caught_exception: Exception | None = None,
        **_: Any,
    ) -> None:
        if clock() - request_dict["context"].get(_STARTED, clock()) < seconds:
            return
        if caught_exception is not None:
            raise caught_exception
        if response is not None and response[0].status_code >= 500:
            raise ClientError(response[1], operation.name)  # type: ignore[arg-type]

    events.unregister("needs-retry.*.*", unique_id="s3-monitor-stop")  # with a previous limit
    events.register("before-call", start, unique_id="s3-monitor-start")
    events.register_first("needs-retry.*.*", stop, unique_id="s3-monitor-stop")
    events.register_first("needs-retry.*.*", _ignore_redirect, unique_id="s3-monitor-redirects")
    events.register_first("needs-retry.*.*", _mark_throttled, unique_id="s3-monitor-throttled")


def wait_out_throttling(events: Any, clock: Callable[[], float] = time.monotonic) -> None:
    """Retry throttled requests for up to a minute.

    botocore's standard mode gives up after its number of attempts, and after a hundred retries of a client, so that a
    busy account would be full of gaps.
    """

    def delay(response: Response, attempts: int, request_dict: dict[str, Any], **_: Any) -> float | None:
        """Return the delay in seconds; None if botocore decides."""
        if response is None or not is_throttled(response[1]):
            return None
        if clock() - request_dict["context"].get(_STARTED, 0.0) >= _THROTTLED_SECONDS:
            return None
        return random.uniform(0.1, min(_LONGEST_WAIT_SECONDS, 0.25 * 2**attempts))  # noqa: S311  # no secret

    events.register_first("needs-retry.*.*", delay, unique_id="s3-monitor-throttling")


def is_throttled(parsed: dict[str, Any]) -> bool:
    """Return whether a response reports throttling."""
    code = str(parsed.get("Error", {}).get("Code", ""))
    return (
        "Throttl" in code
        or KINDS.get(code) == "throttled"
        or parsed.get("ResponseMetadata", {}).get("HTTPStatusCode") == 429
    )


def _mark_throttled(response: Response, **_: Any) -> None:
    if response is not None and is_throttled(response[1]):
        response[0].status_code = 503


def _ignore_redirect(response: Response, request_dict: dict[str, Any], **_: Any) -> None:
    """Ignore a redirect without a region: botocore would send HeadBucket, be redirected, and repeat that."""
    if response is None or "s3_redirect" not in request_dict["context"]:
        return
    _, parsed = response
    headers = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    if "x-amz-bucket-region" not in headers and not parsed.get("Error", {}).get("Region"):
        request_dict["context"]["s3_redirect"]["redirected"] = True


class Retry(NamedTuple):
    """A retry of a request."""

    host: str
    number: int
    most: int
    """Largest number of retries."""
    reason: str
    """A short phrase that ends before the host."""
    unreachable: bool
    """Whether no response was received."""


def watch(events: Any, on_retry: Callable[[Retry], None]) -> None:
    """Call ``on_retry``, from any thread, after every failed attempt that is retried.

    This includes the clients that botocore creates for credentials.
    """

    def check(
        response: Response, caught_exception: Exception | None, attempts: int, request_dict: dict[str, Any], **_: Any
    ) -> None:
        config = request_dict["context"].get("client_config")
        most = int((getattr(config, "retries", None) or {}).get("total_max_attempts", 1)) - 1
        reason = "cannot reach" if caught_exception is not None else _reason(response)
        if reason and attempts <= most:
            unreachable = caught_exception is not None
            on_retry(Retry(_host(request_dict), attempts, most, reason, unreachable))

    events.register("needs-retry", check, unique_id="s3-monitor-retries")


def _host(request_dict: dict[str, Any]) -> str:
    """Return host and port of a request, without the bucket before the host."""
    parts = urlsplit(request_dict["url"])
    bucket = request_dict["context"].get("s3_redirect", {}).get("bucket")
    host = (parts.hostname or "").removeprefix(f"{bucket}.")
    return f"{host}:{parts.port}" if parts.port else host


def _reason(response: Response) -> str:
    """Return why a request failed; empty if it succeeded."""
    if response is None:
        return ""
    if is_throttled(response[1]):
        return "throttled by"
    return f"HTTP {response[0].status_code} from" if response[0].status_code >= 500 else ""


class Renewal:
    """Renewal of credentials when AWS reports an expired session before its expiration time."""

    def __init__(
        self, credentials: Any, forget: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``credentials``: those of a botocore session. ``forget``: removes a session token from the caches."""
        self._credentials, self._forget, self._clock = credentials, forget, clock
        self._lock = threading.Lock()
        self._renewed = clock() - _RENEWALS_APART_SECONDS
        self._sent = threading.local()

    def install(self, events: Any) -> None:
        """Register the handlers of botocore events."""
        events.register("before-send", self.sending, unique_id="s3-monitor-sending")
        events.register_first("needs-retry.*.*", self.renew, unique_id="s3-monitor-renew")

    def sending(self, request: Any, **_: Any) -> None:
        """Remember the session that signed a request of this thread."""
        token = request.headers.get("X-Amz-Security-Token")
        self._sent.token = token.decode() if isinstance(token, bytes) else token

    def renew(self, response: Response, request_dict: dict[str, Any], **_: Any) -> int | None:
        """Return 0, the delay of a retry with a new signature, if credentials were renewed; otherwise None."""
        token, context = getattr(self._sent, "token", None), request_dict["context"]
        if response is None or token is None or context.get(_RENEWED):
            return None
        if KINDS.get(response[1].get("Error", {}).get("Code", "")) != "expired":
            return None
        if not hasattr(self._credentials, "refresh_needed"):
            return None
        context[_RENEWED] = True
        with self._lock:
            if self._credentials._token != token:
                return 0  # another thread has renewed them
            if self._clock() - self._renewed < _RENEWALS_APART_SECONDS:
                return None
            self._renewed = self._clock()
            self._forget(token)
            self._credentials._expiry_time = self._credentials._time_fetcher()
            self._credentials.get_frozen_credentials()
            return 0
