"""Unusual content of billing exports: resources, types of charges, times and currencies."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from s3_monitor.exports.billing_result import ExportedMonth
from s3_monitor.model.bill import ExportedCharges
from s3_monitor.model.bill_summary import ExportSummary
from tests.exports import billing_files
from tests.exports.billing_files import PAYER, Charge, as_csv, requests
from tests.exports.months import read
from tests.report.test_bill_export import exported, made


def charges_of(month: ExportedMonth) -> ExportedCharges:
    assert isinstance(month.month.exported, ExportedCharges)
    return month.month.exported


# Resources.


@pytest.mark.parametrize(
    ("resource", "bucket"),
    [
        ("logs", "logs"),
        ("arn:aws:s3:::logs", "logs"),
        ("arn:aws-cn:s3:::logs", "logs"),
        ("arn:aws-us-gov:s3:::logs.example.com", "logs.example.com"),
        (f"arn:aws:s3express:us-east-1:{PAYER}:bucket/fast--use1-az4--x-s3", "fast--use1-az4--x-s3"),
        (f"arn:aws:s3:us-east-1:{PAYER}:accesspoint/logs", None),
        (f"arn:aws:s3-object-lambda:us-east-1:{PAYER}:accesspoint/logs", None),
        (f"arn:aws:s3::{PAYER}:accesspoint/abc.mrap", None),
        (f"arn:aws:s3tables:us-east-1:{PAYER}:bucket/logs", None),
        (f"arn:aws:s3vectors:us-east-1:{PAYER}:bucket/logs", None),
        (f"arn:aws:s3:us-east-1:{PAYER}:storage-lens/daily", None),
        (billing_files.VAULT, None),
        ("", None),
        ("logs/2026/10", None),
    ],
)
def test_a_resource_is_a_bucket_or_is_not_attributed(tmp_path: Path, resource: str, bucket: str | None) -> None:
    charges = charges_of(read(tmp_path, "cur2", [as_csv("cur2", [Charge("Requests-Tier1", "1", resource=resource)])]))
    assert [one.bucket for one in charges.buckets] == ([] if bucket is None else [bucket])
    assert [one.bucket for one in charges.others] == ([resource] if bucket is None else [])


# Types of line items.


@pytest.mark.parametrize(
    ("type_", "unattributed"),
    [
        ("Tax", "tax"),
        ("Credit", "credits"),
        ("Refund", "refunds"),
        ("EdpDiscount", "discounts"),
        ("BundledDiscount", "discounts"),
        ("PrivateRateDiscount", "discounts"),
        ("Fee", "fees"),
        ("RIFee", "fees"),
        ("SavingsPlanUpfrontFee", "fees"),
        ("Purchase", "fees"),
        ("Adjustment", "adjustments"),
        ("SavingsPlanNegation", "other"),
        ("", "other"),
        ("Tomorrow", "other"),
    ],
)
def test_only_usage_is_attributed_and_other_types_are_named(type_: str, unattributed: str) -> None:
    charges = [Charge("TimedStorage-ByteHrs", "1.25", "1", "logs", type=type_)]
    _, bill = made(exported([], charges))
    assert isinstance(bill.export, ExportSummary)
    assert [(row.type, row.billed) for row in bill.export.unattributed] == [(unattributed, 1.25)]
    assert (bill.billed, bill.attributed, bill.unattributed) == (1.25, 0.0, 1.25)


# Times.


def parquet(time: Any, type_: pyarrow.DataType) -> bytes:
    """Return a Parquet file with a request whose times have a type."""
    content = pyarrow.parquet.read_table(io.BytesIO(billing_files.as_parquet("cur2", [requests("logs", "1")])))
    for name in ("line_item_usage_start_date", "line_item_usage_end_date"):
        place = content.column_names.index(name)
        content = content.set_column(place, name, pyarrow.array([time], type_))
    sink = io.BytesIO()
    pyarrow.parquet.write_table(content, sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("time", "type_"),
    [
        (datetime(2026, 10, 7, 5), pyarrow.timestamp("ms", tz="UTC")),
        (datetime(2026, 10, 7, 5), pyarrow.timestamp("ms")),
        (datetime(2026, 10, 7, 5), pyarrow.timestamp("us", tz="America/New_York")),
        (datetime(2026, 10, 7, 5), pyarrow.timestamp("ns")),
        ("2026-10-07T05:00:00Z", pyarrow.string()),
        ("2026-10-07T05:00:00.000Z", pyarrow.string()),
        ("2026-10-07 05:00:00", pyarrow.string()),
    ],
    ids=str,
)
def test_times_have_one_form(tmp_path: Path, time: Any, type_: pyarrow.DataType) -> None:
    month = read(tmp_path, "cur2", [parquet(time, type_)], "Parquet")
    (bucket,) = charges_of(month).buckets
    assert (month.until, bucket.requested) == ("2026-10-07T05:00:00", 1_791_349_200)


# Currencies.


def test_a_bill_in_another_currency_keeps_its_currency(tmp_path: Path) -> None:
    month = read(tmp_path, "cur2", [as_csv("cur2", [Charge("TimedStorage-ByteHrs", "1", currency="CNY")])])
    assert (month.currencies, sum(row.usd for row in month.month.rows)) == (("CNY",), Decimal(1))
