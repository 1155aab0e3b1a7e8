"""What was billed, shared out to buckets: by the days that their bytes were there, or by a tag. Exact.

Amounts are whole numbers of 10^-76 of the bill's currency, or fractions of them, as in money/list_pricing.py: the
attributed and the unattributed amounts add up to the bill exactly, in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from s3_monitor.model.bill import BillMonth, CostQuery
from s3_monitor.model.series import Series, Window
from s3_monitor.model.usage_units import is_gb_months, shared_unit
from s3_monitor.money.billing_codes import codes_by_region, split_usage_type
from s3_monitor.money.byte_days import byte_days
from s3_monitor.money.list_pricing import Exact
from s3_monitor.money.storage_types import usage_types

UNIT = 10**76  # of one dollar
_GB = 2**30
_LATEST_DAYS = 3  # from today on back: the newest day with figures


class LineKey(NamedTuple):
    """A line of the bill: ``usage_type`` without the region's prefix."""

    account: str
    region: str
    usage_type: str


class BilledLine(NamedTuple):
    """``name``: the usage type as the bill writes it. ``quantity``: GB-months of storage, or in ``unit``."""

    name: str
    usd: Exact
    quantity: Decimal
    unit: str


class BucketShare(NamedTuple):
    """A bucket's part of a month: ``total`` null where it is not known, ``lines`` by storage type, those included
    that it no longer has. By a tag the total has more in it than its lines: requests, transfer and the like."""

    total: Exact | None
    lines: dict[str, Exact | None]


class _Line(NamedTuple):
    """How a storage type of a place is billed; ``rate`` null: nobody knows."""

    key: LineKey | None
    rate: int | None  # for a byte and day


def billed_lines(month: BillMonth) -> dict[LineKey, BilledLine]:
    """The rows by key. Two names of one thing (TimedStorage-ByteHrs and USE1-TimedStorage-ByteHrs) are one."""
    lines: dict[LineKey, BilledLine] = {}
    for row in month.rows:
        key = LineKey(row.account, *split_usage_type(row.usage_type))
        usd = to_units(row.usd)
        known = lines.get(key)
        if known is not None:
            unit = shared_unit((known.quantity, known.unit), (row.quantity, row.unit))
            lines[key] = BilledLine(known.name, known.usd + usd, known.quantity + row.quantity, unit)
        else:
            lines[key] = BilledLine(row.usage_type, usd, row.quantity, row.unit)
    return lines


def to_units(usd: Decimal) -> Exact:
    """In the unit of amounts. Bills have ten decimals or so: this is whole."""
    amount = Fraction(usd) * UNIT
    return amount.numerator if amount.denominator == 1 else amount


