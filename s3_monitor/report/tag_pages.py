"""Pages of labels: the buckets of each encryption method and tag value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.summary import Group, Summary
from s3_monitor.report.bucket_rows import BucketRowCache, slug
from s3_monitor.report.groups import GroupPage, GroupRow, group_rows
from s3_monitor.report.tag_groups import ENCRYPTION, by_tag, label_of
from s3_monitor.report.totals import Dimension, Totals

LABEL_PAGES = 300  # of all dimensions together
LABEL_TOP = 50  # buckets on a page


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
    dimensions: list[tuple[str, dict[str, Group]]] = []
    if isinstance(summary.by_tag, dict):
        dimensions += [(by_tag(key), groups) for key, groups in sorted(summary.by_tag.items())]
    if isinstance(summary.by_encryption, dict):
        dimensions.append((ENCRYPTION, summary.by_encryption))
    number = LABEL_PAGES // max(1, len(dimensions))
    all_cost = summary.totals.cost
    return [
        _labels(dimension, group_rows(dimension, groups, all_cost), by_cost, totals[dimension], rows, number)
        for dimension, groups in dimensions
    ]


def _labels(
    dimension: str,
    labels: Sequence[GroupRow],
    by_cost: Sequence[Bucket],
    totals: Mapping[str, Totals],
    rows: BucketRowCache,
    pages: int,
) -> Labels:
    label = label_of(dimension)
    members: dict[str, list[Bucket]] = {}
    for bucket in by_cost:
        members.setdefault(label(bucket), []).append(bucket)
    shown = [row if rank < pages else msgspec.structs.replace(row, page=None) for rank, row in enumerate(labels)]
    return Labels(
        dimension,
        slug("labels", dimension),
        shown,
        [
            GroupPage(row, _parts(row, totals[row.key]), [rows[bucket] for bucket in members[row.key][:LABEL_TOP]])
            for row in shown
            if row.page is not None
        ],
    )


def _parts(row: GroupRow, totals: Totals) -> dict[Dimension, list[GroupRow]]:
    parts: dict[Dimension, dict[str, Group]] = {
        "region": totals.by_region(),
        "account": totals.by_account(),
        "storage-type": totals.by_storage_type(),
    }
    return {dimension: group_rows(dimension, groups, row.group.cost) for dimension, groups in parts.items()}
