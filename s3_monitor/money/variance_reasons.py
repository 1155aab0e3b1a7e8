"""The likely reasons why a line of the bill differs from list prices, as codes. Texts: report/bill_reasons.py."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from s3_monitor.model.bill import is_gb_months

# Smaller differences need no reason: a cent, and 0.5% of the line.
_MIN_AMOUNT, _MIN_SHARE = 0.01, 0.005
# Delayed days explain at most this multiple of their proportional part of the month.
_MAX_UNEVENNESS = 1.5


class Cause(StrEnum):
    """Stable codes of reasons."""

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
    WITHOUT_BUCKET = "without-bucket"
    STAGING = "staging"
    NOTHING_STORED_NOW = "nothing-stored-now"
    UNSEEN_BYTES = "unseen-bytes"
    MONTH_OPEN = "month-open"


class Reason(NamedTuple):
    """A reason with the figures that its text needs."""

    cause: Cause
    share: float = 0.0
    """For ABOVE_LIST and DISCOUNT: the difference as a share of the list price."""
    days: int = 0
    """For DAYS_NOT_AVAILABLE."""
    unit: str = ""
    """For UNEXPECTED_UNIT."""


# AWS: usage types without the region's prefix. The first match counts.
_PATTERNS = (
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
# The prefix of a region that is not in the table of billing codes, such as EUC1-.
_PREFIX = re.compile(r"[A-Z]{2,5}[0-9]{0,2}-")


class LineFigures(NamedTuple):
    """A line of the bill, in the bill's currency and GB-months."""

    usage_type: str
    """Without the region's prefix."""
    is_storage: bool
    """The usage type is that of a storage type."""
    list_price: float | None
    billed: float
    attributed: float
    deleted: float
    """The part that deleted buckets explain."""
    quantity: float
    unit: str
    observed: float
    """GB-months measured by CloudWatch."""
    last_tier_price: float | None
    """None: the pool has one tier."""
    tagged: bool
    """Attributed by tag."""
    estimated: bool
    """The month's bill is not final."""
    missing: bool
    """Data of the region are missing."""
    narrowed: bool
    """The selection excludes buckets."""
    days: int
    """Days of the month."""
    late_days: int
    """Days at the end of the month that CloudWatch has not published yet."""
    exported: bool = False
    """Attributed by the charges of a billing export."""


def variance_reasons(line: LineFigures) -> list[Reason]:
    """Return the most likely reason of each kind, or none if the difference is negligible."""
    if not line.is_storage:
        return _other(line) if line.billed else []
    if line.quantity == 0 and line.billed:
        return [Reason(Cause.CREDITS_WITHOUT_USAGE)]
    if line.quantity and not (line.tagged or line.exported) and not is_gb_months(line.unit):
        return [Reason(Cause.UNEXPECTED_UNIT, unit=line.unit)]
    found = [reason for reason in (_price(line), *_usage(line)) if reason is not None]
    return [*found, Reason(Cause.MONTH_OPEN)] if found and line.estimated else found


def cause_of(usage_type: str) -> Cause:
    """Return the cause of charges for a usage type that is not storage."""
    for name in (usage_type, _PREFIX.sub("", usage_type, count=1)):
        for pattern, cause in _PATTERNS:
            if pattern.fullmatch(name):
                return cause
    return Cause.OTHER


def _other(line: LineFigures) -> list[Reason]:
    cause = cause_of(line.usage_type)
    is_credited = line.billed < 0 and cause != Cause.CREDITS
    return [Reason(cause), Reason(Cause.CREDITS_INCLUDED)] if is_credited else [Reason(cause)]


def _price(line: LineFigures) -> Reason | None:
    """Return why the attributed amount differs from list price: the same bytes at another price."""
    if line.list_price is None:
        return Reason(Cause.NO_LIST_PRICE) if line.billed else None
    if line.tagged or not line.list_price or not _matters(line.attributed - line.list_price, line):
        return None
    if line.quantity == 0:
        return Reason(Cause.NOT_ON_BILL)
    if line.billed == 0:
        return Reason(Cause.FREE)
    difference = (line.attributed - line.list_price) / line.list_price
    if abs(difference) < _MIN_SHARE:
        return None
    if difference > 0:
        return Reason(Cause.ABOVE_LIST, difference)
    if line.last_tier_price is not None and line.billed / line.quantity >= line.last_tier_price * (1 - _MIN_SHARE):
        return Reason(Cause.VOLUME_TIERS)
    return Reason(Cause.DISCOUNT, -difference)


def _usage(line: LineFigures) -> list[Reason]:
    """Return why billed and attributed amounts differ: the same price for other bytes."""
    rest = line.billed - line.attributed
    if not _matters(rest, line):
        return []
    if line.missing:
        return [Reason(Cause.MISSING_REGION)]
    if rest < 0:
        return [Reason(Cause.OTHER_ACCOUNT_TAGGED if line.tagged else Cause.BILL_LAGS)]
    by_bytes = not (line.tagged or line.exported)
    late = [Reason(Cause.DAYS_NOT_AVAILABLE, days=line.late_days)] if line.late_days and by_bytes else []
    if late and rest <= _MAX_UNEVENNESS * line.billed * line.late_days / line.days:
        return late
    if line.deleted >= rest / 2:
        return [*late, Reason(Cause.DELETED_BUCKETS)]
    if line.narrowed:
        return [*late, Reason(Cause.OUTSIDE_SELECTION)]
    if line.tagged:
        return [Reason(Cause.UNTAGGED)]
    if line.exported:
        return [Reason(Cause.WITHOUT_BUCKET)]
    if line.usage_type.endswith("Staging"):
        return [*late, Reason(Cause.STAGING)]
    return [*late, Reason(Cause.UNSEEN_BYTES if line.observed else Cause.NOTHING_STORED_NOW)]


def _matters(amount: float, line: LineFigures) -> bool:
    return abs(amount) >= max(_MIN_AMOUNT, _MIN_SHARE * max(abs(line.billed), abs(line.list_price or 0)))
