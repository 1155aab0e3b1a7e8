"""The state of a bucket, from its series, its object count and its listing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from s3_monitor.merge.part_union import MergedBucket
from s3_monitor.model.bucket import State
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.series import Window

# AWS publishes the first daily figures of a bucket a day or two after its creation, and those of each day a day or
# two later. After so many days, missing figures are no longer late.
SETTLED_DAYS = 3


class RegionDays(NamedTuple):
    """What the states of a region's buckets depend on. Days are offsets in the window.

    ``newest``: the newest day with a point in any byte series of the account and region, deleted buckets included;
    -1: there is none. ``settled``: the day of ``as_of`` less SETTLED_DAYS.
    """

    newest: int
    settled: int

    def is_silent(self, day: int) -> bool:
        """Whether figures that end on this day are missing for longer than they can be late: compared with the region's
        newest figures or, where it has none, with ``as_of``."""
        return day <= (self.newest - SETTLED_DAYS if self.newest >= 0 else self.settled - 1)


def state_of(
    bucket: MergedBucket, contents: ObjectStats | None, window: Window, region: RegionDays, *, is_young: bool | None
) -> State:
    """The state of a bucket of which every byte series was received. ``contents``: what a listing or an inventory
    found. ``is_young``: ``None`` if the creation date is unknown."""
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
    # Without a date, only a count or a listing tells an empty bucket from one that is too new.
    is_known = is_young is not None or bucket.count is not None or bucket.listing is not None or contents is not None
    return "empty" if is_known else "incomplete"


def newest_day(bucket: MergedBucket) -> int:
    """The newest day with a point in any byte series; -1: there is none in the window."""
    return max([series.day for series in bucket.sizes.values()], default=-1)


def current_count(bucket: MergedBucket, region: RegionDays) -> int | float | None:
    """The newest object count; None where it is not current."""
    count = bucket.count
    return None if count is None or count.day < 0 or region.is_silent(count.day) else count.value


def has_bytes(bucket: MergedBucket, region: RegionDays) -> bool:
    """Whether the bucket has, or may have, bytes of the selected storage types. It does not where their series ended
    while the object count goes on."""
    day = newest_day(bucket)
    goes_on = bool(current_count(bucket, region))
    ended = region.is_silent(day) or (bucket.count is not None and bucket.count.day - day >= SETTLED_DAYS)
    return bool(bucket.sizes) and not (ended and goes_on)


def _is_vacant(bucket: MergedBucket, contents: ObjectStats | None) -> bool:
    """Whether a complete listing found no object, no earlier version and no unfinished upload."""
    return (bucket.listing is not None and bucket.listing.vacant and not bucket.listing.objects) or (
        contents is not None
        and contents.complete
        and not contents.keys
        and contents.current == contents.noncurrent == contents.multipart == Amount()
        and contents.delete_markers == 0
    )


def _held(bucket: MergedBucket) -> bool:
    """Whether CloudWatch lists a series that is not a count of 0: only buckets that held objects have one."""
    count = bucket.count
    return bool(bucket.sizes) or (count is not None and (count.day < 0 or count.value > 0))


def _holds_objects(bucket: MergedBucket, contents: ObjectStats | None, window: Window, region: RegionDays) -> bool:
    """Whether anything newer than the byte series shows that there are objects."""
    listing = bucket.listing
    return (
        bool(current_count(bucket, region))
        or (listing is not None and listing.objects > 0)
        or (contents is not None and contents.current.objects > 0 and _day_of(contents, window) >= region.settled)
    )


def _day_of(contents: ObjectStats, window: Window) -> int:
    return window.offset(datetime.fromtimestamp(contents.at, UTC).date())
