"""Resolve merged buckets: the day of their figures, their storage types of that day, and their state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.merge.coverage import BucketCoverage, RegionCoverage
from s3_monitor.merge.merged_data import Figures, ResolvedBucket
from s3_monitor.merge.part_union import MergedBucket, MergedRegion
from s3_monitor.merge.states import SETTLED_DAYS, RegionDays, current_count, has_bytes, state_of
from s3_monitor.model.bucket import Kind, State
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.object_stats import BucketSettings, ObjectStats
from s3_monitor.model.patterns import DIRECTORY_SUFFIX
from s3_monitor.model.plan import Plan, Unit
from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.series import EMPTY, Series
from s3_monitor.money.storage_types import storage_types

_RENAMED = [(type_.name, type_.renamed_to) for type_ in storage_types().values() if type_.renamed_to]

# Problems that many buckets of a region share, and that have their number instead of their names.
_COUNTED = frozenset({"special-buckets-unmeasured", "listing-limit-exceeded", "requests-not-measured"})

T = TypeVar("T")
_Kind = Kind | Literal["deleted"]


class BucketResolver:
    """Resolves the merged buckets of an account and region: the day of their figures, and their state."""

    def __init__(self, plan: Plan, units: Sequence[Unit], region: MergedRegion) -> None:
        """``units``: all units of the account and region in the plan."""
        self.notes: list[Problem] = []
        self.deleted: list[ResolvedBucket] = []
        self._plan = plan
        self._region = region
        self._place = (units[0].account, units[0].region)
        self._create_problem = partial(create_problem, account=units[0].account, region=units[0].region)
        days = [series.day for bucket in region.buckets.values() for series in bucket.sizes.values()]
        settled = plan.window.offset(plan.today - timedelta(days=SETTLED_DAYS))
        self._days = RegionDays(max(days, default=-1), settled)
        self._coverage = RegionCoverage(units, region.units)
        self._is_listed = any(unit.listed for unit in region.units)
        self._shared: defaultdict[str, list[str]] = defaultdict(list)  # code → names of buckets
        self._types: dict[tuple[str, ...], tuple[str, ...]] = {}

    def records(self) -> list[ResolvedBucket]:
        """Return the buckets of the report, sorted by name.

        Remove them from the region meanwhile, so that a million buckets are not in memory twice.
        """
        buckets = self._region.buckets
        records = [self._resolve(name, buckets.pop(name)) for name in sorted(buckets)]
        special = self._special_buckets()
        self._shared["special-buckets-unmeasured"] += [bucket.name for bucket in special]
        self.notes += self._shared_problems()
        return [*(record for record in records if record is not None), *special]

    def _special_buckets(self) -> list[ResolvedBucket]:
        """Return the table and vector buckets, which S3's storage metrics do not cover."""
        return [
            ResolvedBucket(
                *self._place, name, created, kind, "unmeasured", None, (), (), None, None, {}, None,
                details=BucketConfig(),
            )
            for (kind, name), created in sorted(self._region.special_buckets.items())
            if not self._coverage.of(name).narrowed
        ]  # fmt: skip

    def _resolve(self, name: str, bucket: MergedBucket) -> ResolvedBucket | None:
        kind = self._kind(name, bucket)
        if kind == "deleted":
            self.notes.append(self._create_problem("deleted-bucket", bucket=name))
            self.deleted.append(self._deleted_record(name, bucket))
            return None
        coverage = self._coverage.of(name)
        sizes, figures = self._figures(name, bucket)
        if coverage.narrowed and not has_bytes(bucket, self._days):
            return None
        state = self._state(name, bucket, coverage, figures)
        self._note_state(name, bucket, state, figures)
        last = figures if state == "emptied" and figures.types else None
        if state not in ("measured", "incomplete"):
            figures = Figures(-1, (), (), 0 if state in ("emptied", "empty") else current_count(bucket, self._days))
        stats = self._region.object_stats.get(name)
        if kind == "general-purpose" and stats is None and self._region.is_in_lens:
            stats = self._absent_in_lens(name, bucket, state, figures)
        config = self._region.configs.get(name) if self._plan.details else UNSET
        if stats is not None and stats.settings is not None and isinstance(config, BucketConfig):
            stats = msgspec.structs.replace(stats, settings=_without_known(stats.settings, config))
        if kind == "general-purpose" and last is None and self._is_over_limit(name, bucket, coverage):
            self._shared["listing-limit-exceeded"].append(name)
        return ResolvedBucket(
            *self._place,
            name,
            bucket.created,
            kind,
            state,
            figures.day if figures.day >= 0 else None,
            figures.types,
            figures.amounts,
            figures.objects,
            self._last_modified(name, bucket),
            sizes,
            bucket.count,
            stats,
            config,
            self._request_metrics(name),
            last,
        )

    def _kind(self, name: str, bucket: MergedBucket) -> _Kind:
        if name.endswith(DIRECTORY_SUFFIX):
            return "directory"
        return "deleted" if self._is_listed and not bucket.listed else "general-purpose"

    def _deleted_record(self, name: str, bucket: MergedBucket) -> ResolvedBucket:
        """Return the history of a deleted bucket."""
        return ResolvedBucket(
            *self._place, name, None, "general-purpose", "empty", None, (), (), None, None, bucket.sizes, bucket.count
        )

    def _figures(self, name: str, bucket: MergedBucket) -> tuple[dict[str, Series], Figures]:
        """Return the series, and the figures of the newest day with a point in any of them.

        Never take the newest point of each series: bytes that moved between storage types would count twice.
        """
        sizes = bucket.sizes
        days = [series.day for series in sizes.values()]
        day = max(days, default=-1)
        if day >= 0 and days.count(day) == len(days):  # nearly always
            types, amounts = tuple(sizes), tuple([series.value for series in sizes.values()])
        else:
            newest = {type_: series.value for type_, series in sizes.items() if series.day == day >= 0}
            types, amounts = tuple(newest), tuple(newest.values())
            self._note_ended_types(name, sizes, day)
        for former, present in _RENAMED:
            if former in types and present in types:
                index = types.index(former)
                types, amounts = _without(types, index), _without(amounts, index)
                sizes = {type_: series for type_, series in sizes.items() if type_ != former}
                self.notes.append(
                    self._create_problem("former-name-excluded", bucket=name, storage_type=former, present=present)
                )
        count = bucket.count or EMPTY
        objects = count.value if 0 <= count.day <= day else _value_at(count, day)
        return sizes, Figures(day, self._types.setdefault(types, types), amounts, objects)

    def _note_ended_types(self, name: str, sizes: dict[str, Series], day: int) -> None:
        window = self._plan.window
        for type_, series in sizes.items():
            if 0 <= series.day < day:
                last, newest = window.day(series.day), window.day(day)
                self.notes.append(
                    self._create_problem("storage-type-ended", bucket=name, storage_type=type_, last=last, day=newest)
                )

    def _state(self, name: str, bucket: MergedBucket, coverage: BucketCoverage, figures: Figures) -> State:
        day, listing = figures.day, bucket.listing
        if not coverage.complete or (day < 0 and not coverage.counts):
            return "incomplete"
        stats = self._region.object_stats
        if day >= 0 and not self._days.is_silent(day) and not stats and (listing is None or listing.objects):
            return "measured"  # nearly always, without further calls
        window, created = self._plan.window, bucket.created
        is_young = None if created is None else window.offset_of_time(created) > self._days.settled
        return state_of(bucket, stats.get(name), window, self._days, is_young=is_young)

    def _note_state(self, name: str, bucket: MergedBucket, state: State, figures: Figures) -> None:
        """Note a state that needs an explanation."""
        shared = self._shared
        if state == "young":
            self.notes.append(self._create_problem("bucket-too-new", bucket=name))
        elif state == "no-data":
            lacks_points = bucket.sizes or (bucket.count is not None and bucket.count.day < 0)
            shared["bucket-without-current-sizes" if lacks_points else "bucket-without-sizes"].append(name)
        elif state == "emptied":
            shared["bucket-emptied"].append(name)
        elif 0 <= figures.day < self._days.settled:
            shared["bucket-delayed"].append(name)
        listing = bucket.listing
        if state == "measured" and listing is not None and not listing.objects and any(figures.amounts):
            shared["bucket-without-current-objects"].append(name)

    def _is_over_limit(self, name: str, bucket: MergedBucket, coverage: BucketCoverage) -> bool:
        """Return whether the bucket was not listed because of the limit.

        Its object count is above the limit, or unknown and the first page of the listing was not the last.
        """
        rule = self._plan.listing
        if rule.mode != "auto" or bucket.listing is not None:
            return False
        stats = self._region.object_stats.get(name)
        if stats is not None and stats.source != "storage-lens":  # it has no dates
            return False
        if bucket.count is not None and bucket.count.day >= 0:
            return bucket.count.value > rule.max_objects
        return coverage.counts and coverage.listings

    def _absent_in_lens(self, name: str, bucket: MergedBucket, state: State, figures: Figures) -> ObjectStats | None:
        """Return the statistics of a bucket without a row in exports of Storage Lens; None with a note: unknown.

        It has no objects if a configuration covers it and CloudWatch does not contradict.
        """
        if state in ("measured", "empty", "emptied") and figures.objects == 0 and not any(figures.amounts):
            region, created = self._place[1], bucket.created
            found = [one for one in self._region.lens_coverage if one.covers(region, name, created)]
            if found:
                return max(found, key=lambda one: (one.at, one)).no_objects()
        if state == "measured":
            self._shared["storage-lens-bucket-missing"].append(name)
        return None

    def _last_modified(self, name: str, bucket: MergedBucket) -> int | None:
        """Return the time of the newest object by the listing, or by complete statistics of the objects."""
        if bucket.listing is not None:
            return bucket.listing.newest
        stats = self._region.object_stats.get(name)
        return stats.newest if stats is not None and stats.complete else None

    def _request_metrics(self, name: str) -> RequestMetrics | UnsetType | None:
        """Return the request metrics, without a request for them only those of Storage Lens."""
        metrics = self._region.request_metrics.get(name)
        if not self._plan.requests:
            return metrics if metrics is not None and metrics.source == "storage-lens" else UNSET
        if metrics is None:
            self._shared["requests-not-measured"].append(name)
        return metrics

    def _shared_problems(self) -> Iterator[Problem]:
        """Yield the problems that many buckets share, each as one note or gap for all of them."""
        shared, window, days = self._shared, self._plan.window, self._days
        if 0 <= days.newest < days.settled:
            shared.pop("bucket-delayed", None)
            yield self._create_problem("region-delayed", day=window.day(days.newest))
        if days.newest < 0:
            shared["region-without-data"] = shared.pop("bucket-without-current-sizes", [])
        details: dict[str, dict[str, Any]] = {
            "listing-limit-exceeded": {"most": self._plan.listing.max_objects},
            "bucket-delayed": {"days": SETTLED_DAYS},
            "region-without-data": {"first": window.first, "last": window.last},
        }
        for code, names in shared.items():
            about: dict[str, Any] = {"count": len(names)} if code in _COUNTED else {"names": names}
            if names:
                yield self._create_problem(code, **about, **details.get(code, {}))


def _without_known(settings: BucketSettings, config: BucketConfig) -> BucketSettings:
    """Return the settings without those that were read from the bucket itself, which is newer."""
    names = {"versioning": "versioning", "kms": "encryption", "lifecycle_rules": "lifecycle"}
    names["replication_rules"] = "replication"
    known = [setting for setting, name in names.items() if getattr(config, name) not in (None, UNSET)]
    return msgspec.structs.replace(settings, **dict.fromkeys(known))


def _value_at(series: Series, day: int) -> float | None:
    """Return the value of a day or of the newest before it; without a day (-1), the newest of all."""
    if series.day < 0:
        return None
    if day < 0 or series.day <= day:
        return series.value
    return next((value for offset, value in series.points() if offset <= day and value >= 0), None)


def _without(items: tuple[T, ...], index: int) -> tuple[T, ...]:
    return items[:index] + items[index + 1 :]