class Attribution:
    """Buckets are added one by one; then it says how much of each line they explain. ``month`` null: the bill did not
    arrive, and no share is known."""

    def __init__(self, question: CostQuery, month: BillMonth | None, window: Window) -> None:
        self.billed = {} if month is None else billed_lines(month)
        self.attributed: dict[LineKey, Exact] = {}
        self.deleted: dict[LineKey, Exact] = {}  # what buckets explain that are deleted: part of the rest
        self.observed: dict[tuple[str, str], dict[str, Exact]] = {}  # place → storage type → byte-days
        self._newest: dict[tuple[str, str], int] = {}  # place → the newest day with figures
        self._question, self._month = question, month
        self._today = window.days - 1
        self._first, self._end = window.offset(question.start), window.offset(question.current)
        self._accounts = {row.account for row in month.rows} if month is not None else set()
        self._lines: dict[tuple[str, str, str], _Line] = {}
        self._tagged: dict[str, list[tuple[str, Exact]]] = {}
        for row in (month.tagged or ()) if month is not None else ():
            self._tagged.setdefault(row.value, []).append((row.usage_type, to_units(row.usd)))
        self.used: set[str] = set()  # values of the tag that are buckets

    def add(self, account: str, region: str, name: str, sizes: Mapping[str, Series]) -> BucketShare:
        """The share of a bucket, ``sizes`` its daily bytes by storage type."""
        held = {type_: byte_days(series, self._first, self._end) for type_, series in sizes.items()}
        place = self.observed.setdefault((account, region), {})
        self._see(account, region, sizes)
        for type_, amount in held.items():
            if amount:
                place[type_] = place.get(type_, 0) + amount
        if self._month is None or account not in self._accounts:
            return BucketShare(None, dict.fromkeys(held))
        if self._question.tag:
            return self._by_tag(account, region, name, held)
        return self._by_bytes(account, region, held, self.attributed)

    def add_deleted(self, account: str, region: str, name: str, sizes: Mapping[str, Series]) -> None:
        """A bucket that is no more: what is known of it says where some of the rest comes from."""
        held = {type_: byte_days(series, self._first, self._end) for type_, series in sizes.items()}
        self._see(account, region, sizes)
        if account not in self._accounts:
            return
        if self._question.tag:
            for usage_type, usd in self._tagged.get(name, ()):
                key = LineKey(account, *split_usage_type(usage_type))
                self.deleted[key] = self.deleted.get(key, 0) + usd
        else:
            self._by_bytes(account, region, held, self.deleted)

    def late_days(self, account: str, region: str) -> int:
        """Return how many days at the end of the month CloudWatch has not published yet for a region. AWS: figures come
        a day later, sometimes two; a region without newer ones for longer has lost its buckets."""
        newest = self._newest.get((account, region), -1)
        return max(0, self._end - 1 - newest) if newest >= self._today - _LATEST_DAYS else 0

    def _see(self, account: str, region: str, sizes: Mapping[str, Series]) -> None:
        newest = max((series.day for series in sizes.values()), default=-1)
        self._newest[account, region] = max(self._newest.get((account, region), -1), newest)

    def key(self, account: str, region: str, type_: str) -> LineKey | None:
        """The line that a storage type is billed on; null: not known."""
        return self._line(account, region, type_).key

    def unmatched_tags(self) -> dict[str, Exact]:
        """What carries no tag (empty), and values that are no bucket of the report, with their sums."""
        return {
            value: sum((usd for _, usd in rows), 0) for value, rows in self._tagged.items() if value not in self.used
        }

    def _by_bytes(
        self, account: str, region: str, held: Mapping[str, Exact], sums: dict[LineKey, Exact]
    ) -> BucketShare:
        total: Exact | None = 0
        lines: dict[str, Exact | None] = {}
        for type_, amount in held.items():
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

    def _by_tag(self, account: str, region: str, name: str, held: Mapping[str, Exact]) -> BucketShare:
        """Each usage type's dollars go to the bucket's storage types of it, by their bytes and days."""
        lines: dict[str, Exact | None] = dict.fromkeys(held)
        if name not in self._tagged:
            return BucketShare(None, lines)
        self.used.add(name)
        total: Exact = 0
        for usage_type, usd in self._tagged[name]:
            key = LineKey(account, *split_usage_type(usage_type))
            self.attributed[key] = self.attributed.get(key, 0) + usd
            total += usd
            of_key = {type_: amount for type_, amount in held.items() if self.key(account, region, type_) == key}
            whole = sum(of_key.values())
            for type_, amount in of_key.items():
                share = Fraction(usd) * amount / whole if whole else Fraction(0)
                lines[type_] = (lines[type_] or 0) + share
        return BucketShare(total, lines)

    def _line(self, account: str, region: str, type_: str) -> _Line:
        found = self._lines.get((account, region, type_))
        if found is None:
            found = self._lines[account, region, type_] = self._find(account, region, type_)
        return found

    def _find(self, account: str, region: str, type_: str) -> _Line:
        usage_type = usage_types().get(type_)
        if usage_type is None or region not in codes_by_region():
            return _Line(None, None)
        key = LineKey(account, region, usage_type)
        billed = self.billed.get(key)
        if billed is None:
            return _Line(key, 0)  # the bill is whole, and has nothing of it
        if billed.quantity == 0:
            return _Line(key, 0)  # credits, taxes: dollars that no byte explains
        if not is_gb_months(billed.unit):
            return _Line(key, None)
        return _Line(key, int(Fraction(billed.usd) / Fraction(billed.quantity) / (self._question.days * _GB)))
