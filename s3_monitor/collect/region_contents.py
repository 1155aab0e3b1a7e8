"""What one account and region holds, as far as it decides how many calls a shard makes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from s3_monitor.collect.account import Account, Count
from s3_monitor.collect.questions import BATCH
from s3_monitor.model.answers import COUNTS, SIZES, SeriesName
from s3_monitor.model.series import Window


class RegionContents(NamedTuple):
    """What ListBuckets and CloudWatch report about one account and region before objects are listed.

    ``buckets``: the names that ListBuckets returns. ``types``: the storage types with a series, by bucket.
    ``counts``: the newest object count by bucket; ``None`` if its series has no point in the window.
    """

    buckets: Collection[str]
    types: Mapping[str, Collection[str]]
    counts: Mapping[str, float | None]


def read_region_contents(
    account: Account, region: str, buckets: Collection[str], window: Window, count: Count
) -> RegionContents:
    """Read the lists of metrics and the object counts from CloudWatch. Raises AwsFailure."""
    types: dict[str, set[str]] = {}
    for page in account.series(region, SIZES, None, None, count):
        for series in page:
            types.setdefault(series.bucket, set()).add(series.storage_type)
    counted = [series for page in account.series(region, COUNTS, None, None, count) for series in page]
    counts: dict[str, float | None] = dict.fromkeys(series.bucket for series in counted)
    for start in range(0, len(counted), BATCH):
        counts.update(_newest_counts(account, region, counted[start : start + BATCH], window, count))
    return RegionContents(buckets, types, counts)


def _newest_counts(
    account: Account, region: str, series: list[SeriesName], window: Window, count: Count
) -> dict[str, float]:
    newest: dict[str, tuple[float, float]] = {}
    for page in account.points(region, series, window.start, window.end, count):
        for answer in page.answers:
            bucket = series[answer.place].bucket
            points = [*zip(answer.times, answer.values, strict=True), *filter(None, [newest.get(bucket)])]
            if points:
                newest[bucket] = max(points)
    return {bucket: value for bucket, (_, value) in newest.items()}
