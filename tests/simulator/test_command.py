"""`python -m s3_monitor.simulator` prints the variables for boto3, serves, and ends with a signal."""

import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.simulator.clients import MIDNIGHT


@contextmanager
def served(*options: str) -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "s3_monitor.simulator", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        env: dict[str, str] = {}
        for line in process.stdout:
            name, _, value = line.removeprefix("export ").partition("=")
            env[name] = shlex.split(value)[0]
            if name == "NO_PROXY":
                break
        try:
            yield env
        finally:
            process.send_signal(signal.SIGINT)
            _, log = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "s3:ListBuckets" in log


def boto3_lists(env: dict[str, str]) -> list[str]:
    code = "import boto3; [print(b['Name']) for b in boto3.client('s3').list_buckets()['Buckets']]"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_demo_in_the_foreground() -> None:
    with served("--demo", "--today", f"{MIDNIGHT:%Y-%m-%d}") as env:
        assert "acme-payroll-exports" in boto3_lists(env)


def test_a_random_account_of_a_size() -> None:
    with served("--buckets", "40", "--awkward", "0", "--latency", "5", "--quotas", "--fault", "slow:seconds=0") as env:
        assert len(boto3_lists(env)) == 40


def test_a_port_in_use_is_reported() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "s3_monitor.simulator", "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert f"cannot listen on port {port}" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--fault", "explode", "a fault must be one of"),
        ("--types", "many", "must be N or N-M"),
        ("--regions", "0", "0"),
    ],
)
def test_an_invalid_option_is_rejected(option: str, value: str, message: str) -> None:
    command = [sys.executable, "-m", "s3_monitor.simulator", option, value]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
