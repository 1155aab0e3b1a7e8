"""The result of the SQL of a billing export → the month of a bill, as a part holds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from msgspec import UNSET

from s3_monitor.exports.billing_sql import ChargeGroup
from s3_monitor.model.bill import (
    BillMonth,
    BillRow,
    BucketCharges,
    ChargeAmount,
    ChargeLine,
    ExportedCharges,
    TagRow,
    shared_unit,
)
from s3_monitor.model.bounds import is_money, time_or_none
from s3_monitor.money.list_pricing import CONTEXT
from s3_monitor.money.regions import codes_by_region, split_usage_type, usage_type_on_bill
from s3_monitor.objects.manifest import InvalidReportError

USAGE = "Usage"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_ZERO = Decimal(0)
_LINE = slice(ChargeGroup._fields.index("type"), ChargeGroup._fields.index("unit") + 2)  # what determines the line
_KNOWN_PREFIX = re.compile(r"[A-Z]{2,4}[0-9]?-.+")


class ExportSource(NamedTuple):
    """Where the charges of a month are from."""

    month: date
    """First day of the month."""
    origin: str
    """Location, format and number of files."""
    has_requests: bool
    has_net: bool
    has_tags: bool


class ExportedMonth(NamedTuple):
    """A month of a billing export."""

    month: BillMonth
    payer: str
    """Account id; empty: not in the export."""
    currencies: tuple[str, ...]
    until: str
    """End of the last period with usage, as text; empty: not in the export."""
    invalid: tuple[str, ...]
    """Usage types with an amount that is not a number or out of bounds. They are not in the month."""


def month_of(groups: Iterable[ChargeGroup], source: ExportSource, estimated: bool) -> ExportedMonth:
    """Return the month. ``groups``: in the order of the result. ``estimated``: AWS may still change the bill.

    Raises InvalidReportError for values that are not those of the SQL.
    """
    builder = _MonthBuilder(source)
    try:
        with localcontext(CONTEXT):
            for (account, resource), of_resource in groupby(groups, key=itemgetter(0, 1)):
                builder.add(account, resource, of_resource)
            return builder.build(estimated)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise InvalidReportError(f"could not read the result: {error}", "report this as a defect") from error


class _Row:
    """The sum of a usage type of an account."""

    __slots__ = ("quantity", "unit", "usd")

    def __init__(self, unit: str) -> None:
        self.usd, self.quantity, self.unit = Decimal(0), Decimal(0), unit

    def add(self, usd: Decimal, quantity: Decimal, unit: str) -> None:
        if unit != self.unit:
            self.unit = shared_unit((self.quantity, self.unit), (quantity, unit))
        self.usd += usd
        self.quantity += quantity


class _MonthBuilder:
    """Sums decimal numbers in the context of its caller."""

    def __init__(self, source: ExportSource) -> None:
        self._source = source
        # In the order of the result, which no division into batches changes.
        self._lines: dict[ChargeLine, int] = {}
        self._line_of_keys: dict[tuple[Any, ...], tuple[ChargeLine, int]] = {}
        self._rows: dict[tuple[str, str], _Row] = {}
        self._tagged: dict[tuple[str, str], Decimal] = {}
        self._buckets: list[BucketCharges] = []
        self._others: list[BucketCharges] = []
        self._payers: set[str] = set()
        self._currencies: set[str] = set()
        self._until = ""
        self._invalid: set[str] = set()

    def add(self, account: str, resource: str, groups: Iterable[ChargeGroup]) -> None:
        """Add the groups of a resource."""
        is_bucket = _BUCKET.fullmatch(resource) is not None
        sums: dict[int, tuple[Decimal, Decimal]] = {}
        requested = ""
        for group in groups:
            line, index = self._line(group, is_bucket)
            usd, quantity = Decimal(group.usd), Decimal(group.quantity)
            net = usd if group.net == group.usd else Decimal(group.net)
            if int(group.faults) or not (is_money(usd) and is_money(net) and is_money(quantity)):
                self._invalid.add(line.usage_type)
                continue
            sum_of_usd, sum_of_net = sums.get(index, (_ZERO, _ZERO))
            sums[index] = (sum_of_usd + usd, sum_of_net + net)
            self._add_row(account, line, group, usd, quantity)
            requested = max(requested, group.requested or "")
            self._until = max(self._until, group.end or "")
        if sums:
            target = self._buckets if is_bucket else self._others
            seconds = _seconds(requested) if requested else None
            target.append(BucketCharges(account, resource, seconds, tuple(_amounts(sums))))

    def _line(self, group: ChargeGroup, is_bucket: bool) -> tuple[ChargeLine, int]:
        keys = (group[_LINE], is_bucket)
        found = self._line_of_keys.get(keys)
        if found is None:
            line = _line_of(group, is_bucket)
            found = self._line_of_keys[keys] = (line, self._lines.setdefault(line, len(self._lines)))
            self._currencies.add(group.currency)
            self._payers |= {group.payer} if group.payer else set()
        return found

    def _add_row(self, account: str, line: ChargeLine, group: ChargeGroup, usd: Decimal, quantity: Decimal) -> None:
        key = (account, line.usage_type)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = _Row(group.unit)
        row.add(usd, quantity if line.type == USAGE else _ZERO, group.unit)
        if self._source.has_tags:
            of_tag = (group.tag, line.usage_type)
            self._tagged[of_tag] = self._tagged.get(of_tag, _ZERO) + usd

    def build(self, estimated: bool) -> ExportedMonth:
        """Return the month of all groups."""
        source = self._source
        exported = ExportedCharges(
            source.origin, list(self._lines), self._buckets, self._others, source.has_requests, source.has_net
        )
        rows = [
            BillRow(*key, _plain(row.usd), _plain(row.quantity), row.unit) for key, row in sorted(self._rows.items())
        ]
        tagged = [TagRow(*key, _plain(self._tagged[key])) for key in sorted(self._tagged)]
        month = BillMonth(source.month, estimated, rows, tagged if source.has_tags else UNSET, exported)
        return ExportedMonth(
            month,
            min(self._payers, default=""),
            tuple(sorted(self._currencies)),
            self._until,
            tuple(sorted(self._invalid)),
        )


def _amounts(sums: Mapping[int, tuple[Decimal, Decimal]]) -> Iterator[ChargeAmount]:
    for index, (usd, net) in sorted(sums.items()):
        yield ChargeAmount(index, _plain(usd), None if net == usd else _plain(net))


def _line_of(group: ChargeGroup, is_bucket: bool) -> ChargeLine:
    """Return the line of a charge. Charges that are not usage have a line by their type."""
    if group.type != USAGE:
        return ChargeLine(group.type or "NoType", "", group.type)
    usage_type = _with_region(group.usage_type, group.region)
    if int(group.vault) and not is_bucket:
        region, own = split_usage_type(usage_type)
        usage_type = usage_type_on_bill(region, f"Vault-{own}") or usage_type
    return ChargeLine(usage_type, group.operation, group.type)


def _with_region(usage_type: str, region: str) -> str:
    """Return the usage type with the prefix of its region, which some meters of FOCUS do not have."""
    has_form = usage_type and " " not in usage_type
    if not has_form or not codes_by_region().get(region) or _KNOWN_PREFIX.fullmatch(usage_type):
        return usage_type
    return usage_type_on_bill(region, usage_type) or usage_type


def _seconds(text: str) -> int | None:
    try:
        return time_or_none(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None


def _plain(amount: Decimal) -> Decimal:
    """Return the amount without trailing zeros, so that any division into batches gives the same text."""
    return amount.normalize() if amount else _ZERO
