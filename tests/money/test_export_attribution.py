"""Attribution of the charges of an export, in exact units."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from s3_monitor.model.bill import (
    BillData,
    BillMonth,
    BillRow,
    BucketCharges,
    ChargeAmount,
    ChargeLine,
    CostQuery,
    ExportedCharges,
)
from s3_monitor.model.exports import BillingExport
from s3_monitor.model.series import Series, Window, pack
from s3_monitor.money.attribution import LineKey
from s3_monitor.money.export_attribution import ExportAttribution, last_requests
from s3_monitor.money.list_pricing import to_units

ACCOUNT, REGION = "111122223333", "us-east-1"
WINDOW = Window(date(2026, 9, 20), 64)
QUERY = CostQuery(0, "aws", (ACCOUNT,), date(2026, 10, 1), date(2026, 11, 22), export=BillingExport("cur2", "b"))
STANDARD, GLACIER = "TimedStorage-ByteHrs", "TimedStorage-GlacierByteHrs"
LINES = [
    ChargeLine(STANDARD, "StandardStorage", "Usage"),
    ChargeLine(STANDARD, "GlacierS3ObjectOverhead", "Usage"),
    ChargeLine("Requests-Tier1", "PutObject", "Usage"),
    ChargeLine("Requests-Tier1", "ListAllMyBuckets", "Usage"),
    ChargeLine(STANDARD, "", "Usage"),
    ChargeLine("Tax", "", "Tax"),
    ChargeLine(STANDARD, "", "EdpDiscount"),
    ChargeLine("$0.023 per GB - first 50 TB / month of storage used", "", "Usage"),
    ChargeLine("TimedStorage-New", "NewStorage", "Usage"),
    ChargeLine(STANDARD, "NewOverhead", "Usage"),
]
NEW, NEW_OVERHEAD = 8, 9


def usd(units: Any) -> Any:
    return None if units is None else Fraction(units, to_units(Decimal(1)))


def charge(line: int, amount: str, net: str | None = None) -> ChargeAmount:
    return ChargeAmount(line, Decimal(amount), None if net is None else Decimal(net))


def daily(size: int) -> Series:
    return pack(dict.fromkeys(range(64), size))


def attribution(
    buckets: dict[str, list[ChargeAmount]], others: dict[str, list[ChargeAmount]] | None = None, *, has_net: bool = True
) -> ExportAttribution:
    def charges(of: dict[str, list[ChargeAmount]]) -> list[BucketCharges]:
        return [BucketCharges(ACCOUNT, name, None, tuple(amounts)) for name, amounts in sorted(of.items())]

    exported = ExportedCharges("x", LINES, charges(buckets), charges(others or {}), False, has_net)
    rows = [BillRow(ACCOUNT, STANDARD, Decimal(100), Decimal(1000), "GB-Mo")]
    return ExportAttribution(QUERY, BillMonth(date(2026, 10, 1), False, rows, exported=exported), WINDOW)


SIZES = {"StandardStorage": daily(300), "GlacierS3ObjectOverhead": daily(100)}


@pytest.mark.parametrize(
    ("charges", "sizes", "total", "lines", "groups", "net"),
    [
        ([], SIZES, "0", {"StandardStorage": "0", "GlacierS3ObjectOverhead": "0"}, {}, "0"),
        (
            [charge(0, "5", "4"), charge(1, "2"), charge(2, "1", "0.5")],
            SIZES,
            "8",
            {"StandardStorage": "5", "GlacierS3ObjectOverhead": "2"},
            {"storage-standard": "5", "storage-glacier": "2", "requests": "1"},
            "6.5",
        ),
        # without an operation, by the bytes of the storage types with this usage type
        (
            [charge(4, "8")],
            SIZES,
            "8",
            {"StandardStorage": "6", "GlacierS3ObjectOverhead": "2"},
            {"storage-standard": "8"},
            "8",
        ),
        # an operation that is not in the table, of a known usage type
        (
            [charge(NEW_OVERHEAD, "8")],
            SIZES,
            "8",
            {"StandardStorage": "6", "GlacierS3ObjectOverhead": "2"},
            {"storage-standard": "8"},
            "8",
        ),
        ([charge(0, "5"), charge(4, "8")], {"StandardStorage": daily(7)}, "13", {"StandardStorage": "13"},
         {"storage-standard": "13"}, "13"),
        # tax belongs to no bucket; discounts reduce the net amount if usage does not include them
        ([charge(0, "5", "5"), charge(5, "1")], {}, "5", {}, {"storage-standard": "5"}, "5"),
        ([charge(5, "1"), charge(0, "5", "5")], {}, "5", {}, {"storage-standard": "5"}, "5"),
        ([charge(0, "5", "5"), charge(6, "-2")], {}, "5", {}, {"storage-standard": "5"}, "5"),
        # a description does not name the storage type
        ([charge(0, "5"), charge(7, "1")], SIZES, "6", dict.fromkeys(SIZES), {"storage-standard": "6"}, "6"),
        # a type that is not in the table has its charges by its operation only
        ([charge(NEW, "3")], {"NewStorage": daily(1)}, "3", {"NewStorage": "3"}, {"other": "3"}, "3"),
        ([], {"NewStorage": daily(1), "Newer": daily(0)}, "0", {"NewStorage": None, "Newer": "0"}, {}, "0"),
        # the storage type is no longer in the bucket
        ([charge(0, "5")], {}, "5", {}, {"storage-standard": "5"}, "5"),
    ],
)  # fmt: skip
def test_a_bucket_gets_its_charges_by_storage_type_and_group(
    charges: list[ChargeAmount],
    sizes: dict[str, Series],
    total: str,
    lines: dict[str, str | None],
    groups: dict[str, str],
    net: str,
) -> None:
    made = attribution({"b": charges} if charges else {"other": [charge(0, "1")]})
    share = made.add(ACCOUNT, REGION, "b", sizes)
    units = {name: None if amount is None else to_units(Decimal(amount)) for name, amount in lines.items()}
    assert (share.total, share.lines) == (to_units(Decimal(total)), units)
    assert share.groups == {name: to_units(Decimal(amount)) for name, amount in groups.items()}
    assert share.net == made.net == to_units(Decimal(net))
    assert made.groups == share.groups
    assert sum(made.attributed.values()) == share.total


def test_discounts_count_as_net_only_where_usage_does_not_include_them() -> None:
    charges = [charge(0, "5"), charge(6, "-2"), charge(5, "1")]
    for has_net, net in ((False, "3"), (True, "5")):
        made = attribution({"b": charges}, has_net=has_net)
        assert made.add(ACCOUNT, REGION, "b", {}).net == to_units(Decimal(net))


def test_sums_are_over_all_buckets() -> None:
    made = attribution({"a": [charge(0, "5", "4"), charge(2, "1")], "b": [charge(0, "2"), charge(2, "3", "1")]})
    for name in "ab":
        made.add(ACCOUNT, REGION, name, {})
    assert {key: usd(amount) for key, amount in made.attributed.items()} == {
        LineKey(ACCOUNT, REGION, STANDARD): 7, LineKey(ACCOUNT, REGION, "Requests-Tier1"): 4,
    }  # fmt: skip
    assert {name: usd(amount) for name, amount in made.groups.items()} == {"storage-standard": 7, "requests": 4}
    assert (usd(made.net), made.unattributed()) == (8, {})


def test_a_deleted_bucket_explains_its_usage_once() -> None:
    made = attribution({"b": [charge(0, "5"), charge(0, "2"), charge(5, "1")], "a": [charge(0, "9")]})
    made.add(ACCOUNT, REGION, "a", {})
    for name in ("b", "b", "a", "unknown"):
        made.add_deleted(ACCOUNT, REGION, name, {})
    assert made.deleted == {LineKey(ACCOUNT, REGION, STANDARD): to_units(Decimal(7))}


def test_what_is_not_attributed_has_a_type() -> None:
    made = attribution(
        {
            "": [charge(0, "1"), charge(3, "2"), charge(5, "4")],
            "added": [charge(0, "8"), charge(5, "16", "15"), charge(6, "-3", "-3")],
            "deleted": [charge(0, "32", "30"), charge(0, "1")],
            "elsewhere": [charge(0, "64")],
        },
        {"arn:aws:s3:::table": [charge(0, "128", "100")]},
    )
    made.add(ACCOUNT, REGION, "added", {})
    made.add_deleted(ACCOUNT, REGION, "deleted", {})
    found = {name: (usd(amounts.usd), usd(amounts.net)) for name, amounts in made.unattributed().items()}
    assert found == {
        "storage-standard": (1, 1),
        "list-buckets": (2, 2),
        "tax": (20, 19),
        "discounts": (-3, -3),
        "deleted-buckets": (33, 31),
        "other-buckets": (64, 64),
        "other-resources": (128, 100),
    }


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("Tax", "tax"), ("VATax", "tax"), ("Credit", "credits"), ("Refund", "refunds"), ("EdpDiscount", "discounts"),
        ("BundledDiscount", "discounts"), ("Fee", "fees"), ("RIFee", "fees"), ("Purchase", "fees"),
        ("Adjustment", "adjustments"), ("Tomorrow", "other"),
    ],
)  # fmt: skip
def test_charges_that_are_not_usage_have_a_type(type_: str, name: str) -> None:
    exported = ExportedCharges(
        "x", [ChargeLine("X", "", type_)], [BucketCharges(ACCOUNT, "b", None, (charge(0, "1"),))], [], False, False
    )
    made = ExportAttribution(QUERY, BillMonth(date(2026, 10, 1), False, [], exported=exported), WINDOW)
    assert list(made.unattributed()) == [name]


def test_the_last_request_is_the_newest_of_all_months() -> None:
    def month(first: date, requested: dict[str, int | None], *, has_requests: bool = True) -> BillMonth:
        buckets = [BucketCharges(ACCOUNT, name, time, ()) for name, time in requested.items()]
        return BillMonth(first, False, [], exported=ExportedCharges("x", [], buckets, [], has_requests, True))

    older = month(date(2026, 10, 1), {"a": 5, "b": None, "c": 9, "d": 0})
    newer = month(date(2026, 11, 1), {"a": 7, "b": None, "c": None})
    assert last_requests(BillData("1", "USD", True, [older, newer])) == {
        (ACCOUNT, "a"): 7, (ACCOUNT, "c"): 9, (ACCOUNT, "d"): 0,
    }  # fmt: skip
    without = month(date(2026, 11, 1), {"a": 7}, has_requests=False)
    assert last_requests(BillData("1", "USD", True, [without])) is None
    assert last_requests(BillData("1", "USD", True, [BillMonth(date(2026, 10, 1), False, [])])) is None
