"""The difference between the bytes that CloudWatch measured and those of a listing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from s3_monitor.model.object_stats import DAY, ObjectStats
from s3_monitor.model.priced_object_stats import Difference


def cloudwatch_difference(
    lines: Mapping[str, float], day: int, objects: ObjectStats, overheads: Collection[str]
) -> Difference:
    """Return the difference and its known parts.

    ``lines``: storage type → bytes that CloudWatch measured on ``day``, in days since 1970. ``overheads``: the storage
    types that hold no object bytes. AWS, BucketSizeBytes: it includes all current and noncurrent versions, the parts of
    unfinished multipart uploads, and as separate types the padding of small objects and the overhead of archived ones.
    Objects written after that day are only in the listing. The unexplained rest was deleted or overwritten since, or
    not listed.
    """
    cloudwatch = sum(lines.values())
    overhead = sum(size for name, size in lines.items() if name in overheads)
    noncurrent = None if objects.noncurrent is None else objects.noncurrent.size
    multipart = None if objects.multipart is None else objects.multipart.size
    since = _written_since(day, objects)
    listed = objects.current.size + (noncurrent or 0) + (multipart or 0)
    return Difference(
        cloudwatch=cloudwatch,
        current=objects.current.size,
        noncurrent=noncurrent,
        multipart=multipart,
        overhead=overhead,
        written_since=since,
        unexplained=cloudwatch - (listed + overhead - (since or 0)),
    )


def _written_since(day: int, objects: ObjectStats) -> int | None:
    """Return the bytes of versions last modified after a day, or None if ``recent`` does not reach back that far."""
    days = max(0, objects.at // DAY - day)
    if objects.recent is None or days > len(objects.recent):
        return None
    return sum(amount.size for amount in objects.recent[:days])
