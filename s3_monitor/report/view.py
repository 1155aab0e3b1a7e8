"""The contents of the pages before rendering: rows, groups, sort orders and grouped problems. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

import msgspec

from s3_monitor.findings.finding import Finding
from s3_monitor.model.bucket import Bucket, StorageLine
from s3_monitor.model.plan import ReportRule
from s3_monitor.model.problem import Problem
from s3_monitor.model.series import Window
from s3_monitor.model.summary import Summary
from s3_monitor.report.bucket_rows import BucketRow, BucketRowCache, StorageTypeRow, line_row
from s3_monitor.report.charts import AreaChart
from s3_monitor.report.class_charts import Event, class_charts, cost_events, total_charts
from s3_monitor.report.groups import GroupPage, GroupRow, Labels, group_pages, group_rows, label_pages
from s3_monitor.report.problem_groups import ProblemGroup, group_problems
from s3_monitor.report.reconciliation import Reconciliation, reconcile
from s3_monitor.report.savings import Savings, build_savings
from s3_monitor.report.sort_orders import BY_CHANGE, ORDERS, Order, sort_buckets
from s3_monitor.report.sparklines import LARGE, sparkline_path
from s3_monitor.report.status import Status, status_of
from s3_monitor.report.tag_groups import ENCRYPTION
from s3_monitor.report.totals import Dimension, ReportTotals, Totals
from s3_monitor.report.trend_view import History, build_history
from s3_monitor.trends import Trends
from s3_monitor.trends.month_change import type_changes
from s3_monitor.trends.steps import Step, largest_step

TOP = ReportRule().top  # buckets with a page each, if the plan does not set it
INDEX_TOP = 200  # buckets on the index
LIST_LIMIT = 20_000  # buckets and problems in the paged lists; with more of them:
BUCKET_CHARTS = 50  # buckets with charts, the most expensive ones; the others have a line
LIST_LIMIT_OF_LARGE_REPORTS = 5_000  # the first ones of each order
_OWNER_WORDS = ("owner", "team")  # in the tag key for the overview


class BucketPage(msgspec.Struct, frozen=True):
    """The page of a bucket."""

    row: BucketRow
    lines: list[StorageTypeRow]
    problems: list[Problem]
    daily: list[int | None]
    """Bytes of each day of the trends; empty without a history."""
    large: str
    """Path of their line; empty without a history."""
    rank: int
    """Position by cost, from 1."""
    charts: list[AreaChart]
    """Of the most expensive buckets."""
    step: Step | None
    """The day of most of its change; None: it changed gradually."""

    @property
    def listing_failed(self) -> bool:
        """Return whether the last-modified date could not be read."""
        return any(problem.severity == "gap" and "last_modified" in problem.affects for problem in self.problems)


class DataAge(msgspec.Struct, frozen=True):
    """The UTC days of the figures."""

    newest: date | None
    oldest: date | None
    behind: int
    """Buckets whose figures are older than the newest day."""


class View(msgspec.Struct, frozen=True):
    """The contents of a report."""

    summary: Summary
    status: Status
    days: DataAge
    is_narrowed: bool
    """Whether regions, buckets, storage types or keys are selected."""
    groups: dict[Dimension, list[GroupRow]]
    """The most expensive first."""
    totals: Totals
    sort_orders: tuple[Order, ...]
    sorted_rows: dict[str, list[BucketRow]]
    """The first buckets of each order, by its name."""
    gaps: list[ProblemGroup]
    notes: list[ProblemGroup]
    group_pages: list[GroupPage]
    bucket_pages: list[BucketPage]
    list_limit: int
    """Maximum number of buckets per order and of problems per list."""
    history: History | None
    events: list[Event]
    """The largest one-time changes of buckets, numbered in the chart of the cost."""
    charts: dict[str, AreaChart]
    """Charts of all buckets, by the stem of their files."""
    reconciliation: Reconciliation | None
    labels: list[Labels] = []
    """Encryption and tags; empty if the configuration was not requested."""
    savings: Savings | None = None

    @property
    def top(self) -> list[BucketRow]:
        """Return the most expensive buckets, for the index."""
        return self.sorted_rows["cost"][:INDEX_TOP]

    @property
    def owners(self) -> Labels | None:
        """Return the totals by the tag that most likely names an owner; None: no tag has values that buckets share."""
        tags = [labels for labels in self.labels if labels.dimension != ENCRYPTION]
        owners = [labels for labels in tags if any(word in labels.dimension.lower() for word in _OWNER_WORDS)]
        return next(iter([*owners, *tags]), None)

    @property
    def has_charts(self) -> bool:
        """Return whether there are enough days for charts of trends."""
        return self.history is not None and self.history.has_charts

    @property
    def many_accounts(self) -> bool:
        """Return whether there are buckets of more than one account."""
        return len(self.groups["account"]) > 1

    @property
    def has_last_modified(self) -> bool:
        """Return whether the last-modified date of any bucket is known."""
        oldest = self.sorted_rows["modified"][:1]
        return bool(oldest) and oldest[0].bucket.last_modified is not None

    @property
    def top_ten_share(self) -> float | None:
        """Return the share of the ten most expensive buckets in the total cost; None if it is unknown."""
        shares = [row.share for row in self.top[:10]]
        return sum(share for share in shares if share is not None) if all(s is not None for s in shares) else None


def build_view(
    buckets: Sequence[Bucket],
    summary: Summary,
    totals: ReportTotals,
    trends: Trends | None = None,
    top: int = TOP,
    findings: Sequence[Finding] = (),
) -> View:
    """Return the contents of a report; the order of ``buckets`` does not matter. ``top``: buckets with a page each."""
    by_name = sorted(buckets, key=lambda bucket: (bucket.name, bucket.account))
    trend_history = build_history(trends)
    charted = trends if trend_history is not None and trend_history.has_charts else None
    orders = ORDERS if charted is None else (*ORDERS, BY_CHANGE)
    ordered = {order.name: sort_buckets(by_name, order) for order in orders}
    rows = BucketRowCache(ordered["cost"], summary, trend_history, top)
    groups: dict[Dimension, list[GroupRow]] = {
        "account": group_rows("account", summary.by_account, summary.totals.cost),
        "region": group_rows("region", summary.by_region, summary.totals.cost),
        "storage-type": group_rows("storage-type", summary.by_storage_type, summary.totals.cost),
    }
    gaps = [problem for problem in summary.problems if problem.severity == "gap"]
    events = [] if charted is None else list(cost_events(charted))
    limit = LIST_LIMIT if max(len(by_name), len(summary.problems)) <= LIST_LIMIT else LIST_LIMIT_OF_LARGE_REPORTS
    return View(
        summary=summary,
        status=status_of(summary, by_name),
        days=_days(by_name),
        is_narrowed=bool(summary.selection.restrictions),
        groups=groups,
        totals=totals.buckets,
        sort_orders=orders,
        sorted_rows={name: [rows[bucket] for bucket in sorted_[:limit]] for name, sorted_ in ordered.items()},
        gaps=group_problems(gaps),
        notes=group_problems(problem for problem in summary.problems if problem.severity == "note"),
        group_pages=list(group_pages(groups, totals.buckets, ordered["cost"], rows, gaps)),
        bucket_pages=list(_bucket_pages(rows, ordered["cost"][:top], summary, charted)),
        list_limit=limit,
        history=trend_history,
        events=events,
        charts=total_charts(charted, summary.currency, events) if charted is not None else {},
        labels=label_pages(ordered["cost"], summary, totals.labels, rows),
        savings=build_savings(findings, summary.findings, buckets, ordered["cost"][:top]),
        reconciliation=None if trend_history is None else reconcile(summary.totals, trend_history.trends),
    )


def parse_time(text: str | None) -> datetime | None:
    """Parse a time of buckets.json."""
    return None if text is None else datetime.fromisoformat(text)


def _bucket_pages(
    rows: BucketRowCache, buckets: list[Bucket], summary: Summary, trends: Trends | None
) -> Iterable[BucketPage]:
    by_bucket: dict[tuple[str | None, ...], list[Problem]] = {}
    for problem in summary.problems:
        by_bucket.setdefault((problem.account, problem.region, problem.bucket), []).append(problem)
    for rank, bucket in enumerate(buckets, 1):
        row = rows[bucket]
        lines = list(_lines(row, None if trends is None else trends.window))
        of_bucket = by_bucket.get((bucket.account, bucket.region, bucket.name), [])
        daily = rows.daily(row.trend)
        charts, step = _history(row, rank, trends, summary.currency)
        yield BucketPage(row, lines, of_bucket, daily, sparkline_path(daily, LARGE), rank, charts, step)


def _lines(row: BucketRow, window: Window | None) -> Iterator[StorageTypeRow]:
    """Yield the storage types of a bucket, the most expensive first, then those that it no longer holds."""
    storage = row.bucket.storage
    names = sorted(storage, key=lambda name: (-(storage[name].cost or 0), -storage[name].size, name))
    highest = storage[names[0]].cost if names else None
    changes = {} if window is None or row.trend is None else type_changes(row.bucket, row.trend.record, window)
    for name in names:
        line = line_row(row, name, row.bucket.least_cost, highest)
        yield msgspec.structs.replace(line, change=changes.pop(name, None))
    for name, change in sorted(changes.items()):
        yield StorageTypeRow(row, name, StorageLine(0.0, 0.0), None, 0.0, change)


def _history(row: BucketRow, rank: int, trends: Trends | None, currency: str) -> tuple[list[AreaChart], Step | None]:
    """Return the charts of a bucket, and the day of its change if most of it happened on one day."""
    is_charted = rank <= BUCKET_CHARTS
    if trends is None or row.trend is None or not (is_charted or row.bucket.cause_30d == "moved"):
        return [], None
    classes = trends.classes(row.trend.record)
    charts = class_charts(trends, classes, f"{row.page}-", currency) if is_charted else []
    return charts, largest_step(classes)


def _days(buckets: Iterable[Bucket]) -> DataAge:
    days = [bucket.as_of for bucket in buckets if bucket.as_of is not None]
    newest = max(days, default=None)
    return DataAge(newest, min(days, default=None), sum(1 for day in days if day != newest))
