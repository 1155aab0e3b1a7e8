"""The result of the SQL of a billing export → the month of a bill, as a part holds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from msgspec import UNSET

from s3_monitor.exports.billing_sql import SEPARATOR, ChargeGroup, ChargeKey
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
from s3_monitor.model.bounds import time_or_none
from s3_monitor.money.list_pricing import CONTEXT
from s3_monitor.money.regions import codes_by_region, split_usage_type, usage_type_on_bill
from s3_monitor.objects.manifest import InvalidReportError

USAGE = "Usage"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_ZERO = Decimal(0)
_DECIMALS = 12
_MAX_UNITS = 10 ** (15 + _DECIMALS)  # as model.bounds.is_money
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


class _Sum:
    """The sum of a usage type of an account, in units of 10^-12."""

    __slots__ = ("quantity", "unit", "usd")

    def __init__(self, unit: str) -> None:
        self.usd, self.quantity, self.unit = 0, 0, unit

    def add(self, usd: int, quantity: int, unit: str) -> None:
        if unit != self.unit:
            self.unit = shared_unit((Decimal(self.quantity), self.unit), (Decimal(quantity), unit))
        self.usd += usd
        self.quantity += quantity


class _Line(NamedTuple):
    """Where the charges with a key belong to."""

    number: int
    """Index of the line in the month."""
    is_usage: bool
    sum: _Sum
    unit: str
    tag: str
    usage_type: str


class _MonthBuilder:
    """Sums amounts as integers, in units of 10^-12: half of the time of decimal numbers."""

    def __init__(self, source: ExportSource) -> None:
        self._source = source
        # In the order of the result, which no division into batches changes.
        self._lines: dict[ChargeLine, int] = {}
        self._line_of_keys: dict[tuple[str, str, bool], _Line] = {}
        self._sums: dict[tuple[str, str], _Sum] = {}
        self._tagged: dict[tuple[str, str], int] = {}
        self._buckets: list[BucketCharges] = []
        self._others: list[BucketCharges] = []
        self._payers: set[str] = set()
        self._currencies: set[str] = set()
        self._until = ""
        self._invalid: set[str] = set()

    def add(self, account: str, resource: str, groups: Iterable[ChargeGroup]) -> None:
        """Add the groups of a resource."""
        is_bucket = _BUCKET.fullmatch(resource) is not None
        sums: dict[int, tuple[int, int]] = {}
        last_request = ""
        for _, _, key, usd_text, net_text, quantity_text, requested, end, faults in groups:
            usd, quantity = _units(usd_text), _units(quantity_text)
            net = usd if net_text is None else _units(net_text)
            if int(faults) or max(abs(usd), abs(net), abs(quantity)) >= _MAX_UNITS:
                self._invalid.add(_line_of(_charge_key(key), is_bucket).usage_type)
                continue
            line = self._line_of_keys.get((account, key, is_bucket)) or self._add_line(account, key, is_bucket)
            sum_of_usd, sum_of_net = sums.get(line.number, (0, 0))
            sums[line.number] = (sum_of_usd + usd, sum_of_net + net)
            line.sum.add(usd, quantity if line.is_usage else 0, line.unit)
            if self._source.has_tags:
                tagged = (line.tag, line.usage_type)
                self._tagged[tagged] = self._tagged.get(tagged, 0) + usd
            last_request = max(last_request, requested or "")
            self._until = max(self._until, end or "")
        if sums:
            target = self._buckets if is_bucket else self._others
            seconds = _seconds(last_request) if last_request else None
            target.append(BucketCharges(account, resource, seconds, tuple(_amounts(sums))))

    def _add_line(self, account: str, key: str, is_bucket: bool) -> _Line:
        values = _charge_key(key)
        line = _line_of(values, is_bucket)
        sum_ = self._sums.setdefault((account, line.usage_type), _Sum(values.unit))
        number = self._lines.setdefault(line, len(self._lines))
        self._currencies.add(values.currency)
        self._payers |= {values.payer} - {""}
        found = _Line(number, line.type == USAGE, sum_, values.unit, values.tag, line.usage_type)
        self._line_of_keys[account, key, is_bucket] = found
        return found

    def build(self, estimated: bool) -> ExportedMonth:
        """Return the month of all groups."""
        source = self._source
        exported = ExportedCharges(
            source.origin, list(self._lines), self._buckets, self._others, source.has_requests, source.has_net
        )
        rows = [
            BillRow(*key, _amount(row.usd), _amount(row.quantity), row.unit) for key, row in sorted(self._sums.items())
        ]
        tagged = [TagRow(*key, _amount(self._tagged[key])) for key in sorted(self._tagged)]
        month = BillMonth(source.month, estimated, rows, tagged if source.has_tags else UNSET, exported)
        return ExportedMonth(
            month,
            min(self._payers, default=""),
            tuple(sorted(self._currencies)),
            self._until,
            tuple(sorted(self._invalid)),
        )


def _charge_key(text: str) -> ChargeKey:
    return ChargeKey(*text.split(SEPARATOR))


def _units(text: str) -> int:
    """Return an amount in units of 10^-12. Raises ValueError for a text that is not such a number."""
    whole, _, decimals = text.partition(".")
    if len(decimals) > _DECIMALS:
        raise ValueError(f"an amount must have at most {_DECIMALS} decimals, got {text[:99]!r}")
    return int(whole + decimals.ljust(_DECIMALS, "0"))


def _amount(units: int) -> Decimal:
    """Return the amount without trailing zeros, so that any division into batches gives the same text."""
    return Decimal(units).scaleb(-_DECIMALS).normalize() if units else _ZERO


def _amounts(sums: Mapping[int, tuple[int, int]]) -> Iterator[ChargeAmount]:
    for index, (usd, net) in sorted(sums.items()):
        yield ChargeAmount(index, _amount(usd), None if net == usd else _amount(net))


def _line_of(key: ChargeKey, is_bucket: bool) -> ChargeLine:
    """Return the line of a charge. Charges that are not usage have a line by their type."""
    if key.type != USAGE:
        return ChargeLine(key.type or "NoType", "", key.type)
    usage_type = _with_region(key.usage_type, key.region)
    if key.vault and not is_bucket:
        region, own = split_usage_type(usage_type)
        usage_type = usage_type_on_bill(region, f"Vault-{own}") or usage_type
    return ChargeLine(usage_type, key.operation, key.type)


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
