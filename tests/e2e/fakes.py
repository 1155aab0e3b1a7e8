"""Two AWS fakes of other people, as servers on loopback, and an account put into them by boto3."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKEFAKE", "AWS_SECRET_ACCESS_KEY": "not-a-secret"}


def environment(url: str) -> dict[str, str]:
    """This environment without the user's AWS settings, pointed at a fake."""
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


@contextmanager
def moto() -> Iterator[str]:
    port = _free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _server(command, {}, f"http://127.0.0.1:{port}", "/moto-api/") as url:
        yield url


@contextmanager
def ministack(state: str) -> Iterator[str]:
    port = _free_port()
    settings = {"GATEWAY_PORT": str(port), "EDGE_PORT": str(port), "HOME": state, "TMPDIR": state}
    with _server(
        [sys.executable, "-m", "ministack"], settings, f"http://127.0.0.1:{port}", "/_ministack/health"
    ) as url:
        yield url


@contextmanager
def _server(command: list[str], settings: dict[str, str], url: str, ready: str) -> Iterator[str]:
    process = subprocess.Popen(
        command, env={**os.environ, **KEYS, **settings}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_it_answers(process, url + ready)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str) -> None:
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
    raise AssertionError(f"no answer from {url} in a minute")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
    """A point of BucketSizeBytes, or of NumberOfObjects where the type is AllStorageTypes."""
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
