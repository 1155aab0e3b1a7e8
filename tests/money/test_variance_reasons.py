"""The likely reason for each difference."""

from __future__ import annotations

from typing import Any

import pytest

from s3_monitor.money.variance_reasons import Cause, LineFigures, Reason, cause_of, variance_reasons
from s3_monitor.report.bill_reasons import text

SAME: dict[str, Any] = {
    "usage_type": "TimedStorage-ByteHrs",
    "is_storage": True,
    "list_price": 100.0,
    "billed": 100.0,
    "attributed": 100.0,
    "deleted": 0.0,
    "quantity": 4347.8,
    "unit": "GB-Month",
    "observed": 4347.8,
    "last_tier_price": 0.021,
    "tagged": False,
    "estimated": False,
    "missing": False,
    "narrowed": False,
    "days": 30,
    "late_days": 0,
}


def reason(line: LineFigures) -> str:
    return text(variance_reasons(line))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, ""),
        ({"billed": 100.3, "attributed": 100.3}, ""),  # a third of a percent
        ({"list_price": 0.012, "billed": 0.009, "attributed": 0.009, "quantity": 0.5}, ""),  # a fraction of a cent
        # the price
        ({"billed": 90.0, "attributed": 90.0}, "discount or credits: 10.0% below the list price"),
        ({"billed": 96.0, "attributed": 96.0}, "volume tiers that accounts outside the plan fill too"),
        ({"billed": 96.0, "attributed": 96.0, "last_tier_price": None}, "discount or credits: 4.0% below"),
        ({"billed": 104.0, "attributed": 104.0}, "4.0% above the list price"),
        ({"billed": 0.0, "attributed": 0.0}, "free tier"),
        ({"billed": 0.0, "attributed": 0.0, "quantity": 0.0}, "not on the bill"),
        ({"list_price": None}, "no known list price"),
        # the bytes
        ({"billed": 150.0, "quantity": 6500.0}, "bytes that the daily figures do not show"),
        ({"billed": 150.0, "quantity": 6500.0, "deleted": 30.0}, "buckets deleted since"),
        ({"billed": 150.0, "quantity": 6500.0, "narrowed": True}, "outside the selection"),
        ({"billed": 150.0, "quantity": 6500.0, "missing": True}, "data of this region is missing"),
        ({"billed": 150.0, "quantity": 6500.0, "tagged": True}, "not tagged"),
        ({"billed": 90.0, "quantity": 3900.0}, "more bytes measured than billed"),
        ({"billed": 90.0, "quantity": 3900.0, "tagged": True}, "tags name buckets of another account"),
        ({"billed": 9.0, "attributed": 0.0, "list_price": 0.0, "observed": 0.0}, "no bucket has any bytes now"),
        (
            {"billed": 9.0, "attributed": 0.0, "list_price": 0.0, "usage_type": "TimedStorage-GDA-Staging"},
            "staging: parts",
        ),
        ({"billed": 150.0, "quantity": 6500.0, "estimated": True}, "the month is not closed yet"),
        # neither
        ({"billed": -20.0, "attributed": 0.0, "quantity": 0.0}, "credits, refunds or tax: the line has no usage"),
    ],
)
def test_a_line_of_storage_differs_by_its_price_or_by_its_bytes(changes: dict[str, Any], says: str) -> None:
    said = reason(LineFigures(**(SAME | changes)))
    assert said == says if not says else says in said


@pytest.mark.parametrize(
    ("unit", "is_expected"),
    [("GB-Mo", True), ("GB-Month", True), ("GB-Months", True), ("gb month", True)]
    + [(unit, False) for unit in ("ByteHrs", "Byte-Hrs", "GB-Hours", "TB-Month", "Requests", "N/A", "mixed units", "")],
)
def test_a_quantity_in_another_unit_is_named_and_never_compared(unit: str, is_expected: bool) -> None:
    """4,347.8 GB-months are 3.4e15 byte-hours, whose price per unit cannot be compared."""
    facts = LineFigures(**(SAME | {"billed": 100.0, "attributed": 0.0, "quantity": 3.4e15, "unit": unit}))
    found = variance_reasons(facts)
    assert (Reason(Cause.UNEXPECTED_UNIT, unit=unit) in found) == (not is_expected)
    if not is_expected:
        assert len(found) == 1
        assert "must be in GB-months, got" in text(found)
        assert "below" not in text(found)


def test_by_tag_a_quantity_is_not_needed() -> None:
    facts = LineFigures(**(SAME | {"unit": "ByteHrs", "quantity": 3.4e15, "tagged": True}))
    assert variance_reasons(facts) == []


