"""A server that sends given bytes to every request, for responses that no service sends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Replies:
    """``url`` of the server, and how many requests it received."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.count = 0


@contextmanager
def replying(
    *bodies: bytes, status: int = 200, headers: dict[str, str] | None = None, before: Callable[[], None] | None = None
) -> Iterator[Replies]:
    """Serve the bodies in order; repeat the last body."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet per response: a second one would wait 40 ms for the acknowledgment of the first

        def log_message(self, format: str, *args: object) -> None:
            pass

        def _reply(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            body = bodies[min(replies.count, len(bodies) - 1)]
            replies.count += 1
            if before is not None:
                before()
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_HEAD = _reply

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    replies = Replies(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    try:
        yield replies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
