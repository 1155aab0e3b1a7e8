"""The complete simulator: used only by environment variables, isolated, counted, controlled by other processes."""

import json
import socket
import time
import urllib.error
import urllib.request
from datetime import datetime

import pytest
from botocore.exceptions import ClientError

from s3_monitor.simulator import Bucket, Role, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.simulator.clients import MIDNIGHT, TODAY, ask, client

ACCOUNT = make_account("111122223333", [Bucket("only", "us-east-1", MIDNIGHT)])
OTHER = make_account("444455556666", [], access_key="AKIASIMULATED00000002")


def test_it_listens_on_loopback_only_and_ends_with_its_block() -> None:
    with Simulator(ACCOUNT, today=TODAY) as simulator:
        host, _, port = simulator.url.removeprefix("http://").partition(":")
        assert host == "127.0.0.1"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=5)
    with pytest.raises(RuntimeError, match="not running"):
        assert simulator.url


def test_a_hanging_call_does_not_hold_up_the_end() -> None:
    with Simulator(ACCOUNT, today=TODAY, latency=3600) as simulator:
        connection = socket.create_connection(("127.0.0.1", int(simulator.url.rpartition(":")[2])), timeout=5)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        deadline = time.monotonic() + 5
        while not simulator.counters.total().calls and time.monotonic() < deadline:
            time.sleep(0.001)
    with connection:
        assert connection.recv(1) == b""


def test_a_defect_of_the_simulator_fails_the_test_that_met_it() -> None:
    def broken_clock() -> datetime:
        raise ZeroDivisionError

    account = make_account("111122223333", [], roles=(Role("reader"),))
    with pytest.raises(RuntimeError, match="simulator itself"), Simulator(account, now=broken_clock) as simulator:
        sts = client(simulator, "sts")
        with pytest.raises(ClientError, match="500"):
            sts.assume_role(RoleArn="arn:aws:iam::111122223333:role/reader", RoleSessionName="xx")


def test_calls_are_counted_by_account_region_and_operation() -> None:
    with Simulator([ACCOUNT, OTHER], today=TODAY) as simulator:
        for account, region in ((ACCOUNT, "us-east-1"), (ACCOUNT, "eu-west-1"), (OTHER, "us-east-1")):
            client(simulator, "cloudwatch", region, account=account).list_metrics()
        counters = simulator.counters
        assert counters.total("ListMetrics").calls == 3
        assert counters.total("ListMetrics", account=ACCOUNT.id).calls == 2
        assert counters.total(region="us-east-1").calls == 2
        assert counters.by_operation() == {"monitoring:ListMetrics": 3}
        counters.reset()
        assert counters.total().calls == 0


def test_another_process_reads_the_counters_and_sets_faults() -> None:
    with Simulator(ACCOUNT, today=TODAY) as simulator:

        def control(method: str, name: str, body: str = "") -> dict[str, object]:
            request = urllib.request.Request(f"{simulator.url}/_simulator/{name}", body.encode(), method=method)
            with urllib.request.urlopen(request, timeout=5) as answer:
                found: dict[str, object] = json.load(answer)
                return found

        s3 = client(simulator, "s3")
        s3.list_buckets()
        assert [(row["operation"], row["calls"]) for row in control("GET", "counters")["rows"]] == [("ListBuckets", 1)]
        assert control("POST", "faults", "deny:operation=ListBuckets\n\nslow:seconds=0\n") == {"added": 2}
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.list_buckets()
        control("POST", "no-faults")
        control("POST", "reset")
        s3.list_buckets()
        assert simulator.counters.total().calls == 1
        with pytest.raises(urllib.error.HTTPError, match="400"):
            control("POST", "faults", "explode")


def test_an_unknown_service_and_an_unsigned_request_are_errors_and_counted() -> None:
    with Simulator(ACCOUNT, today=TODAY) as simulator:
        with pytest.raises(ClientError, match="UnknownService"):
            client(simulator, "dynamodb").list_tables()
        assert simulator.counters.total("unknown service", service="dynamodb").failed == 1
        status, _, body = ask(simulator, "s3", "GET", "/", headers={"Authorization": "Basic eDp5"})
        assert (status, b"AccessDenied" in body) == (403, True)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n", b"400"),
        (b"X" * 70_000, b"400"),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", b"403"),
    ],
)
def test_every_request_gets_a_response(sent: bytes, status: bytes) -> None:
    with Simulator(ACCOUNT, today=TODAY) as simulator:
        port = int(simulator.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(sent)
            assert connection.makefile("rb").read().split(b" ")[1] == status


def test_a_connection_serves_many_requests_also_in_pieces_and_ahead_of_time() -> None:
    one = b"GET /only HTTP/1.1\r\nHost: x\r\n\r\n"
    with Simulator(ACCOUNT, today=TODAY, latency=0.01) as simulator:
        port = int(simulator.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(one + one[:10])
            connection.sendall(one[10:] + one.replace(b"Host", b"Connection: close\r\nHost"))
            answers = connection.makefile("rb").read()
    assert answers.count(b"HTTP/1.1 403 Forbidden\r\n") == 3


def test_a_body_that_waits_for_leave_gets_it() -> None:
    head = b"POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    with Simulator(ACCOUNT, today=TODAY) as simulator:
        port = int(simulator.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(head)
            answer = connection.makefile("rb")
            assert answer.readline() == b"HTTP/1.1 100 Continue\r\n"
            connection.sendall(b"{}")
            assert b"HTTP/1.1 403 Forbidden" in answer.read()