@pytest.mark.parametrize(
    ("changes", "causes"),
    [
        ({"late_days": 1, "attributed": 96.7}, [Cause.DAYS_NOT_AVAILABLE]),
        ({"late_days": 2, "attributed": 93.4}, [Cause.DAYS_NOT_AVAILABLE]),
        ({"late_days": 1, "attributed": 96.7, "deleted": 2.0}, [Cause.DAYS_NOT_AVAILABLE]),
        ({"late_days": 1, "attributed": 50.0}, [Cause.DAYS_NOT_AVAILABLE, Cause.UNSEEN_BYTES]),
        ({"late_days": 1, "attributed": 50.0, "deleted": 40.0}, [Cause.DAYS_NOT_AVAILABLE, Cause.DELETED_BUCKETS]),
        ({"late_days": 1, "attributed": 50.0, "missing": True}, [Cause.MISSING_REGION]),
        ({"late_days": 1, "attributed": 50.0, "tagged": True}, [Cause.UNTAGGED]),
        ({"late_days": 0, "attributed": 96.7}, [Cause.UNSEEN_BYTES]),
    ],
)
def test_unpublished_days_are_not_explained_by_deleted_buckets(changes: dict[str, Any], causes: list[Cause]) -> None:
    facts = LineFigures(**(SAME | changes | {"list_price": changes["attributed"]}))
    usage = [reason.cause for reason in variance_reasons(facts) if reason.cause != Cause.DISCOUNT]
    assert usage == causes
    assert ("the last day's figures are not available yet" in text(variance_reasons(facts))) == (
        changes["late_days"] == 1 and Cause.DAYS_NOT_AVAILABLE in causes
    )


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (1, "the last day's figures are not available yet"),
        (2, "the figures of the last 2 days are not available yet"),
    ],
)
def test_one_late_day_is_named_in_the_singular(days: int, sentence: str) -> None:
    assert text([Reason(Cause.DAYS_NOT_AVAILABLE, days=days)]) == sentence


def test_every_cause_has_a_text() -> None:
    sentences = [text([Reason(cause, 0.1, 2, "x")]) for cause in Cause]
    assert all(sentences)
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize(
    ("usage_type", "cause"),
    [
        ("Requests-Tier1", Cause.REQUESTS),
        ("Requests-INT-DAA-Tier2", Cause.REQUESTS),
        ("AdditionalRequest-INT", Cause.REQUESTS),
        ("XYZ1-Requests-SIA-Tier2", Cause.REQUESTS),
        ("Retrieval-SIA", Cause.RETRIEVAL),
        ("Standard-Retrieval-Bytes", Cause.RETRIEVAL),
        ("Bulk-Retrieval-Bytes", Cause.RETRIEVAL),
        ("Peak-Restore", Cause.RETRIEVAL),
        ("Peak-Restore-Bytes-Delta", Cause.RETRIEVAL),
        ("Select-Scanned-Bytes", Cause.SELECT),
        ("Select-Returned-GLACIER-Bytes", Cause.SELECT),
        ("SelectScanned-Bytes", Cause.SELECT),
        ("SelectReturned-SIA-Bytes", Cause.SELECT),
        ("Upload-XZ", Cause.UPLOADS),
        ("DataTransfer-Out-Bytes", Cause.TRANSFER),
        ("EUC1-AWS-Out-Bytes", Cause.TRANSFER),
        ("USE1-USW2-AWS-Out-Bytes", Cause.TRANSFER),
        ("CloudFront-Out-Bytes", Cause.TRANSFER),
        ("S3RTC-Out-Bytes", Cause.TRANSFER),
        ("EarlyDelete-GDA", Cause.EARLY_DELETION),
        ("EarlyDelete-ByteHrs", Cause.EARLY_DELETION),
        ("Monitoring-Automation-INT", Cause.MONITORING),
        ("TagStorage-TagHrs", Cause.OBJECT_TAGS),
        ("Inventory-ObjectsListed", Cause.MANAGEMENT),
        ("StorageAnalytics-ObjCount", Cause.MANAGEMENT),
        ("StorageLens-ObjCount", Cause.MANAGEMENT),
        ("StorageLensFreeTier-ObjCount", Cause.MANAGEMENT),
        ("BatchOperations-Jobs", Cause.MANAGEMENT),
        ("Metadata-Updates", Cause.MANAGEMENT),
        ("Global-Bucket-Hrs", Cause.BUCKET_FEE),
        ("Global-Bucket-Hrs-FreeTier", Cause.BUCKET_FEE),
        ("Tables-TimedStorage-ByteHrs", Cause.OTHER_STORAGE),
        ("Tables-Requests-Tier1", Cause.OTHER_STORAGE),
        ("EU-Vectors-TimedStorage-ByteHrs", Cause.OTHER_STORAGE),
        ("NoUsageType", Cause.CREDITS),
        ("", Cause.CREDITS),
        ("Something-New", Cause.OTHER),
    ],
)
def test_each_kind_of_usage_type_has_its_own_cause(usage_type: str, cause: Cause) -> None:
    assert cause_of(usage_type) == cause


@pytest.mark.parametrize(
    ("own", "usd", "says"),
    [
        ("Requests-Tier1", 1.0, "not storage: requests"),
        ("NoUsageType", -3.0, "credits, refunds or tax"),
        ("Requests-Tier1", -1.0, "not storage: requests; credits or refunds"),
        ("Requests-Tier1", 0.0, ""),
    ],
)
def test_a_charged_line_that_is_not_storage_has_a_reason(own: str, usd: float, says: str) -> None:
    facts = SAME | {"usage_type": own, "is_storage": False, "billed": usd, "attributed": 0.0, "list_price": 0.0}
    assert reason(LineFigures(**facts)) == says


