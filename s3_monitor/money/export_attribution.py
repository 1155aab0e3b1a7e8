"""Attribution of a billing export to buckets: each charge names its bucket.

A bucket has its charges for usage, unblended. Taxes, credits, refunds and discounts are not attributed, even if they
name a bucket, and neither are charges without a bucket of the report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import UNSET

from s3_monitor.model.bill import (
    BillData,
    BillMonth,
    BucketCharges,
    ChargeAmount,
    ChargeLine,
    CostQuery,
    ExportedCharges,
)
from s3_monitor.model.series import Series, Window
from s3_monitor.money.attribution import Attribution, BucketShare, LineKey
from s3_monitor.money.list_pricing import Exact, to_units
from s3_monitor.money.regions import split_usage_type
from s3_monitor.money.storage_types import usage_types
from s3_monitor.money.usage_groups import USAGE, storage_type, usage_group

# Types of charges that are not usage, by patterns of their names in CUR and FOCUS.
_TYPES = (
    (re.compile(r".*Tax.*"), "tax"),
    (re.compile(r".*Credit.*"), "credits"),
    (re.compile(r".*Refund.*"), "refunds"),
    (re.compile(r".*Discount.*"), "discounts"),
    (re.compile(r".*Fee.*|Purchase"), "fees"),
    (re.compile(r"Adjustment"), "adjustments"),
)
_NO_CHARGES = ExportedCharges("", [], [], [], has_requests=False, has_net=False)
_LIST_BUCKETS = ("ListAllMyBuckets", "ListBuckets")


class Amounts(NamedTuple):
    """A sum of charges, in units of 10^-76."""

    usd: Exact = 0
    net: Exact = 0
    """After discounts."""

    def plus(self, charge: ChargeAmount) -> Amounts:
        """Return the sum with another charge."""
        usd = to_units(charge.usd)
        return Amounts(self.usd + usd, self.net + (usd if charge.net is None else to_units(charge.net)))


class _Line(NamedTuple):
    key: LineKey  # without the account
    group: str
    storage_type: str | None  # None: no storage, or one of several storage types
    type: str  # of charges that are not usage; empty: usage
    is_storage: bool
    is_described: bool = False  # storage with a description instead of a usage type


class ExportAttribution(Attribution):
    """Attributes one month of a billing export to buckets, which are added one at a time."""

    def __init__(self, query: CostQuery, month: BillMonth | None, window: Window) -> None:
        super().__init__(query, month, window)
        exported = month.exported if month is not None else UNSET
        self._exported = exported if isinstance(exported, ExportedCharges) else _NO_CHARGES
        self._charge_lines = [_line(line) for line in self._exported.lines]
        self._buckets = {(one.account, one.bucket): one for one in self._exported.buckets}
        self._keys: dict[tuple[str, int], LineKey] = {}
        self._is_added: set[tuple[str, str]] = set()
        self._is_deleted: set[tuple[str, str]] = set()
        self.groups: dict[str, Exact] = {}
        """Usage group → attributed amount."""
        self.net: Exact = 0
        """Attributed charges after discounts."""

    def add_deleted(self, account: str, region: str, name: str, sizes: Mapping[str, Series]) -> None:
        """Add a deleted bucket, which explains a part of the unattributed amounts."""
        if (account, name) in self._is_added or (account, name) in self._is_deleted:
            return
        self._is_deleted.add((account, name))
        for line, charge in self._charges(self._buckets.get((account, name))):
            if not line.type:
                key = line.key._replace(account=account)
                self.deleted[key] = self.deleted.get(key, 0) + to_units(charge.usd)

    def _share(self, account: str, region: str, name: str, amounts: Mapping[str, Exact]) -> BucketShare:
        """Return the charges of the bucket. A bucket without charges has an amount of 0."""
        self._is_added.add((account, name))
        bucket = self._buckets.get((account, name))
        total, net = 0, 0  # type: Exact, Exact
        is_described = False
        groups: dict[str, Exact] = {}
        # The charges of a storage type without a known usage type are found only by their operation.
        lines: dict[str, Exact | None] = {
            type_: None if amount and type_ not in usage_types() else 0 for type_, amount in amounts.items()
        }
        for line, charge in self._charges(bucket):
            usd = to_units(charge.usd)
            # The net amount is that of usage, and of discounts that usage does not include.
            if not line.type or (line.type == "discounts" and not self._exported.has_net):
                net += usd if charge.net is None else to_units(charge.net)
            if line.type:
                continue
            key = self._key(account, charge.line)
            self.attributed[key] = self.attributed.get(key, 0) + usd
            total += usd
            groups[line.group] = groups.get(line.group, 0) + usd
            if (type_ := line.storage_type) is not None:
                if type_ in lines:
                    lines[type_] = (lines[type_] or 0) + usd
            elif line.is_storage:  # without an operation
                for type_, share in self._divide(usd, key, region, amounts).items():
                    lines[type_] = (lines[type_] or 0) + share
            is_described |= line.is_described
        if is_described:
            lines = dict.fromkeys(amounts)
        self.net += net
        for group, amount in groups.items():
            self.groups[group] = self.groups.get(group, 0) + amount
        return BucketShare(total, lines, groups, net)

    def _key(self, account: str, index: int) -> LineKey:
        """Return the key of a line of an account. There are few keys, and many charges."""
        if (key := self._keys.get((account, index))) is None:
            key = self._keys[account, index] = self._charge_lines[index].key._replace(account=account)
        return key

    def _charges(self, bucket: BucketCharges | None) -> Iterator[tuple[_Line, ChargeAmount]]:
        for charge in bucket.charges if bucket is not None else ():
            yield self._charge_lines[charge.line], charge

    def unattributed(self) -> dict[str, Amounts]:
        """Return type of charge → the charges that are not attributed, after all buckets are added."""
        sums: dict[str, Amounts] = {}
        for bucket in (*self._exported.buckets, *self._exported.others):
            is_added = (bucket.account, bucket.bucket) in self._is_added
            for line, charge in self._charges(bucket):
                if is_added and not line.type:
                    continue
                type_ = line.type or self._type_without_bucket(bucket, line, charge)
                sums[type_] = sums.get(type_, Amounts()).plus(charge)
        return sums

    def _type_without_bucket(self, bucket: BucketCharges, line: _Line, charge: ChargeAmount) -> str:
        if not bucket.bucket:
            operation = self._exported.lines[charge.line].operation
            return "list-buckets" if operation in _LIST_BUCKETS else line.group
        if (bucket.account, bucket.bucket) in self._is_deleted:
            return "deleted-buckets"
        return "other-buckets" if (bucket.account, bucket.bucket) in self._buckets else "other-resources"


def last_requests(bill: BillData) -> dict[tuple[str, str], int] | None:
    """Return account and bucket → start of the last period with object requests; None: not in the export."""
    months = [month.exported for month in bill.months if isinstance(month.exported, ExportedCharges)]
    if not any(month.has_requests for month in months):
        return None
    found: dict[tuple[str, str], int] = {}
    for bucket in (bucket for month in months for bucket in month.buckets):
        if bucket.requested is not None:
            key = (bucket.account, bucket.bucket)
            found[key] = max(found.get(key, 0), bucket.requested)
    return found


def _line(line: ChargeLine) -> _Line:
    key = LineKey("", *split_usage_type(line.usage_type))
    if line.type != USAGE:
        type_ = next((name for pattern, name in _TYPES if pattern.fullmatch(line.type)), "other")
        return _Line(key, "", None, type_, is_storage=False)
    group = usage_group(line.usage_type, line.operation)
    is_storage = group.startswith("storage-")
    of_type = storage_type(key.usage_type, line.operation)
    if of_type is None and key.usage_type not in usage_types().values():
        of_type = line.operation or None
    is_described = is_storage and of_type is None and " " in key.usage_type
    return _Line(key, group, of_type, "", is_storage, is_described)
