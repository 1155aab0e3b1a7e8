"""What the report says, before it is laid out: rows, groups, orders, grouped problems. A pure function of its input."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from s3_monitor.model.bucket import Bucket, StorageLine
from s3_monitor.model.plan import ReportRule
from s3_monitor.model.problem import Problem
from s3_monitor.model.summary import Group, Summary
from s3_monitor.report import words
from s3_monitor.report.alike import ProblemGroup, grouped
from s3_monitor.report.history import Dimension, History, history
from s3_monitor.report.sparks import LARGE, spark
from s3_monitor.report.tally import Crossing, cross
from s3_monitor.trends import MONTH_DAYS, Trends
from s3_monitor.trends.buckets import BucketTrend

TOP = ReportRule().top  # buckets with a page each, where the plan does not say
INDEX_TOP = 200  # buckets on the index
GROUP_TOP = 100  # buckets on the page of a region, an account, a storage type
GROUP_PAGES = 200  # regions, accounts, storage types with a page each
LISTED = 20_000  # buckets, and problems, in the paged lists; where there are more,
LISTED_OF_MORE = 5_000  # so many come first in each order, and the files hold all


class Order(NamedTuple):
    """A way to sort all buckets. ``key`` gives None for what is not known: that comes last, in any order."""

    name: str
    title: str
    ascending: bool
    key: Callable[[Bucket], float | str | None]


ORDERS = (
    Order("cost", "most expensive first", False, lambda bucket: bucket.total_cost),
    Order("size", "largest first", False, lambda bucket: bucket.total_size),
    Order("objects", "most objects first", False, lambda bucket: bucket.num_objects),
    Order("name", "by name", True, lambda bucket: bucket.name),
    Order("created", "oldest first", True, lambda bucket: bucket.creation_date),
    Order("modified", "longest unchanged first", True, lambda bucket: bucket.last_modified),
)


class Row(msgspec.Struct, frozen=True, gc=False):
    """A bucket in a table. ``page``: its file's stem, null: it has none. ``share``: of the whole cost.
    ``bar``: its cost in percent of the dearest bucket's. ``why``: why a figure of it is not known. ``trend``, and its
    line in ``spark``: where there is a history."""

    bucket: Bucket
    page: str | None
    share: float | None
    bar: float
    why: str
    trend: BucketTrend | None = None
    spark: str = ""

    @property
    def month(self) -> float | None:
        """Growth a month, in bytes."""
        return None if self.trend is None or self.trend.growth is None else self.trend.growth * MONTH_DAYS


class LineRow(msgspec.Struct, frozen=True, gc=False):
    """A storage line of a bucket. ``share``: its cost in that of all lines it stands with; ``bar``: percent of
    the dearest."""

    row: Row
    storage_type: str
    line: StorageLine
    share: float | None
    bar: float


class GroupRow(msgspec.Struct, frozen=True):
    """An account, a region or a storage type, with its sums and its share of the whole cost."""

    dimension: Dimension
    key: str
    page: str | None
    group: Group
    share: float | None
    bar: float


class GroupPage(msgspec.Struct, frozen=True):
    """What a group is made of: ``parts`` by each other dimension, its dearest buckets or lines, its gaps."""

    row: GroupRow
    parts: dict[Dimension, list[GroupRow]]
    rows: list[Row]
    lines: list[LineRow]
    gaps: list[ProblemGroup]


class BucketPage(msgspec.Struct, frozen=True):
    """``daily``: bytes of each day of the trends' span, ``large``: their line; empty without a history."""

    row: Row
    lines: list[LineRow]
    problems: list[Problem]
    daily: list[int | None]
    large: str


class Days(msgspec.Struct, frozen=True):
    """Which UTC days the figures are of. ``behind``: buckets whose figures are older than the newest day."""

    newest: date | None
    oldest: date | None
    behind: int


class View(msgspec.Struct, frozen=True):
    summary: Summary
    days: Days
    narrowed: bool  # a choice of regions, buckets or storage types was made
    groups: dict[Dimension, list[GroupRow]]  # dearest first
    crossing: Crossing
    sorts: tuple[Order, ...]
    orders: dict[str, list[Row]]  # by Order.name, at most ``listed``
    gaps: list[ProblemGroup]
    notes: list[ProblemGroup]
    group_pages: list[GroupPage]
    bucket_pages: list[BucketPage]
    listed: int  # buckets in each order, problems in each list: at most so many
    history: History | None

    @property
    def top(self) -> list[Row]:
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