LIST_100 = {"list_price": 100.0, "quantity": 5000.0}


@pytest.mark.parametrize(
    ("changes", "causes"),
    [
        # half a percent of the line, and a cent
        ({"billed": 100.49, "attributed": 100.49}, []),
        ({"billed": 100.51, "attributed": 100.51}, [Cause.ABOVE_LIST]),
        ({"billed": 99.51, "attributed": 99.51}, []),
        ({"billed": 0.3, "attributed": 0.3, "list_price": 0.309}, []),
        ({"billed": 0.3, "attributed": 0.3, "list_price": 0.311}, [Cause.DISCOUNT]),
        # the price of the last tier, less half a percent
        ({"billed": 90.0, "attributed": 90.0, "last_tier_price": 0.018}, [Cause.VOLUME_TIERS]),
        ({"billed": 90.0, "attributed": 90.0, "last_tier_price": 0.01809}, [Cause.VOLUME_TIERS]),
        ({"billed": 90.0, "attributed": 90.0, "last_tier_price": 0.0181}, [Cause.DISCOUNT]),
        (
            {"list_price": 2000.0, "billed": 995.0, "attributed": 995.0, "quantity": 1.0, "last_tier_price": 1000.0},
            [Cause.VOLUME_TIERS],
        ),
        ({"billed": 100.0, "attributed": 100.5}, [Cause.ABOVE_LIST, Cause.BILL_LAGS]),
        ({"billed": 0.5, "attributed": 0.3, "list_price": 0.3}, [Cause.UNSEEN_BYTES]),
        # half of the remainder
        ({"billed": 120.0, "attributed": 100.0, "deleted": 10.0}, [Cause.DELETED_BUCKETS]),
        ({"billed": 120.0, "attributed": 100.0, "deleted": 9.99}, [Cause.UNSEEN_BYTES]),
        # one and a half times the mean of the late days
        ({"billed": 120.0, "attributed": 114.0, "list_price": 114.0, "late_days": 1}, [Cause.DAYS_NOT_AVAILABLE]),
        (
            {"billed": 120.0, "attributed": 100.0, "late_days": 1},
            [Cause.DAYS_NOT_AVAILABLE, Cause.UNSEEN_BYTES],
        ),
        ({"billed": 120.0, "attributed": 100.0, "tagged": True, "late_days": 9}, [Cause.UNTAGGED]),
        ({"billed": 120.0, "attributed": 100.0, "exported": True, "late_days": 9}, [Cause.WITHOUT_BUCKET]),
        ({"billed": 120.0, "attributed": 100.0, "exported": True, "unit": "Hrs"}, [Cause.WITHOUT_BUCKET]),
        ({"billed": 0.0, "attributed": 0.0, "list_price": None}, []),
        ({"billed": 0.0, "attributed": 0.0, "list_price": 0.0, "quantity": 0.0}, []),
    ],
)
def test_a_reason_applies_from_its_limit(changes: dict[str, Any], causes: list[Cause]) -> None:
    assert [reason.cause for reason in variance_reasons(LineFigures(**(SAME | LIST_100 | changes)))] == causes


@pytest.mark.parametrize(
    ("billed", "usage_type", "causes"),
    [
        (5.0, "Requests-Tier1", [Cause.REQUESTS]),
        (0.0, "Requests-Tier1", []),
        (-5.0, "Requests-Tier1", [Cause.REQUESTS, Cause.CREDITS_INCLUDED]),
        (-5.0, "Tax", [Cause.CREDITS]),
        (5.0, "Tomorrow", [Cause.OTHER]),
        (0.5, "XYZ1-XYZ2-Requests-Tier1", [Cause.OTHER]),
        (0.5, "XYZ1-Requests-Tier1", [Cause.REQUESTS]),
    ],
)
def test_a_line_that_is_not_storage_has_the_cause_of_its_usage_type(
    billed: float, usage_type: str, causes: list[Cause]
) -> None:
    line = LineFigures(**(SAME | {"billed": billed, "usage_type": usage_type, "is_storage": False}))
    assert [reason.cause for reason in variance_reasons(line)] == causes


def test_reasons_have_the_figures_of_their_texts() -> None:
    above, below, late = (
        variance_reasons(LineFigures(**(SAME | changes)))[0]
        for changes in (
            {"billed": 110.0, "attributed": 110.0},
            {"billed": 90.0, "attributed": 90.0},
            {"billed": 103.0, "late_days": 2},
        )
    )
    assert (above, below, late) == (
        Reason(Cause.ABOVE_LIST, pytest.approx(0.1)),
        Reason(Cause.DISCOUNT, pytest.approx(0.1)),
        Reason(Cause.DAYS_NOT_AVAILABLE, days=2),
    )
