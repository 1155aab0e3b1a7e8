"""The question about the bill, and what Cost Explorer says to it. Facts only: nothing is attributed here."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bounds import Count

Costs = Literal["list", "billed", "tagged"]
SHARD = "bill"  # the name of the shard that asks
TAG = "bucket_name"  # the cost allocation tag, where nobody names another

# AWS: Cost Explorer's endpoints; other partitions have none.
ENDPOINTS = {"aws": "us-east-1", "aws-cn": "cn-northwest-1"}
# AWS: what S3 is called on the bill. Deep Archive has a price list, and at times a name, of its own.
SERVICES = ("Amazon S3 Glacier Deep Archive", "Amazon Simple Storage Service")


class CostQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """What to request from Cost Explorer."""

    access: Count
    """Index into `accesses` of the plan: the payer's."""
    partition: str
    """AWS partition."""
    accounts: tuple[str, ...]
    """Account ids."""
    start: date
    """First day of the last complete month."""
    end: date
    """Day after the last requested one."""
    tag: str = ""
    """Key of the cost allocation tag that names buckets; empty: not requested."""

    @property
    def days(self) -> int:
        """Of the month."""
        return (self.current - self.start).days

    @property
    def current(self) -> date:
        """The first day of the month after it."""
        return first_of_month(self.start + timedelta(days=31))


class BillRow(msgspec.Struct, array_like=True, frozen=True, order=True):
    """A usage type of an account in a month, unblended, as `[account, usage type, usd, quantity, unit]`."""

    account: str
    """Account id."""
    usage_type: str
    """Usage type, as the bill names it."""
    usd: Decimal
    """Amount, in the currency of the bill."""
    quantity: Decimal
    """Quantity, in `unit`; storage in GB-months (GB = 2^30 bytes)."""
    unit: str
    """Unit, as the bill names it."""


class TagRow(msgspec.Struct, array_like=True, frozen=True, order=True):
    """A usage type of a tag value in a month, as `[value, usage type, usd]`."""

    value: str
    """Value of the tag; empty: no tag."""
    usage_type: str
    """Usage type, as the bill names it."""
    usd: Decimal
    """Amount, in the currency of the bill."""


class BillMonth(msgspec.Struct, frozen=True):
    """The bill of a month."""

    first: date
    """First day of the month."""
    estimated: bool
    """Whether AWS may still change it."""
    rows: list[BillRow]
    """Amounts by account and usage type."""
    tagged: list[TagRow] | UnsetType = UNSET
    """Amounts by tag value; present only where they were requested by tag."""


class BillData(msgspec.Struct, frozen=True):
    """The response of Cost Explorer, as far as it was received."""

    payer: str
    """Account id of the credentials."""
    currency: str
    """Currency of the amounts."""
    complete: bool
    """Whether every page was received."""
    months: list[BillMonth]
    """The months."""

    def month(self, first: date) -> BillMonth | None:
        return next((month for month in self.months if month.first == first), None)


class CostGroup(msgspec.Struct, frozen=True):
    """A group of a page: ``key`` is an account, or a tag's value; ``usage_type`` as on the bill."""

    month: date
    key: str
    usage_type: str
    usd: Decimal
    currency: str
    quantity: Decimal
    unit: str


class CostPage(msgspec.Struct, frozen=True):
    """``estimated``: month → whether AWS may still change it. ``invalid``: usage types with an amount that is not a
    number, or has too many digits."""

    estimated: dict[date, bool]
    groups: list[CostGroup]
    invalid: tuple[str, ...] = ()


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def last_month(today: date) -> tuple[date, date]:
    """First day of the last complete month, and the day that a question about it and the days since ends before.

    AWS: today's costs have not come in yet, and a period must not be empty.
    """
    return first_of_month(first_of_month(today) - timedelta(days=1)), today
