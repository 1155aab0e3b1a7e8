"""An HTTP/1.1 server loop with keep-alive on asyncio, with injected faults of the network."""

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

MAX_HEAD = 64 * 1024  # bytes
MAX_BODY = 16 * 1024 * 1024  # bytes
SEND_BUFFER = 512 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Request:
    """A request: header names in lower case, path decoded, the query's last value for each name."""

    method: str
    host: str  # without the port
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """A response without Content-Length, which is added on the wire."""

    status: int
    body: bytes = b""
    content_type: str = "application/xml"
    headers: dict[str, str] = field(default_factory=dict)


class DeliveryFault(Enum):
    """How a response is delivered."""

    DELIVERED = "delivered"
    HALVED = "halved"  # half of the body, with its length
    CUT = "cut"  # connection closed within the body
    RESET = "reset"  # connection reset
    HANGS = "hangs"  # no response


@dataclass(frozen=True, slots=True)
class Reply:
    """A response with its delay in seconds and its delivery."""

    response: Response
    delay: float = 0.0
    delivery: DeliveryFault = DeliveryFault.DELIVERED


class BadRequest(Exception):
    """An unsupported HTTP request."""


class Connection(asyncio.Protocol):
    """One client connection with one request at a time."""

    def __init__(self, handle: Callable[[Request], Reply], connections: "set[Connection]") -> None:
        self._handle = handle
        self._connections = connections
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._busy = False
        self._continued = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(f"not a stream: {transport!r}")
        # A page of keys fits in the buffer: asyncio copies the rest for every write.
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._transport = transport
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._advance()

    def close(self) -> None:
        """Abort the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _advance(self) -> None:
        if self._busy or self._transport is None:
            return
        try:
            request = self._take_request()
        except BadRequest as error:
            self._send(Response(400, str(error).encode(), "text/plain"), head_only=False, keep=False)
            return
        if request is None:
            return
        self._busy = True
        reply = self._handle(request)
        if reply.delivery is DeliveryFault.HANGS:
            return
        if reply.delay > 0:
            asyncio.get_running_loop().call_later(reply.delay, self._answer, request, reply)
        else:
            self._answer(request, reply)

    def _take_request(self) -> Request | None:
        """Return the next request of the buffer; None until it is complete."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEAD:
                raise BadRequest("header too long")
            return None
        method, target, headers = _parse_head(bytes(self._buffer[:end]))
        if "transfer-encoding" in headers:
            raise BadRequest("Transfer-Encoding is not supported: send Content-Length")
        length = int(headers.get("content-length", "0"))
        if length > MAX_BODY:
            raise BadRequest("body too long")
        start = end + 4
        if len(self._buffer) < start + length:
            if headers.get("expect", "").lower() == "100-continue" and not self._continued:
                self._continued = True
                self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return None
        self._continued = False
        body = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        return _request(method, target, headers, body)

    def _answer(self, request: Request, reply: Reply) -> None:
        self._busy = False
        if self._transport is None:
            return
        response = reply.response
        if reply.delivery is DeliveryFault.RESET:
            _reset(self._transport)
        elif reply.delivery is DeliveryFault.CUT:
            whole = _encode(response, request.method == "HEAD", keep=False)
            self._write(whole[: len(whole) - (len(response.body) + 1) // 2])
            self._transport.close()
        else:
            if reply.delivery is DeliveryFault.HALVED:
                half = response.body[: len(response.body) // 2]
                response = Response(response.status, half, response.content_type, response.headers)
            keep = request.headers.get("connection", "").lower() != "close"
            self._send(response, head_only=request.method == "HEAD", keep=keep)
            self._advance()

    def _send(self, response: Response, *, head_only: bool, keep: bool) -> None:
        self._write(_encode(response, head_only, keep))
        if not keep and self._transport is not None:
            self._transport.close()

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def _parse_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    lines = head.decode("latin-1").split("\r\n")
    first = lines[0].split(" ")
    if len(first) != 3 or not first[2].startswith("HTTP/1."):
        raise BadRequest(f"invalid request line: {lines[0]!r}")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequest(f"invalid header: {line!r}")
        headers[name.strip().lower()] = value.strip()
    if not headers.get("content-length", "0").isascii() or not headers.get("content-length", "0").isdigit():
        raise BadRequest(f"invalid Content-Length: {headers['content-length']!r}")
    return first[0], first[1], headers


def _request(method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
    host = headers.get("host", "")
    if "://" in target:  # as a proxy: the target contains the host
        host, _, target = target.partition("://")[2].partition("/")
        target = "/" + target
    path, _, query = target.partition("?")
    return Request(
        method,
        host.rpartition(":")[0] if ":" in host else host,
        unquote(path),
        dict(parse_qsl(query, keep_blank_values=True)) if query else {},
        headers,
        body,
    )


def _encode(response: Response, head_only: bool, keep: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
        f"Content-Type: {response.content_type}",
        f"Content-Length: {len(response.body)}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
    ]
    if not keep:
        lines.append("Connection: close")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head if head_only else head + response.body


def _reset(transport: asyncio.Transport) -> None:
    """End a connection with RST instead of FIN, if the system supports it."""
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    sock = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):  # the client has closed it
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
