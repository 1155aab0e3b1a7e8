"""Connections of a plan: roles of one profile share the failure of their credentials."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from s3_monitor.cli.discovery import AwsDiscovery
from s3_monitor.model.errors import UserError
from s3_monitor.model.plan import Access

ROLE = "arn:aws:iam::{}:role/reader"


@pytest.fixture
def discovery(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AwsDiscovery:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return AwsDiscovery(profiles={"jenkins": "of-jenkins"})


def failure(discovery: AwsDiscovery, access: Access) -> UserError:
    with pytest.raises(UserError) as caught:
        discovery.connect(access)
    return caught.value


def test_the_roles_of_a_profile_and_partition_share_its_failure(discovery: AwsDiscovery) -> None:
    first = failure(discovery, Access(profile="absent", role_arn=ROLE.format("111122223333")))
    assert "absent" in str(first)
    assert failure(discovery, Access(profile="absent", role_arn=ROLE.format("444455556666"))) is first
    other = ROLE.format("111122223333").replace("arn:aws:", "arn:aws-cn:")
    assert failure(discovery, Access(profile="absent", role_arn=other)) is not first
    assert failure(discovery, Access(profile="missing", role_arn=ROLE.format("111122223333"))) is not first


@pytest.mark.parametrize(
    ("access", "profile"),
    [
        (Access(credentials="jenkins"), "of-jenkins"),
        (Access(credentials="jenkins", profile="own"), "own"),
        (Access(credentials="jenkins", role_arn=ROLE.format("111122223333")), "of-jenkins"),
    ],
)
def test_the_profile_of_credentials_is_used_if_the_access_has_none(
    discovery: AwsDiscovery, access: Access, profile: str
) -> None:
    assert f"({profile})" in str(failure(discovery, access))


def test_no_request_is_counted_before_one_is_sent(discovery: AwsDiscovery) -> None:
    assert discovery.calls().requests == {}
    assert "us-east-1" in discovery.known_regions("aws")
    assert discovery.calls().requests == {}
