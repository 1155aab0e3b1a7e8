"""Billing exports in AWS's layouts, written independently of the program that reads them.

A charge is written in the columns of CUR 2.0, FOCUS or the legacy report, as CSV (gzip) or Parquet.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow
import pyarrow.parquet

PAYER, OTHER, STRANGER = "111122223333", "444455556666", "999900001111"
OCTOBER = date(2026, 10, 1)


class Charge(NamedTuple):
    """A row of a billing export."""

    usage_type: str
    usd: str
    quantity: str = "1"
    resource: str = ""
    operation: str = ""
    account: str = PAYER
    type: str = "Usage"
    product: str = "AmazonS3"
    unit: str = "GB-Mo"
    day: int = 1
    net: str | None = None
    """None: the same."""
    currency: str = "USD"
    region: str = "us-east-1"
    tags: tuple[tuple[str, str], ...] = ()
    description: str = "some text"

    @property
    def start(self) -> datetime:
        return datetime(2026, 10, 1) + timedelta(days=self.day - 1)


def requests(bucket: str, usd: str, day: int = 1, operation: str = "GetObject", **fields: Any) -> Charge:
    return Charge("Requests-Tier2", usd, "1000", bucket, operation, unit="Requests", day=day, **fields)


def _cur2(charge: Charge) -> dict[str, Any]:
    return {
        "bill_payer_account_id": PAYER,
        "bill_billing_period_start_date": datetime(2026, 10, 1),
        "line_item_usage_account_id": charge.account,
        "line_item_line_item_type": charge.type,
        "line_item_product_code": charge.product,
        "line_item_usage_type": charge.usage_type or None,
        "line_item_operation": charge.operation or None,
        "line_item_resource_id": charge.resource or None,
        "line_item_usage_start_date": charge.start,
        "line_item_usage_end_date": charge.start + timedelta(days=1),
        "line_item_usage_amount": float(charge.quantity),
        "line_item_unblended_cost": float(charge.usd),
        "line_item_net_unblended_cost": float(charge.net or charge.usd),
        "line_item_currency_code": charge.currency,
        "line_item_line_item_description": 'a "quoted", text',
        "pricing_unit": charge.unit,
        "product": {"region": charge.region},
        "resource_tags": {f"user_{key}": value for key, value in charge.tags},
    }


_SERVICES = {"AmazonEC2": "Amazon Elastic Compute Cloud", "AmazonGlacier": "Amazon Glacier"}


def _focus_12(charge: Charge) -> dict[str, Any]:
    return {
        "BilledCost": float(charge.usd),
        "BillingAccountId": PAYER,
        "BillingCurrency": charge.currency,
        "ChargeCategory": charge.type,
        "ChargeDescription": charge.description,
        "ChargePeriodStart": charge.start,
        "ChargePeriodEnd": charge.start + timedelta(days=1),
        "ConsumedQuantity": float(charge.quantity),
        "ConsumedUnit": charge.unit,
        "RegionId": charge.region,
        "ResourceId": charge.resource or None,
        "ServiceName": _SERVICES.get(charge.product, "Amazon Simple Storage Service"),
        "SkuMeter": charge.usage_type or None,
        "SubAccountId": charge.account,
        "Tags": dict(charge.tags),
        "x_Operation": charge.operation or None,
        "x_ServiceCode": charge.product,
    }


def _focus_10(charge: Charge) -> dict[str, Any]:
    row = _focus_12(charge)
    del row["SkuMeter"]
    return {**row, "x_UsageType": charge.usage_type or None}


def _legacy(charge: Charge) -> dict[str, Any]:
    names = {
        "bill_payer_account_id": "bill/PayerAccountId",
        "line_item_usage_account_id": "lineItem/UsageAccountId",
        "line_item_line_item_type": "lineItem/LineItemType",
        "line_item_product_code": "lineItem/ProductCode",
        "line_item_usage_type": "lineItem/UsageType",
        "line_item_operation": "lineItem/Operation",
        "line_item_resource_id": "lineItem/ResourceId",
        "line_item_usage_start_date": "lineItem/UsageStartDate",
        "line_item_usage_end_date": "lineItem/UsageEndDate",
        "line_item_usage_amount": "lineItem/UsageAmount",
        "line_item_unblended_cost": "lineItem/UnblendedCost",
        "line_item_net_unblended_cost": "lineItem/NetUnblendedCost",
        "line_item_currency_code": "lineItem/CurrencyCode",
        "pricing_unit": "pricing/unit",
    }
    row = _cur2(charge)
    legacy = {new: row[old] for old, new in names.items()}
    tags = dict(charge.tags)
    # AWS: columns of tags may differ only in case.
    return {**legacy, "resourceTags/user:bucket_name": tags.get("bucket_name"), "resourceTags/user:Bucket_Name": None}


LAYOUTS = {"cur2": _cur2, "focus-1.2": _focus_12, "focus-1.0": _focus_10, "cur": _legacy}
KINDS = {"cur2": "cur2", "focus-1.2": "focus", "focus-1.0": "focus", "cur": "cur"}
_AMOUNTS = {"usage_amount": "quantity", "unblended_cost": "usd", "usageamount": "quantity", "unblendedcost": "usd"}


def as_csv(layout: str, charges: Iterable[Charge], *, without: Sequence[str] = (), null: str = "") -> bytes:
    """Return a compressed CSV file; ``null``: how missing values are written."""
    rows = [{**LAYOUTS[layout](charge), **_exact(layout, charge)} for charge in charges]
    names = [name for name in LAYOUTS[layout](Charge("x", "1")) if name not in without]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(names)
    writer.writerows([[_cell(row[name], null) for name in names] for row in rows])
    return gzip.compress(text.getvalue().encode(), 1, mtime=0)


def as_zip(compressed: bytes, *members: str, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a ZIP file of the content of a gzip file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name in members or ("all-1.csv",):
            archive.writestr(name, gzip.decompress(compressed))
    return content.getvalue()


def _exact(layout: str, charge: Charge) -> dict[str, str]:
    """Return the amounts as texts with all their digits, as CSV has them."""
    if layout.startswith("focus"):
        return {"BilledCost": charge.usd, "ConsumedQuantity": charge.quantity}
    names = ("line_item_unblended_cost", "line_item_net_unblended_cost", "line_item_usage_amount")
    if layout == "cur":
        names = ("lineItem/UnblendedCost", "lineItem/NetUnblendedCost", "lineItem/UsageAmount")
    return dict(zip(names, (charge.usd, charge.net or charge.usd, charge.quantity), strict=True))


def _cell(value: Any, null: str) -> str:
    if value is None:
        return null
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return json.dumps(value) if isinstance(value, dict) else str(value)


_TYPES = {
    datetime: pyarrow.timestamp("ms", tz="UTC"),
    float: pyarrow.float64(),
    dict: pyarrow.map_(pyarrow.string(), pyarrow.string()),
}


def as_parquet(layout: str, charges: Iterable[Charge], *, without: Sequence[str] = ()) -> bytes:
    """Return a Parquet file. Columns of the legacy report have the names of CUR 2.0, and no maps."""
    layout = "cur2" if layout == "cur" else layout
    sample = LAYOUTS[layout](Charge("x", "1", resource="x", operation="x"))
    names = [name for name in sample if name not in without]
    schema = pyarrow.schema([(name, _TYPES.get(type(sample[name]), pyarrow.string())) for name in names])
    rows = [LAYOUTS[layout](charge) for charge in charges]
    columns = [[_value(row[name]) for row in rows] for name in names]
    table = pyarrow.table(
        [pyarrow.array(column, type) for column, type in zip(columns, schema.types, strict=True)], schema=schema
    )
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink, compression="snappy")
    return sink.getvalue()


def _value(value: Any) -> Any:
    return list(value.items()) if isinstance(value, dict) else value


VAULT = f"arn:aws:glacier:us-east-1:{PAYER}:vaults/old"
_EXPRESS = f"arn:aws:s3express:us-east-1:{PAYER}:bucket"
EVERY_PITFALL = (
    Charge("TimedStorage-ByteHrs", "2.3000000001", "100", "logs", "StandardStorage"),
    Charge("TimedStorage-ByteHrs", "0.0000000001", "0.001", "logs", "GlacierS3ObjectOverhead", day=2),
    Charge("EU-TimedStorage-SIA-ByteHrs", "1.25", "100", "archive", "StandardIAStorage", OTHER, region="eu-west-1"),
    Charge("TimedStorage-ByteHrs", "4.6", "200", "of-other", "StandardStorage", account=OTHER),
    Charge("TimedStorage-ByteHrs", "0.5", "20", "deleted", "StandardStorage", net="0.4"),
    requests("logs", "0.0004", 7),
    requests("logs", "0.0008", 9, "PutObject"),
    requests("logs", "0.0001", 30, "HeadBucket"),
    Charge("Requests-Tier4", "0.01", "1000", "arn:aws:s3:::logs", "S3-SIATransition", unit="Requests"),
    Charge("DataTransfer-Out-Bytes", "0.9", "10", "logs", "GetObject", unit="GB", day=30),
    Charge("USE1-EU-AWS-Out-Bytes", "0.2", "10", "logs", "PutObjectForRepl", unit="GB"),
    Charge("EarlyDelete-SIA", "0.05", "4", "logs", "DeleteObject"),
    Charge("Monitoring-Automation-INT", "0.0025", "1000", "logs", "", unit="Objects"),
    Charge("TimedStorage-XZ-ByteHrs", "0.11", "1", f"{_EXPRESS}/fast--use1-az4--x-s3", "ExpressOneZoneStorage"),
    Charge("TimedStorage-ByteHrs", "0.07", "2", VAULT, "", product="AmazonGlacier"),
    Charge("Global-Bucket-Hrs", "0.3", "15", "", "", unit="Buckets"),
    Charge("Requests-Tier1", "0.00005", "10", "", "ListAllMyBuckets", unit="Requests"),
    Charge("TimedStorage-ByteHrs", "0.41", "0", "", "", type="Tax", unit=""),
    Charge("", "-1.5", "0", "", "", type="Credit", unit=""),
    Charge("TimedStorage-ByteHrs", "-0.25", "0", "logs", "", type="EdpDiscount", unit=""),
    Charge("TimedStorage-ByteHrs", "77", "1000", "foreign", "StandardStorage", account=STRANGER),
    Charge("BoxUsage:m5.large", "12", "24", "i-0123", "RunInstances", product="AmazonEC2", unit="Hrs"),
    Charge("TimedStorage-ByteHrs", "0.000000000000", "0", "logs", "StandardStorage", day=31),
)  # fmt: skip
ACCOUNTS = (PAYER, OTHER)


def of_s3(charges: Iterable[Charge]) -> list[Charge]:
    """Return the charges of S3 in the requested accounts."""
    return [charge for charge in charges if charge.product != "AmazonEC2" and charge.account in ACCOUNTS]


def sum_of(charges: Iterable[Charge]) -> Decimal:
    return sum((Decimal(charge.usd) for charge in charges), Decimal(0))


# Layouts in the bucket.


def data_export(
    name: str,
    files: Sequence[bytes],
    *,
    month: str = "2026-10",
    ending: str = ".csv.gz",
    execution: str = "",
    prefix: str = "exports/",
    bucket: str = "bills",
    newest: bool = True,
    **fields: Any,
) -> dict[str, bytes]:
    """Return a delivery of Data Exports. ``execution``: of exports that keep the previous deliveries.

    ``newest``: the manifest of the partition is that of this delivery.
    """
    partition = f"BILLING_PERIOD={month}/"
    folder = f"{partition}{execution}/" if execution else partition
    contents = {
        f"{prefix}{name}/data/{folder}{name}-{number:05d}{ending}": file for number, file in enumerate(files, start=1)
    }
    manifest = {
        "executionId": execution or "e-1",
        "exportArn": f"arn:aws:bcm-data-exports:us-east-1:{PAYER}:export/{name}-uuid",
        "columns": [{"columnName": "x", "columnType": "string"}],
        "dataFiles": [f"s3://{bucket}/{key}" for key in contents],
        "additionalOutputFiles": [],
        **fields,
    }
    text = json.dumps(manifest).encode()
    if execution:
        contents[f"{prefix}{name}/metadata/{folder}{name}-Manifest.json"] = text
    if newest:
        contents[f"{prefix}{name}/metadata/{partition}{name}-Manifest.json"] = text
    return contents


def legacy_report(
    name: str,
    files: Sequence[bytes],
    *,
    period: str = "20261001-20261101",
    ending: str = ".csv.gz",
    assembly: str = "",
    prefix: str = "exports/",
) -> dict[str, bytes]:
    """Return a delivery of the legacy report. ``assembly``: of reports that keep the previous deliveries."""
    root = f"{prefix}{name}/{period}/"
    folder = f"{root}{assembly}/" if assembly else root
    contents = {f"{folder}{name}-{number}{ending}": file for number, file in enumerate(files, start=1)}
    manifest = {
        "assemblyId": assembly or "a-1",
        "account": PAYER,
        "columns": [{"category": "lineItem", "name": "UsageType"}],
        "charset": "UTF-8",
        "compression": "GZIP",
        "contentType": "text/csv",
        "reportName": name,
        "bucket": "bills",
        "reportKeys": list(contents),
    }
    text = json.dumps(manifest).encode()
    copy = {f"{folder}{name}-Manifest.json": text} if assembly else {}
    return {**contents, **copy, f"{root}{name}-Manifest.json": text}


def athena_report(name: str, files: Sequence[bytes], prefix: str = "exports/") -> dict[str, bytes]:
    """Return a delivery of the legacy report for Athena."""
    folder = f"{prefix}{name}/{name}/year=2026/month=10/"
    contents = {f"{folder}{name}-{number:05d}.snappy.parquet": file for number, file in enumerate(files, start=1)}
    manifest = {"assemblyId": "a-1", "reportName": name, "reportKeys": list(contents)}
    return {**contents, f"{folder}{name}-Manifest.json": json.dumps(manifest).encode()}
