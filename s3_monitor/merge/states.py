"""The state of a bucket, by its series, object count and listing."""

from __future__ import annotations

from typing import NamedTuple

from s3_monitor.merge.part_union import MergedBucket
from s3_monitor.model.bucket import State
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.series import Window

# AWS: the daily figures of a bucket follow a day or two later, as do the first after its creation. After this number of
# days, missing figures are no longer late.
SETTLED_DAYS = 3


class RegionDays(NamedTuple):
    """Days that the states of the buckets of an account and region depend on, as offsets in the window."""

    newest: int
    """Newest day with a point in any byte series, deleted buckets included; -1: none."""
    settled: int
    """The day of ``as_of`` minus SETTLED_DAYS."""

    def is_silent(self, day: int) -> bool:
        """Return whether figures that end on this day have stopped, and are not merely late.

        They are compared with the newest figures of the region or, without any, with ``as_of``.
        """
        return day <= (self.newest - SETTLED_DAYS if self.newest >= 0 else self.settled - 1)


def state_of(
    bucket: MergedBucket, contents: ObjectStats | None, window: Window, region: RegionDays, *, is_young: bool | None
) -> State:
    """Return the state of a bucket whose byte series were all received.

    ``contents``: statistics of its objects. ``is_young``: None if the creation date is unknown.
    """
    day = newest_day(bucket)
    if _held(bucket) and _is_vacant(bucket, contents):
        return "emptied"
    if day >= 0 and not region.is_silent(day):
        return "measured"
    if is_young:
        return "young"
    if _holds_objects(bucket, contents, window, region):
        return "no-data"
    if day >= 0:
        return "emptied"
    if _held(bucket):
        return "no-data"
    # Without a creation date, only a count or a listing distinguishes an empty bucket from a new one.
    is_known = is_young is not None or bucket.count is not None or bucket.listing is not None or contents is not None
    return "empty" if is_known else "incomplete"


def newest_day(bucket: MergedBucket) -> int:
    """Return the newest day with a point in any byte series; -1: none in the window."""
    return max([series.day for series in bucket.sizes.values()], default=-1)


def current_count(bucket: MergedBucket, region: RegionDays) -> int | float | None:
    """Return the newest object count; None if it is not current."""
    count = bucket.count
    return None if count is None or count.day < 0 or region.is_silent(count.day) else count.value


def has_bytes(bucket: MergedBucket, region: RegionDays) -> bool:
    """Return whether the bucket may have bytes of the selected storage types.

    It has none if their series have ended and the object count goes on.
    """
    day = newest_day(bucket)
    ended = region.is_silent(day) or (bucket.count is not None and bucket.count.day - day >= SETTLED_DAYS)
    return bool(bucket.sizes) and not (ended and current_count(bucket, region))


def _is_vacant(bucket: MergedBucket, contents: ObjectStats | None) -> bool:
    """Return whether a complete listing found no object, earlier version or unfinished upload."""
    return (bucket.listing is not None and bucket.listing.vacant and not bucket.listing.objects) or (
        contents is not None
        and contents.complete
        and contents.source != "storage-lens"  # its day may be before that of the figures
        and not contents.keys
        and contents.current == contents.noncurrent == contents.multipart == Amount()
        and contents.delete_markers == 0
    )


def _held(bucket: MergedBucket) -> bool:
    """Return whether CloudWatch lists a series other than a count of 0, which only buckets with objects have had."""
    count = bucket.count
    return bool(bucket.sizes) or (count is not None and (count.day < 0 or count.value > 0))


def _holds_objects(bucket: MergedBucket, contents: ObjectStats | None, window: Window, region: RegionDays) -> bool:
    """Return whether data newer than the byte series shows objects."""
    listing = bucket.listing
    return (
        bool(current_count(bucket, region))
        or (listing is not None and listing.objects > 0)
        or (
            contents is not None
            and contents.current.objects > 0
            and window.offset_of_time(contents.at) >= region.settled
        )
    )
