"""What the facts mean: which day a bucket's figures are of, which lines it has, and in what state it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, TypeVar

import msgspec
from msgspec import UNSET

from s3_monitor.merge.coverage import Coverage, Covered
from s3_monitor.merge.facts import BucketRecord
from s3_monitor.merge.gather import Known, Region
from s3_monitor.model.bucket import Kind, State
from s3_monitor.model.details import Details
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.plan import Plan, Unit
from s3_monitor.model.problem import Problem, note
from s3_monitor.model.series import EMPTY, Series
from s3_monitor.model.traffic import Traffic

# AWS gives a bucket's first daily figures a day or two after it was made, and each day's a day or two later.
_SETTLED_DAYS = 3
_NAMED = 3  # buckets in a note that many share
_EPOCH = date(1970, 1, 1)
_DAY_SECONDS = 86_400

# The padding of small Glacier Instant Retrieval objects: AWS renamed the storage type.
_FORMER, _PRESENT = "GlacierInstantRetrievalSizeOverhead", "GlacierIRSizeOverhead"

T = TypeVar("T")
_Kind = Kind | Literal["deleted"]


class _Tally(msgspec.Struct):
    """Buckets of a region that share a note; ``stale`` by name."""

    unlisted: int = 0
    stale: list[str] = msgspec.field(default_factory=list)
    uncounted: int = 0


class Judge:
    """Turns the gathered buckets of one account and region into records."""

    def __init__(self, plan: Plan, units: Sequence[Unit], region: Region) -> None:
        """``units``: all that the plan asks of this account and region."""
        self.notes: list[Problem] = []
        self.deleted: list[BucketRecord] = []
        self._account, self._region = units[0].account, units[0].region
        self._place = f"{self._account}/{self._region}"
        self._window = plan.window
        self._listing = plan.listing
        self._settled = (plan.today - _EPOCH).days - _SETTLED_DAYS
        self._stale = plan.window.offset(plan.today - timedelta(days=_SETTLED_DAYS))
        self._coverage = Coverage(units, region.answers)
        self._covered = self._coverage.of_all
        self._lists_arrived = any(answer.listed for answer in region.answers)
        self._tally = _Tally()
        self._types: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._buckets = region.buckets
        self._contents = region.contents
        self._region_others = region.others
        self._traffic: dict[str, Traffic] | None = region.traffic if plan.requests else None
        self._details: dict[str, Details] | None = region.details if plan.details else None

    def records(self) -> list[BucketRecord]:
        """The buckets that belong into the report, sorted by name. Empties the region as it goes: two copies of
        a million buckets need not be in memory at once."""
        records = []
        for name in sorted(self._buckets):
            record = self._record(name, self._buckets.pop(name))
            if record is not None:
                records.append(record)
        self._note_tally()
        return records + self._others()

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
                        details=Details(),
                    )
                )
        if records:
            what = f"{_buckets(len(records))} for tables or vectors: S3's storage metrics have no bytes of them"
            self.notes.append(note(self._place, what, "their sizes are unknown, and not in the sums"))
        return records

    def _record(self, name: str, known: Known) -> BucketRecord | None:
        kind = self._kind(name, listed=known.listed)
        if kind == "deleted":
            what = "CloudWatch still has figures, but the account no longer holds this bucket: left out"
            self._note(name, what)
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
        if _FORMER in types and _PRESENT in types:
            former = types.index(_FORMER)
            types, amounts = _without(types, former), _without(amounts, former)
            sizes = {type_: series for type_, series in sizes.items() if type_ != _FORMER}
            self._note(f"{name}/{_FORMER}", f"is the former name of {_PRESENT}, which has figures too: counted once")
        if not types and covered.narrowed:
            return None
        count, listing = known.count or EMPTY, known.listing
        objects = count.value if 0 <= count.day <= day else _value_at(count, day)
        state: State = "measured"
        if not types or not covered.complete:
            state = self._state(name, known, covered, day, objects)
            objects = 0 if state == "empty" else objects
        if 0 <= day < self._stale:
            self._tally.stale.append(name)
        unread = listing is None and name not in self._contents
        if unread and kind == "general-purpose" and self._over_limit(count, covered):
            self._tally.unlisted += 1
        return BucketRecord(
            self._account,
            self._region,
            name,
            known.created,
            kind,
            state,
            day if day >= 0 else None,
            self._types.setdefault(types, types),
            amounts,
            objects,
            listing.newest if listing else self._newest(name) if self._contents else None,
            sizes,
            known.count,
            self._contents.get(name) if self._contents else None,
            UNSET if self._details is None else self._details.get(name),
            UNSET if self._traffic is None else self._counted(name),
        )

    def _newest(self, name: str) -> int | None:
        """Of an inventory, where the bucket was not listed: of its day, and said so there."""
        contents = self._contents.get(name)
        return contents.newest if contents is not None and contents.complete else None

    def _counted(self, name: str) -> Traffic | None:
        traffic = self._traffic.get(name) if self._traffic else None
        if traffic is None:
            self._tally.uncounted += 1
        return traffic

    def _gone(self, name: str, known: Known) -> BucketRecord:
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
                self._note(f"{name}/{type_}", f"has figures up to {last} and none of {shown}: it ended, or is late")

    def _state(self, name: str, known: Known, covered: Covered, day: int, objects: float | None) -> State:
        """Of a bucket without lines, or with an answer missing."""
        if not covered.complete or (day < 0 and not covered.counts):
            return "incomplete"
        if known.created is not None and known.created // _DAY_SECONDS > self._settled:
            self._note(name, "too new for CloudWatch to have measured it")
            return "young"
        if objects or (known.listing is not None and known.listing.objects > 0):
            self._note(name, "it holds objects, but CloudWatch gives no bytes")
            return "no-data"
        return "empty"

    def _over_limit(self, count: Series, covered: Covered) -> bool:
        """The listing rule left this bucket out: it holds more than the limit, or nobody knows how many and a
        first look found more."""
        if self._listing.mode != "auto":
            return False
        if count.day >= 0:
            return count.value > self._listing.max_objects
        return covered.counts and covered.listings

    def _note(self, where: str, what: str, advice: str = "") -> None:
        self.notes.append(note(f"{self._place}/{where}", what, advice))

    def _note_tally(self) -> None:
        if self._tally.unlisted:
            what = f"{_buckets(self._tally.unlisted)} over {self._listing.max_objects:,} objects not listed"
            advice = "for their last-modified dates: --last-modified all, or a higher listing.max_objects"
            self.notes.append(note(self._place, f"{what}: last-modified unknown", advice))
        if self._tally.uncounted:
            what = f"{_buckets(self._tally.uncounted)} of which the requests are unknown"
            advice = "counted are those with a request metrics configuration without a filter, which AWS charges for"
            self.notes.append(note(self._place, what, advice))
        if self._tally.stale:
            names = self._tally.stale[:_NAMED] + ["…"] * (len(self._tally.stale) > _NAMED)
            what = f"{_buckets(len(self._tally.stale))} ({', '.join(names)}) without figures of the last"
            why = "emptied since, or CloudWatch is late; the last known count"
            self.notes.append(note(self._place, f"{what} {_SETTLED_DAYS} days: {why}"))


def _value_at(series: Series, day: int) -> float | None:
    """The value of a day or of the newest before it; without a day (-1), the newest of all."""
    if series.day < 0:
        return None
    if day < 0 or series.day <= day:
        return series.value
    return next((value for offset, value in series.points() if offset <= day and value >= 0), None)


def _without(items: tuple[T, ...], index: int) -> tuple[T, ...]:
    return items[:index] + items[index + 1 :]


def _buckets(count: int) -> str:
    return f"{count:,} bucket" if count == 1 else f"{count:,} buckets"
