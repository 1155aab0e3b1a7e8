"""The query of a bill and its data from Cost Explorer or an export, before attribution to buckets."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bounds import Count, Seconds
from s3_monitor.model.exports import BillingExport

Costs = Literal["list", "billed", "tagged", "exported"]
SHARD = "bill"  # name of the shard that reads the bill
TAG = "bucket_name"  # default key of the cost allocation tag

# AWS: Cost Explorer's endpoints; other partitions have none.
ENDPOINTS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1"}
# AWS: the names of S3 on the bill. Deep Archive has its own price list and sometimes its own name.
SERVICES = ("Amazon S3 Glacier Deep Archive", "Amazon Simple Storage Service")
MIXED = "mixed units"
_GB_MONTHS = frozenset({"gbmo", "gbmos", "gbmonth", "gbmonths"})


class CostQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """What to request from Cost Explorer, or to read from a billing export."""

    access: Count
    """Index into `accesses` of the plan: the access of the payer, or to the bucket of the export."""
    partition: str
    """AWS partition."""
    accounts: tuple[str, ...]
    """Account ids."""
    start: date
    """First day of the last complete month."""
    end: date
    """Day after the last requested day."""
    tag: str = ""
    """Key of the cost allocation tag that names buckets; empty: not requested."""
    export: BillingExport | None = None
    """The billing export; null: Cost Explorer."""

    @property
    def costs(self) -> Costs:
        """How amounts are attributed to buckets."""
        if self.export is not None:
            return "exported"
        return "tagged" if self.tag else "billed"

    @property
    def days(self) -> int:
        """The number of days of the month."""
        return (self.current - self.start).days

    @property
    def current(self) -> date:
        """The first day of the following month."""
        return first_of_month(self.start + timedelta(days=31))


class BillRow(msgspec.Struct, array_like=True, frozen=True, order=True):
    """A usage type of an account in a month, unblended, as `[account, usage type, usd, quantity, unit]`."""

    account: str
    """Account id."""
    usage_type: str
    """Usage type, as on the bill."""
    usd: Decimal
    """Amount, in the currency of the bill."""
    quantity: Decimal
    """Quantity, in `unit`; storage in GB-months (GB = 2^30 bytes)."""
    unit: str
    """Unit, as on the bill."""


class TagRow(msgspec.Struct, array_like=True, frozen=True, order=True):
    """A usage type of a tag value in a month, as `[value, usage type, usd]`."""

    value: str
    """Value of the tag; empty: no tag."""
    usage_type: str
    """Usage type, as the bill names it."""
    usd: Decimal
    """Amount, in the currency of the bill."""


class ChargeLine(msgspec.Struct, array_like=True, frozen=True, order=True):
    """A kind of charge in a billing export, as `[usage type, operation, type]`."""

    usage_type: str
    """Usage type, as on the bill; of charges that are not usage, their type."""
    operation: str
    """Operation, where it distinguishes storage types or usage groups; otherwise empty."""
    type: str
    """Type of the charge: Usage, Tax, Credit, Refund, Discount, …"""


class ChargeAmount(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """An amount of a bucket, as `[line, usd, net]`."""

    line: Count
    """Index into `lines`."""
    usd: Decimal
    """Amount, in the currency of the bill."""
    net: Decimal | None = None
    """Amount after discounts, in the currency of the bill; null: the same."""


class BucketCharges(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The charges of a bucket, as `[account, bucket, requested, charges]`."""

    account: str
    """Account id that pays."""
    bucket: str
    """Name of the bucket; empty: charges without a resource."""
    requested: Seconds | None
    """Start of the last period with object requests, seconds since 1970 UTC; null: none in the month, or not in the
    export."""
    charges: tuple[ChargeAmount, ...]
    """Amounts, by line."""


class ExportedCharges(msgspec.Struct, frozen=True):
    """The charges of a billing export by bucket. Their sums by account and usage type are the rows of the month."""

    origin: str
    """Location, format and number of files."""
    lines: list[ChargeLine]
    """Kinds of charges, referenced by index."""
    buckets: list[BucketCharges]
    """Charges by account and bucket."""
    others: list[BucketCharges]
    """Charges by account and resource that is not a bucket."""
    has_requests: bool
    """Whether the export has the operations and times that give the last request."""
    has_net: bool
    """Whether the export has amounts after discounts."""


class BillMonth(msgspec.Struct, frozen=True):
    """The bill of a month."""

    first: date
    """First day of the month."""
    estimated: bool
    """Whether AWS may still change it."""
    rows: list[BillRow]
    """Amounts by account and usage type."""
    tagged: list[TagRow] | UnsetType = UNSET
    """Amounts by tag value, if requested."""
    exported: ExportedCharges | UnsetType = UNSET
    """Charges by bucket; only from a billing export."""


class BillData(msgspec.Struct, frozen=True):
    """The bill, as far as it was received."""

    payer: str
    """Account id of the credentials."""
    currency: str
    """Currency of the amounts."""
    complete: bool
    """Whether every page was received."""
    months: list[BillMonth]
    """The months."""

    def month(self, first: date) -> BillMonth | None:
        """Return the month that starts on a day, or None."""
        return next((month for month in self.months if month.first == first), None)


class CostGroup(msgspec.Struct, frozen=True):
    """A group on a page of Cost Explorer."""

    month: date
    key: str
    """Account id, or value of the tag."""
    usage_type: str
    usd: Decimal
    currency: str
    quantity: Decimal
    unit: str


class CostPage(msgspec.Struct, frozen=True):
    """A page of Cost Explorer."""

    estimated: dict[date, bool]
    """Month → whether AWS may still change it."""
    groups: list[CostGroup]
    invalid: tuple[str, ...] = ()
    """Usage types whose amount is not a number or has too many digits."""


def first_of_month(day: date) -> date:
    """Return the first day of the month."""
    return day.replace(day=1)


def last_month(today: date) -> tuple[date, date]:
    """Return the first day of the last complete month, and the exclusive end of a query from that day until now.

    AWS: the costs of the current day are not available yet, and the period of a query must not be empty.
    """
    return first_of_month(first_of_month(today) - timedelta(days=1)), today


def is_gb_months(unit: str) -> bool:
    """Return whether a unit is GB-months, in any spelling: ``GB-Mo``, ``GB-Month``, ``GB-Months``."""
    return re.sub(r"[-_ ]", "", unit).casefold() in _GB_MONTHS


def shared_unit(left: tuple[Decimal, str], right: tuple[Decimal, str]) -> str:
    """Return the unit of the sum of two (quantity, unit); MIXED if they differ. A quantity of 0 has any unit."""
    (left_quantity, left_unit), (right_quantity, right_unit) = left, right
    if not left_quantity or not right_quantity:
        return left_unit if left_quantity else right_unit
    if left_unit == right_unit or (is_gb_months(left_unit) and is_gb_months(right_unit)):
        return min(left_unit, right_unit)
    return MIXED
