"""What the facts mean: which day a bucket's figures are of, which lines it has, and in what state it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Literal, TypeVar

from msgspec import UNSET

from s3_monitor.merge.coverage import BucketCoverage, RegionCoverage
from s3_monitor.merge.merged_data import BucketRecord, Figures
from s3_monitor.merge.part_union import MergedBucket, MergedRegion
from s3_monitor.merge.region_notes import RegionNotes
from s3_monitor.merge.states import SETTLED_DAYS, RegionDays, current_count, has_bytes, state_of
from s3_monitor.model.bucket import Kind, State
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.plan import Plan, Unit
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.series import EMPTY, Series
from s3_monitor.money.storage_types import storage_types

_EPOCH = date(1970, 1, 1)
_DAY_SECONDS = 86_400

_RENAMED = [(type_.name, type_.renamed_to) for type_ in storage_types().values() if type_.renamed_to]

T = TypeVar("T")
_Kind = Kind | Literal["deleted"]


class BucketResolver:
    """Turns the gathered buckets of one account and region into records."""

    def __init__(self, plan: Plan, units: Sequence[Unit], region: MergedRegion) -> None:
        """``units``: all that the plan asks of this account and region."""
        self.notes: list[Problem] = []
        self.deleted: list[BucketRecord] = []
        self._account, self._region = units[0].account, units[0].region
        self._create = partial(create_problem, account=self._account, region=self._region)
        self._window = plan.window
        self._listing = plan.listing
        self._settled = (plan.today - _EPOCH).days - SETTLED_DAYS
        settled = plan.window.offset(plan.today - timedelta(days=SETTLED_DAYS))
        days = [series.day for known in region.buckets.values() for series in known.sizes.values()]
        self._days = RegionDays(max(days, default=-1), settled)
        self._coverage = RegionCoverage(units, region.answers)
        self._covered = self._coverage.of_all
        self._lists_arrived = any(answer.listed for answer in region.answers)
        self._shared = RegionNotes()
        self._types: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._buckets = region.buckets
        self._contents = region.contents
        self._region_others = region.others
        self._traffic: dict[str, RequestMetrics] | None = region.traffic if plan.requests else None
        self._details: dict[str, BucketConfig] | None = region.details if plan.details else None

    def records(self) -> list[BucketRecord]:
        """The buckets that belong into the report, sorted by name. Empties the region as it goes: two copies of
        a million buckets need not be in memory at once."""
        records = []
        for name in sorted(self._buckets):
            record = self._record(name, self._buckets.pop(name))
            if record is not None:
                records.append(record)
        records += self._others()
        self.notes += self._shared.problems((self._account, self._region), self._window, self._listing, self._days)
        return records

    def _others(self) -> list[BucketRecord]:
        """Table and vector buckets: of them there is a name, and no figure among S3's storage metrics."""
        records = []
        for (kind, name), created in sorted(self._region_others.items()):
            if not (self._covered or self._coverage.of(name)).narrowed:
                records.append(
                    BucketRecord(
                        account=self._account,
                        region=self._region,
                        name=name,
                        created=created,
                        kind=kind,
                        state="unmeasured",
                        day=None,
                        types=(),
                        amounts=(),
                        objects=None,
                        modified=None,
                        sizes={},
                        counts=None,
                        details=BucketConfig(),
                    )
                )
        self._shared.others = len(records)
        return records

    def _record(self, name: str, known: MergedBucket) -> BucketRecord | None:
        kind = self._kind(name, listed=known.listed)
        if kind == "deleted":
            self.notes.append(self._create("deleted-bucket", bucket=name))
            self.deleted.append(self._gone(name, known))
            return None
        covered = self._covered or self._coverage.of(name)
        # The newest day with a point in any series, and the bytes of that day. Never the newest of each series:
        # bytes that moved between storage types would count twice.
        sizes = known.sizes
        days = [series.day for series in sizes.values()]
        day = max(days, default=-1)
        if day >= 0 and days.count(day) == len(days):  # nearly always
            types, amounts = tuple(sizes), tuple([series.value for series in sizes.values()])
        else:
            newest = {type_: series.value for type_, series in sizes.items() if series.day == day >= 0}
            types, amounts = tuple(newest), tuple(newest.values())
            self._note_ended(name, sizes, day)
        for former, present in _RENAMED:
            if former in types and present in types:
                index = types.index(former)
                types, amounts = _without(types, index), _without(amounts, index)
                sizes = {type_: series for type_, series in sizes.items() if type_ != former}
                self.notes.append(
                    self._create("former-name-excluded", bucket=name, storage_type=former, present=present)
                )
        if covered.narrowed and not has_bytes(known, self._days):
            return None
        count, listing = known.count or EMPTY, known.listing
        objects = count.value if 0 <= count.day <= day else _value_at(count, day)
        types = self._types.setdefault(types, types)
        state = self._state(name, known, covered, day, amounts)
        last = Figures(day, types, amounts, objects) if state == "emptied" and types else None
        if state not in ("measured", "incomplete"):
            day, types, amounts = -1, (), ()
            objects = 0 if state in ("emptied", "empty") else current_count(known, self._days)
        unread = listing is None and name not in self._contents
        if unread and kind == "general-purpose" and last is None and self._over_limit(count, covered):
            self._shared.unlisted += 1
        return BucketRecord(
            self._account,
            self._region,
            name,
            known.created,
            kind,
            state,
            day if day >= 0 else None,
            types,
            amounts,
            objects,
            listing.newest if listing else self._newest(name) if self._contents else None,
            sizes,
            known.count,
            self._contents.get(name) if self._contents else None,
            UNSET if self._details is None else self._details.get(name),
            UNSET if self._traffic is None else self._counted(name),
            last,
        )

    def _newest(self, name: str) -> int | None:
        """Of an inventory, where the bucket was not listed: of its day, and said so there."""
        contents = self._contents.get(name)
        return contents.newest if contents is not None and contents.complete else None

    def _counted(self, name: str) -> RequestMetrics | None:
        traffic = self._traffic.get(name) if self._traffic else None
        if traffic is None:
            self._shared.uncounted += 1
        return traffic

    def _gone(self, name: str, known: MergedBucket) -> BucketRecord:
        """Its history alone: it has no figures of today."""
        place = (self._account, self._region, name)
        return BucketRecord(
            *place, None, "general-purpose", "empty", None, (), (), None, None, known.sizes, known.count
        )

    def _kind(self, name: str, *, listed: bool) -> _Kind:
        """``listed``: a list names it."""
        if name.endswith(DIRECTORY_SUFFIX):
            return "directory"
        return "deleted" if self._lists_arrived and not listed else "general-purpose"

    def _note_ended(self, name: str, sizes: dict[str, Series], day: int) -> None:
        shown = self._window.day(day)
        for type_, series in sizes.items():
            if 0 <= series.day < day:
                last = self._window.day(series.day)
                self.notes.append(
                    self._create("storage-type-ended", bucket=name, storage_type=type_, last=last, day=shown)
                )

    def _state(
        self, name: str, known: MergedBucket, covered: BucketCoverage, day: int, amounts: Sequence[float]
    ) -> State:
        """The state, which is noted where it needs an explanation."""
        shared, state = self._shared, self._state_of(name, known, covered, day)
        if state == "young":
            self.notes.append(self._create("bucket-too-new", bucket=name))
        elif state == "no-data":
            lacks_points = known.sizes or (known.count is not None and known.count.day < 0)
            (shared.without_points if lacks_points else shared.without_series).append(name)
        elif state == "emptied":
            shared.emptied.append(name)
        elif 0 <= day < self._days.settled:
            shared.stale.append(name)
        if state == "measured" and known.listing is not None and not known.listing.objects and any(amounts):
            shared.without_objects.append(name)
        return state

    def _state_of(self, name: str, known: MergedBucket, covered: BucketCoverage, day: int) -> State:
        if not covered.complete or (day < 0 and not covered.counts):
            return "incomplete"
        listing = known.listing
        if day >= 0 and not self._days.is_silent(day) and not self._contents and (listing is None or listing.objects):
            return "measured"  # as nearly always, so without further calls
        contents = self._contents.get(name) if self._contents else None
        is_young = None if known.created is None else known.created // _DAY_SECONDS > self._settled
        return state_of(known, contents, self._window, self._days, is_young=is_young)

    def _over_limit(self, count: Series, covered: BucketCoverage) -> bool:
        """The listing rule left this bucket out: it holds more than the limit, or nobody knows how many and a
        first look found more."""
        if self._listing.mode != "auto":
            return False
        if count.day >= 0:
            return count.value > self._listing.max_objects
        return covered.counts and covered.listings


def _value_at(series: Series, day: int) -> float | None:
    """The value of a day or of the newest before it; without a day (-1), the newest of all."""
    if series.day < 0:
        return None
    if day < 0 or series.day <= day:
        return series.value
    return next((value for offset, value in series.points() if offset <= day and value >= 0), None)


def _without(items: tuple[T, ...], index: int) -> tuple[T, ...]:
    return items[:index] + items[index + 1 :]
