"""The bill of the demo: charges of each bucket other than storage, and the billing export with all of its charges."""

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from s3_monitor.simulator.accounts import Account, Bucket, Series
from s3_monitor.simulator.billing import DEEP, Billing, Charge
from s3_monitor.simulator.demo_settings import configured
from s3_monitor.simulator.files import FileList
from s3_monitor.simulator.price_lists import Lists, Offer, newest_tiers, prefix_of

BUCKET, PREFIX, NAME = "acme-billing-exports", "exports", "costs"  # of the export
SHARDS_WITHOUT_EXPORT = """# The shards of the demo: storage by region, and the bill.
costs: billed
shards:
  - {name: s3, split_by: region}
"""
SHARDS = (
    SHARDS_WITHOUT_EXPORT.replace("billed", "exported")
    + f"""exports:
  billing: {{kind: cur2, bucket: {BUCKET}, prefix: {PREFIX}, name: {NAME}, region: us-east-1}}
"""
)
_DAYS = 31  # of a month
_UNREAD = frozenset({"acme-finance-close"})
_MONITORED = ("IntelligentTieringFAStorage", "IntelligentTieringIAStorage", "IntelligentTieringAIAStorage")
_PLACES = Decimal("0.0000000001")
_COLUMNS = (
    "bill_payer_account_id", "line_item_usage_account_id", "line_item_line_item_type", "line_item_product_code",
    "line_item_usage_type", "line_item_operation", "line_item_resource_id", "line_item_usage_start_date",
    "line_item_usage_end_date", "line_item_usage_amount", "line_item_unblended_cost", "line_item_currency_code",
    "pricing_unit",
)  # fmt: skip


def demo_billing(account: Account, offers: Iterable[Offer]) -> Billing:
    """Return how the account is billed: list prices, and a private price for archived objects in one region."""
    discounts = {"USW2-TimedStorage-GlacierByteHrs": Decimal("0.15")}
    return Billing(discounts=discounts, charges=_charges(account, newest_tiers(offers)))


def _charges(account: Account, lists: Lists) -> tuple[Charge, ...]:
    """Return the charges of a month that are not for storage."""

    def of(bucket: str, usage_type: str, usd: str, quantity: int, unit: str, operation: str = "") -> Charge:
        return Charge(account.id, usage_type, Decimal(usd), Decimal(quantity), unit, bucket, operation=operation)

    return (
        of("acme-access-logs", "EarlyDelete-SIA", "30.52", 2442, "GB-Mo", "DeleteObject"),
        of("acme-data-lake-raw", "StorageAnalytics-ObjCount", "6.12", 61_204_118, "Objects", "StorageAnalytics"),
        of("acme-scans-2023", "Requests-Tier4", "0.09", 9000, "Requests", "S3-SIATransition"),
        of("acme-lambda-artifacts", "USE1-EU-AWS-Out-Bytes", "0.06", 3, "GB", "PutObjectForRepl"),
        of("acme-shop-uploads", "EU-DataTransfer-Out-Bytes", "334.80", 3720, "GB", "GetObject"),
        of("", "Requests-Tier1", "0.02", 4000, "Requests", "ListAllMyBuckets"),
        *(charge for bucket in account.listed for charge in _requests_and_fees(account.id, bucket, lists)),
    )


def _requests_and_fees(account: str, bucket: Bucket, lists: Lists) -> Iterator[Charge]:
    """Yield requests, as measured or for a part of the objects, and the monitoring of Intelligent-Tiering."""

    def of(usage_type: str, count: int, unit: str, operation: str = "") -> Charge:
        ((_, price),) = lists[bucket.region, usage_type, ""]
        on_bill, usd = prefix_of(bucket.region) + usage_type, count * Decimal(price)
        return Charge(account, on_bill, usd, Decimal(count), unit, bucket.name, operation=operation)

    objects = bucket.count.newest if bucket.count else 0
    if objects and bucket.name not in _UNREAD:
        gets, puts = max(1, objects // 40), objects // 800
        if bucket.requests:
            gets, puts = (_DAYS * bucket.requests[name].newest for name in ("GetRequests", "PutRequests"))
        yield of("Requests-Tier2", gets, "Requests", "GetObject")
        yield of("Requests-Tier1", puts, "Requests", "PutObject")
    if any(name in bucket.sizes for name in _MONITORED):
        yield of("Monitoring-Automation-INT", objects, "Objects")


def with_export(accounts: Sequence[Account], billing: Billing, offers: Iterable[Offer], today: date) -> list[Account]:
    """Return the accounts; the first has a bucket with the export of the last complete month and the current one."""
    current = today.replace(day=1)
    last = (current - timedelta(days=1)).replace(day=1)
    months = [(last, current), *([(current, today)] if today > current else [])]
    files: dict[str, bytes] = {}
    for first, end in months:
        files |= _delivery(first, _rows(accounts[0].id, billing.items(accounts, offers, first, end), first, end))
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
    newest, size = today.toordinal() - 1, sum(map(len, files.values()))
    bucket = Bucket(
        BUCKET,
        "us-east-1",
        midnight - timedelta(days=700, hours=3),
        {"StandardStorage": Series(newest - 450, newest, size)},
        Series(newest - 450, newest, len(files)),
        FileList(files, midnight - timedelta(hours=5)),
    )
    payer = replace(accounts[0], buckets={**accounts[0].buckets, BUCKET: configured(bucket, newest)})
    return [payer, *accounts[1:]]


def _rows(payer: str, items: Iterable[Charge], first: date, end: date) -> Iterator[tuple[object, ...]]:
    """Yield a row for each charge and day. The days add up to the charge exactly."""
    days = [first + timedelta(days=number) for number in range((end - first).days)]
    for item in items:
        product = "AmazonS3GlacierDeepArchive" if item.service == DEEP else "AmazonS3"
        daily = [(part / len(days)).quantize(_PLACES, ROUND_DOWN) for part in (item.quantity, item.usd)]
        rest = [part - each * (len(days) - 1) for part, each in zip((item.quantity, item.usd), daily, strict=True)]
        for day in days:
            quantity, usd = rest if day is days[-1] else daily
            yield (
                payer, item.account, "Usage", product, item.usage_type, item.operation, item.bucket,
                f"{day}T00:00:00.000Z", f"{day + timedelta(days=1)}T00:00:00.000Z", f"{quantity:f}", f"{usd:f}",
                "USD", item.unit,
            )  # fmt: skip


def _delivery(month: date, rows: Iterable[tuple[object, ...]]) -> dict[str, bytes]:
    """Return the data file and the manifest of a month by key. AWS: CUR 2.0 that overwrites the previous delivery."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(rows)
    partition, root = f"BILLING_PERIOD={month:%Y-%m}", f"{PREFIX}/{NAME}"
    data = f"{root}/data/{partition}/{NAME}-00001.csv.gz"
    manifest = {"executionId": f"{month:%Y-%m}", "columns": [], "dataFiles": [f"s3://{BUCKET}/{data}"]}
    return {
        data: gzip.compress(text.getvalue().encode(), 1, mtime=0),
        f"{root}/metadata/{partition}/{NAME}-Manifest.json": json.dumps(manifest).encode(),
    }
