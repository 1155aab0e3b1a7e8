"""The groups of charges, and the storage types of charges for storage."""

from __future__ import annotations

import pytest

from s3_monitor.money.storage_types import storage_types, usage_types
from s3_monitor.money.usage_groups import TITLES, storage_type, title, usage_group

GROUPS = {
    ("TimedStorage-ByteHrs", "StandardStorage"): "storage-standard",
    ("EU-TimedStorage-ByteHrs", "GlacierS3ObjectOverhead"): "storage-glacier",
    ("TimedStorage-ByteHrs", "INTAAS3ObjectOverhead"): "storage-intelligent-tiering",
    ("TimedStorage-ByteHrs", ""): "storage-standard",
    ("TimedStorage-SIA-SmObjects", "StandardIASizeOverhead"): "storage-standard-ia",
    ("USE2-TimedStorage-GDA-ByteHrs", "DeepArchiveStorage"): "storage-deep-archive",
    ("Requests-Tier1", "PutObject"): "requests",
    ("Requests-SIA-Tier2", ""): "requests",
    ("Requests-Tier3", "RestoreObject"): "requests",
    ("Requests-Tier4", "S3-SIATransition"): "transitions",
    ("Requests-GDA-Tier3", "S3-GDATransition"): "transitions",
    ("Requests-Tier1", "PutObjectForRepl"): "replication",
    ("S3RTC-Out-Bytes", ""): "replication",
    ("DataTransfer-Out-Bytes", "GetObject"): "transfer-out",
    ("USE1-EU-AWS-Out-Bytes", ""): "inter-region",
    ("USE1-EU-AWS-Out-Bytes", "PutObjectForRepl"): "replication",
    ("USW2-CloudFront-Out-Bytes", ""): "transfer-other",
    ("DataTransfer-In-Bytes", ""): "transfer-other",
    ("Retrieval-SIA", ""): "retrieval",
    ("EUC1-Standard-Retrieval-Bytes", ""): "retrieval",
    ("EarlyDelete-SIA", ""): "early-deletion",
    ("EarlyDelete-GDA-SmObjects", ""): "early-deletion",
    ("Monitoring-Automation-INT", ""): "monitoring",
    ("Inventory-ObjectsListed", ""): "inventory-analytics",
    ("StorageLens-ObjCount", "StorageLens"): "inventory-analytics",
    ("TagStorage-TagHrs", ""): "object-tags",
    ("Select-Scanned-Bytes", ""): "select",
    ("Global-Bucket-Hrs", ""): "bucket-fee",
    ("Tables-TimedStorage-ByteHrs", ""): "other-storage",
    ("Vault-TimedStorage-ByteHrs", ""): "other",
    ("", ""): "other",
    ("Tomorrow", ""): "other",
}


@pytest.mark.parametrize(("charge", "group"), GROUPS.items())
def test_every_usage_type_of_aws_has_a_group(charge: tuple[str, str], group: str) -> None:
    assert usage_group(*charge) == group
    assert group.startswith("storage-") or group in TITLES


@pytest.mark.parametrize("name", usage_types())
def test_the_operation_of_storage_names_its_storage_type(name: str) -> None:
    usage_type = usage_types()[name]
    assert storage_type(usage_type, name.upper()) == name
    class_ = storage_types()[name].storage_class.lower().replace("_", "-")
    assert usage_group(usage_type, name) == f"storage-{class_}"


def test_one_of_several_storage_types_needs_an_operation() -> None:
    assert storage_type("TimedStorage-ByteHrs", "") is None
    assert storage_type("TimedStorage-XZ-ByteHrs", "") == "ExpressOneZoneStorage"
    assert storage_type("Requests-Tier1", "PutObject") is None


# Texts of AWS's price list, which exports of FOCUS have where the usage type is null.
DESCRIPTIONS = {
    "$0.004 per 10,000 GET and all other requests": "requests",
    "$0.005 per 1,000 PUT, COPY, POST, or LIST requests": "requests",
    "$0.02 per GB - US West (Oregon) data transfer to EU (Ireland)": "inter-region",
    "$0.00 per GB - US West (Oregon) data transfer from US East (Ohio)": "inter-region",
    "$0.090 per GB - first 10 TB / month data transfer out beyond the global free tier": "transfer-out",
    "$0.023 per GB - first 50 TB / month of storage used": "storage-standard",
    "$0.0125 per GB-Month of storage used in Standard-Infrequent Access": "storage-standard-ia",
    "$0.01 per GB-Month of storage used in One Zone-Infrequent Access": "storage-onezone-ia",
    "$0.004 per GB-Month of storage used in Glacier Instant Retrieval": "storage-glacier-ir",
    "$0.00099 per GB-Month of storage used in Glacier Deep Archive": "storage-deep-archive",
    "$0.0036 per GB / month of storage used - Amazon Glacier": "storage-glacier",
    "USD 0.02 per GB for EUN1-AWS-Out-Bytes in Africa (Cape Town)": "inter-region",
    "$0.00 per GB data transfer out of US West (Oregon) to CloudFront": "transfer-other",
    "$0.000 per GB - data transfer in per month": "transfer-other",
    "$0.01 per GB for Standard-IA data retrieved": "retrieval",
}


@pytest.mark.parametrize(("text", "group"), DESCRIPTIONS.items())
def test_descriptions_have_groups_too(text: str, group: str) -> None:
    assert usage_group(text) == group


def test_groups_have_names_for_readers() -> None:
    assert (title("storage-standard-ia"), title("requests")) == ("Storage, Standard-IA", "Requests")
