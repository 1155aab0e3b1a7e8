"""What one account and region holds, as far as it decides how many calls a shard makes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from s3_monitor.collect.account import Account
from s3_monitor.collect.metric_queries import BATCH
from s3_monitor.model.responses import BUCKET_SIZE, OBJECT_COUNT, SeriesName
from s3_monitor.model.series import Window


class RegionContents(NamedTuple):
    """What ListBuckets and CloudWatch report about one account and region before objects are listed.

    ``buckets``: the names that ListBuckets returns. ``types``: the storage types with a series, by bucket.
    ``counts``: the newest object count by bucket; ``None`` if its series has no point in the window. ``ended``: buckets
    whose count has no point on the newest day of all counts: they may have been emptied since.
    """

    buckets: Collection[str]
    types: Mapping[str, Collection[str]]
    counts: Mapping[str, float | None]
    ended: Collection[str] = ()


def read_region_contents(account: Account, region: str, buckets: Collection[str], window: Window) -> RegionContents:
    """Read the lists of metrics and the object counts from CloudWatch. Raises AwsError."""
    types: dict[str, set[str]] = {}
    for page in account.series_pages(region, BUCKET_SIZE):
        for series in page:
            types.setdefault(series.bucket, set()).add(series.storage_type)
    counted = [series for page in account.series_pages(region, OBJECT_COUNT) for series in page]
    counts: dict[str, tuple[float, float] | None] = dict.fromkeys(series.bucket for series in counted)
    for start in range(0, len(counted), BATCH):
        counts.update(_newest_counts(account, region, counted[start : start + BATCH], window))
    newest = max((point[0] for point in counts.values() if point), default=0.0)
    return RegionContents(
        buckets,
        types,
        {bucket: point[1] if point else None for bucket, point in counts.items()},
        {bucket for bucket, point in counts.items() if point is None or point[0] < newest},
    )


def _newest_counts(
    account: Account, region: str, series: list[SeriesName], window: Window
) -> dict[str, tuple[float, float]]:
    """Return the time and the value of each bucket's newest count."""
    newest: dict[str, tuple[float, float]] = {}
    for page in account.point_pages(region, series, window.start, window.end):
        for answer in page.answers:
            bucket = series[answer.place].bucket
            points = [*zip(answer.times, answer.values, strict=True), *filter(None, [newest.get(bucket)])]
            if points:
                newest[bucket] = max(points)
    return newest
