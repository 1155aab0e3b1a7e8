"""A proxy on loopback between the program and an AWS fake. It counts requests and can intercept them."""

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


class Proxy:
    """The state of a running proxy.

    ``counts``: requests by operation. ``intercept(operation, body, forward)`` returns the response, or None to close
    the connection; ``forward(body)`` returns the fake's response.
    """

    def __init__(self, fake: str) -> None:
        self.fake = urlsplit(fake)
        self.counts: Counter[str] = Counter()
        self.lock = threading.Lock()
        self.intercept: Callable[[str, Any, Callable[[Any], Any]], Any] = lambda operation, body, forward: forward(body)
        self.url = ""


@contextmanager
def run_proxy(fake: str) -> Iterator[Proxy]:
    """Run a proxy for JSON protocols, such as that of DynamoDB."""
    proxy = Proxy(fake)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            with proxy.lock:
                proxy.counts[operation] += 1
            response = proxy.intercept(operation, body, self.forward)
            if response is None:
                self.close_connection = True
                return
            status, content = response
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def forward(self, body: Any) -> tuple[int, Any]:
            connection = http.client.HTTPConnection(proxy.fake.hostname or "", proxy.fake.port, timeout=60)
            try:
                kept = ("Authorization", "X-Amz-Target", "X-Amz-Date", "Content-Type")
                headers = {name: self.headers[name] for name in kept if name in self.headers}
                connection.request("POST", "/", json.dumps(body), headers)
                response = connection.getresponse()
                return response.status, json.loads(response.read())
            finally:
                connection.close()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
