"""How a bucket is configured: in the simulated account, in other people's fakes, in answers as AWS documents them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from s3_monitor.aws.bucket_properties import PROPERTIES, BucketPropertiesApi
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
    if "ministack" in request.node.name:  # it sends the list of the bucket's objects: no list of inventories
        with pytest.raises(AwsError, match="root element ListBucketResult"):
            BucketPropertiesApi(Clients(fake)).read_inventories("plain", REGION)
        return
    assert BucketPropertiesApi(Clients(fake)).read_inventories("plain", REGION) == ()


@pytest.mark.parametrize("fake", ["moto"], indirect=True)  # ministack takes it for a new bucket
def test_an_inventory_says_what_it_reports_and_where_to(fake: str) -> None:
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


def test_an_inventory_without_a_destination_is_no_answer() -> None:
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
def test_a_rule_without_a_default_leaves_s3s_own(rules: str, expected: Encryption) -> None:
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


def test_there_is_a_function_for_each_property_that_details_have() -> None:
    assert PROPERTIES.keys() == OPERATIONS.keys() == NOTHING.keys() == OF_FULL.keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_not_configured_is_an_answer_and_no_failure(simulated: Simulator, name: str) -> None:
    assert of(simulated.url, "plain", name) == NOTHING[name]


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_is_configured_is_read_by_one_counted_call(simulated: Simulator, name: str) -> None:
    api = BucketPropertiesApi(Clients(simulated.url))
    assert api.read_property("full", REGION, name) == OF_FULL[name]
    assert api.calls.calls().requests == {OPERATIONS[name]: 1}


def test_configurations_of_several_pages_are_all_read(simulated: Simulator) -> None:
    assert [one.id for one in of(simulated.url, "many", "metrics")] == [f"m{n:03d}" for n in range(250)]


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_refusal_is_a_failure_with_the_permission_that_is_missing(simulated: Simulator, name: str) -> None:
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


def test_a_bucket_that_is_gone_is_missing_whatever_is_asked(simulated: Simulator) -> None:
    for name in OPERATIONS:
        with pytest.raises(AwsError) as failure:
            of(simulated.url, "gone", name)
        assert (failure.value.kind, failure.value.code) == ("missing", "NoSuchBucket")


@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - {"encryption", "metrics", "inventories", "policy"}))
def test_other_fakes_have_the_same_words_for_nothing(fake: str, name: str) -> None:
    assert of(fake, "plain", name) == NOTHING[name]


@pytest.mark.parametrize("fake", ["moto"], indirect=True)  # ministack answers with a list of objects
def test_a_bucket_without_a_policy_has_none(fake: str) -> None:
    assert of(fake, "plain", "policy") == "none"


def test_encryption_that_nobody_configured_is_what_aws_does_by_itself(fake: str) -> None:
    """Older answers, and moto's, are an error; AWS's since 2023 are AES256."""
    assert of(fake, "plain", "encryption").method == "AES256"


def test_what_was_put_into_other_fakes_comes_out(fake: str) -> None:
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
    assert of(fake, "full", "lifecycle") == Lifecycle(1, ("expire after 30 days",))
    assert of(fake, "full", "public_access_block").whole


def test_every_call_waits_its_turn_and_a_request_too_many_is_told(simulated: Simulator) -> None:
    """AWS: S3 says SlowDown."""
    simulated.faults.add(Fault("throttle", operation="GetBucketTagging", first=1))
    turned_down: list[str] = []
    waited: list[None] = []
    try:
        limits: Any = SimpleNamespace(
            configuration=lambda: waited.append(None), configuration_throttled=turned_down.append
        )
        rate_limits: Any = SimpleNamespace(of=lambda account, region: limits)
        api = BucketPropertiesApi(Clients(simulated.url, attempts=2), rate_limits)
        assert api.read_tags("full", REGION) == OF_FULL["tags"]
    finally:
        simulated.faults.clear()
    assert (turned_down, len(waited)) == (["GetBucketTagging"], 1)
