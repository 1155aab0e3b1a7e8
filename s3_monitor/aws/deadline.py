"""A deadline for each response: a server that sends a byte per second must not block a request forever.

The timeout of a socket restarts with each byte. Here, each read waits at most for the remaining time of the response.
The deadline of a streamed response, such as a file, is extended with every received byte.
"""

from __future__ import annotations

import http.client
import io
import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

ATTEMPT_SECONDS = 90.0  # limit of a response: 10 MB at 1 Mbit/s
CALL_SECONDS = 120.0  # after this time, a request is not retried
STREAM_BYTES_PER_SECOND = 32 * 1024  # slowest accepted stream


class Deadline:
    """The time limit of a response."""

    def __init__(
        self, seconds: float, bytes_per_second: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``bytes_per_second``: for streams, extends the deadline by a second per this number of received bytes."""
        self._seconds, self._rate, self._clock = seconds, bytes_per_second, clock
        self._start = clock()

    def remaining(self, received: int) -> float:
        """Return the remaining seconds after a number of received bytes."""
        more = received / self._rate if self._rate else 0.0
        return self._start + self._seconds + more - self._clock()

    def exceeded(self) -> TimeoutError:
        """Return the error of an exceeded deadline."""
        return TimeoutError(f"the response was not complete after {self._seconds:g} seconds")


class _Current(threading.local):
    """The deadline of the next request of this thread."""

    deadline: Deadline | None = None


_current = _Current()


def set_deadline(deadline: Deadline | None) -> None:
    """Set the deadline of the responses that this thread reads next."""
    _current.deadline = deadline


def use_timed_connections(http_session: Any) -> None:
    """Let the connections of an HTTP session of botocore observe deadlines."""
    # botocore has no hook for connections: the pools of a session are replaced.
    http_session._pool_classes_by_scheme.update(http=_HttpPool, https=_HttpsPool)


def limit(client: Any, seconds: float = ATTEMPT_SECONDS) -> Any:
    """Return the client, with a deadline for each of its responses. May be repeated with other seconds."""
    use_timed_connections(client._endpoint.http_session)

    def start(request: Any, **_: Any) -> None:
        set_deadline(Deadline(seconds, STREAM_BYTES_PER_SECOND if request.stream_output else None))

    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.unregister(f"before-send.{service}", unique_id="s3-monitor-deadline")
    client.meta.events.register(f"before-send.{service}", start, unique_id="s3-monitor-deadline")
    return client


class _TimedReader(io.RawIOBase):
    """The bytes of a connection, readable until the deadline."""

    def __init__(self, raw: Any, sock: Any, deadline: Deadline) -> None:
        super().__init__()
        self._raw, self._sock, self._deadline = raw, sock, deadline
        self._timeout: float | None = sock.gettimeout()
        self._received = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.remaining(self._received)
        if left <= 0:
            raise self._deadline.exceeded()
        self._sock.settimeout(left if self._timeout is None else min(left, self._timeout))
        count: int | None = self._raw.readinto(buffer)
        self._received += count or 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """A response whose headers and body must be received before the deadline of this thread."""

    def __init__(self, sock: Any, *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        if _current.deadline is not None:
            buffered: Any = self.fp
            self.fp = io.BufferedReader(_TimedReader(buffered.detach(), sock, _current.deadline))


class _HttpConnection(AWSHTTPConnection):
    response_class = _TimedResponse  # type: ignore[assignment]


class _HttpsConnection(AWSHTTPSConnection):
    response_class = _TimedResponse  # type: ignore[assignment]


class _HttpPool(AWSHTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(AWSHTTPSConnectionPool):
    ConnectionCls = _HttpsConnection
