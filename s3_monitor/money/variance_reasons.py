"""The likely causes why a line of the bill differs from list prices, as codes. Sentences: report/bill_reasons.py."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from s3_monitor.model.usage_units import is_gb_months
from s3_monitor.money import usage_types

# Smaller differences need no reason: a cent, and half a percent of the line.
_LEAST, _PART = 0.01, 0.005
# What the days without figures explain, at most, of their even part of the month.
_UNEVEN = 1.5


class Cause(StrEnum):
    """Stable codes."""

    # The line is not storage of buckets.
    EARLY_DELETION = "early-deletion"
    REQUESTS = "requests"
    RETRIEVAL = "retrieval"
    SELECT = "select"
    UPLOADS = "uploads"
    MONITORING = "monitoring"
    OBJECT_TAGS = "object-tags"
    MANAGEMENT = "management"
    BUCKET_FEE = "bucket-fee"
    TRANSFER = "transfer"
    OTHER_STORAGE = "other-storage"
    OTHER = "other"
    CREDITS = "credits"
    CREDITS_INCLUDED = "credits-included"
    # The price differs.
    CREDITS_WITHOUT_USAGE = "credits-without-usage"
    UNEXPECTED_UNIT = "unexpected-unit"
    NO_LIST_PRICE = "no-list-price"
    NOT_ON_BILL = "not-on-bill"
    FREE = "free"
    ABOVE_LIST = "above-list"
    VOLUME_TIERS = "volume-tiers"
    DISCOUNT = "discount"
    # The bytes differ.
    MISSING_REGION = "missing-region"
    DAYS_NOT_AVAILABLE = "days-not-available"
    OTHER_ACCOUNT_TAGGED = "other-account-tagged"
    BILL_LAGS = "bill-lags"
    DELETED_BUCKETS = "deleted-buckets"
    OUTSIDE_SELECTION = "outside-selection"
    UNTAGGED = "untagged"
    STAGING = "staging"
    NOTHING_STORED_NOW = "nothing-stored-now"
    UNSEEN_BYTES = "unseen-bytes"
    MONTH_OPEN = "month-open"


class Reason(NamedTuple):
    """``share``: of the list price, for ABOVE_LIST and DISCOUNT. ``days``: for DAYS_NOT_AVAILABLE. ``unit``: for
    UNEXPECTED_UNIT."""

    cause: Cause
    share: float = 0.0
    days: int = 0
    unit: str = ""


# AWS: usage types, without the region's prefix. The first match counts.
_KINDS: dict[usage_types.ChargeKind, Cause] = {
    "requests": Cause.REQUESTS,
    "retrieval": Cause.RETRIEVAL,
    "select": Cause.SELECT,
    "uploads": Cause.UPLOADS,
    "monitoring": Cause.MONITORING,
    "egress": Cause.TRANSFER,
    "buckets": Cause.BUCKET_FEE,
}
_OTHER = (
    (re.compile(r"|NoUsageType|Tax.*"), Cause.CREDITS),
    (re.compile(r"EarlyDelete-.*"), Cause.EARLY_DELETION),
    (re.compile(r"(Tables|Vectors|Files|Annotation)-.*"), Cause.OTHER_STORAGE),
    (re.compile(r"Requests-.*|Additional-?Requests?.*"), Cause.REQUESTS),
    (re.compile(r"Select-?(Scanned|Returned).*"), Cause.SELECT),
    (re.compile(r"(Standard|Bulk|Expedited|Peak)?-?(Retrieval|Restore)(-.*)?"), Cause.RETRIEVAL),
    (re.compile(r"Upload-.*"), Cause.UPLOADS),
    (re.compile(r"Monitoring-Automation-.*"), Cause.MONITORING),
    (re.compile(r"TagStorage-.*"), Cause.OBJECT_TAGS),
    (re.compile(r"(Inventory|StorageAnalytics|StorageLens\w*|BatchOperations|Metadata)-.*"), Cause.MANAGEMENT),
    (re.compile(r"Global-Bucket-Hrs.*"), Cause.BUCKET_FEE),
    (re.compile(r"(?!TimedStorage).*-Bytes(-.*)?|.*DataTransfer.*|.*CloudFront.*"), Cause.TRANSFER),
)
# The prefix of a region that is not in the table of billing codes, or another service's form of it: USE1-, EUC1-.
_PREFIX = re.compile(r"[A-Z]{2,5}[0-9]{0,2}-")


class LineFigures(NamedTuple):
    """Of a line, in the bill's currency and GB-months. ``own``: the usage type without prefix; ``storage``: that of a
    storage type. ``gone``: what deleted buckets explain. ``last``: the price of the pool's last tier, null where it has
    one only. ``late_days``: days at the end of the month whose figures CloudWatch has not published yet, of ``days``.
    """

    own: str
    storage: bool
    list_price: float | None
    billed: float
    attributed: float
    deleted: float
    quantity: float
    unit: str
    observed: float
    last: float | None
    tagged: bool
    estimated: bool
    missing: bool
    narrowed: bool
    days: int
    late_days: int


def variance_reasons(line: LineFigures) -> list[Reason]:
    """Return the likeliest cause of each kind; none where the difference needs none."""
    if not line.storage:
        return _other(line) if line.billed else []
    if line.quantity == 0 and line.billed:
        return [Reason(Cause.CREDITS_WITHOUT_USAGE)]
    if line.quantity and not line.tagged and not is_gb_months(line.unit):
        return [Reason(Cause.UNEXPECTED_UNIT, unit=line.unit)]
    found = [reason for reason in (_price(line), *_usage(line)) if reason is not None]
    return [*found, Reason(Cause.MONTH_OPEN)] if found and line.estimated else found


def cause_of(usage_type: str) -> Cause:
    """Return what a usage type that is not storage is charged for."""
    for own in (usage_type, _PREFIX.sub("", usage_type, count=1)):
        if kind := usage_types.kind_on_bill(own):
            return _KINDS[kind]
        for pattern, cause in _OTHER:
            if pattern.fullmatch(own):
                return cause
    return Cause.OTHER


def _other(line: LineFigures) -> list[Reason]:
    cause = cause_of(line.own)
    is_credited = line.billed < 0 and cause != Cause.CREDITS
    return [Reason(cause), Reason(Cause.CREDITS_INCLUDED)] if is_credited else [Reason(cause)]


def _price(line: LineFigures) -> Reason | None:
    """The same bytes at another price."""
    if line.list_price is None:
        return Reason(Cause.NO_LIST_PRICE) if line.billed else None
    at_list = line.list_price
    if line.tagged or not at_list or not _matters(line.attributed - at_list, line):
        return None
    if line.quantity == 0:
        return Reason(Cause.NOT_ON_BILL)
    if line.billed == 0:
        return Reason(Cause.FREE)
    off = (line.attributed - at_list) / at_list
    if abs(off) < _PART:
        return None
    if off > 0:
        return Reason(Cause.ABOVE_LIST, off)
    if line.last is not None and line.billed / line.quantity >= line.last * (1 - _PART):
        return Reason(Cause.VOLUME_TIERS)
    return Reason(Cause.DISCOUNT, -off)


def _usage(line: LineFigures) -> list[Reason]:
    """The same price for other bytes."""
    rest = line.billed - line.attributed
    if not _matters(rest, line):
        return []
    if line.missing:
        return [Reason(Cause.MISSING_REGION)]
    if rest < 0:
        return [Reason(Cause.OTHER_ACCOUNT_TAGGED if line.tagged else Cause.BILL_LAGS)]
    late = [Reason(Cause.DAYS_NOT_AVAILABLE, days=line.late_days)] if line.late_days and not line.tagged else []
    if late and rest <= _UNEVEN * line.billed * line.late_days / line.days:
        return late
    if line.deleted >= rest / 2:
        return [*late, Reason(Cause.DELETED_BUCKETS)]
    if line.narrowed:
        return [*late, Reason(Cause.OUTSIDE_SELECTION)]
    if line.tagged:
        return [Reason(Cause.UNTAGGED)]
    if line.own.endswith("Staging"):
        return [*late, Reason(Cause.STAGING)]
    return [*late, Reason(Cause.UNSEEN_BYTES if line.observed else Cause.NOTHING_STORED_NOW)]


def _matters(amount: float, line: LineFigures) -> bool:
    return abs(amount) >= max(_LEAST, _PART * max(abs(line.billed), abs(line.list_price or 0)))
