"""What the report says, before it is laid out: rows, groups, orders, grouped problems. A pure function of its input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.plan import ReportRule, Selection
from s3_monitor.model.problem import Problem
from s3_monitor.model.summary import Summary
from s3_monitor.report.bucket_rows import BucketRow, BucketRowCache, StorageTypeRow, line_row
from s3_monitor.report.groups import GroupPage, GroupRow, group_pages, group_rows
from s3_monitor.report.problem_groups import ProblemGroup, group_problems
from s3_monitor.report.reconciliation import Reconciliation, reconcile
from s3_monitor.report.sort_orders import ORDERS, Order, by_change, in_order
from s3_monitor.report.sparks import LARGE, spark
from s3_monitor.report.tag_pages import Labels, label_pages
from s3_monitor.report.totals import Dimension, ReportTotals, Totals
from s3_monitor.report.trend_view import History, history
from s3_monitor.trends import Trends
from s3_monitor.trends.change import change

TOP = ReportRule().top  # buckets with a page each, where the plan does not say
INDEX_TOP = 200  # buckets on the index
LISTED = 20_000  # buckets, and problems, in the paged lists; where there are more,
LISTED_OF_MORE = 5_000  # so many come first in each order, and the files hold all


class BucketPage(msgspec.Struct, frozen=True):
    """``daily``: bytes of each day of the trends' span, ``large``: their line; empty without a history."""

    row: BucketRow
    lines: list[StorageTypeRow]
    problems: list[Problem]
    daily: list[int | None]
    large: str

    @property
    def short_changes(self) -> list[tuple[int, int | None]]:
        """The changes of bytes over 1 and 7 days."""
        return [(days, change(self.daily, days)) for days in (1, 7)]

    @property
    def unlisted(self) -> bool:
        """Whether its last-modified date could not be read."""
        return any(problem.severity == "gap" and "last_modified" in problem.affects for problem in self.problems)


class DataAge(msgspec.Struct, frozen=True):
    """Which UTC days the figures are of. ``behind``: buckets whose figures are older than the newest day."""

    newest: date | None
    oldest: date | None
    behind: int


class View(msgspec.Struct, frozen=True):
    summary: Summary
    days: DataAge
    narrowed: bool  # a choice of regions, buckets or storage types was made
    groups: dict[Dimension, list[GroupRow]]  # dearest first
    totals: Totals
    sorts: tuple[Order, ...]
    orders: dict[str, list[BucketRow]]  # by Order.name, at most ``listed``
    gaps: list[ProblemGroup]
    notes: list[ProblemGroup]
    group_pages: list[GroupPage]
    bucket_pages: list[BucketPage]
    listed: int  # buckets in each order, problems in each list: at most so many
    history: History | None
    apart: Reconciliation | None
    labels: list[Labels] = []  # how buckets are encrypted and tagged, where they were asked

    @property
    def top(self) -> list[BucketRow]:
        return self.orders["cost"][:INDEX_TOP]

    @property
    def drawn(self) -> bool:
        """Whether there are days enough for pictures of them."""
        return self.history is not None and self.history.drawn

    @property
    def many_accounts(self) -> bool:
        return len(self.groups["account"]) > 1

    @property
    def modified_known(self) -> bool:
        """Of any bucket: where nothing was listed, the date of the newest object has no column."""
        oldest = self.orders["modified"][:1]
        return bool(oldest) and oldest[0].bucket.last_modified is not None

    @property
    def top_ten_share(self) -> float | None:
        shares = [row.share for row in self.top[:10]]
        return sum(share for share in shares if share is not None) if all(s is not None for s in shares) else None


def view(
    buckets: Sequence[Bucket], summary: Summary, totals: ReportTotals, trends: Trends | None = None, top: int = TOP
) -> View:
    """The same input gives the same view, whatever the order of ``buckets``. ``top``: buckets with a page each."""
    by_name = sorted(buckets, key=lambda bucket: (bucket.name, bucket.account))
    past = history(trends, summary.currency)
    sorts = (*ORDERS, by_change(past.trends)) if past is not None and past.drawn else ORDERS
    ordered = {order.name: in_order(by_name, order) for order in sorts}
    rows = BucketRowCache(ordered["cost"], summary, past, top)
    groups: dict[Dimension, list[GroupRow]] = {
        "account": group_rows("account", summary.by_account, summary.totals.cost),
        "region": group_rows("region", summary.by_region, summary.totals.cost),
        "storage-type": group_rows("storage-type", summary.by_storage_type, summary.totals.cost),
    }
    gaps = [problem for problem in summary.problems if problem.severity == "gap"]
    listed = LISTED if max(len(by_name), len(summary.problems)) <= LISTED else LISTED_OF_MORE
    return View(
        summary=summary,
        days=_days(by_name),
        narrowed=_is_narrowed(summary.selection),
        groups=groups,
        totals=totals.buckets,
        sorts=sorts,
        orders={name: [rows[bucket] for bucket in chosen[:listed]] for name, chosen in ordered.items()},
        gaps=group_problems(gaps),
        notes=group_problems(problem for problem in summary.problems if problem.severity == "note"),
        group_pages=list(group_pages(groups, totals.buckets, ordered["cost"], rows, gaps)),
        bucket_pages=list(_bucket_pages(rows, ordered["cost"][:top], summary.problems)),
        listed=listed,
        history=past,
        labels=label_pages(ordered["cost"], summary, totals.labels, rows),
        apart=None if past is None else reconcile(summary.totals, past.trends),
    )


def moment(text: str | None) -> datetime | None:
    """The dates of buckets.json as such."""
    return None if text is None else datetime.fromisoformat(text)


def _bucket_pages(rows: BucketRowCache, buckets: list[Bucket], problems: list[Problem]) -> Iterable[BucketPage]:
    at: dict[tuple[str | None, ...], list[Problem]] = {}
    for problem in problems:
        at.setdefault((problem.account, problem.region, problem.bucket), []).append(problem)
    for bucket in buckets:
        storage = bucket.storage
        names = sorted(storage, key=lambda name: (-(storage[name].cost or 0), -storage[name].size, name))
        dearest = storage[names[0]].cost if names else None
        row = rows[bucket]
        lines = [line_row(row, name, bucket.least_cost, dearest) for name in names]
        found = at.get((bucket.account, bucket.region, bucket.name), [])
        daily = rows.daily(row.trend)
        yield BucketPage(row, lines, found, daily, spark(daily, LARGE))


def _days(buckets: Iterable[Bucket]) -> DataAge:
    days = [bucket.as_of for bucket in buckets if bucket.as_of is not None]
    newest = max(days, default=None)
    return DataAge(newest, min(days, default=None), sum(1 for day in days if day != newest))


def _is_narrowed(selection: Selection) -> bool:
    return bool(selection.regions or selection.buckets or selection.storage_types or selection.regex)
