"""The bill in report/summary.json: what was billed, what buckets explain of it, and what list prices say."""

from __future__ import annotations

from datetime import date

import msgspec

from s3_monitor.model.bill import Costs


class BillLine(msgspec.Struct, frozen=True, rename={"list_": "list"}):
    """A usage type of an account in the month.

    ``list``: list price of the bytes and days that CloudWatch saw in the buckets of the report; null: no price known.
    ``billed`` = ``attributed`` + ``unattributed``, and ``difference`` = ``billed`` - ``list``. ``quantity``: as
    billed, in ``unit``; ``observed``: GB-months (GB = 2^30 bytes) that CloudWatch saw, null where it is not storage of
    buckets. ``to_date``: billed since the month. ``reason``: the likely cause of the difference; empty: there is none.
    """

    account: str
    usage_type: str
    list_: float | None
    billed: float
    attributed: float
    unattributed: float
    difference: float | None
    quantity: float
    unit: str
    observed: float | None
    to_date: float
    reason: str


class ToDate(msgspec.Struct, frozen=True):
    """The current month: ``through`` is the last day in it."""

    month: date
    through: date
    billed: float
    estimated: bool


class Tagged(msgspec.Struct, frozen=True):
    """By which tag costs were told apart. ``untagged``: what carries none; ``elsewhere``: what carries a value that is
    no bucket of the report, and how many such ``values`` there are. All in the unattributed."""

    tag: str
    untagged: float
    elsewhere: float
    values: int


class Bill(msgspec.Struct, frozen=True, rename={"list_": "list"}):
    """Amounts in ``currency``, those of a month; each column of the rows adds up to its total here. Null where the
    bill did not arrive. ``month``: its first day. ``estimated``: AWS may still change it. ``list`` and ``difference``
    are of the rows that have one."""

    costs: Costs
    month: date
    days: int
    payer: str | None
    currency: str
    estimated: bool | None
    list_: float | None
    billed: float | None
    attributed: float | None
    unattributed: float | None
    difference: float | None
    to_date: ToDate | None
    tagged: Tagged | None
    rows: list[BillLine]
