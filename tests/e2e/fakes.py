"""Two independent AWS emulators as servers on loopback, and helpers that fill them by boto3.

A server is reset and reused by later tests of this process.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import boto3

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKEFAKE", "AWS_SECRET_ACCESS_KEY": "not-a-secret"}


def environment(url: str) -> dict[str, str]:
    """Return this environment without the user's AWS settings, with an emulator as endpoint."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **clean,
        **KEYS,
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


Emulator = Literal["moto", "ministack"]
_RESET = {"moto": "/moto-api/reset", "ministack": "/_ministack/reset"}
_idle: dict[str, list[str]] = {"moto": [], "ministack": []}  # addresses of unused servers: a start takes 1 s
_running = ExitStack()
atexit.register(_running.close)


@contextmanager
def running(name: Emulator) -> Iterator[str]:
    """Run an empty emulator; yield its address."""
    url = _idle[name].pop() if _idle[name] else _running.enter_context(_server(name))
    try:
        yield url
    finally:
        urllib.request.urlopen(urllib.request.Request(url + _RESET[name], method="POST"), timeout=60).close()
        _idle[name].append(url)


@contextmanager
def _server(name: Emulator) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as state:
        command, ready = {
            "moto": (["moto.server", "-H", "127.0.0.1", "-p", port], "/moto-api/"),
            "ministack": (["ministack"], "/_ministack/health"),
        }[name]
        settings = {"GATEWAY_PORT": port, "EDGE_PORT": port, "HOME": state, "TMPDIR": state}
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env={**os.environ, **KEYS, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_ready(process, url + ready)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, f"the server ended with status {process.returncode}"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no response from {url} in a minute")


def client(service: str, url: str, region: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=region,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )


def yesterday() -> datetime:
    now = datetime.now(UTC)
    return datetime(now.year, now.month, now.day, tzinfo=UTC) - timedelta(days=1)


def put_series(url: str, region: str, bucket: str, storage_type: str, value: float, day: datetime) -> None:
    """Put one point of BucketSizeBytes, or of NumberOfObjects if the type is AllStorageTypes."""
    count = storage_type == "AllStorageTypes"
    client("cloudwatch", url, region).put_metric_data(
        Namespace="AWS/S3",
        MetricData=[
            {
                "MetricName": "NumberOfObjects" if count else "BucketSizeBytes",
                "Dimensions": [
                    {"Name": "BucketName", "Value": bucket},
                    {"Name": "StorageType", "Value": storage_type},
                ],
                "Timestamp": day,
                "Value": value,
                "Unit": "Count" if count else "Bytes",
            }
        ],
    )
