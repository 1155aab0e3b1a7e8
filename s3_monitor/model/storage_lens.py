"""What a shard reads from a Storage Lens export, and its data in a part."""

from __future__ import annotations

from functools import reduce

import msgspec

from s3_monitor.model.bounds import Count, Seconds
from s3_monitor.model.exports import LensScope, StorageLensExport
from s3_monitor.model.object_stats import DAY, Amount, ObjectStats, merge_object_stats
from s3_monitor.model.request_metrics import RequestMetrics, merge_request_metrics

SHARD = "storage-lens"  # name of the only shard that reads such an export, and the start of the name of each of several
# AWS: the first metrics of a bucket follow within 48 hours. `at` is the end of a day.
_NEW_SECONDS = 3 * DAY


class LensQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """The Storage Lens export to read."""

    access: Count
    """Index into `accesses` of the plan."""
    export: StorageLensExport
    """The export."""


class LensBucket(msgspec.Struct, array_like=True, frozen=True, gc=False, order=True):
    """The statistics of a bucket, as `[account, region, name, stats, requests]`."""

    account: str
    """Account id."""
    region: str
    """Region."""
    name: str
    """Name of the bucket."""
    stats: ObjectStats
    """Statistics of its objects."""
    requests: RequestMetrics | None = None
    """Requests of the day, by advanced metrics; null: unknown."""


def merge_lens_buckets(left: LensBucket | None, right: LensBucket) -> LensBucket:
    """Return the bucket with the better statistics and the better requests. Commutative."""
    if left is None:
        return right
    requests = [one.requests for one in (left, right) if one.requests is not None]
    merged = reduce(merge_request_metrics, requests) if requests else None
    return LensBucket(right.account, right.region, right.name, merge_object_stats(left.stats, right.stats), merged)


class LensCoverage(msgspec.Struct, frozen=True, gc=False, order=True):
    """The buckets of an account that a delivery covers: those without a row have no objects."""

    account: str
    """Account id."""
    at: Seconds
    """End of the day of the metrics, seconds since 1970 UTC."""
    origin: str
    """The export and its date."""
    scope: LensScope
    """What the configuration covers."""

    def covers(self, region: str, bucket: str, created: int | None) -> bool:
        """Return whether the bucket is covered and old enough. ``created``: seconds since 1970 UTC; None: unknown."""
        return created is not None and created <= self.at - _NEW_SECONDS and self.scope.covers(region, bucket)

    def no_objects(self) -> ObjectStats:
        """Return the statistics of a bucket without a row."""
        none = Amount()
        return ObjectStats(
            "storage-lens", self.at, complete=True, current=none, classes={}, sizes=None, ages=None, noncurrent=none,
            delete_markers=0, multipart=none, old_multipart=none, encrypted=none, replicas=none, replicated=none,
            locked=none, prefixes=None, origin=self.origin,
        )  # fmt: skip


class LensData(msgspec.Struct, frozen=True):
    """The data of Storage Lens exports."""

    complete: bool
    """Whether the newest delivery, or an earlier one, was read completely."""
    buckets: list[LensBucket]
    """The buckets of the plan with rows in the export, sorted."""
    coverage: list[LensCoverage] = []
    """What the deliveries cover, as far as it is known, sorted."""
