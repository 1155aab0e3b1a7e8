"""The shard of the bill → its part: the rows of Cost Explorer, as received, or the charges of a billing export."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from operator import attrgetter

from msgspec import UNSET

from s3_monitor.collect.account import Account
from s3_monitor.collect.billing_export import BillingExportReader
from s3_monitor.collect.problem_log import Cause, cause_of
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.collect.worker_pool import Task
from s3_monitor.exports.billing_result import ExportedMonth
from s3_monitor.model.bill import BillData, BillMonth, BillRow, CostGroup, CostPage, CostQuery, TagRow, shared_unit
from s3_monitor.model.bounds import is_money
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.exports import BillingExport, ExportReading
from s3_monitor.model.identity import Identity
from s3_monitor.model.part import Part, Status
from s3_monitor.model.problem import Problem, has_gap

_ACCOUNTS_PER_PAGE = 200
_LISTS_OF_EXPORT, _READS_OF_EXPORT = 6, 6  # of two months with a data file each


def expected(query: CostQuery) -> CallCounts:
    """Return the calls for a bill, assuming one page per request."""
    if query.export is not None:  # the number of files is not known
        return CallCounts({"GetCallerIdentity": 1, "ListObjectsV2": _LISTS_OF_EXPORT, "GetObject": _READS_OF_EXPORT})
    pages = max(1, -(-len(query.accounts) // _ACCOUNTS_PER_PAGE))
    return CallCounts({"GetCallerIdentity": 1, "GetCostAndUsage": pages * (2 if query.tag else 1)})


def collect_bill(context: ShardContext, query: CostQuery) -> Part:
    """Read the bill and return its part."""
    context.log(f"{context.shard.name}: {_scope(query, context.plan.exports)}")
    export = query.export
    bill = CostExplorerBill(query, context) if export is None else ExportedBill(query, export, context)
    context.run_reader(Task(bill.read, bill.on_result, bill.on_done), "bill-interrupted")
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
    return f"billing export {_location(export)}{reading.by_athena}"


class _Bill:
    """The bill as far as it was received. Used only by the thread of the pool, except for ``read``."""

    def __init__(self, query: CostQuery, context: ShardContext) -> None:
        self._query, self._context = query, context
        self._report = context.problems.report
        self._account = ""
        self._payers: set[str] = set()
        self._currencies: set[str] = set()
        self._is_complete = self._is_invalid = False

    def _connect(self) -> Account:
        return self._context.connect(self._context.plan.accesses[self._query.access])

    @abstractmethod
    def _months(self) -> list[BillMonth]:
        """Return the months in any order."""

    def _report_unreadable(self, cause: Cause) -> None:
        self._report("bill-unreadable", cause=cause)

    def _report_amount(self, usage_type: str) -> None:
        self._is_invalid = True
        self._report("bill-amount-invalid", usage_type=usage_type)

    def on_done(self, error: Exception | None) -> None:
        """Handle the end: report why the bill is incomplete."""
        if error is not None:
            self._report_unreadable(cause_of(error))
        elif len(self._currencies) > 1:
            self._report("bill-in-several-currencies", currencies=sorted(self._currencies))
        elif not any(month.first == self._query.start for month in self._months()):
            if not has_gap(self._context.problems.problems()):  # a gap is the reason
                self._report("bill-empty", month=self._query.start)
        else:
            self._is_complete = not self._is_invalid

    def data(self) -> BillData:
        """Return the bill."""
        payer, currency = min(self._payers, default=self._account), min(self._currencies, default="USD")
        months = sorted(self._months(), key=attrgetter("first"))
        return BillData(payer, currency, self._is_complete, months)


class CostExplorerBill(_Bill):
    """The rows of Cost Explorer."""

    def __init__(self, query: CostQuery, context: ShardContext) -> None:
        super().__init__(query, context)
        self._estimated: dict[date, bool] = {}
        self._rows: dict[date, dict[tuple[str, str], BillRow]] = {}
        self._tagged: dict[date, dict[tuple[str, str], TagRow]] = {}

    def read(self) -> Iterator[Identity | tuple[bool, CostPage]]:
        """Yield the identity of the payer, then the pages, each with whether it is by tag.

        No page is requested from a payer of another partition.
        """
        payer = self._connect()
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
            self._account = result.account
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

    def _months(self) -> list[BillMonth]:
        return [
            BillMonth(
                month,
                estimated,
                sorted(self._rows.get(month, {}).values()),
                sorted(self._tagged.get(month, {}).values()) if self._query.tag else UNSET,
            )
            for month, estimated in self._estimated.items()
        ]


class ExportedBill(_Bill):
    """The months of a billing export."""

    def __init__(self, query: CostQuery, export: BillingExport, context: ShardContext) -> None:
        super().__init__(query, context)
        self._export = export
        self._received: list[BillMonth] = []

    def read(self) -> Iterator[Identity | Problem | ExportedMonth]:
        """Yield the identity of the credentials, then the problems and months of the export."""
        query, account = self._query, self._connect()
        yield account.identity()
        reader = BillingExportReader(account, query, self._export, self._context)
        problems = list(reader.find())
        yield from problems
        if problems:
            return
        yield from reader.read(query.start, required=True)
        if query.end > query.current:
            yield from reader.read(query.current, required=False)

    def on_result(self, result: Identity | Problem | ExportedMonth) -> None:
        """Handle the identity, a problem or a month."""
        if isinstance(result, Identity):
            self._account = result.account
        elif isinstance(result, Problem):
            self._context.problems.add(result)
        else:
            self._received.append(result.month)
            self._payers |= {result.payer} if result.payer else set()
            self._currencies.update(result.currencies)
            for usage_type in result.invalid:
                self._report_amount(usage_type)

    def _report_unreadable(self, cause: Cause) -> None:
        self._report("billing-export-unreadable", location=_location(self._export), cause=cause)

    def _months(self) -> list[BillMonth]:
        return self._received


def _location(export: BillingExport) -> str:
    """Return the URL of an export."""
    return "s3://" + "/".join(filter(None, (export.bucket, export.prefix, export.name)))
