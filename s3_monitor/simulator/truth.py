"""Expected figures of a simulated account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from s3_monitor.simulator.accounts import Account, Bucket


@dataclass(frozen=True)
class BucketTruth:
    """A bucket on the newest day of the window with a point in any byte series."""

    name: str
    account: str
    region: str
    kind: str  # general or directory
    created: datetime
    listed: bool  # false: deleted, only in CloudWatch
    day: date | None  # None without a point in the window
    lines: Mapping[str, float]  # bytes by storage type, of that day
    count: float | None  # of that day, or the newest before it in the window
    last_modified: datetime | None  # None without objects


def truth(account: Account, today: date, window_days: int = 4) -> dict[str, BucketTruth]:
    """Return all buckets by name, deleted ones included, for the UTC days from today - window_days to today."""
    first, end = today.toordinal() - window_days, today.toordinal() + 1
    return {name: _of_bucket(account, bucket, first, end) for name, bucket in sorted(account.buckets.items())}


def _of_bucket(account: Account, bucket: Bucket, first: int, end: int) -> BucketTruth:
    days = [day for series in bucket.sizes.values() for day in series.days(first, end)]
    newest = max(days, default=None)
    lines: dict[str, float] = {}
    count = None
    if newest is not None:
        points = {type_: series.value(newest) for type_, series in sorted(bucket.sizes.items())}
        lines = {type_: size for type_, size in points.items() if size is not None}
        counted = bucket.count.days(first, newest + 1) if bucket.count else ()
        count = bucket.count.value(counted[-1]) if bucket.count and counted else None
    return BucketTruth(
        bucket.name,
        account.id,
        bucket.region,
        bucket.kind,
        bucket.created,
        bucket.listed,
        date.fromordinal(newest) if newest is not None else None,
        lines,
        count,
        bucket.objects.last_modified,
    )
