"""Findings about accounts and regions from their bill."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final, NamedTuple

from s3_monitor.findings.bucket_bill import usage_charges
from s3_monitor.findings.finding import Dates, Fee, Finding, fee_scope
from s3_monitor.findings.rule import Measure, Rule
from s3_monitor.model.bill import BillMonth, ExportedCharges
from s3_monitor.model.finding import FindingId
from s3_monitor.money.list_pricing import Exact, to_dollars, to_units
from s3_monitor.money.regions import split_usage_type
from s3_monitor.money.usage_types import MONITORING

_EARLY = re.compile(r"EarlyDelete-.+")
_FEATURES: Final = {
    "S3 Inventory": re.compile(r"Inventory-ObjectsListed"),
    "storage class analysis": re.compile(r"StorageAnalytics-ObjCount"),
    "Storage Lens advanced metrics": re.compile(r"StorageLens-ObjCount"),
    "Replication Time Control": re.compile(r"S3RTC-.+"),
    "Transfer Acceleration": re.compile(r"(?:[A-Z0-9]+-)*(?:In|Out)-ABytes(?:-.+)?"),
}


class _Key(NamedTuple):
    id: FindingId
    account: str
    region: str
    bucket: str | None


def bill_findings(
    month: BillMonth, buckets: Mapping[str, tuple[str, str]], *, uses_inventory: bool
) -> Iterator[Finding]:
    """Yield the early deletions and optional features of a bill.

    ``buckets``: name → account and region, for bills with amounts by bucket. ``uses_inventory``: the report reads S3
    Inventory, which is therefore not listed as a feature that may be unused.
    """
    sums: defaultdict[_Key, Exact] = defaultdict(int)
    names: defaultdict[_Key, set[str]] = defaultdict(set)  # usage types or features

    def add(account: str, bucket: str | None, usage_type: str, units: Exact) -> None:
        region, own = split_usage_type(usage_type)
        found = _classify(own)
        if found is None or (uses_inventory and found[1] == "S3 Inventory"):
            return
        key = _Key(found[0], account, region, bucket)
        sums[key] += units
        names[key].add(found[1])

    for row in month.rows:
        add(row.account, None, row.usage_type, to_units(row.usd))
    for account, bucket, usage_type, units in _charges_of_buckets(month, buckets):
        add(account, bucket, usage_type, units)
        add(account, None, usage_type, -units)
    dates: Dates = {"bill": month.first}
    for key in sorted(sums, key=lambda key: (*key[:3], key.bucket or "")):
        usd = to_dollars(sums[key])
        if usd <= 0:
            continue
        region = buckets[key.bucket][1] if key.bucket is not None else key.region
        values = (usd, ", ".join(sorted(names[key])))
        fee: Fee = "early deletion" if key.id == "early-delete" else "features"
        yield Finding(key.id, key.account, region, key.bucket, "exact", usd, usd, fee_scope(fee), values, dates)


def _charges_of_buckets(
    month: BillMonth, buckets: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, str, str, Exact]]:
    """Yield the charges that an export or a tag attributes to buckets of the report.

    An export may have both: then the bucket of each charge counts.
    """
    if isinstance(month.exported, ExportedCharges):
        yield from (charge for charge in usage_charges(month) if charge[1] in buckets)
        return
    for tagged in month.tagged or ():
        if tagged.value in buckets:
            yield buckets[tagged.value][0], tagged.value, tagged.usage_type, to_units(tagged.usd)


def _classify(usage_type: str) -> tuple[FindingId, str] | None:
    """Return the rule of a usage type, and its name or feature."""
    if _EARLY.fullmatch(usage_type):
        return "early-delete", usage_type
    feature = next((name for name, pattern in _FEATURES.items() if pattern.fullmatch(usage_type)), None)
    return None if feature is None else ("unused-features", feature)


def monitoring_fees(month: BillMonth) -> dict[tuple[str, str], Decimal]:
    """Return (account, region) → the billed monitoring fee of Intelligent-Tiering."""
    fees: dict[tuple[str, str], Decimal] = {}
    for row in month.rows:
        region, own = split_usage_type(row.usage_type)
        if own == MONITORING:
            fees[row.account, region] = fees.get((row.account, region), Decimal(0)) + row.usd
    return fees


RULES: Final = (
    Rule(
        "early-delete",
        "Objects deleted before their minimum duration",
        "The bill of the last complete month has charges for objects that were deleted or moved before the minimum "
        "storage duration of their class (30 days in Standard-IA and One Zone-IA, 90 in Glacier Instant Retrieval and "
        "Glacier Flexible Retrieval, 180 in Glacier Deep Archive).",
        "Keep short-lived objects in Standard, or move them later.",
        (Measure("billed", "USD", "bill"), Measure("usage types", "", "bill")),
        None,
    ),
    Rule(
        "unused-features",
        "Optional features on the bill",
        "The bill of the last complete month has charges for S3 Inventory (unless this report reads it), storage class "
        "analysis, Storage Lens advanced metrics, Replication Time Control or Transfer Acceleration.",
        "Disable the features that are not used.",
        (Measure("billed", "USD", "bill"), Measure("features", "", "bill")),
        None,
    ),
)
