"""Attribution of billed amounts to buckets, by stored byte-days or by a cost allocation tag.

Amounts are exact numbers in units of 10^-76 of the bill's currency, as in ``list_pricing``: the attributed and the
unattributed amounts add up to the bill exactly, in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from s3_monitor.model.bill import BillMonth, CostQuery, is_gb_months, shared_unit
from s3_monitor.model.series import Series, Window
from s3_monitor.money.list_pricing import Exact, to_units
from s3_monitor.money.regions import codes_by_region, split_usage_type
from s3_monitor.money.storage_types import usage_types

_GB = 2**30
_MAX_DELAY_DAYS = 3  # a region without points for longer has lost its buckets


class LineKey(NamedTuple):
    """The key of a line of the bill."""

    account: str
    region: str
    usage_type: str
    """Without the region's prefix."""


class BilledLine(NamedTuple):
    """A line of the bill."""

    name: str
    """The usage type with the region's prefix, as on the bill."""
    usd: Exact
    """In units of 10^-76."""
    quantity: Decimal
    """GB-months of storage, or in ``unit``."""
    unit: str


class BucketShare(NamedTuple):
    """The part of a month's bill that is attributed to a bucket. None: unknown."""

    total: Exact | None
    """With a tag, this includes requests, transfer and other charges that are not in ``lines``."""
    lines: dict[str, Exact | None]
    """By storage type, including types that the bucket no longer has."""
    groups: Mapping[str, Exact] | None = None
    """By usage group; only from a billing export."""
    net: Exact | None = None
    """After discounts; only from a billing export."""


class _StorageLine(NamedTuple):
    """The line of the bill for a storage type of an account and region. None: unknown."""

    key: LineKey | None
    rate: int | None
    """Units per byte and day."""


def billed_lines(month: BillMonth) -> dict[LineKey, BilledLine]:
    """Return the lines by key, with the sums of equivalent names (TimedStorage-ByteHrs, USE1-TimedStorage-ByteHrs)."""
    lines: dict[LineKey, BilledLine] = {}
    for row in month.rows:
        key = LineKey(row.account, *split_usage_type(row.usage_type))
        usd = to_units(row.usd)
        line = lines.get(key)
        if line is None:
            lines[key] = BilledLine(row.usage_type, usd, row.quantity, row.unit)
        else:
            unit = shared_unit((line.quantity, line.unit), (row.quantity, row.unit))
            lines[key] = BilledLine(line.name, line.usd + usd, line.quantity + row.quantity, unit)
    return lines


def byte_days(series: Series, first: int, end: int) -> int | Fraction:
    """Return the exact sum over the days from offset ``first`` to before ``end``; days without a point add nothing."""
    newest = series.day
    if newest < first:
        return 0
    # The values are in order of age: index 0 is the newest day.
    values = [value for value in series.values()[max(0, newest - end + 1) : newest - first + 1] if value is not None]
    total = sum(values)
    return total if isinstance(total, int) else sum(map(Fraction, values), Fraction(0))


