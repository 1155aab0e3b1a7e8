"""The exports of Storage Lens configurations. botocore puts the account into the host name: a proxy resolves it."""

from __future__ import annotations

import pytest
from botocore.config import Config

from s3_monitor.aws.storage_lens import StorageLensApi
from s3_monitor.model.errors import AwsError
from s3_monitor.model.exports import LensScope, StorageLensExport
from tests.aws.replies import replying
from tests.collect.fixtures import ACCOUNT, Clients

NAMESPACE = 'xmlns="http://awss3control.amazonaws.com/doc/2018-08-20/"'


def listed(*configurations: tuple[str, str, bool], token: str = "") -> bytes:
    items = "".join(
        f"<StorageLensConfiguration><Id>{id_}</Id><StorageLensArn>arn</StorageLensArn><HomeRegion>{region}</HomeRegion>"
        f"<IsEnabled>{str(enabled).lower()}</IsEnabled></StorageLensConfiguration>"
        for id_, region, enabled in configurations
    )
    more = f"<NextToken>{token}</NextToken>" if token else ""
    root = "ListStorageLensConfigurationsResult"
    return f"<{root} {NAMESPACE}>{items}{more}</{root}>".encode()


def configuration(destination: str) -> bytes:
    return (
        f"<StorageLensConfiguration {NAMESPACE}><Id>x</Id><AccountLevel><BucketLevel/></AccountLevel>"
        f"{destination}<IsEnabled>true</IsEnabled></StorageLensConfiguration>"
    ).encode()


def to_bucket(bucket: str, prefix: str = "") -> bytes:
    place = f"<AccountId>{ACCOUNT}</AccountId><Arn>arn:aws:s3:::{bucket}</Arn>"
    place += f"<Prefix>{prefix}</Prefix>" if prefix else ""
    form = f"<Format>CSV</Format><OutputSchemaVersion>V_1</OutputSchemaVersion>{place}"
    return configuration(f"<DataExport><S3BucketDestination>{form}</S3BucketDestination></DataExport>")


def clients_of(url: str) -> Clients:
    clients = Clients("http://s3control.test")
    clients._config = clients._config.merge(Config(proxies={"http": url}))
    return clients


def exports(*bodies: bytes, status: int = 200) -> tuple[list[StorageLensExport], dict[str, int]]:
    with replying(*bodies, status=status) as replies:
        api = StorageLensApi(clients_of(replies.url))
        return api.storage_lens_exports(ACCOUNT, "us-east-1"), api.calls.calls().requests


def test_the_exports_of_enabled_configurations_of_the_home_region_are_returned() -> None:
    found, requests = exports(
        listed(("daily", "us-east-1", True), ("off", "us-east-1", False), token="more"),
        listed(("away", "eu-west-1", True), ("other", "us-east-1", True), ("unexported", "us-east-1", True)),
        to_bucket("lens", "a/b/"),
        to_bucket("others"),
        configuration(""),
    )
    assert found == [
        StorageLensExport("lens", "daily", "a/b", "us-east-1", scopes={ACCOUNT: LensScope()}),
        StorageLensExport("others", "other", "", "us-east-1", scopes={ACCOUNT: LensScope()}),
    ]
    assert requests == {"GetStorageLensConfiguration": 3, "ListStorageLensConfigurations": 2}


@pytest.mark.parametrize(
    ("elements", "owner", "scope"),
    [
        ("", ACCOUNT, LensScope()),
        (
            "<Include><Regions><Region>us-east-1</Region><Region>eu-west-1</Region></Regions></Include>",
            ACCOUNT,
            LensScope(("eu-west-1", "us-east-1")),
        ),
        (
            "<Exclude><Buckets><Arn>arn:aws:s3:::b</Arn><Arn>arn:aws:s3:::a</Arn></Buckets></Exclude>",
            ACCOUNT,
            LensScope(excluded_buckets=("a", "b")),
        ),
        (
            f"<AwsOrg><Arn>arn:aws:organizations::{ACCOUNT}:organization/o-abc1234567</Arn></AwsOrg>",
            "o-abc1234567",
            LensScope(),
        ),
    ],
    ids=["all", "include", "exclude", "organization"],
)
def test_the_scope_is_that_of_the_account_or_organization(elements: str, owner: str, scope: LensScope) -> None:
    with replying(configuration(elements)) as replies:
        api = StorageLensApi(clients_of(replies.url))
        assert api.storage_lens_scopes(ACCOUNT, "daily", "us-east-1") == {owner: scope}


def test_an_address_without_subdomains_is_used_without_the_account() -> None:
    with replying(configuration("")) as replies:
        assert StorageLensApi(Clients(replies.url)).storage_lens_scopes(ACCOUNT, "daily", "") == {ACCOUNT: LensScope()}


def test_an_account_without_configurations_has_no_exports() -> None:
    assert exports(listed())[0] == []


def test_a_denied_request_names_the_missing_permission() -> None:
    with pytest.raises(AwsError) as failure:
        exports(b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>", status=403)
    assert (failure.value.kind, failure.value.advice) == (
        "denied", "allow s3:ListStorageLensConfigurations to the role or user",
    )  # fmt: skip
