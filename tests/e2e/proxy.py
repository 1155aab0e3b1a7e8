"""A server on loopback between a program and an AWS fake: it counts requests, and can meddle with them."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


class Between:
    """A proxy in front of an emulator.

    ``counts``: requests by operation. ``meddle(operation, body, forward)`` returns the response, or None to close the
    connection. ``forward(body)`` sends the request to the emulator.
    """

    def __init__(self, fake: str) -> None:
        self.fake = urlsplit(fake)
        self.counts: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.meddle: Callable[[str, Any, Callable[[Any], Any]], Any] = lambda operation, body, forward: forward(body)
        self.url = ""


@contextmanager
def between(fake: str) -> Iterator[Between]:
    """JSON protocols only: DynamoDB's."""
    shared = Between(fake)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            with shared.lock:
                shared.counts[operation] += 1
            answer = shared.meddle(operation, body, self.forward)
            if answer is None:
                self.close_connection = True
                return
            status, content = answer
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def forward(self, body: Any) -> tuple[int, Any]:
            connection = http.client.HTTPConnection(shared.fake.hostname or "", shared.fake.port, timeout=60)
            try:
                kept = ("Authorization", "X-Amz-Target", "X-Amz-Date", "Content-Type")
                headers = {name: self.headers[name] for name in kept if name in self.headers}
                connection.request("POST", "/", json.dumps(body), headers)
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read())
            finally:
                connection.close()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shared.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield shared
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
