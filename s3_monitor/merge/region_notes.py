"""Problems that many buckets of an account and region share: each is one note, or one gap, for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from s3_monitor.merge.states import SETTLED_DAYS, RegionDays
from s3_monitor.model.plan import ListingRule
from s3_monitor.model.problem import Problem, gap, note
from s3_monitor.model.series import Window

_NAMED = 3  # buckets in a note


class RegionNotes(msgspec.Struct):
    """The buckets of a region by what there is to say about them: their number, or their names."""

    unlisted: int = 0  # over the listing's limit
    uncounted: int = 0  # request metrics are unknown
    others: int = 0  # table and vector buckets
    stale: list[str] = msgspec.field(default_factory=list)  # the newest figures are old
    emptied: list[str] = msgspec.field(default_factory=list)
    without_points: list[str] = msgspec.field(default_factory=list)  # series are listed, and have no current point
    without_series: list[str] = msgspec.field(default_factory=list)  # there are objects, but no byte series
    without_objects: list[str] = msgspec.field(default_factory=list)  # there are bytes, but no current object

    def problems(self, place: str, window: Window, rule: ListingRule, days: RegionDays) -> Iterator[Problem]:
        """The notes and gaps of the region. ``place``: account and region."""
        if self.others:
            what = f"{_buckets(self.others)} for tables or vectors: S3's storage metrics have no bytes of them"
            yield note(place, what, "their sizes are unknown, and not in the sums")
        if self.unlisted:
            what = f"{_buckets(self.unlisted)} over {rule.max_objects:,} objects not listed: last-modified unknown"
            advice = "for their last-modified dates: --last-modified all, or a higher listing.max_objects"
            yield note(place, what, advice)
        if self.uncounted:
            what = f"{_buckets(self.uncounted)} of which the requests are unknown"
            advice = "counted are those with a request metrics configuration without a filter, which AWS charges for"
            yield note(place, what, advice)
        yield from self._old_figures(place, window, days)
        yield from self._missing_figures(place, window, days)

    def _old_figures(self, place: str, window: Window, days: RegionDays) -> Iterator[Problem]:
        if self.emptied:
            yield note(place, f"{_named(self.emptied)} emptied: counted as 0, with the last figures in last_known")
        if 0 <= days.newest < days.settled:
            yield note(place, f"CloudWatch's newest figures of this region are of {window.day(days.newest)}: delayed")
        elif self.stale:
            yield note(place, f"{_named(self.stale)} without figures of the last {SETTLED_DAYS} days: delayed")

    def _missing_figures(self, place: str, window: Window, days: RegionDays) -> Iterator[Problem]:
        if self.without_objects:
            what = f"{_named(self.without_objects)} with bytes in CloudWatch and without current objects"
            advice = (
                "see what they hold with --objects listing --versions; to recognize emptied buckets, allow "
                "s3:ListBucketVersions and s3:ListBucketMultipartUploads"
            )
            yield note(place, what, advice)
        if self.without_series:
            what = f"{_named(self.without_series)} with objects, but without bytes in CloudWatch: size unknown"
            yield note(place, what)
        if self.without_points and days.newest < 0:
            what = f"CloudWatch has no bytes from {window.first} to {window.last}"
            advice = "run again later, or with more history_days"
            yield gap(place, f"{what}: the size of {_named(self.without_points)} is unknown", advice)
        elif self.without_points:
            yield note(place, f"{_named(self.without_points)} without current bytes in CloudWatch: size unknown")


def _named(names: Sequence[str]) -> str:
    """How many buckets, and the names of the first."""
    return f"{_buckets(len(names))} ({', '.join([*names[:_NAMED], *['…'] * (len(names) > _NAMED)])})"


def _buckets(count: int) -> str:
    return f"{count:,} bucket" if count == 1 else f"{count:,} buckets"
