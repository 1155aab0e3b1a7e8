"""The likely cause of each difference."""

from __future__ import annotations

from typing import Any

import pytest

from s3_monitor.money.reasons import Facts, reason

SAME: dict[str, Any] = {
    "own": "TimedStorage-ByteHrs",
    "storage": True,
    "list_price": 100.0,
    "billed": 100.0,
    "attributed": 100.0,
    "gone": 0.0,
    "quantity": 4347.8,
    "observed": 4347.8,
    "last": 0.021,
    "tagged": False,
    "estimated": False,
    "missing": False,
    "narrowed": False,
}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ""),
        ({"billed": 100.3, "attributed": 100.3}, ""),  # a third of a percent
        ({"list_price": 0.012, "billed": 0.009, "attributed": 0.009, "quantity": 0.5}, ""),  # a fraction of a cent
        # the price
        ({"billed": 90.0, "attributed": 90.0}, "discount or credits: 10.0% below the list"),
        ({"billed": 96.0, "attributed": 96.0}, "volume tiers that accounts outside the plan fill too"),
        ({"billed": 96.0, "attributed": 96.0, "last": None}, "discount or credits: 4.0% below"),
        ({"billed": 104.0, "attributed": 104.0}, "4.0% above the list"),
        ({"billed": 0.0, "attributed": 0.0}, "free tier"),
        ({"billed": 0.0, "attributed": 0.0, "quantity": 0.0}, "not on the bill"),
        ({"list_price": None}, "no list price is known"),
        # the bytes
        ({"billed": 150.0, "quantity": 6500.0}, "bytes that the daily figures do not show"),
        ({"billed": 150.0, "quantity": 6500.0, "gone": 30.0}, "buckets deleted since"),
        ({"billed": 150.0, "quantity": 6500.0, "narrowed": True}, "outside the selection"),
        ({"billed": 150.0, "quantity": 6500.0, "missing": True}, "figures of this region are missing"),
        ({"billed": 150.0, "quantity": 6500.0, "tagged": True}, "not tagged"),
        ({"billed": 90.0, "quantity": 3900.0}, "more bytes seen than billed"),
        ({"billed": 90.0, "quantity": 3900.0, "tagged": True}, "tags name buckets of another account"),
        ({"billed": 9.0, "attributed": 0.0, "list_price": 0.0, "observed": 0.0}, "no bucket holds any now"),
        ({"billed": 9.0, "attributed": 0.0, "list_price": 0.0, "own": "TimedStorage-GDA-Staging"}, "staging: parts"),
        ({"billed": 150.0, "quantity": 6500.0, "estimated": True}, "the month is not closed yet"),
        # neither
        ({"billed": -20.0, "attributed": 0.0, "quantity": 0.0}, "credits, refunds or tax: no usage"),
    ],
)
def test_a_line_of_storage_differs_by_its_price_or_by_its_bytes(changes: dict[str, Any], says: str) -> None:
    said = reason(Facts(**(SAME | changes)))
    assert said == says if not says else says in said


@pytest.mark.parametrize(
    ("own", "usd", "says"),
    [
        ("Requests-Tier1", 1.0, "not storage: requests"),
        ("Requests-SIA-Tier2", 1.0, "not storage: requests"),
        ("Retrieval-SIA", 1.0, "not storage: retrieval"),
        ("Standard-Retrieval-Bytes", 1.0, "not storage: retrieval"),
        ("DataTransfer-Out-Bytes", 1.0, "not storage: transfer"),
        ("EUC1-AWS-Out-Bytes", 1.0, "not storage: transfer"),
        ("EarlyDelete-GDA", 1.0, "early delete: removed before the least time that its class is charged for"),
        ("Monitoring-Automation-INT", 1.0, "not storage: monitoring of Intelligent-Tiering"),
        ("Tables-TimedStorage-ByteHrs", 1.0, "tables, vectors, files: not in buckets' figures"),
        ("StorageLens-ObjCount", 1.0, "not storage of buckets"),
        ("NoUsageType", -3.0, "credits, refunds or tax"),
        ("", 3.0, "credits, refunds or tax"),
        ("Requests-Tier1", -1.0, "not storage: requests; credits or refunds"),
        ("Requests-Tier1", 0.0, ""),
    ],
)
def test_what_is_no_storage_of_buckets_is_called_by_its_name(own: str, usd: float, says: str) -> None:
    facts = SAME | {"own": own, "storage": False, "billed": usd, "attributed": 0.0, "list_price": 0.0}
    assert reason(Facts(**facts)) == says
