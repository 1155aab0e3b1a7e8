"""Facts of single buckets from a billing export."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from s3_monitor.findings.finding import Finding
from s3_monitor.model.bill import (
    BillData,
    BillMonth,
    BillRow,
    BucketCharges,
    ChargeAmount,
    ChargeLine,
    ExportedCharges,
    TagRow,
)
from tests.findings.fixtures import ACCOUNT, AS_OF, TB, bucket, findings

LINES = [
    ChargeLine("EarlyDelete-SIA", "", "Usage"),
    ChargeLine("Monitoring-Automation-INT", "", "Usage"),
    ChargeLine("StorageAnalytics-ObjCount", "", "Usage"),
    ChargeLine("TimedStorage-ByteHrs", "", "Usage"),
]
TIERS = {"IntelligentTieringFAStorage": TB, "IntelligentTieringIAStorage": TB // 10}


def exported(
    charges: dict[str, tuple[float, ...]], requested: dict[str, datetime] | None = None, *, has_requests: bool = True
) -> BillData:
    """Return an export of October and November. ``charges``: bucket → amounts in the order of LINES."""

    def month(first: date) -> BillMonth:
        buckets = [
            BucketCharges(ACCOUNT, name, _seconds(requested, name, first), _amounts(amounts))
            for name, amounts in sorted(charges.items())
        ]
        sums = [sum((Decimal(str(amounts[index])) for amounts in charges.values()), Decimal(0)) for index in range(4)]
        rows = [
            BillRow(ACCOUNT, line.usage_type, usd, Decimal(1), "N/A") for line, usd in zip(LINES, sums, strict=True)
        ]
        content = ExportedCharges("x", LINES, buckets, [], has_requests, True)
        return BillMonth(first, False, sorted(rows), exported=content)

    return BillData(ACCOUNT, "USD", True, [month(date(2026, 10, 1)), month(date(2026, 11, 1))])


def _seconds(requested: dict[str, datetime] | None, name: str, first: date) -> int | None:
    time = (requested or {}).get(name)
    return int(time.timestamp()) if time is not None and time.month == first.month else None


def _amounts(amounts: tuple[float, ...]) -> tuple[ChargeAmount, ...]:
    return tuple(ChargeAmount(index, Decimal(str(usd))) for index, usd in enumerate(amounts))


def found(bill: BillData, *names: str, **fields: Any) -> dict[tuple[str, str | None], Finding]:
    buckets = [bucket(name, TIERS, **fields) for name in names]
    return {(one.id, one.bucket): one for one in findings(*buckets, bill=bill)}


def test_charges_belong_to_their_bucket_and_those_of_other_buckets_to_the_account() -> None:
    bill = exported({"data": (30, 0, 5, 1), "deleted": (7, 0, 2, 1)})
    amounts = {key: one.high for key, one in found(bill, "data").items() if one.high}
    assert amounts["early-delete", "data"] == 30
    assert amounts["early-delete", None] == 7
    assert amounts["unused-features", "data"] == 5
    assert amounts["unused-features", None] == 2


def test_the_billed_fee_of_a_bucket_is_compared_with_its_tiers() -> None:
    fees = found(exported({"much": (0, 9, 0, 1), "little": (0, 1, 0, 1)}), "much", "little")
    assert fees["int-fee", "much"].high == pytest.approx(9 - 102.4 * (0.023 - 0.0125))
    assert ("int-fee", "little") not in fees
    assert ("int-fee", None) not in fees


@pytest.mark.parametrize(
    ("last", "has_requests", "days"),
    [
        (None, True, 52),  # none since the first of October
        (AS_OF - timedelta(days=45), True, 45),
        (AS_OF - timedelta(days=30), True, 30),
        (AS_OF - timedelta(days=30) + timedelta(seconds=1), True, None),
        (None, False, None),
    ],
)
def test_the_last_request_of_the_export_shows_whether_a_bucket_is_used(
    last: datetime | None, has_requests: bool, days: int | None
) -> None:
    requested = {"data": last.astimezone(UTC)} if last else {}
    shown = found(exported({"data": (0, 0, 0, 1)}, requested, has_requests=has_requests), "data")
    one = shown.get(("no-access", "data"))
    assert (None if one is None else one.values[1]) == days


def test_a_bucket_that_is_not_in_the_export_has_an_unknown_last_request() -> None:
    assert ("no-access", "data") not in found(exported({"other": (0, 0, 0, 1)}), "data")


def test_a_charge_is_counted_once_if_the_export_also_has_the_tag() -> None:
    bill = exported({"data": (30, 0, 5, 1)})
    tagged = [TagRow("data", "EarlyDelete-SIA", Decimal(30)), TagRow("data", "StorageAnalytics-ObjCount", Decimal(5))]
    bill.months[0] = msgspec.structs.replace(bill.months[0], tagged=tagged)
    amounts = {key: one.high for key, one in found(bill, "data").items()}
    assert (amounts["early-delete", "data"], amounts["unused-features", "data"]) == (30, 5)
    assert ("early-delete", None) not in amounts
