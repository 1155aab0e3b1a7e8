"""Roles that share the clients of the connection that assumes them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from s3_monitor.aws.role import RoleConnection
from s3_monitor.aws.session import Connection
from s3_monitor.model.plan import Access
from s3_monitor.simulator import Bucket, Role, Simulator
from s3_monitor.simulator.accounts import make_account

IDS = [f"{number}00000000000" for number in range(1, 9)]


@pytest.fixture
def simulator(environment: pytest.MonkeyPatch) -> Iterator[Simulator]:
    created = datetime(2025, 1, 1, tzinfo=UTC)
    accounts = [
        make_account(
            number,
            [
                Bucket(f"bucket-{number}", "us-east-1", created),
                Bucket(f"x{number[:1]}--use1-az4--x-s3", "us-east-1", created),
            ],
            access_key=f"AKIASIMULATED{number[:8]}",
            roles=(Role("reader"), Role("limited", missing=frozenset({"s3express:CreateSession"}))),
        )
        for number in IDS
    ]
    with Simulator(accounts) as running:
        for name, value in running.env().items():
            environment.setenv(name, value)
        yield running


def roles(source: Connection) -> dict[str, RoleConnection]:
    return {number: RoleConnection(source, Access(role_arn=f"arn:aws:iam::{number}:role/reader")) for number in IDS}


def test_each_request_has_the_credentials_of_its_role(simulator: Simulator) -> None:
    by_account = roles(Connection(Access()))

    def bucket_of(number: str) -> str:
        name: str = by_account[number].client("s3").list_buckets()["Buckets"][0]["Name"]
        return name

    calls = IDS * 16
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(bucket_of, calls)) == [f"bucket-{number}" for number in calls]
    assert by_account[IDS[1]].identity().account == IDS[1]


def test_a_directory_bucket_is_read_with_a_session_of_its_role(simulator: Simulator) -> None:
    for number, role in roles(Connection(Access())).items():
        assert role.client("s3").list_objects_v2(Bucket=f"x{number[:1]}--use1-az4--x-s3")["Page"].keys == []
    assert {row["account"] for row in simulator.counters.rows() if row["operation"] == "CreateSession"} == set(IDS)


def test_a_session_for_a_directory_bucket_is_not_that_of_another_role(simulator: Simulator) -> None:
    source = Connection(Access())
    reader, limited = (
        RoleConnection(source, Access(role_arn=f"arn:aws:iam::{IDS[1]}:role/{name}")) for name in ("reader", "limited")
    )
    bucket = f"x{IDS[1][:1]}--use1-az4--x-s3"
    reader.client("s3").list_objects_v2(Bucket=bucket)
    with pytest.raises(ClientError, match="s3express:CreateSession"):
        limited.client("s3").list_objects_v2(Bucket=bucket)


def test_the_connection_itself_keeps_its_credentials(simulator: Simulator) -> None:
    source = Connection(Access())
    role = roles(source)[IDS[3]]
    assert role.client("s3").list_buckets()["Buckets"][0]["Name"] == f"bucket-{IDS[3]}"
    assert source.client("s3").list_buckets()["Buckets"][0]["Name"] == f"bucket-{IDS[0]}"
    assert source.identity().account == IDS[0]


def test_clients_are_created_once_for_all_roles(simulator: Simulator) -> None:
    source = Connection(Access())
    clients = {id(role.client("cloudwatch", "eu-west-1")._client) for role in roles(source).values()}
    assert clients == {id(source.client("cloudwatch", "eu-west-1"))}


@pytest.mark.parametrize("name", ["get_paginator", "get_waiter", "generate_presigned_url", "close"])
def test_methods_that_would_use_other_credentials_are_missing(simulator: Simulator, name: str) -> None:
    client = roles(Connection(Access()))[IDS[1]].client("s3")
    with pytest.raises(AttributeError):
        getattr(client, name)


def test_an_ended_session_is_renewed_for_its_role_only(simulator: Simulator) -> None:
    by_account = roles(Connection(Access()))
    simulator.credentials.expire("ASIASIMULATED00000003")  # the third role
    for number, role in by_account.items():
        assert role.client("s3").list_buckets()["Buckets"][0]["Name"] == f"bucket-{number}"
    assert simulator.counters.total("AssumeRole").calls == len(IDS) + 1
