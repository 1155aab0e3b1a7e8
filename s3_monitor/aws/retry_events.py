"""Events before botocore retries a request, for the progress display."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import botocore.session


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


def watch_retries(session: botocore.session.Session, on_retry: Callable[[Retry], None]) -> None:
    """Call ``on_retry``, from any thread, after every failed attempt that is retried.

    This includes the clients that botocore creates for credentials.
    """

    def check(**event: Any) -> None:
        exception, attempts = event["caught_exception"], event["attempts"]
        reason = _reason(event["response"], exception)
        most = _most_attempts(event["request_dict"]) - 1
        if reason and attempts <= most:
            on_retry(Retry(_host(event["request_dict"]), attempts, most, reason, unreachable=exception is not None))

    session.register("needs-retry", check, unique_id="s3-monitor-retries")


def _host(request_dict: dict[str, Any]) -> str:
    """Return host and port of a request, without the bucket before the host."""
    parts = urlsplit(request_dict["url"])
    bucket = request_dict["context"].get("s3_redirect", {}).get("bucket")
    host = (parts.hostname or "").removeprefix(f"{bucket}.")
    return f"{host}:{parts.port}" if parts.port else host


def _most_attempts(request_dict: dict[str, Any]) -> int:
    config = request_dict.get("context", {}).get("client_config")
    retries = getattr(config, "retries", None) or {}
    return int(retries.get("total_max_attempts", 1))


def _reason(response: Any, exception: Exception | None) -> str:
    """Return why an attempt failed; empty if it succeeded."""
    if exception is not None:
        return "cannot reach"
    status = response[0].status_code if response is not None else 200
    if status >= 500:
        return f"HTTP {status} from"
    if status == 429:
        return "throttled by"
    return ""