def view(buckets: Sequence[Bucket], summary: Summary, trends: Trends | None = None, top: int = TOP) -> View:
    """The same input gives the same view, whatever the order of ``buckets``. ``top``: buckets with a page each."""
    by_name = sorted(buckets, key=lambda bucket: (bucket.name, bucket.account))
    past = history(trends, summary.currency)
    sorts = (*ORDERS, _by_growth(past.trends)) if past is not None and past.drawn else ORDERS
    ordered = {order.name: in_order(by_name, order) for order in sorts}
    rows = _Rows(ordered["cost"], summary, past, top)
    groups: dict[Dimension, list[GroupRow]] = {
        "account": _group_rows("account", summary.by_account, summary.totals.cost),
        "region": _group_rows("region", summary.by_region, summary.totals.cost),
        "storage-type": _group_rows("storage-type", summary.by_storage_type, summary.totals.cost),
    }
    crossing = cross(by_name)
    gaps = [problem for problem in summary.problems if problem.severity == "gap"]
    listed = LISTED if max(len(by_name), len(summary.problems)) <= LISTED else LISTED_OF_MORE
    return View(
        summary=summary,
        days=_days(by_name),
        narrowed=bool(summary.selection.regions or summary.selection.buckets or summary.selection.storage_types),
        groups=groups,
        crossing=crossing,
        sorts=sorts,
        orders={name: [rows[bucket] for bucket in chosen[:listed]] for name, chosen in ordered.items()},
        gaps=grouped(gaps),
        notes=grouped(problem for problem in summary.problems if problem.severity == "note"),
        group_pages=list(_group_pages(groups, crossing, ordered["cost"], rows, gaps)),
        bucket_pages=list(_bucket_pages(rows, ordered["cost"][:top], summary.problems)),
        listed=listed,
        history=past,
    )


def _by_growth(trends: Trends) -> Order:
    def growth(bucket: Bucket) -> float | None:
        trend = trends.buckets.get((bucket.account, bucket.region, bucket.name))
        return None if trend is None else trend.growth

    return Order("growth", "fastest growing first", False, growth)


def in_order(by_name: Iterable[Bucket], order: Order) -> list[Bucket]:
    """Sorted, ties by name; what is not known is last."""
    known: list[Bucket] = []
    unknown: list[Bucket] = []
    for bucket in by_name:
        (unknown if order.key(bucket) is None else known).append(bucket)
    # A stable sort keeps equal ones by name, also in reverse.
    known.sort(key=order.key, reverse=not order.ascending)  # type: ignore[arg-type]
    return known + unknown


def slug(*names: str) -> str:
    """A file's stem for names that may hold anything: readable where they are, always safe, never the same twice."""
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    readable = re.sub(r"[^a-z0-9]+", "-", names[-1].lower())[:40].strip("-")
    return f"{readable}-{digest}" if readable else digest


def moment(text: str | None) -> datetime | None:
    """The dates of buckets.json as such."""
    return None if text is None else datetime.fromisoformat(text)


class _Rows:
    """Rows made once each, when they are asked for."""

    def __init__(self, by_cost: list[Bucket], summary: Summary, past: History | None, top: int) -> None:
        self._rows: dict[int, Row] = {}
        self._trends = past.trends if past is not None and past.drawn else None
        self._whole = summary.totals.cost
        self._dearest = by_cost[0].total_cost if by_cost else None
        self._paged = {id(bucket) for bucket in by_cost[:top]}

    def __getitem__(self, bucket: Bucket) -> Row:
        row = self._rows.get(id(bucket))
        if row is None:
            page = slug(bucket.account, bucket.region, bucket.name) if id(bucket) in self._paged else None
            share = _ratio(bucket.total_cost, self._whole)
            bar = 100 * (_ratio(bucket.total_cost, self._dearest) or 0)
            trend = self._trend(bucket)
            row = Row(bucket, page, share, bar, why(bucket), trend, spark(self.daily(trend)))
            self._rows[id(bucket)] = row
        return row

    def daily(self, trend: BucketTrend | None) -> list[int | None]:
        """Bytes of each day; nothing where nothing was ever held."""
        if trend is None or self._trends is None or not trend.record.sizes:
            return []
        return self._trends.daily(trend.record)

    def _trend(self, bucket: Bucket) -> BucketTrend | None:
        if self._trends is None:
            return None
        return self._trends.buckets.get((bucket.account, bucket.region, bucket.name))


