"""A simulated company with two accounts, and an environment without other AWS settings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from s3_monitor.simulator import Simulator
from s3_monitor.simulator.accounts import Bucket, Role, make_account

MAIN, ARCHIVE = "111122223333", "444455556666"
KEY = "AKIASIMULATED00000001"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Remove credentials, configuration, region and instance role; set an empty home directory."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


@pytest.fixture
def company(environment: pytest.MonkeyPatch) -> Iterator[Simulator]:
    """Serve two accounts: the credentials are those of the main account, roles open the archive account."""
    created = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    roles = (Role("reader"), Role("guarded", external_id="x-1"), Role("short", max_seconds=300))
    accounts = (
        make_account(MAIN, [Bucket("logs-a", "us-east-1", created)], access_key=KEY),
        make_account(ARCHIVE, [Bucket("vault", "eu-west-1", created)], access_key=f"{KEY[:-1]}2", roles=roles),
    )
    with Simulator(accounts) as simulator:
        for name, value in simulator.env().items():
            if name not in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
                environment.setenv(name, value)
        yield simulator
