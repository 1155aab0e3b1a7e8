"""A deadline for every response: a server that sends a byte per second must not hold a call for ever.

Timeouts of sockets start again with each byte. Here each read of a response waits at most for what is left of the
response's time. A response that is read as a stream, such as a file, has more time with every byte that arrives.
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

ATTEMPT_SECONDS = 90.0  # the longest a response may take: 10 MB at 1 Mbit/s
CALL_SECONDS = 120.0  # after this, a call is not tried again
STREAM_BYTES_PER_SECOND = 32 * 1024  # the slowest stream that is not given up


class Deadline:
    """When a response has to be complete."""

    def __init__(
        self, seconds: float, bytes_per_second: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``bytes_per_second``: a stream's, which has a second more for so many bytes."""
        self._seconds, self._rate, self._clock = seconds, bytes_per_second, clock
        self._start = clock()

    def remaining(self, received: int) -> float:
        """The seconds that are left after so many bytes."""
        more = received / self._rate if self._rate else 0.0
        return self._start + self._seconds + more - self._clock()

    def exceeded(self) -> TimeoutError:
        return TimeoutError(f"the response was not complete after {self._seconds:g} seconds")


class _Current(threading.local):
    """The deadline of the request that this thread is about to send."""

    deadline: Deadline | None = None


_current = _Current()


def set_deadline(deadline: Deadline | None) -> None:
    """For the responses that this thread reads from now on."""
    _current.deadline = deadline


def limit(client: Any, seconds: float = ATTEMPT_SECONDS) -> Any:
    """Return the same client with a deadline for each of its responses. Repeating it sets the seconds anew."""
    # botocore has no hook for connections: the pools of a client's HTTP session are its own.
    pools = client._endpoint.http_session._pool_classes_by_scheme
    pools.update(http=_HttpPool, https=_HttpsPool)

    def start(request: Any, **_: Any) -> None:
        set_deadline(Deadline(seconds, STREAM_BYTES_PER_SECOND if request.stream_output else None))

    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.unregister(f"before-send.{service}", unique_id="s3-monitor-deadline")
    client.meta.events.register(f"before-send.{service}", start, unique_id="s3-monitor-deadline")
    return client


class _TimedReader(io.RawIOBase):
    """The bytes of a connection, until the deadline."""

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


class TimedResponse(http.client.HTTPResponse):
    """A response whose headers and body have to arrive before the deadline of this thread."""

    def __init__(self, sock: Any, *arguments: Any, **named: Any) -> None:
        super().__init__(sock, *arguments, **named)
        if _current.deadline is not None:
            buffered: Any = self.fp
            self.fp = io.BufferedReader(_TimedReader(buffered.detach(), sock, _current.deadline))


class _HttpConnection(AWSHTTPConnection):
    response_class = TimedResponse  # type: ignore[assignment]


class _HttpsConnection(AWSHTTPSConnection):
    response_class = TimedResponse  # type: ignore[assignment]


class _HttpPool(AWSHTTPConnectionPool):
    ConnectionCls = _HttpConnection


class _HttpsPool(AWSHTTPSConnectionPool):
    ConnectionCls = _HttpsConnection
