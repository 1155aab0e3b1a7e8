"""The kinds of charges, and the keys of a storage class's request prices."""

from __future__ import annotations

import pytest

from s3_monitor.money.usage_types import recognize, requests_of
from tests.money.lists import Sold, bulk, flat, read


@pytest.mark.parametrize(
    ("service", "usage_type", "expected"),
    [
        ("AmazonS3", "TimedStorage-ByteHrs", ("", "TimedStorage-ByteHrs", None)),
        ("AmazonS3", "EU-TimedStorage-ByteHrs", ("EU-", "TimedStorage-ByteHrs", None)),
        ("AmazonS3", "APN1-Requests-SIA-Tier2", ("APN1-", "Requests-SIA-Tier2", "requests")),
        ("AmazonS3", "Retrieval-GIR", ("", "Retrieval-GIR", "retrieval")),
        ("AmazonS3", "USE2-Upload-XZ", ("USE2-", "Upload-XZ", "uploads")),
        ("AmazonS3", "Requests-INT-AA-Tier1", ("", "Requests-INT-AA-Tier1", "requests")),
        ("AmazonS3", "EU-Requests-INT-DAA-Tier2", ("EU-", "Requests-INT-DAA-Tier2", "requests")),
        ("AmazonS3", "Requests-Tier6", ("", "Requests-Tier6", "requests")),
        ("AmazonS3", "USW2-AdditionalRequest-INT", ("USW2-", "AdditionalRequest-INT", "requests")),
        ("AmazonS3", "EUC1-Peak-Restore", ("EUC1-", "Peak-Restore", "retrieval")),
        ("AmazonS3", "Peak-Restore-Bytes-Delta", ("", "Peak-Restore-Bytes-Delta", "retrieval")),
        ("AmazonS3", "Select-Scanned-Bytes", ("", "Select-Scanned-Bytes", "select")),
        ("AmazonS3", "APN1-Select-Returned-SIA-Bytes", ("APN1-", "Select-Returned-SIA-Bytes", "select")),
        ("AmazonS3", "SelectScanned-Bytes", ("", "SelectScanned-Bytes", "select")),
        ("AmazonS3", "SelectReturned-Bytes-GLACIER", ("", "SelectReturned-Bytes-GLACIER", "select")),
        ("AmazonS3", "Global-Bucket-Hrs", ("", "Global-Bucket-Hrs", "buckets")),
        ("AmazonS3", "Global-Bucket-Hrs-FreeTier", ("", "", None)),
        ("AmazonS3", "Tables-Requests-Tier1", ("", "", None)),
        ("AmazonS3", "EU-Tables-TimedStorage-ByteHrs", ("", "", None)),
        ("AmazonS3", "DataTransfer-Out-Bytes", ("", "", None)),
        ("AWSDataTransfer", "USW2-DataTransfer-Out-Bytes", ("USW2-", "DataTransfer-Out-Bytes", "egress")),
        ("AWSDataTransfer", "USE1-EU-AWS-Out-Bytes", ("", "", None)),
        ("AmazonGlacier", "TimedStorage-ByteHrs", ("", "", None)),
        ("AmazonECR", "TimedStorage-ByteHrs", ("", "", None)),
    ],
)
def test_usage_types_match_completely(service: str, usage_type: str, expected: tuple[str, str, str | None]) -> None:
    assert recognize(service, usage_type) == expected


def test_the_prices_of_glacier_are_found_for_any_operation() -> None:
    sold = [
        Sold("TimedStorage-GlacierByteHrs", flat("0.0036")),
        Sold("Requests-GLACIER-Tier1", flat("0.00003"), operation="PostObject", unit="Requests"),
        Sold("Requests-Tier3", flat("0.00003"), operation="S3-GlacierTransition", unit="Requests"),
        Sold("Standard-Retrieval-Bytes", flat("0.01"), operation="RestoreObject", unit="GB"),
    ]
    price_book = read(bulk(*sold)).price_book
    prices = requests_of("GLACIER")
    found = [price_book.charge("us-east-1", *keys) for keys in prices]
    assert [charge and str(charge.tiers[0].price) for charge in found] == ["0.00003", None, "0.00003", "0.01"]


@pytest.mark.parametrize(
    ("storage_class", "put", "get", "transition", "retrieval"),
    [
        ("STANDARD", ("Requests-Tier1",), "Requests-Tier2", (), ()),
        (
            "STANDARD_IA",
            tuple(f"Requests-SIA-Tier1{operation}" for operation in ("", ":PutObject", ":PostObject", ":CopyObject")),
            "Requests-SIA-Tier2",
            ("Requests-Tier4:S3-SIATransition", "Requests-Tier4"),
            ("Retrieval-SIA",),
        ),
    ],
)
def test_the_keys_of_a_class_are_tried_from_the_most_specific(
    storage_class: str, put: tuple[str, ...], get: str, transition: tuple[str, ...], retrieval: tuple[str, ...]
) -> None:
    assert requests_of(storage_class) == (put, (get,), transition, retrieval)
