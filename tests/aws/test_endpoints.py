"""Endpoints of all kinds of buckets are those that botocore resolves, in every partition and with every setting."""

from __future__ import annotations

import socket

import pytest

from s3_monitor.aws.session import Connection
from s3_monitor.aws.special_buckets import SpecialBucketsApi
from s3_monitor.model.identity import SpecialKind
from s3_monitor.model.plan import Access
from tests.collect.test_special_buckets import KINDS, without_proxies


@pytest.mark.parametrize("settings", ["", "DUALSTACK", "FIPS", "DUALSTACK FIPS"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-3", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"])
@pytest.mark.parametrize("kind", KINDS)
def test_endpoints_equal_those_of_botocore_and_a_missing_endpoint_is_not_a_gap(
    environment: pytest.MonkeyPatch, kind: SpecialKind, region: str, settings: str
) -> None:
    without_proxies(environment)
    environment.setenv("AWS_ACCESS_KEY_ID", "AKIASIMULATED00000001")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "simulated")
    for setting in settings.split():
        environment.setenv(f"AWS_USE_{setting}_ENDPOINT", "true")
    resolved: list[str] = []

    def resolve(name: str) -> None:
        resolved.append(name)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    api = SpecialBucketsApi(Connection(Access(region=region)))
    assert list(api.special_bucket_pages(kind, region, resolve=resolve)) == []
    assert api.calls.calls().total == 0, "nothing was sent"
    for name in resolved:
        assert region in name
        assert ("fips" in name) == ("FIPS" in settings)
    assert resolved or (region == "cn-north-1" and "FIPS" in settings)
