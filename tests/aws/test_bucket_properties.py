"""Bucket properties in the simulated account, in other emulators, and in responses as AWS documents them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from s3_monitor.aws.bucket_properties import BucketPropertiesApi
from s3_monitor.model.bucket_config import (
    OPERATIONS,
    Encryption,
    InventoryConfig,
    Lifecycle,
    MetricsConfig,
    PublicAccessBlock,
    Replication,
)
from s3_monitor.model.errors import AwsError
from s3_monitor.simulator import Fault, InventoryConfiguration, Settings, Simulator
from s3_monitor.simulator.accounts import Bucket as Simulated
from s3_monitor.simulator.accounts import make_account
from tests.aws.replies import replying
from tests.collect.canned_responses import server
from tests.collect.fixtures import ACCOUNT, Clients
from tests.collect.test_shard import OLD
from tests.e2e import fakes

REGION = "eu-west-1"


@pytest.fixture(scope="module", params=["moto", "ministack"])
def fake(request: pytest.FixtureRequest) -> Iterator[str]:
    with fakes.running(request.param) as url:
        client = fakes.client("s3", url, REGION)
        for name in ("plain", "full"):
            client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield url


def test_a_bucket_without_inventories_has_none(fake: str, request: pytest.FixtureRequest) -> None:
    if "ministack" in request.node.name:  # ministack sends the list of objects, not of inventories
        with pytest.raises(AwsError, match="root element ListBucketResult"):
            BucketPropertiesApi(Clients(fake)).read_inventories("plain", REGION)
        return
    assert BucketPropertiesApi(Clients(fake)).read_inventories("plain", REGION) == ()


@pytest.mark.parametrize("fake", ["moto"], indirect=True)  # ministack creates a bucket instead
def test_an_inventory_configuration_has_its_fields_and_destination(fake: str) -> None:
    configuration = {
        "Id": "nightly",
        "IsEnabled": True,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
        "Filter": {"Prefix": "logs/"},
        "OptionalFields": ["Size"],
        "Destination": {
            "S3BucketDestination": {
                "Bucket": "arn:aws:s3:::elsewhere", "Format": "Parquet", "Prefix": "inventory", "AccountId": "1" * 12,
            }
        },
    }  # fmt: skip
    fakes.client("s3", fake, REGION).put_bucket_inventory_configuration(
        Bucket="full", Id="nightly", InventoryConfiguration=configuration
    )
    (found,) = BucketPropertiesApi(Clients(fake)).read_inventories("full", REGION)
    assert (found.id, found.enabled, found.format, found.bucket) == ("nightly", True, "Parquet", "elsewhere")
    assert (found.versions, found.frequency) == ("All", "Daily")


def test_inventories_come_in_pages_and_each_page_is_counted() -> None:
    def answer(operation: str, asked: dict[str, str]) -> tuple[int, str]:
        second = "continuation-token" in asked
        more = "" if second else "<IsTruncated>true</IsTruncated><NextContinuationToken>n</NextContinuationToken>"
        item = _inventory("a" if second else "b")
        return 200, f"<ListInventoryConfigurationsResult>{item}{more}</ListInventoryConfigurationsResult>"

    with server(answer) as url:
        api = BucketPropertiesApi(Clients(url))
        found = api.read_inventories("b", REGION)
    assert found == tuple(
        InventoryConfig(id_, True, "CSV", "dest", "Current", "Weekly", fields=("Size", "StorageClass")) for id_ in "ab"
    )
    assert api.calls.calls().requests == {"ListBucketInventoryConfigurations": 2}


def test_an_inventory_without_a_destination_is_an_error() -> None:
    body = _inventory("a").replace("S3BucketDestination", "Elsewhere")
    with (
        server(
            lambda operation, asked: (
                200,
                f"<ListInventoryConfigurationsResult>{body}</ListInventoryConfigurationsResult>",
            )
        ) as url,
        pytest.raises(AwsError, match="could not read the response") as failure,
    ):
        BucketPropertiesApi(Clients(url)).read_inventories("b", REGION)
    assert failure.value.kind == "broken"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("<Rule><BucketKeyEnabled>true</BucketKeyEnabled></Rule>", Encryption("AES256", bucket_key=True, default=True)),
        ("<Rule/>", Encryption("AES256", default=True)),
        ("", Encryption("AES256", default=True)),
        (
            "<Rule><BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule>",
            Encryption("AES256", default=True),
        ),
        (
            "<Rule/><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>"
            "</ApplyServerSideEncryptionByDefault></Rule>",
            Encryption("aws:kms"),
        ),
    ],
)
def test_a_rule_without_a_default_leaves_the_default_of_s3(rules: str, expected: Encryption) -> None:
    body = f"<ServerSideEncryptionConfiguration>{rules}</ServerSideEncryptionConfiguration>"
    with server(lambda operation, asked: (200, body)) as url:
        assert of(url, "b", "encryption") == expected


@pytest.mark.parametrize("status", ["enabled", "", "true", "Paused"])
@pytest.mark.parametrize(
    ("name", "root"), [("lifecycle", "LifecycleConfiguration"), ("replication", "ReplicationConfiguration")]
)
def test_a_rule_of_unknown_status_is_neither_enabled_nor_disabled(name: str, root: str, status: str) -> None:
    body = f"<{root}><Role>r</Role><Rule><Status>{status}</Status></Rule></{root}>".encode()
    with replying(body) as replies, pytest.raises(AwsError, match="could not read the response"):
        of(replies.url, "b", name)


def _inventory(id_: str) -> str:
    return (
        f"<InventoryConfiguration><Id>{id_}</Id><IsEnabled>true</IsEnabled><Destination><S3BucketDestination>"
        "<Bucket>arn:aws:s3:::dest</Bucket><Format>CSV</Format></S3BucketDestination></Destination>"
        "<IncludedObjectVersions>Current</IncludedObjectVersions><Schedule><Frequency>Weekly</Frequency></Schedule>"
        "<OptionalFields><Field>Size</Field><Field>StorageClass</Field></OptionalFields></InventoryConfiguration>"
    )


# ---- every property

NOTHING: dict[str, object] = {
    "versioning": "none",
    "encryption": Encryption("AES256"),
    "lifecycle": "none",
    "replication": "none",
    "public_access_block": "none",
    "policy": "none",
    "tags": {},
    "inventories": (),
    "metrics": (),
}
FULL = Settings(
    versioning="Suspended",
    key="arn:aws:kms:eu-west-1:111122223333:key/1",
    lifecycle=(
        "<Rule><ID>a</ID><Status>Enabled</Status><Filter><Prefix></Prefix></Filter>"
        "<Transition><Days>90</Days><StorageClass>GLACIER</StorageClass></Transition>"
        "<Expiration><Days>365</Days></Expiration>"
        "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
        "<NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration></Rule>"
        "<Rule><ID>b</ID><Status>Enabled</Status><Filter><Prefix>tmp/</Prefix></Filter>"
        "<Expiration><Date>2027-01-01T00:00:00.000Z</Date></Expiration>"
        "<AbortIncompleteMultipartUpload><DaysAfterInitiation>7</DaysAfterInitiation></AbortIncompleteMultipartUpload>"
        "<NoncurrentVersionTransition><NoncurrentDays>30</NoncurrentDays><StorageClass>STANDARD_IA</StorageClass>"
        "</NoncurrentVersionTransition></Rule>"
        "<Rule><ID>c</ID><Status>Disabled</Status><Prefix></Prefix><Expiration><ExpiredObjectDeleteMarker>true"
        "</ExpiredObjectDeleteMarker></Expiration></Rule>"
    ),
    replicated_to=("copy-b", "copy-a"),
    blocks=(True, True, False, True),
    public=True,
    tags={"team": "données <&> 💣", "owner": ""},
    inventories=(InventoryConfiguration("nightly", "dest", prefix="p/", account="1" * 12, filter="logs/"),),
    metrics={"EntireBucket": "", "logs": "logs/"},
)
OF_FULL: dict[str, object] = {
    "versioning": "suspended",
    "encryption": Encryption("aws:kms", "arn:aws:kms:eu-west-1:111122223333:key/1", bucket_key=True),
    "lifecycle": Lifecycle(
        2,
        (
            "abort unfinished uploads after 7 days, of some objects",
            "expire after 365 days",
            "expire on 2027-01-01, of some objects",
            "noncurrent expire after 1 day, 2 kept",
            "noncurrent to STANDARD_IA after 30 days, of some objects",
            "to GLACIER after 90 days",
        ),
        disabled=1,
        coverage={
            "abort-uploads": "some",
            "expire": "all",
            "expire-noncurrent": "all",
            "move": "all",
            "move-noncurrent": "some",
            "remove-delete-markers": "all",
        },
    ),
    "replication": Replication(2, ("copy-a", "copy-b")),
    "public_access_block": PublicAccessBlock(True, True, False, True),
    "policy": "public",
    "tags": {"owner": "", "team": "données <&> 💣"},
    "inventories": (
        InventoryConfig(
            "nightly", True, "Parquet", "dest", "Current", "Daily", "p/", "1" * 12,
            ("Size", "LastModifiedDate", "StorageClass"), "logs/",
        ),
    ),
    "metrics": (MetricsConfig("EntireBucket", True), MetricsConfig("logs", False)),
}  # fmt: skip


@pytest.fixture(scope="module")
def simulated() -> Iterator[Simulator]:
    buckets = [
        Simulated("plain", REGION, OLD),
        Simulated("full", REGION, OLD, settings=FULL),
        Simulated("many", REGION, OLD, settings=Settings(metrics={f"m{n:03d}": "x/" for n in range(250)})),
    ]
    with Simulator(make_account(ACCOUNT, buckets)) as running:
        yield running


def of(url: str, bucket: str, name: str) -> Any:
    return BucketPropertiesApi(Clients(url)).read_property(bucket, REGION, name)


def test_every_property_has_a_function() -> None:
    assert OPERATIONS.keys() == NOTHING.keys() == OF_FULL.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_property_that_is_not_configured_is_not_an_error(simulated: Simulator, name: str) -> None:
    assert of(simulated.url, "plain", name) == NOTHING[name]


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_configured_is_read_by_one_counted_call(simulated: Simulator, name: str) -> None:
    api = BucketPropertiesApi(Clients(simulated.url))
    assert api.read_property("full", REGION, name) == OF_FULL[name]
    assert api.calls.calls().requests == {OPERATIONS[name]: 1}


def test_configurations_of_several_pages_are_all_read(simulated: Simulator) -> None:
    assert [one.id for one in of(simulated.url, "many", "metrics")] == [f"m{n:03d}" for n in range(250)]


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_denied_request_is_an_error_with_the_missing_permission(simulated: Simulator, name: str) -> None:
    simulated.faults.add(Fault("deny", operation=OPERATIONS[name]))
    try:
        with pytest.raises(AwsError) as failure:
            of(simulated.url, "full", name)
    finally:
        simulated.faults.clear()
    policy = json.loads((Path(__file__).parents[2] / "docs" / "iam" / "bucket-config.json").read_text())
    allowed = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert failure.value.kind == "denied"
    assert failure.value.advice.split()[1] in allowed


def test_for_any_property_of_a_deleted_bucket_the_bucket_is_missing(simulated: Simulator) -> None:
    for name in OPERATIONS:
        with pytest.raises(AwsError) as failure:
            of(simulated.url, "gone", name)
        assert (failure.value.kind, failure.value.code) == ("missing", "NoSuchBucket")


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"encryption", "metrics", "inventories", "policy"}))
def test_properties_are_read_as_not_configured_from_other_emulators_too(fake: str, name: str) -> None:
    assert of(fake, "plain", name) == NOTHING[name]


@pytest.mark.parametrize("fake", ["moto"], indirect=True)  # ministack responds with a list of objects
def test_a_bucket_without_a_policy_has_none(fake: str) -> None:
    assert of(fake, "plain", "policy") == "none"


def test_encryption_that_is_not_configured_is_the_default_of_aws(fake: str) -> None:
    """AWS returns AES256 since 2023; before, and in moto, the response is an error."""
    assert of(fake, "plain", "encryption").method == "AES256"


def test_properties_that_were_stored_in_other_emulators_are_read(fake: str) -> None:
    client = fakes.client("s3", fake, REGION)
    tags = {"empty": "", "team": "données"}
    client.put_bucket_versioning(Bucket="full", VersioningConfiguration={"Status": "Enabled"})
    tagging = {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}
    client.put_bucket_tagging(Bucket="full", Tagging=tagging)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"}}
    client.put_bucket_encryption(Bucket="full", ServerSideEncryptionConfiguration={"Rules": [rule]})
    client.put_bucket_lifecycle_configuration(
        Bucket="full",
        LifecycleConfiguration={
            "Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}]
        },
    )
    client.put_public_access_block(
        Bucket="full",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True,
        },
    )  # fmt: skip
    assert of(fake, "full", "versioning") == "enabled"
    assert of(fake, "full", "tags") == tags
    assert (of(fake, "full", "encryption").method, of(fake, "full", "encryption").key) == ("aws:kms", "k")
    assert of(fake, "full", "lifecycle") == Lifecycle(
        1, ("expire after 30 days",), coverage={"expire": "all", "remove-delete-markers": "all"}
    )
    assert of(fake, "full", "public_access_block").whole


def test_every_call_waits_for_the_rate_limiter_and_reports_throttling(simulated: Simulator) -> None:
    """S3 responds with SlowDown."""
    simulated.faults.add(Fault("throttle", operation="GetBucketTagging", first=1))
    events: list[str] = []
    try:
        limiter = SimpleNamespace(wait=lambda amount: events.append("wait"), slow_down=lambda: events.append("slow"))
        limits = SimpleNamespace(configurations=limiter)
        rate_limits: Any = SimpleNamespace(of=lambda account, region: limits)
        api = BucketPropertiesApi(Clients(simulated.url, attempts=2), rate_limits)
        assert api.read_tags("full", REGION) == OF_FULL["tags"]
    finally:
        simulated.faults.clear()
    assert events == ["wait", "slow"]


@pytest.mark.parametrize(
    ("bucket", "action"),
    [("logs", "s3:GetEncryptionConfiguration"), ("logs--use1-az4--x-s3", "s3express:GetEncryptionConfiguration")],
)
def test_the_missing_permission_depends_on_the_kind_of_bucket(bucket: str, action: str) -> None:
    denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    with replying(denied.encode(), status=403) as replies, pytest.raises(AwsError) as failure:
        BucketPropertiesApi(Clients(replies.url)).read_property(bucket, "us-east-1", "encryption")
    assert failure.value.advice == f"allow {action} to the role or user"
