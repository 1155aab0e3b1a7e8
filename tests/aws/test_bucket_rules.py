"""The content of a bucket's configuration: lifecycle, replication, and the other properties, in every form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from s3_monitor.aws.bucket_properties import BucketPropertiesApi
from s3_monitor.model.bucket_config import (
    Encryption,
    InventoryConfig,
    Lifecycle,
    MetricsConfig,
    PublicAccessBlock,
    Replication,
)
from s3_monitor.model.errors import AwsError
from tests.aws.canned_client import CannedClients, failure

OPERATION = {
    "encryption": "get_bucket_encryption",
    "versioning": "get_bucket_versioning",
    "lifecycle": "get_bucket_lifecycle_configuration",
    "replication": "get_bucket_replication",
    "public_access_block": "get_public_access_block",
    "policy": "get_bucket_policy_status",
    "tags": "get_bucket_tagging",
    "inventories": "list_bucket_inventory_configurations",
    "metrics": "list_bucket_metrics_configurations",
}


def value(name: str, *responses: Any) -> Any:
    return BucketPropertiesApi(CannedClients({OPERATION[name]: [*responses]})).read_property("b", "eu-west-1", name)


def lifecycle(*rules: dict[str, Any]) -> Lifecycle:
    found = value("lifecycle", {"Rules": [{"Status": "Enabled", **rule} for rule in rules]})
    assert isinstance(found, Lifecycle)
    return found


EXPIRE: dict[str, Any] = {"Expiration": {"Days": 30}}
MOVE: dict[str, Any] = {"Transitions": [{"StorageClass": "GLACIER", "Days": 1}]}


@pytest.mark.parametrize(
    ("rule", "actions", "coverage"),
    [
        (EXPIRE, ["expire after 30 days"], {"expire": "all", "remove-delete-markers": "all"}),
        ({"Expiration": {"Days": 1}}, ["expire after 1 day"], {"expire": "all", "remove-delete-markers": "all"}),
        ({"Expiration": {"Days": 0}}, ["expire after 0 days"], {"expire": "all", "remove-delete-markers": "all"}),
        ({"Expiration": {"Date": datetime(2027, 1, 2, tzinfo=UTC)}}, ["expire on 2027-01-02"], {"expire": "all"}),
        (
            {"Expiration": {"ExpiredObjectDeleteMarker": True}},
            ["remove expired delete markers"],
            {"remove-delete-markers": "all"},
        ),
        ({"Expiration": {"ExpiredObjectDeleteMarker": False}}, [], {}),
        (MOVE, ["to GLACIER after 1 day"], {"move": "all"}),
        (
            {"Transitions": [{"StorageClass": "GLACIER", "Date": datetime(2027, 1, 2, tzinfo=UTC)}]},
            ["to GLACIER on 2027-01-02"],
            {"move": "all"},
        ),
        (
            {
                "NoncurrentVersionTransitions": [
                    {"StorageClass": "GLACIER", "NoncurrentDays": 2, "NewerNoncurrentVersions": 3}
                ]
            },
            ["noncurrent to GLACIER after 2 days, 3 kept"],
            {"move-noncurrent": "all"},
        ),
        (
            {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
            ["noncurrent expire after 1 day"],
            {"expire-noncurrent": "all"},
        ),
        (
            {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
            ["abort unfinished uploads after 7 days"],
            {"abort-uploads": "all"},
        ),
        ({}, [], {}),
    ],
)
def test_each_action_of_a_rule_has_a_text_and_a_kind(
    rule: dict[str, Any], actions: list[str], coverage: dict[str, str]
) -> None:
    found = lifecycle(rule)
    assert list(found.actions) == actions
    assert found.coverage == coverage
    assert (found.rules, found.disabled) == (1, 0)


@pytest.mark.parametrize(
    ("filter_", "is_partial"),
    [
        ({}, False),
        ({"Prefix": ""}, False),
        ({"Prefix": "a/"}, True),
        ({"Filter": {}}, False),
        ({"Filter": {"Prefix": ""}}, False),
        ({"Filter": {"Prefix": "a/"}}, True),
        ({"Filter": {"Tag": {"Key": "a", "Value": "b"}}}, True),
        ({"Filter": {"And": {}}}, False),
        ({"Filter": {"ObjectSizeGreaterThan": 1}}, True),
    ],
)
def test_a_rule_with_a_filter_applies_to_some_objects(filter_: dict[str, Any], is_partial: bool) -> None:
    found = lifecycle({**EXPIRE, **filter_})
    assert found.coverage["expire"] == ("some" if is_partial else "all")
    assert list(found.actions) == [f"expire after 30 days{', of some objects' if is_partial else ''}"]


@pytest.mark.parametrize(
    ("filter_", "coverage"),
    [
        ({"Filter": {"ObjectSizeGreaterThan": 2**20}}, "all"),
        ({"Filter": {"ObjectSizeGreaterThan": 2**20 + 1}}, "some"),
        ({"Filter": {"ObjectSizeGreaterThan": 0}}, "all"),
        ({"Filter": {"ObjectSizeGreaterThan": 1, "Prefix": ""}}, "all"),
        ({"Filter": {"ObjectSizeGreaterThan": 1, "ObjectSizeLessThan": 9}}, "some"),
        ({"Filter": {"ObjectSizeLessThan": 9}}, "some"),
        ({"Filter": {"ObjectSizeGreaterThan": 1}, "Prefix": "a/"}, "some"),
    ],
)
def test_a_transition_that_leaves_out_only_small_objects_applies_to_all(filter_: dict[str, Any], coverage: str) -> None:
    found = lifecycle({**MOVE, **EXPIRE, **filter_})
    assert found.coverage["move"] == coverage
    assert found.coverage["expire"] == "some"


@pytest.mark.parametrize("order", [1, -1])
def test_an_action_of_one_rule_for_all_objects_applies_to_all(order: int) -> None:
    rules = [{**EXPIRE, "Prefix": "a/"}, EXPIRE, {**MOVE, "Prefix": "b/"}][::order]
    found = lifecycle(*rules)
    assert found.coverage == {"expire": "all", "move": "some", "remove-delete-markers": "all"}
    assert found.rules == 3
    assert list(found.actions) == sorted(found.actions)


def test_disabled_rules_are_counted_and_have_no_actions() -> None:
    found = value("lifecycle", {"Rules": [{"Status": "Disabled", **EXPIRE}, {"Status": "Enabled", **MOVE}]})
    assert found == Lifecycle(1, ("to GLACIER after 1 day",), 1, {"move": "all"})
    assert value("lifecycle", {}) == Lifecycle(0, (), 0, {})


def replication(status: str, bucket: str) -> dict[str, Any]:
    return {"Status": status, "Destination": {"Bucket": f"arn:aws:s3:::{bucket}"}}


def test_replication_has_its_enabled_rules_and_their_destinations() -> None:
    rules = [
        replication("Enabled", "b"),
        replication("Enabled", "a"),
        replication("Enabled", "b"),
        replication("Disabled", "c"),
    ]
    found = value("replication", {"ReplicationConfiguration": {"Rules": rules}})
    assert found == Replication(3, ("a", "b"), 1)


DEFAULT = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "key"}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (
            [{"ApplyServerSideEncryptionByDefault": DEFAULT, "BucketKeyEnabled": True}],
            Encryption("aws:kms", "key", True),
        ),
        ([{"ApplyServerSideEncryptionByDefault": DEFAULT}], Encryption("aws:kms", "key", False)),
        (
            [{"BucketKeyEnabled": True}, {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}],
            Encryption("AES256", "", False),
        ),
        ([{"BucketKeyEnabled": True}], Encryption("AES256", bucket_key=True, default=True)),
        ([{}], Encryption("AES256", bucket_key=False, default=True)),
        ([], Encryption("AES256", bucket_key=False, default=True)),
    ],
)
def test_the_encryption_is_that_of_the_rule_with_a_default(rules: list[Any], expected: Encryption) -> None:
    assert value("encryption", {"ServerSideEncryptionConfiguration": {"Rules": rules}}) == expected


@pytest.mark.parametrize(
    ("status", "expected"), [(None, "none"), ("", "none"), ("Enabled", "enabled"), ("Suspended", "suspended")]
)
def test_versioning_was_never_enabled_without_a_status(status: str | None, expected: str) -> None:
    assert value("versioning", {"Status": status} if status is not None else {}) == expected


@pytest.mark.parametrize(("is_public", "expected"), [(True, "public"), (False, "not-public")])
def test_a_policy_is_public_or_not(is_public: bool, expected: str) -> None:
    assert value("policy", {"PolicyStatus": {"IsPublic": is_public}}) == expected


@pytest.mark.parametrize("place", range(4))
def test_each_setting_of_the_public_access_block_is_read(place: int) -> None:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    found = value("public_access_block", {"PublicAccessBlockConfiguration": {names[place]: True}})
    assert found == PublicAccessBlock(*(number == place for number in range(4)))


def test_tags_are_sorted_and_may_have_no_value() -> None:
    found = value("tags", {"TagSet": [{"Key": "b", "Value": "1"}, {"Key": "a"}]})
    assert list(found.items()) == [("a", ""), ("b", "1")]


@pytest.mark.parametrize(
    ("name", "code", "default"),
    [
        ("encryption", "ServerSideEncryptionConfigurationNotFoundError", Encryption("AES256", default=True)),
        ("lifecycle", "NoSuchLifecycleConfiguration", "none"),
        ("replication", "ReplicationConfigurationNotFoundError", "none"),
        ("public_access_block", "NoSuchPublicAccessBlockConfiguration", "none"),
        ("policy", "NoSuchBucketPolicy", "none"),
        ("tags", "NoSuchTagSet", {}),
    ],
)
def test_what_is_not_configured_has_a_default_and_other_errors_are_raised(name: str, code: str, default: Any) -> None:
    assert value(name, failure(code)) == default
    with pytest.raises(AwsError) as caught:
        value(name, failure("NoSuchBucket", status=404))
    assert caught.value.kind == "missing"


def inventory(id_: str, **fields: Any) -> dict[str, Any]:
    return {
        "Id": id_,
        "IsEnabled": False,
        "IncludedObjectVersions": "All",
        "Schedule": {"Frequency": "Daily"},
        "Destination": {"S3BucketDestination": {"Format": "CSV", "Bucket": "arn:aws:s3:::dest"}},
        **fields,
    }


def test_inventories_of_all_pages_are_sorted_by_id() -> None:
    full = {
        "IsEnabled": True,
        "Filter": {"Prefix": "logs/"},
        "OptionalFields": ["Size"],
        "Destination": {
            "S3BucketDestination": {
                "Format": "ORC", "Bucket": "arn:aws:s3:::dest", "Prefix": "p", "AccountId": "111122223333",
            }
        },
    }  # fmt: skip
    pages = [
        {"InventoryConfigurationList": [inventory("b")], "IsTruncated": True, "NextContinuationToken": "1"},
        {"IsTruncated": True, "NextContinuationToken": "2"},
        {"InventoryConfigurationList": [inventory("a", **full)], "IsTruncated": False, "NextContinuationToken": "x"},
    ]
    assert value("inventories", *pages) == (
        InventoryConfig(
            "a", True, "ORC", "dest", "All", "Daily", "p", "111122223333", fields=("Size",), filter="logs/"
        ),
        InventoryConfig("b", False, "CSV", "dest", "All", "Daily"),
    )


def test_metrics_cover_the_bucket_without_a_filter() -> None:
    sent = [{"Id": "b", "Filter": {"Prefix": "a/"}}, {"Id": "a"}]
    assert value("metrics", {"MetricsConfigurationList": sent}) == (MetricsConfig("a", True), MetricsConfig("b", False))
