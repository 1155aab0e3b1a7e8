"""The result of the SQL of a billing export → the month of a bill, as a part holds it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
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
)
from s3_monitor.model.bounds import is_money, time_or_none
from s3_monitor.model.usage_units import shared_unit
from s3_monitor.money.billing_codes import codes_by_region, split_usage_type, usage_type_on_bill
from s3_monitor.money.list_pricing import CONTEXT
from s3_monitor.objects.manifest import InvalidReportError

USAGE = "Usage"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
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


def parse_groups(rows: Iterable[Sequence[Any]]) -> Iterator[ChargeGroup]:
    """Yield the rows of an engine as groups; the values of Athena are texts. Raises InvalidReportError."""
    try:
        for row in rows:
            group = ChargeGroup(*row)
            yield group._replace(
                vault=int(group.vault),
                usd=Decimal(group.usd),
                net=Decimal(group.net),
                quantity=Decimal(group.quantity),
                faults=int(group.faults),
            )
    except (TypeError, ValueError, ArithmeticError) as error:
        raise InvalidReportError(f"could not read the result: {error}", "report this as a defect") from error


def month_of(groups: Iterable[ChargeGroup], source: ExportSource, estimated: bool) -> ExportedMonth:
    """Return the month. ``groups``: in the order of the result. ``estimated``: AWS may still change the bill."""
    builder = _MonthBuilder(source)
    for (account, resource), of_resource in groupby(groups, key=lambda group: (group.account, group.resource)):
        builder.add(account, resource, of_resource)
    return builder.build(estimated)


class _MonthBuilder:
    def __init__(self, source: ExportSource) -> None:
        self._source = source
        self._lines: dict[ChargeLine, int] = {}  # in the order of the result, which no division into batches changes
        self._rows: dict[tuple[str, str], BillRow] = {}
        self._tagged: dict[tuple[str, str], Decimal] = {}
        self._buckets: list[BucketCharges] = []
        self._others: list[BucketCharges] = []
        self._payers: set[str] = set()
        self._currencies: set[str] = set()
        self._until = ""
        self._invalid: set[str] = set()

    def add(self, account: str, resource: str, groups: Iterable[ChargeGroup]) -> None:
        """Add the groups of a resource."""
        sums: dict[int, tuple[Decimal, Decimal]] = {}
        requested: int | None = None
        for group in groups:
            line = _line_of(group)
            if not self._add_row(group, line):
                self._invalid.add(line.usage_type)
                continue
            index = self._lines.setdefault(line, len(self._lines))
            usd, net = sums.get(index, (Decimal(0), Decimal(0)))
            sums[index] = (CONTEXT.add(usd, group.usd), CONTEXT.add(net, group.net))
            if group.requested and (seconds := _seconds(group.requested)) is not None:
                requested = max(requested or 0, seconds)
            self._add_facts(group, line)
        if sums:
            target = self._buckets if _BUCKET.fullmatch(resource) else self._others
            target.append(BucketCharges(account, resource, requested, tuple(_amounts(sums))))

    def _add_row(self, group: ChargeGroup, line: ChargeLine) -> bool:
        """Add the amount to its row. Return False, without adding it, if it is not a number or out of bounds."""
        key = (group.account, line.usage_type)
        quantity = group.quantity if line.type == USAGE else Decimal(0)
        row = self._rows.get(key) or BillRow(*key, Decimal(0), Decimal(0), group.unit)
        unit = shared_unit((row.quantity, row.unit), (quantity, group.unit))
        row = BillRow(*key, CONTEXT.add(row.usd, group.usd), CONTEXT.add(row.quantity, quantity), unit)
        if group.faults or not all(map(is_money, (row.usd, row.quantity, group.usd, group.net))):
            return False
        self._rows[key] = row
        return True

    def _add_facts(self, group: ChargeGroup, line: ChargeLine) -> None:
        if self._source.has_tags:
            key = (group.tag, line.usage_type)
            self._tagged[key] = CONTEXT.add(self._tagged.get(key, Decimal(0)), group.usd)
        self._payers |= {group.payer} if group.payer else set()
        self._currencies.add(group.currency)
        self._until = max(self._until, group.end or "")

    def build(self, estimated: bool) -> ExportedMonth:
        """Return the month of all groups."""
        source = self._source
        exported = ExportedCharges(
            source.origin, list(self._lines), self._buckets, self._others, source.has_requests, source.has_net
        )
        rows = [_plain_row(self._rows[key]) for key in sorted(self._rows)]
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


def _line_of(group: ChargeGroup) -> ChargeLine:
    """Return the line of a charge. Charges that are not usage have a line by their type."""
    if group.type != USAGE:
        return ChargeLine(group.type or "NoType", "", group.type)
    usage_type = _with_region(group.usage_type, group.region)
    if group.vault and not _BUCKET.fullmatch(group.resource):
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


def _plain_row(row: BillRow) -> BillRow:
    return BillRow(row.account, row.usage_type, _plain(row.usd), _plain(row.quantity), row.unit)


def _plain(amount: Decimal) -> Decimal:
    """Return the amount without trailing zeros, so that any division into batches gives the same text."""
    return amount.normalize(CONTEXT) if amount else Decimal(0)
