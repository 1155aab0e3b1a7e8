"""What a shard reads from a Storage Lens export, and its data in a part."""

from __future__ import annotations

import msgspec

from s3_monitor.model.bounds import Count
from s3_monitor.model.exports import StorageLensExport
from s3_monitor.model.object_stats import ObjectStats

SHARD = "storage-lens"  # name of the only shard that reads such an export, and the start of the name of each of several


class LensQuery(msgspec.Struct, frozen=True, omit_defaults=True):
    """The Storage Lens export to read."""

    access: Count
    """Index into `accesses` of the plan."""
    export: StorageLensExport
    """The export."""


class LensBucket(msgspec.Struct, array_like=True, frozen=True, gc=False, order=True):
    """The statistics of a bucket, as `[account, region, name, stats]`."""

    account: str
    """Account id."""
    region: str
    """Region."""
    name: str
    """Name of the bucket."""
    stats: ObjectStats
    """Statistics of its objects."""


class LensData(msgspec.Struct, frozen=True):
    """The data of Storage Lens exports."""

    complete: bool
    """Whether the newest delivery, or an earlier one, was read completely."""
    buckets: list[LensBucket]
    """The buckets of the plan with rows in the export, sorted."""
