"""Tags and encryption as groups of buckets: each label with its sums, and the page of what it is made of."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.summary import Group, Summary
from s3_monitor.report.bucket_rows import BucketRow, BucketRowCache, slug
from s3_monitor.report.cross_totals import cross
from s3_monitor.report.groups import GroupRow, group_rows
from s3_monitor.report.tag_groups import ENCRYPTION, by_tag, label_of

LABEL_PAGES = 300  # of all dimensions together, the dearest of each
LABEL_TOP = 50  # buckets on one


class LabelPage(msgspec.Struct, frozen=True):
    """``parts``: by region, account and storage type; ``rows``: its dearest buckets."""

    row: GroupRow
    parts: dict[str, list[GroupRow]]
    rows: list[BucketRow]


class Labels(msgspec.Struct, frozen=True):
    """The labels of one dimension (see report.labels), dearest first. ``stem``: of the files that list them all."""

    dimension: str
    stem: str
    rows: list[GroupRow]
    pages: list[LabelPage]


def label_pages(by_cost: Sequence[Bucket], summary: Summary, rows: BucketRowCache) -> list[Labels]:
    """Encryption, then each tag; nothing where buckets were not asked."""
    dimensions: list[tuple[str, dict[str, Group]]] = []
    if isinstance(summary.by_encryption, dict):
        dimensions.append((ENCRYPTION, summary.by_encryption))
    if isinstance(summary.by_tag, dict):
        dimensions += [(by_tag(key), groups) for key, groups in sorted(summary.by_tag.items())]
    pages = LABEL_PAGES // max(1, len(dimensions))
    return [_labels(dimension, groups, by_cost, summary, rows, pages) for dimension, groups in dimensions]


def _labels(
    dimension: str,
    groups: dict[str, Group],
    by_cost: Sequence[Bucket],
    summary: Summary,
    rows: BucketRowCache,
    pages: int,
) -> Labels:
    label = label_of(dimension)
    members: dict[str, list[Bucket]] = {}
    for bucket in by_cost:
        members.setdefault(label(bucket), []).append(bucket)
    shown = [
        row if rank < pages else msgspec.structs.replace(row, page=None)
        for rank, row in enumerate(group_rows(dimension, groups, summary.totals.cost))
    ]
    made = [_page(row, members.get(row.key, []), summary, rows) for row in shown if row.page is not None]
    return Labels(dimension, slug("labels", dimension), shown, made)


def _page(row: GroupRow, members: list[Bucket], summary: Summary, rows: BucketRowCache) -> LabelPage:
    crossing = cross(members, summary)
    parts = {
        other: group_rows(other, crossing.totals(other), row.group.cost)
        for other in ("region", "account", "storage-type")
    }
    return LabelPage(row, parts, [rows[bucket] for bucket in members[:LABEL_TOP]])
