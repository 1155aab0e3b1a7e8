"""The months of a billing export, as far as they were read, for the part of the shard of the bill."""

from __future__ import annotations

from collections.abc import Iterator

from s3_monitor.collect.billing_export import BillingExportReader
from s3_monitor.collect.problem_log import cause_of
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.exports.billing_result import ExportedMonth
from s3_monitor.model.bill import BillData, CostQuery
from s3_monitor.model.exports import BillingExport
from s3_monitor.model.identity import Identity
from s3_monitor.model.problem import Problem


def export_location(export: BillingExport) -> str:
    """Return the URL of an export."""
    return "s3://" + "/".join(filter(None, (export.bucket, export.prefix, export.name)))


class ExportedBillCollector:
    """The months received so far. Used only by the thread of the pool, except for ``read``."""

    def __init__(self, query: CostQuery, export: BillingExport, context: ShardContext) -> None:
        self._query, self._export, self._context = query, export, context
        self._problems = context.problems
        self._account = ""
        self._months: list[ExportedMonth] = []
        self._is_complete = False

    def read(self) -> Iterator[Identity | Problem | ExportedMonth]:
        """Yield the identity of the credentials, then the problems and months of the export."""
        query = self._query
        account = self._context.connect(self._context.plan.accesses[query.access])
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
            self._problems.add(result)
        else:
            self._months.append(result)
            for usage_type in result.invalid:
                self._problems.report("bill-amount-invalid", usage_type=usage_type)

    def on_done(self, error: Exception | None) -> None:
        """Handle the end: report why the bill is incomplete."""
        currencies = self._currencies
        if error is not None:
            location = export_location(self._export)
            self._problems.report("billing-export-unreadable", location=location, cause=cause_of(error))
        elif len(currencies) > 1:
            self._problems.report("bill-in-several-currencies", currencies=currencies)
        else:
            last_month = [month for month in self._months if month.month.first == self._query.start]
            self._is_complete = bool(last_month) and not any(month.invalid for month in self._months)

    @property
    def _currencies(self) -> list[str]:
        return sorted({currency for month in self._months for currency in month.currencies})

    def data(self) -> BillData:
        """Return the bill as far as it was received."""
        payer = min((month.payer for month in self._months if month.payer), default=self._account)
        months = sorted((month.month for month in self._months), key=lambda month: month.first)
        return BillData(payer, min(self._currencies, default="USD"), self._is_complete, months)
