"""The rules for the bill in a part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from operator import lt
from typing import Any

from msgspec import UNSET

from s3_monitor.model.bill import BillMonth, BucketCharges, ExportedCharges
from s3_monitor.model.bounds import is_money
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Shard
from s3_monitor.money.list_pricing import CONTEXT


def bill_error(part: Part, shard: Shard) -> str:
    """Return what is invalid in the bill of a part; empty: nothing."""
    if part.bill is UNSET or shard.bill is None:
        return "" if part.bill is UNSET else "a bill that its shard does not request"
    firsts = [month.first for month in part.bill.months]
    if len(set(firsts)) != len(firsts) or not set(firsts) <= {shard.bill.start, shard.bill.current}:
        return "months that were not requested"
    if part.bill.complete and shard.bill.start not in firsts:
        return "a complete bill without its month"
    for month in part.bill.months:
        keys = [(row.account, row.usage_type) for row in month.rows]
        if len(set(keys)) != len(keys):
            return "duplicate usage types of an account"
        if not {row.account for row in month.rows} <= set(shard.bill.accounts):
            return "an account that was not requested"
        if not all(map(is_money, _amounts(month))):
            return "an amount out of range"
        if (month.exported is UNSET) == (shard.bill.export is not None):
            return "a bill from another source than its shard requests"
        if month.exported is not UNSET and (error := _charges_error(month.exported, month)):
            return error
    return ""


def _amounts(month: BillMonth) -> Iterator[Decimal]:
    for row in month.rows:
        yield row.usd
        yield row.quantity
    yield from (row.usd for row in month.tagged) if month.tagged is not UNSET else ()
    for bucket in _all_charges(month.exported) if month.exported is not UNSET else ():
        for charge in bucket.charges:
            yield charge.usd
            yield from () if charge.net is None else (charge.net,)


def _all_charges(exported: ExportedCharges) -> Iterable[BucketCharges]:
    return chain(exported.buckets, exported.others)


def _charges_error(exported: ExportedCharges, month: BillMonth) -> str:
    """Return what is invalid in the charges of an export, whose sums must be the rows of the month."""
    if len({*exported.lines}) < len(exported.lines):
        return "duplicate lines of charges"
    for charges in (exported.buckets, exported.others):
        if not is_ascending([(bucket.account, bucket.bucket) for bucket in charges]):
            return "charges of unsorted or duplicate buckets"
    sums: dict[tuple[str, str], Decimal] = {}
    for bucket in _all_charges(exported):
        if not is_ascending([charge.line for charge in bucket.charges]):
            return "unsorted or duplicate charges of a bucket"
        for charge in bucket.charges:
            if charge.line >= len(exported.lines):
                return "charges of an unknown line"
            key = (bucket.account, exported.lines[charge.line].usage_type)
            sums[key] = CONTEXT.add(sums.get(key, Decimal(0)), charge.usd)
    if sums != {(row.account, row.usage_type): row.usd for row in month.rows}:
        return "charges that do not add up to the bill"
    return ""


def is_ascending(items: Sequence[Any]) -> bool:
    """Return whether items are sorted and distinct."""
    return all(map(lt, items, islice(items, 1, None)))