class Attribution:
    """Attributes one month of the bill to buckets, which are added one at a time.

    ``month``: None if the bill is not available; then all shares are unknown.
    """

    def __init__(self, query: CostQuery, month: BillMonth | None, window: Window) -> None:
        self.billed = {} if month is None else billed_lines(month)
        self.attributed: dict[LineKey, Exact] = {}
        self.deleted: dict[LineKey, Exact] = {}
        """The part of the unattributed amounts that deleted buckets explain."""
        self.observed: dict[tuple[str, str], dict[str, Exact]] = {}
        """(account, region) → storage type → byte-days."""
        self.used: set[str] = set()
        """Values of the tag that are names of buckets."""
        self._newest: dict[tuple[str, str], int] = {}  # (account, region) → newest day with a point
        self._query, self._month = query, month
        self._today = window.days - 1
        self._first, self._end = window.offset(query.start), window.offset(query.current)
        self._accounts = {row.account for row in month.rows} if month is not None else set()
        self._lines: dict[tuple[str, str, str], _StorageLine] = {}
        self._tagged: dict[str, list[tuple[str, Exact]]] = {}
        for row in (month.tagged or ()) if month is not None else ():
            self._tagged.setdefault(row.value, []).append((row.usage_type, to_units(row.usd)))

    def add(self, account: str, region: str, name: str, sizes: Mapping[str, Series]) -> BucketShare:
        """Add a bucket and return its share. ``sizes``: daily bytes by storage type."""
        amounts = self._byte_days(account, region, sizes)
        observed = self.observed.setdefault((account, region), {})
        for type_, amount in amounts.items():
            if amount:
                observed[type_] = observed.get(type_, 0) + amount
        if self._month is None or account not in self._accounts:
            return BucketShare(None, dict.fromkeys(amounts))
        return self._share(account, region, name, amounts)

    def _share(self, account: str, region: str, name: str, amounts: Mapping[str, Exact]) -> BucketShare:
        if self._query.tag:
            return self._by_tag(account, region, name, amounts)
        return self._by_bytes(account, region, amounts, self.attributed)

    def add_deleted(self, account: str, region: str, name: str, sizes: Mapping[str, Series]) -> None:
        """Add a deleted bucket, which explains a part of the unattributed amounts."""
        amounts = self._byte_days(account, region, sizes)
        if account not in self._accounts:
            return
        if self._query.tag:
            for usage_type, usd in self._tagged.get(name, ()):
                key = LineKey(account, *split_usage_type(usage_type))
                self.deleted[key] = self.deleted.get(key, 0) + usd
        else:
            self._by_bytes(account, region, amounts, self.deleted)

    def late_days(self, account: str, region: str) -> int:
        """Return the number of days at the end of the month without points in a region, if they are only delayed.

        AWS: CloudWatch publishes the points of a day one or two days later.
        """
        newest = self._newest.get((account, region), -1)
        return max(0, self._end - 1 - newest) if newest >= self._today - _MAX_DELAY_DAYS else 0

    def _byte_days(self, account: str, region: str, sizes: Mapping[str, Series]) -> dict[str, Exact]:
        newest = max((series.day for series in sizes.values()), default=-1)
        self._newest[account, region] = max(self._newest.get((account, region), -1), newest)
        return {type_: byte_days(series, self._first, self._end) for type_, series in sizes.items()}

    def key(self, account: str, region: str, type_: str) -> LineKey | None:
        """Return the key of the line for a storage type, or None if AWS does not publish its usage type."""
        return self._line(account, region, type_).key

    def unmatched_tags(self) -> dict[str, Exact]:
        """Return the sums of the values of the tag that are not a bucket of the report; an empty value is no tag."""
        return {
            value: sum((usd for _, usd in rows), 0) for value, rows in self._tagged.items() if value not in self.used
        }

    def _by_bytes(
        self, account: str, region: str, amounts: Mapping[str, Exact], sums: dict[LineKey, Exact]
    ) -> BucketShare:
        total: Exact | None = 0
        lines: dict[str, Exact | None] = {}
        for type_, amount in amounts.items():
            key, rate = self._line(account, region, type_)
            if key is None or rate is None:
                lines[type_] = None if amount else 0
                total = None if amount else total
                continue
            share = rate * amount
            lines[type_] = share
            total = None if total is None else total + share
            if share:
                sums[key] = sums.get(key, 0) + share
        return BucketShare(total, lines)

    def _by_tag(self, account: str, region: str, name: str, amounts: Mapping[str, Exact]) -> BucketShare:
        """Divide the amount of each usage type among the bucket's storage types by their byte-days."""
        lines: dict[str, Exact | None] = dict.fromkeys(amounts)
        if name not in self._tagged:
            return BucketShare(None, lines)
        self.used.add(name)
        total: Exact = 0
        for usage_type, usd in self._tagged[name]:
            key = LineKey(account, *split_usage_type(usage_type))
            self.attributed[key] = self.attributed.get(key, 0) + usd
            total += usd
            for type_, share in self._divide(usd, key, region, amounts).items():
                lines[type_] = (lines[type_] or 0) + share
        return BucketShare(total, lines)

    def _divide(self, usd: Exact, key: LineKey, region: str, amounts: Mapping[str, Exact]) -> dict[str, Fraction]:
        """Divide the amount of a line among the bucket's storage types by their byte-days."""
        of_key = {type_: amount for type_, amount in amounts.items() if self.key(key.account, region, type_) == key}
        total = sum(of_key.values())
        return {type_: Fraction(usd) * amount / total if total else Fraction(0) for type_, amount in of_key.items()}

    def _line(self, account: str, region: str, type_: str) -> _StorageLine:
        key = (account, region, type_)
        if key not in self._lines:
            self._lines[key] = self._find_line(account, region, type_)
        return self._lines[key]

    def _find_line(self, account: str, region: str, type_: str) -> _StorageLine:
        usage_type = usage_types().get(type_)
        if usage_type is None or region not in codes_by_region():
            return _StorageLine(None, None)
        key = LineKey(account, region, usage_type)
        billed = self.billed.get(key)
        # A complete bill without the line, or a line without a quantity (credits, taxes), attributes 0 to bytes.
        if billed is None or billed.quantity == 0:
            return _StorageLine(key, 0)
        if not is_gb_months(billed.unit):
            return _StorageLine(key, None)
        return _StorageLine(key, int(Fraction(billed.usd) / Fraction(billed.quantity) / (self._query.days * _GB)))
