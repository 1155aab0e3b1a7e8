"""The checks of the machine: clock, endpoints and proxy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from s3_monitor.doctor.environment import check_clock, check_endpoints, check_proxy
from s3_monitor.doctor.report import EnvironmentCheck

NOW = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "ok", "message"),
    [
        (0, True, "equal to AWS"),
        (0.4, True, "equal to AWS"),
        (1, True, "1 s ahead of AWS"),
        (-1, True, "1 s behind AWS"),
        (300, True, "300 s ahead of AWS"),
        (-300, True, "300 s behind AWS"),
        (301, False, "301 s ahead of AWS"),
        (-301, False, "301 s behind AWS"),
        (-86_400, False, "86,400 s behind AWS"),
    ],
)
def test_the_clock_may_differ_by_300_seconds(seconds: float, ok: bool, message: str) -> None:
    check = check_clock(NOW, NOW + timedelta(seconds=seconds))
    assert (check.name, check.ok, check.message) == ("clock", ok, message)
    assert (check.advice is None) is ok


def test_without_a_response_the_clock_is_not_checked() -> None:
    assert check_clock(None, NOW) == EnvironmentCheck("clock", True, "not checked: no response has a time")


@pytest.mark.parametrize(
    ("environment", "endpoint", "messages"),
    [
        ({}, None, []),
        ({}, "https://sts.us-east-1.amazonaws.com/", ["sts.us-east-1.amazonaws.com responds"]),
        ({"AWS_ENDPOINT_URL": "", "AWS_PROFILE": "x"}, "https://sts.example/", ["sts.example responds"]),
        (
            {"AWS_ENDPOINT_URL_S3": "http://user:secret@s3.local:1/x", "AWS_ENDPOINT_URL": "http://aws.local"},
            "http://aws.local",
            [
                "AWS_ENDPOINT_URL sends requests to aws.local instead of AWS",
                "AWS_ENDPOINT_URL_S3 sends requests to s3.local instead of AWS",
            ],
        ),
    ],
)
def test_endpoints_that_replace_those_of_aws_are_named_by_their_hosts(
    environment: dict[str, str], endpoint: str | None, messages: list[str]
) -> None:
    checks = list(check_endpoints(environment, endpoint))
    assert [check.message for check in checks] == messages
    assert all(check.name == "endpoint" and check.ok for check in checks)


@pytest.mark.parametrize(
    ("proxies", "message"),
    [
        ({}, "none"),
        ({"http": "http://proxy:1"}, "none"),
        ({"https": "http://proxy:1"}, "HTTPS requests go through http://proxy:1"),
    ],
)
def test_the_proxy_of_https_requests_is_named(proxies: dict[str, str], message: str) -> None:
    assert check_proxy(proxies) == EnvironmentCheck("proxy", True, message)


def test_the_proxy_is_named_without_its_password() -> None:
    assert "secret" not in check_proxy({"https": "http://user:secret@proxy:1"}).message


def test_the_proxy_of_the_environment_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://upper:1")
    monkeypatch.setenv("https_proxy", "http://lower:1")
    assert check_proxy().message == "HTTPS requests go through http://lower:1"
