"""The charges of an export in a part must be sorted, complete and add up to the bill."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from s3_monitor.merge.bill_validation import bill_error, is_ascending
from s3_monitor.model.bill import BillData, BillMonth, BillRow, BucketCharges, ChargeAmount, ChargeLine, ExportedCharges
from s3_monitor.model.exports import BillingExport
from s3_monitor.model.plan import Shard
from tests.merge.fixtures import ACCOUNT
from tests.merge.test_bill import NOVEMBER, OCTOBER, QUESTION, part

SHARD = Shard("bill", "", "", 30, (), msgspec.structs.replace(QUESTION, export=BillingExport("cur2", "b")))
X, Y = ChargeLine("X", "", "Usage"), ChargeLine("X", "Put", "Usage")


def of(bucket: str, *charges: tuple[int, str], net: str | None = None) -> BucketCharges:
    amounts = tuple(ChargeAmount(line, Decimal(usd), None if net is None else Decimal(net)) for line, usd in charges)
    return BucketCharges(ACCOUNT, bucket, None, amounts)


def exported(
    buckets: list[BucketCharges],
    others: list[BucketCharges] | None = None,
    usd: str = "3",
    lines: tuple[ChargeLine, ...] = (X, Y),
    first: date = OCTOBER,
) -> BillData:
    charges = ExportedCharges("x", list(lines), buckets, others or [], True, True)
    rows = [BillRow(ACCOUNT, "X", Decimal(usd), Decimal(1), "GB-Mo")]
    return BillData(ACCOUNT, "USD", True, [BillMonth(first, False, rows, exported=charges)])


VALID = [of("a", (0, "1"), (1, "1")), of("b", (1, "1"))]


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        (exported(VALID), ""),
        (exported([of("a", (0, "1"))], [of("a", (1, "2"))]), ""),
        (exported([of("a", (0, "3"), net="2")]), ""),
        (exported([of("a", (0, "3"), net="1e40")]), "an amount out of range"),
        (exported([of("a", (0, "1e40"))]), "an amount out of range"),
        (exported([], [of("a", (0, "3"), net="NaN")]), "an amount out of range"),
        (exported(VALID, lines=(X, X)), "duplicate lines of charges"),
        (exported(VALID[::-1]), "charges of unsorted or duplicate buckets"),
        (exported([of("a", (0, "1")), of("a", (1, "2"))]), "charges of unsorted or duplicate buckets"),
        (exported([], [of("b", (0, "1")), of("a", (1, "2"))]), "charges of unsorted or duplicate buckets"),
        (exported([of("a", (1, "1"), (0, "2"))]), "unsorted or duplicate charges of a bucket"),
        (exported([of("a", (1, "1"), (1, "2"))]), "unsorted or duplicate charges of a bucket"),
        (exported([of("a", (2, "3"))]), "charges of an unknown line"),
        (exported(VALID, usd="3.01"), "charges that do not add up to the bill"),
        (exported([of("a", (0, "3"))], [of("c", (0, "1"))]), "charges that do not add up to the bill"),
        (exported(VALID, first=NOVEMBER), "a complete bill without its month"),
        (exported(VALID, first=date(2026, 12, 1)), "months that were not requested"),
    ],
)
def test_invalid_charges_are_named(facts: BillData, error: str) -> None:
    assert bill_error(part(facts), SHARD) == error


def test_both_months_of_the_query_may_be_in_the_bill() -> None:
    months = [*exported(VALID).months, *exported(VALID, first=NOVEMBER).months]
    assert bill_error(part(BillData(ACCOUNT, "USD", True, months)), SHARD) == ""
    assert bill_error(part(BillData(ACCOUNT, "USD", True, months[::-1])), SHARD) == ""


def test_a_bill_must_come_from_the_source_that_its_shard_requests() -> None:
    plain = Shard("bill", "", "", 30, (), QUESTION)
    rows = [BillMonth(OCTOBER, False, [])]
    error = "a bill from another source than its shard requests"
    assert bill_error(part(exported(VALID)), plain) == error
    assert bill_error(part(BillData(ACCOUNT, "USD", True, rows)), SHARD) == error
    assert bill_error(part(BillData(ACCOUNT, "USD", True, rows)), plain) == ""
    assert bill_error(part(msgspec.UNSET), plain) == ""


@pytest.mark.parametrize(
    ("items", "expected"),
    [([], True), ([1], True), ([1, 2, 9], True), ([1, 1], False), ([2, 1], False), ([1, 3, 2], False)],
)
def test_items_are_ascending_if_they_are_sorted_and_distinct(items: list[Any], expected: bool) -> None:
    assert is_ascending(items) is expected
