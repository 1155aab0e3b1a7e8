"""What a billing export states about a single bucket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from msgspec import UNSET

from s3_monitor.model.bill import BillData, BillMonth, CostQuery, ExportedCharges
from s3_monitor.money.list_pricing import Exact, to_units
from s3_monitor.money.regions import split_usage_type
from s3_monitor.money.usage_groups import USAGE
from s3_monitor.money.usage_types import MONITORING

_DAY_SECONDS = 86_400


class BucketBill(NamedTuple):
    """Facts of a bucket from a billing export."""

    monitoring: Exact
    """Monitoring fee of Intelligent-Tiering in the last complete month, in units of 10^-76."""
    days_since_request: int | None
    """Days since the last request for an object, or since the start of the export without one. None: unknown."""


def bucket_bills(bill: BillData, query: CostQuery, now: int) -> dict[str, BucketBill]:
    """Return bucket → its facts; empty without an export. ``now``: seconds since 1970 UTC."""
    month = bill.month(query.start)
    exported = _exported(month)
    if month is None or exported is None:
        return {}
    current = _exported(bill.month(query.current))
    monitored = {
        index for index, line in enumerate(exported.lines) if split_usage_type(line.usage_type)[1] == MONITORING
    }
    requests = _last_requests([exported, current]) if current is not None else None
    first_day = int(datetime(month.first.year, month.first.month, 1, tzinfo=UTC).timestamp())
    bills = {}
    for bucket in exported.buckets:
        fee = sum([to_units(charge.usd) for charge in bucket.charges if charge.line in monitored])
        days = None
        if requests is not None and bucket.charges:
            days = (now - requests.get(bucket.bucket, first_day)) // _DAY_SECONDS
        bills[bucket.bucket] = BucketBill(fee, days)
    return bills


def usage_charges(month: BillMonth) -> Iterator[tuple[str, str, str, Exact]]:
    """Yield the charges for usage of an export: account, bucket, usage type, units of 10^-76."""
    exported = _exported(month)
    if exported is None:
        return
    lines = exported.lines
    for bucket in exported.buckets:
        for charge in bucket.charges:
            if lines[charge.line].type == USAGE:
                yield bucket.account, bucket.bucket, lines[charge.line].usage_type, to_units(charge.usd)


def _exported(month: BillMonth | None) -> ExportedCharges | None:
    return None if month is None or month.exported is UNSET else month.exported


def _last_requests(months: list[ExportedCharges]) -> Mapping[str, int] | None:
    """Return bucket → the time of its last request; None: a month does not have them."""
    if not all(month.has_requests for month in months):
        return None
    found: dict[str, int] = {}
    for month in months:
        for bucket in month.buckets:
            if bucket.requested is not None:
                found[bucket.bucket] = max(bucket.requested, found.get(bucket.bucket, 0))
    return found
