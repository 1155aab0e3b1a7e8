"""boto3 clients of a simulator, and the window of requests for daily metrics."""

import http.client
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
from botocore.config import Config

from s3_monitor.simulator import Account, Simulator
from s3_monitor.simulator.credentials import SECRET

TODAY = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)


def client(
    simulator: Simulator,
    service: str,
    region: str = "us-east-1",
    *,
    account: Account | None = None,
    keys: dict[str, str] | None = None,
    **config: Any,
) -> Any:
    """Return a client without retries, so that the test gets the simulator's response."""
    key = {
        "aws_access_key_id": (account or simulator.accounts[0]).access_key,
        "aws_secret_access_key": SECRET,
    }
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=simulator.url,
        config=Config(**{"retries": {"total_max_attempts": 1}, "read_timeout": 5, **config}),
        **(keys or key),
    )


def metric(bucket: str, type_: str, name: str = "BucketSizeBytes") -> dict[str, Any]:
    dimensions = [{"Name": "BucketName", "Value": bucket}, {"Name": "StorageType", "Value": type_}]
    return {"Namespace": "AWS/S3", "MetricName": name, "Dimensions": dimensions}


def query(number: int, metric_: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"Id": f"m{number}", "MetricStat": {"Metric": metric_, "Period": 86_400, "Stat": "Average", **changes}}


def window(days: int = 4) -> dict[str, datetime]:
    """Return UTC midnights: a number of days before today, and the end of today."""
    return {"StartTime": MIDNIGHT - timedelta(days=days), "EndTime": MIDNIGHT + timedelta(days=1)}


def ask(
    simulator: Simulator,
    service: str,
    method: str,
    target: str,
    body: bytes = b"",
    *,
    region: str = "us-east-1",
    account: Account | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """Send a request without boto3, whose parsers are slow; return status, headers and body."""
    key = (account or simulator.accounts[0]).access_key
    scope = f"AWS4-HMAC-SHA256 Credential={key}/20261122/{region}/{service}/aws4_request, Signature=0"
    connection = http.client.HTTPConnection(simulator.url.removeprefix("http://"), timeout=5)
    try:
        connection.request(method, target, body, {"Authorization": scope, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()
