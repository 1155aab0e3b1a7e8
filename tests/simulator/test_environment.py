"""The environment of a simulator: boto3 gets there by it alone, and nothing configured before leads elsewhere."""

import os
import subprocess
import sys

import pytest

from s3_monitor.simulator import Bucket, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.simulator.clients import MIDNIGHT, TODAY

HOME = make_account("111122223333", [Bucket("home", "us-east-1", MIDNIGHT)])
AWAY = make_account("444455556666", [Bucket("away", "us-east-1", MIDNIGHT)], access_key="AKIASIMULATED00000002")
CLOSED = "http://127.0.0.1:9"


def listed(env: dict[str, str], session: str = "") -> list[str]:
    """Read what a program without knowledge of the simulator finds."""
    code = f"import boto3; [print(b['Name']) for b in boto3.Session({session}).client('s3').list_buckets()['Buckets']]"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **env}, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    "before",
    [
        {},
        {"AWS_PROFILE": "production"},
        {"AWS_DEFAULT_PROFILE": "production", "AWS_PROFILE": "other"},
        {"AWS_SESSION_TOKEN": "of-somebody", "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"},
        {"AWS_ENDPOINT_URL_S3": CLOSED, "AWS_ENDPOINT_URL": CLOSED},
        {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_USE_FIPS_ENDPOINT": "true"},
        {"HTTP_PROXY": CLOSED, "http_proxy": CLOSED, "no_proxy": "example.com"},
    ],
)
def test_what_was_set_before_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch, before: dict[str, str]) -> None:
    for name, value in before.items():
        monkeypatch.setenv(name, value)
    with Simulator([HOME, AWAY], today=TODAY) as simulator:
        assert listed(simulator.env()) == ["home"]


def test_another_account_and_profiles_by_name() -> None:
    with Simulator([HOME, AWAY], today=TODAY) as simulator:
        assert listed(simulator.env(AWAY)) == ["away"]
        env = simulator.env(profiles={"user1-dev": HOME, "archive": AWAY})
        assert listed(env, "profile_name='archive'") == ["away"]
        assert listed({**env, "AWS_PROFILE": "user1-dev"}) == ["home"]
