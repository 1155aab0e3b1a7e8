"""A small HTTP/1.1 server loop with keep-alive, on asyncio: fast, and able to misbehave as networks do."""

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
    """An answer; Content-Length is added on the wire."""

    status: int
    body: bytes = b""
    content_type: str = "application/xml"
    headers: dict[str, str] = field(default_factory=dict)


class DeliveryFault(Enum):
    """What happens to an answer on its way."""

    ARRIVES = "arrives"
    HALVED = "halved"  # half of the body arrives as if it were all
    CUT = "cut"  # the connection ends in the middle of the body
    RESET = "reset"  # the connection ends instead
    HANGS = "hangs"  # nothing comes


@dataclass(frozen=True, slots=True)
class Reply:
    """A response, how many seconds later it leaves, and whether it arrives."""

    response: Response
    delay: float = 0.0
    fate: DeliveryFault = DeliveryFault.ARRIVES


class BadRequest(Exception):
    """Bytes that are no HTTP/1.1 request this server takes."""


class Connection(asyncio.Protocol):
    """One client connection: requests are answered one after the other."""

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
        # A page of keys leaves in one piece: what does not fit, asyncio copies again and again.
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
        """Ends the connection at once."""
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
        if reply.fate is DeliveryFault.HANGS:
            return
        if reply.delay > 0:
            asyncio.get_running_loop().call_later(reply.delay, self._answer, request, reply)
        else:
            self._answer(request, reply)

    def _take_request(self) -> Request | None:
        """The next whole request of the buffer; None while some of it is still under way."""
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEAD:
                raise BadRequest("header too long")
            return None
        method, target, headers = _parse_head(bytes(self._buffer[:end]))
        if "transfer-encoding" in headers:
            raise BadRequest("Transfer-Encoding is not taken: send Content-Length")
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
        if reply.fate is DeliveryFault.RESET:
            _reset(self._transport)
        elif reply.fate is DeliveryFault.CUT:
            whole = _encode(response, request.method == "HEAD", keep=False)
            self._write(whole[: len(whole) - (len(response.body) + 1) // 2])
            self._transport.close()
        else:
            if reply.fate is DeliveryFault.HALVED:
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
        raise BadRequest(f"no request line: {lines[0]!r}")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequest(f"no header: {line!r}")
        headers[name.strip().lower()] = value.strip()
    if not headers.get("content-length", "0").isascii() or not headers.get("content-length", "0").isdigit():
        raise BadRequest(f"no length: {headers['content-length']!r}")
    return first[0], first[1], headers


def _request(method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
    host = headers.get("host", "")
    if "://" in target:  # asked as a proxy: the target names the host
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
    """Ends a connection with RST rather than FIN, where the system lets us."""
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    sock = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):  # the client was faster: the connection is gone, which is what we want
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
