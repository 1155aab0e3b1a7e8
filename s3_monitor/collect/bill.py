"""The shard of the bill → its part: the rows of Cost Explorer, as received, or the charges of a billing export."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from msgspec import UNSET

from s3_monitor.collect.exported_bill import ExportedBillCollector, export_location
from s3_monitor.collect.problem_log import cause_of
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.collect.worker_pool import Task
from s3_monitor.model.bill import BillData, BillMonth, BillRow, CostGroup, CostPage, CostQuery, TagRow, shared_unit
from s3_monitor.model.bounds import is_money
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.exports import ExportReading
from s3_monitor.model.identity import Identity
from s3_monitor.model.part import Part, Status
from s3_monitor.model.problem import has_gap

_ACCOUNTS_PER_PAGE = 200
_LISTS_OF_EXPORT, _READS_OF_EXPORT = 6, 6  # of two months with a data file each


def expected(query: CostQuery) -> CallCounts:
    """Return the calls for a bill, assuming one page per request."""
    calls = CallCounts()
    calls.count("GetCallerIdentity")
    if query.export is not None:  # the number of files is not known
        calls.count("ListObjectsV2", _LISTS_OF_EXPORT)
        calls.count("GetObject", _READS_OF_EXPORT)
        return calls
    pages = max(1, -(-len(query.accounts) // _ACCOUNTS_PER_PAGE))
    calls.count("GetCostAndUsage", pages * (2 if query.tag else 1))
    return calls


def collect_bill(context: ShardContext, query: CostQuery) -> Part:
    """Read the bill and return its part."""
    context.log(f"{context.shard.name}: {_scope(query, context.plan.exports)}")
    export = query.export
    bill = BillCollector(query, context) if export is None else ExportedBillCollector(query, export, context)
    context.connections.start(Task(bill.read, bill.on_result, bill.on_done))
    context.run()
    if context.stop.is_set():
        context.problems.report("bill-interrupted")
    data = bill.data()
    status: Status = "complete" if data.complete else "partial" if data.months else "failed"
    rows = sum(len(month.rows) for month in data.months)
    return context.create_part(f"{rows:,} rows", status, bill=data)


def _scope(query: CostQuery, reading: ExportReading) -> str:
    """Return what is read and what it may cost."""
    export = query.export
    if export is None:
        groups = "by account and by tag" if query.tag else "by account"
        return f"Cost Explorer, {groups}: about {expected(query).usd:.2f} USD, 0.01 USD per page"
    return f"billing export {export_location(export)}{reading.by_athena}"


class BillCollector:
    """The rows received so far. Used only by the thread of the pool, except for ``read``."""

    def __init__(self, query: CostQuery, context: ShardContext) -> None:
        self._query, self._context = query, context
        self._report = context.problems.report
        self._payer = ""
        self._is_complete = self._is_invalid = False
        self._estimated: dict[date, bool] = {}
        self._rows: dict[date, dict[tuple[str, str], BillRow]] = {}
        self._tagged: dict[date, dict[tuple[str, str], TagRow]] = {}
        self._currencies: set[str] = set()

    def read(self) -> Iterator[Identity | tuple[bool, CostPage]]:
        """Yield the identity of the payer, then the pages, each with whether it is by tag.

        No page is requested from a payer of another partition.
        """
        payer = self._context.connect(self._context.plan.accesses[self._query.access])
        identity = payer.identity()
        yield identity
        if identity.partition != self._query.partition:
            return
        for by_tag in (False, True) if self._query.tag else (False,):
            for page in payer.cost_pages(self._query, by_tag):
                yield by_tag, page

    def on_result(self, result: Identity | tuple[bool, CostPage]) -> None:
        """Handle the identity or a page."""
        if isinstance(result, Identity):
            self._payer = result.account
            if result.partition != self._query.partition:
                partition, actual = self._query.partition, result.partition
                self._report("payer-in-other-partition", partition=partition, actual=actual)
            return
        by_tag, page = result
        for usage_type in page.invalid:
            self._report_amount(usage_type)
        for month, estimated in page.estimated.items():
            if self._is_requested(month):
                self._estimated[month] = self._estimated.get(month, False) or estimated
        for group in page.groups:
            if not self._is_requested(group.month):
                self._report("bill-month-ignored", month=group.month)
                continue
            self._currencies.add(group.currency)
            if by_tag:
                self._add_tagged(group)
            elif group.key in self._query.accounts:
                self._add(group)
            else:
                self._report("bill-account-ignored", other=group.key)

    def _is_requested(self, month: date) -> bool:
        return month in (self._query.start, self._query.current)

    def _report_amount(self, usage_type: str) -> None:
        self._is_invalid = True
        self._report("bill-amount-invalid", usage_type=usage_type)

    def _add(self, group: CostGroup) -> None:
        """Add a group to its row: it may continue on another page, or be of another service."""
        rows, key = self._rows.setdefault(group.month, {}), (group.key, group.usage_type)
        previous = rows.get(key)
        row = BillRow(*key, group.usd, group.quantity, group.unit)
        if previous is not None:
            unit = shared_unit((previous.quantity, previous.unit), (group.quantity, group.unit))
            row = BillRow(*key, previous.usd + group.usd, previous.quantity + group.quantity, unit)
        if is_money(row.usd) and is_money(row.quantity):
            rows[key] = row
        else:
            self._report_amount(group.usage_type)

    def _add_tagged(self, group: CostGroup) -> None:
        rows, key = self._tagged.setdefault(group.month, {}), (group.key, group.usage_type)
        row = TagRow(*key, (rows[key].usd if key in rows else Decimal(0)) + group.usd)
        if is_money(row.usd):
            rows[key] = row
        else:
            self._report_amount(group.usage_type)

    def on_done(self, error: Exception | None) -> None:
        """Handle the end: report why the bill is incomplete."""
        if error is not None:
            self._report("bill-unreadable", cause=cause_of(error))
        elif len(self._currencies) > 1:
            self._report("bill-in-several-currencies", currencies=sorted(self._currencies))
        elif self._query.start not in self._estimated:
            if not has_gap(self._context.problems.problems()):  # not if nothing was requested from the wrong payer
                self._report("bill-empty", month=self._query.start)
        else:
            self._is_complete = not self._is_invalid

    def data(self) -> BillData:
        """Return the bill as far as it was received."""
        months = [
            BillMonth(
                month,
                self._estimated[month],
                sorted(self._rows.get(month, {}).values()),
                sorted(self._tagged.get(month, {}).values()) if self._query.tag else UNSET,
            )
            for month in sorted(self._estimated)
        ]
        return BillData(self._payer, min(self._currencies, default="USD"), self._is_complete, months)
