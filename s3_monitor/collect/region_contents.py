"""What one account and region holds, as far as it decides how many calls a shard makes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from s3_monitor.collect.account import Account
from s3_monitor.collect.metric_queries import BATCH
from s3_monitor.model.responses import BUCKET_SIZE, OBJECT_COUNT
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


def region_contents(
    buckets: Collection[str], types: Mapping[str, Collection[str]], newest: Mapping[str, tuple[float, float] | None]
) -> RegionContents:
    """Return the contents, given the newest (day, object count) of each bucket in any unit of time."""
    last = max((day for day, _ in filter(None, newest.values())), default=0.0)
    return RegionContents(
        buckets,
        types,
        {bucket: point[1] if point else None for bucket, point in newest.items()},
        {bucket for bucket, point in newest.items() if point is None or point[0] < last},
    )


def read_region_contents(account: Account, region: str, buckets: Collection[str], window: Window) -> RegionContents:
    """Read the lists of metrics and the object counts from CloudWatch. Raises AwsError."""
    types: dict[str, set[str]] = {}
    for page in account.series_pages(region, BUCKET_SIZE):
        for series in page:
            types.setdefault(series.bucket, set()).add(series.storage_type)
    counted = [series for page in account.series_pages(region, OBJECT_COUNT) for series in page]
    newest: dict[str, tuple[float, float] | None] = dict.fromkeys(series.bucket for series in counted)
    for start in range(0, len(counted), BATCH):
        batch = counted[start : start + BATCH]
        for points in account.point_pages(region, batch, window.start, window.end):
            for result in points.answers:
                bucket = batch[result.place].bucket
                received = [*zip(result.times, result.values, strict=True), *filter(None, [newest[bucket]])]
                newest[bucket] = max(received, default=None)
    return region_contents(buckets, types, newest)
