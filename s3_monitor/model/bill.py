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


class BillQuestion(msgspec.Struct, frozen=True, omit_defaults=True):
    """What accounts were billed for S3 in the last complete month, and since.

    ``access``: index into Plan.accesses, of who pays. ``start``: the first day of that month. ``end``: the day after
    the last one asked about. ``tag``: the cost allocation tag that names buckets; empty: not asked.
    """

    access: Count
    partition: str
    accounts: tuple[str, ...]
    start: date
    end: date
    tag: str = ""

    @property
    def days(self) -> int:
        """Of the month."""
        return (self.current - self.start).days

    @property
    def current(self) -> date:
        """The first day of the month after it."""
        return first_of_month(self.start + timedelta(days=31))


class BillRow(msgspec.Struct, array_like=True, frozen=True, order=True):
    """``[account, usage type, usd, quantity, unit]``, as billed in a month, unblended. Storage comes in GB-months
    (GB = 2^30 bytes). ``usd`` is in the bill's currency."""

    account: str
    usage_type: str
    usd: Decimal
    quantity: Decimal
    unit: str


class TagRow(msgspec.Struct, array_like=True, frozen=True, order=True):
    """``[value, usage type, usd]``: what carries this value of the tag; empty: no tag."""

    value: str
    usage_type: str
    usd: Decimal


class BillMonth(msgspec.Struct, frozen=True):
    """``first``: its first day. ``estimated``: AWS may still change it. ``tagged``: where it was asked by tag too."""

    first: date
    estimated: bool
    rows: list[BillRow]
    tagged: list[TagRow] | UnsetType = UNSET


class BillFacts(msgspec.Struct, frozen=True):
    """The answer, as far as it came. ``payer``: whose credentials asked. ``complete``: every page arrived."""

    payer: str
    currency: str
    complete: bool
    months: list[BillMonth]

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