def why(bucket: Bucket) -> str:
    """Why a figure of this bucket is not known."""
    unpriced = [name for name, line in bucket.storage.items() if line.cost is None]
    if unpriced and bucket.state == "measured":
        return f"no price is known for {', '.join(unpriced)}"
    return words.REASONS[bucket.state]


def _ratio(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None


def _group_rows(dimension: Dimension, groups: dict[str, Group], whole: float | None) -> list[GroupRow]:
    """Dearest first; of those without a cost the largest first."""
    order = sorted(groups, key=lambda key: (-(groups[key].cost or 0), -(groups[key].size or 0), key))
    dearest = groups[order[0]].cost if order else None
    return [
        GroupRow(
            dimension=dimension,
            key=key,
            page=slug(dimension, key) if rank < GROUP_PAGES else None,
            group=groups[key],
            share=_ratio(groups[key].cost, whole),
            bar=100 * (_ratio(groups[key].cost, dearest) or 0),
        )
        for rank, key in enumerate(order)
    ]


def _group_pages(
    groups: dict[Dimension, list[GroupRow]],
    crossing: Crossing,
    by_cost: list[Bucket],
    rows: _Rows,
    gaps: list[Problem],
) -> Iterable[GroupPage]:
    tops: dict[tuple[Dimension, str], list[Bucket]] = {}
    lines: dict[str, list[tuple[float, float, int]]] = {}
    for index, bucket in enumerate(by_cost):
        for place in (("account", bucket.account), ("region", bucket.region)):
            top = tops.setdefault(place, [])
            if len(top) < GROUP_TOP:
                top.append(bucket)
        for name, line in bucket.storage.items():
            lines.setdefault(name, []).append((-(line.cost or 0), -line.size, index))
    places = [(problem, problem.where.split("/")) for problem in gaps]
    for dimension, members in groups.items():
        for row in members:
            if row.page is None:
                continue
            yield GroupPage(
                row=row,
                parts={
                    other: _group_rows(other, crossing.parts(dimension, row.key, other), row.group.cost)
                    for other in groups
                    if other != dimension
                },
                rows=[rows[bucket] for bucket in tops.get((dimension, row.key), [])],
                lines=_type_lines(row, sorted(lines.get(row.key, []))[:GROUP_TOP], by_cost, rows)
                if dimension == "storage-type"
                else [],
                gaps=grouped(problem for problem, place in places if _is_at(place, dimension, row.key)),
            )


def _is_at(place: list[str], dimension: Dimension, key: str) -> bool:
    """Places are written account/region/bucket/storage type."""
    level = {"account": 0, "region": 1, "storage-type": 3}[dimension]
    return len(place) > level and place[level] == key


def _type_lines(
    row: GroupRow, lines: list[tuple[float, float, int]], by_cost: list[Bucket], rows: _Rows
) -> list[LineRow]:
    buckets = [by_cost[index] for _, _, index in lines]
    dearest = buckets[0].storage[row.key].cost if buckets else None
    return [_line_row(rows[bucket], row.key, row.group.cost, dearest) for bucket in buckets]


def _line_row(row: Row, name: str, whole: float | None, dearest: float | None) -> LineRow:
    line = row.bucket.storage[name]
    return LineRow(row, name, line, _ratio(line.cost, whole), 100 * (_ratio(line.cost, dearest) or 0))


def _bucket_pages(rows: _Rows, buckets: list[Bucket], problems: list[Problem]) -> Iterable[BucketPage]:
    at: dict[tuple[str, ...], list[Problem]] = {}
    for problem in problems:
        at.setdefault(tuple(problem.where.split("/")[:3]), []).append(problem)
    for bucket in buckets:
        storage = bucket.storage
        names = sorted(storage, key=lambda name: (-(storage[name].cost or 0), -storage[name].size, name))
        dearest = storage[names[0]].cost if names else None
        row = rows[bucket]
        lines = [_line_row(row, name, bucket.total_cost, dearest) for name in names]
        found = at.get((bucket.account, bucket.region, bucket.name), [])
        daily = rows.daily(row.trend)
        yield BucketPage(row, lines, found, daily, spark(daily, LARGE))


def _days(buckets: Iterable[Bucket]) -> Days:
    days = [bucket.as_of for bucket in buckets if bucket.as_of is not None]
    newest = max(days, default=None)
    return Days(newest, min(days, default=None), sum(1 for day in days if day != newest))
