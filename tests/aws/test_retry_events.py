"""Retries are reported with the host that a request was sent to."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from s3_monitor.aws.retries import Retry
from s3_monitor.aws.session import Connection
from s3_monitor.model.plan import Access


@pytest.mark.parametrize("path_style", [False, True])
def test_a_reported_host_does_not_contain_the_bucket(environment: pytest.MonkeyPatch, path_style: bool) -> None:
    environment.setenv("AWS_ACCESS_KEY_ID", "AKIASIMULATED00000001")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "simulated")
    environment.setenv("AWS_MAX_ATTEMPTS", "2")
    retries: list[Retry] = []
    connection = Connection(Access(region="eu-west-1"), retries.append)
    client = connection.client("s3")

    class Response:
        status_code, headers, content, raw = 503, dict[str, str](), b"", None

    client.meta.events.register_first("before-send.s3", lambda **_: Response())
    with pytest.raises(ClientError):
        client.list_objects_v2(Bucket="with.dots" if path_style else "logs")
    assert [(retry.host, retry.number, retry.most) for retry in retries] == [("s3.eu-west-1.amazonaws.com", 1, 1)]
