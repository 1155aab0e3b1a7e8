"""A response that does not end is abandoned at its deadline, at any rate of bytes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from s3_monitor.aws import retries
from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.aws.deadline import Deadline, limit
from s3_monitor.aws.download import download
from s3_monitor.model.errors import AwsError
from tests.aws.replies import replying
from tests.collect.fixtures import Clients

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: 100000\r\n\r\n"
# The bytes that are sent at once, and those that are then sent slowly without end.
DRIPS = {
    "status": (b"HT", b"T"),
    "headers": (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
    "more headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "body": (HEAD, b" "),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


@contextmanager
def dripping(first: bytes, then: bytes, seconds: float = 0.02) -> Iterator[tuple[str, list[int]]]:
    """Yield the URL of a slow server, and a list with an entry for each connection."""
    listening = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()
    taken: list[int] = []

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65_536)
                connection.sendall(first)
                while not stopped.wait(seconds):
                    connection.sendall(then)
            except OSError:
                pass

    def accept() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            taken.append(1)
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", taken
    finally:
        stopped.set()
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS)
@pytest.mark.parametrize("service", ["s3", "cloudwatch", "sts"])
def test_an_endless_response_is_retried_and_then_unreachable(service: str, drip: tuple[bytes, bytes]) -> None:
    calls: dict[str, Callable[..., object]]
    with dripping(*drip) as (url, taken):
        api = AwsApi(Clients(url, attempts=2))
        client = limit(api.client(service), seconds=0.2)
        calls = {"s3": lambda: client.list_buckets(), "cloudwatch": lambda: client.list_metrics()}
        with pytest.raises(AwsError) as caught, api.call("Call"):
            calls.get(service, lambda: client.get_caller_identity())()
    assert (caught.value.kind, len(taken)) == ("unreachable", 2)


def test_a_call_is_not_tried_again_after_its_own_deadline() -> None:
    with dripping(*DRIPS["body"]) as (url, taken):
        api = AwsApi(Clients(url, attempts=5))
        client = limit(api.client("s3"), seconds=0.2)
        retries.install(client.meta.events, seconds=0.1)
        with pytest.raises(AwsError) as caught, api.call("ListBuckets"):
            client.list_buckets()
    assert (caught.value.kind, len(taken)) == ("unreachable", 1)


def test_after_a_long_failure_no_further_request_is_sent() -> None:
    with replying(b"", status=500) as replies:
        api = AwsApi(Clients(replies.url, attempts=5))
        client = api.client("s3")
        retries.install(client.meta.events, seconds=0.0)
        with pytest.raises(AwsError) as caught, api.call("ListBuckets"):
            client.list_buckets()
    assert (caught.value.kind, replies.count) == ("broken", 1)


def test_an_endless_file_is_abandoned() -> None:
    with dripping(*DRIPS["body"]) as (url, _):
        api = AwsApi(Clients(url))
        client = limit(api.client("s3"), seconds=0.2)
        with pytest.raises(AwsError) as caught, api.call("GetObject"):
            client.get_object(Bucket="b", Key="k")["Body"].read()
    assert caught.value.kind == "unreachable"


@pytest.mark.parametrize("drip", [DRIPS["headers"], DRIPS["body"]], ids=["headers", "body"])
def test_an_endless_price_list_is_abandoned(drip: tuple[bytes, bytes]) -> None:
    with dripping(*drip) as (url, _), pytest.raises(AwsError) as caught:
        download(f"{url}/index.json", seconds=0.2)
    assert caught.value.kind == "unreachable"


def test_a_stream_has_more_time_with_every_byte() -> None:
    now = [0.0]
    stream, whole = (Deadline(60, rate, lambda: now[0]) for rate in (1000, None))
    now[0] = 59
    assert (stream.remaining(0), whole.remaining(0)) == (1, 1)
    now[0] = 100
    assert (stream.remaining(50_000), whole.remaining(50_000)) == (10, -40)


def test_a_slow_file_that_makes_progress_is_received() -> None:
    body = b"x" * 50_000
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n")
            for start in range(0, len(body), 5_000):
                connection.sendall(body[start : start + 5_000])
                time.sleep(0.05)

    threading.Thread(target=serve, daemon=True).start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    client = limit(Clients(url).client("s3"), seconds=0.2)
    assert client.get_object(Bucket="b", Key="k")["Body"].read() == body
    listening.close()
