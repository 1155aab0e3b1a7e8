"""Accounts, regions, storage types, encryption and tag values with their sums, and a page with the parts of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.problem import Problem, hides_totals
from s3_monitor.model.summary import Group, Summary
from s3_monitor.report import sums
from s3_monitor.report.bucket_rows import BucketRow, BucketRowCache, StorageTypeRow, line_row, ratio, slug
from s3_monitor.report.problem_groups import ProblemGroup, group_problems
from s3_monitor.report.tag_groups import ENCRYPTION, by_tag, label_of
from s3_monitor.report.totals import Dimension, Totals

GROUP_TOP = 100  # buckets on the page of a region, an account, a storage type
GROUP_PAGES = 200  # regions, accounts, storage types with a page each
LABEL_PAGES = 300  # of all dimensions together
LABEL_TOP = 50  # buckets on a page


class GroupRow(msgspec.Struct, frozen=True):
    """An account, a region, a storage type or a label, with its sums."""

    dimension: str
    key: str
    page: str | None
    """Stem of the file of its page; None: it has none."""
    group: Group
    share: float | None
    """Share of the total cost."""
    bar: float
    """Cost in percent of the most expensive group's."""


class GroupPage(msgspec.Struct, frozen=True):
    """The page of a group: its parts by each other dimension, its most expensive buckets or lines, and its gaps."""

    row: GroupRow
    parts: dict[Dimension, list[GroupRow]]
    rows: list[BucketRow]
    lines: list[StorageTypeRow] = []
    gaps: list[ProblemGroup] = []

    @property
    def hides_totals(self) -> bool:
        """Return whether a gap makes costs or sizes unknown."""
        return any(hides_totals(group.first.severity, group.first.affects) for group in self.gaps)


def group_rows(
    dimension: str, groups: dict[str, Group], total: float | None, pages: int = GROUP_PAGES
) -> list[GroupRow]:
    """Return the most expensive groups first, then the largest.

    ``total``: the cost that shares refer to. ``pages``: number of groups that have a page each.
    """
    order = sums.by_cost(groups)
    highest = groups[order[0]].cost if order else None
    return [
        GroupRow(
            dimension=dimension,
            key=key,
            page=slug(dimension, key) if rank < pages else None,
            group=groups[key],
            share=ratio(groups[key].cost, total),
            bar=100 * (ratio(groups[key].cost, highest) or 0),
        )
        for rank, key in enumerate(order)
    ]


def group_pages(
    groups: dict[Dimension, list[GroupRow]],
    totals: Totals,
    by_cost: list[Bucket],
    rows: BucketRowCache,
    gaps: list[Problem],
) -> Iterable[GroupPage]:
    """Yield the pages of the groups that have one."""
    tops: dict[tuple[Dimension, str], list[Bucket]] = {}
    lines: dict[str, list[tuple[float, float, int]]] = {}
    for index, bucket in enumerate(by_cost):
        for place in (("account", bucket.account), ("region", bucket.region)):
            top = tops.setdefault(place, [])
            if len(top) < GROUP_TOP:
                top.append(bucket)
        for name, line in bucket.storage.items():
            lines.setdefault(name, []).append((-(line.cost or 0), -line.size, index))
    for dimension, members in groups.items():
        for row in members:
            if row.page is None:
                continue
            yield GroupPage(
                row=row,
                parts={
                    other: group_rows(other, totals.parts(dimension, row.key, other), row.group.cost)
                    for other in groups
                    if other != dimension
                },
                rows=[rows[bucket] for bucket in tops.get((dimension, row.key), [])],
                lines=_type_lines(row, sorted(lines.get(row.key, []))[:GROUP_TOP], by_cost, rows)
                if dimension == "storage-type"
                else [],
                gaps=group_problems(problem for problem in gaps if _is_at(problem, dimension, row.key)),
            )


def _is_at(problem: Problem, dimension: Dimension, key: str) -> bool:
    places = {"account": problem.account, "region": problem.region, "storage-type": problem.storage_type}
    return places[dimension] == key


def _type_lines(
    row: GroupRow, lines: list[tuple[float, float, int]], by_cost: list[Bucket], rows: BucketRowCache
) -> list[StorageTypeRow]:
    buckets = [by_cost[index] for _, _, index in lines]
    highest = buckets[0].storage[row.key].cost if buckets else None
    return [line_row(rows[bucket], row.key, row.group.cost, highest) for bucket in buckets]


class Labels(msgspec.Struct, frozen=True):
    """The labels of a dimension (see tag_groups)."""

    dimension: str
    stem: str
    """Start of the names of the files that list all labels."""
    rows: list[GroupRow]
    """The most expensive first."""
    pages: list[GroupPage]


def label_pages(
    by_cost: Sequence[Bucket], summary: Summary, totals: Mapping[str, Mapping[str, Totals]], rows: BucketRowCache
) -> list[Labels]:
    """Return each tag, then encryption; nothing if the configuration was not requested. ``totals``: by dimension."""
    tags = sorted(summary.by_tag.items()) if isinstance(summary.by_tag, dict) else ()
    dimensions = {by_tag(key): groups for key, groups in tags}
    if isinstance(summary.by_encryption, dict):
        dimensions[ENCRYPTION] = summary.by_encryption
    labels = []
    for dimension, groups in dimensions.items():
        members = _by_label(by_cost, dimension)
        found = group_rows(dimension, groups, summary.totals.cost, LABEL_PAGES // len(dimensions))
        pages = [
            GroupPage(
                row, _parts(row, totals[dimension][row.key]), [rows[bucket] for bucket in members[row.key][:LABEL_TOP]]
            )
            for row in found
            if row.page is not None
        ]
        labels.append(Labels(dimension, slug("labels", dimension), found, pages))
    return labels


def _by_label(buckets: Iterable[Bucket], dimension: str) -> dict[str, list[Bucket]]:
    label = label_of(dimension)
    members: dict[str, list[Bucket]] = {}
    for bucket in buckets:
        members.setdefault(label(bucket), []).append(bucket)
    return members


def _parts(row: GroupRow, totals: Totals) -> dict[Dimension, list[GroupRow]]:
    parts: dict[Dimension, dict[str, Group]] = {
        "region": totals.by_region(),
        "account": totals.by_account(),
        "storage-type": totals.by_storage_type(),
    }
    return {dimension: group_rows(dimension, groups, row.group.cost) for dimension, groups in parts.items()}
