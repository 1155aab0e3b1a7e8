"""Problems that many buckets of an account and region share, as one note or gap for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec

from s3_monitor.merge.states import SETTLED_DAYS, RegionDays
from s3_monitor.model.plan import ListingRule
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.series import Window


class RegionNotes(msgspec.Struct):
    """The buckets of an account and region that need an explanation, by their number or their names."""

    unlisted: int = 0
    """Over the limit of listings."""
    without_requests: int = 0
    """With unknown request metrics."""
    special: int = 0
    """Table and vector buckets."""
    stale: list[str] = msgspec.field(default_factory=list)
    """The newest figures are old."""
    emptied: list[str] = msgspec.field(default_factory=list)
    without_points: list[str] = msgspec.field(default_factory=list)
    """Series are listed, and have no current point."""
    without_series: list[str] = msgspec.field(default_factory=list)
    """There are objects, but no byte series."""
    without_objects: list[str] = msgspec.field(default_factory=list)
    """There are bytes, but no current object."""

    def problems(
        self, place: tuple[str, str], window: Window, rule: ListingRule, days: RegionDays
    ) -> Iterator[Problem]:
        """Yield the notes and gaps of a region. ``place``: account and region."""
        create = partial(create_problem, account=place[0], region=place[1])
        if self.special:
            yield create("special-buckets-unmeasured", count=self.special)
        if self.unlisted:
            yield create("listing-limit-exceeded", count=self.unlisted, most=rule.max_objects)
        if self.without_requests:
            yield create("requests-not-measured", count=self.without_requests)
        if self.emptied:
            yield create("bucket-emptied", names=self.emptied)
        if 0 <= days.newest < days.settled:
            yield create("region-delayed", day=window.day(days.newest))
        elif self.stale:
            yield create("bucket-delayed", names=self.stale, days=SETTLED_DAYS)
        if self.without_objects:
            yield create("bucket-without-current-objects", names=self.without_objects)
        if self.without_series:
            yield create("bucket-without-sizes", names=self.without_series)
        if self.without_points and days.newest < 0:
            yield create("region-without-data", names=self.without_points, first=window.first, last=window.last)
        elif self.without_points:
            yield create("bucket-without-current-sizes", names=self.without_points)
