"""The data of a region → the data of one unit, as a part holds it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple, TypeVar

from s3_monitor.collect.metric_queries import includes
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.identity import AccountBucket, SpecialBucket
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.part import CollectedBucket, Listing, Status, UnitData
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Unit
from s3_monitor.model.problem import Problem, has_gap
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.responses import ALL_TYPES, BUCKET_SIZE, OBJECT_COUNT, SeriesName
from s3_monitor.model.series import Series

T = TypeVar("T")


class StorageMetrics(NamedTuple):
    """The storage metrics of one account and region: see StorageMetricsCollector for the fields."""

    sizes: Mapping[str, Mapping[str, Series | None]]
    counts: Mapping[str, Series | None]
    incomplete: Collection[SeriesName]
    listed_metrics: Collection[str]


class RegionData(NamedTuple):
    """The data of one account and region, by bucket."""

    metrics: StorageMetrics
    buckets: Mapping[str, AccountBucket] = {}
    """The buckets that ListBuckets and ListDirectoryBuckets return."""
    unplaced: Mapping[str, AccountBucket] = {}
    """Buckets of the account whose region could not be read."""
    are_buckets_complete: bool = False
    """Whether ListBuckets returned all pages."""
    listings: Mapping[str, Listing] = {}
    object_stats: Mapping[str, ObjectStats] = {}
    configs: Mapping[str, BucketConfig] = {}
    special_buckets: Collection[SpecialBucket] = ()
    request_metrics: Mapping[str, RequestMetrics] = {}


def types_of(regions: Iterable[StorageMetrics]) -> list[str]:
    """Return all storage types, sorted."""
    return sorted({storage_type for region in regions for types in region.sizes.values() for storage_type in types})


def unit_data(unit: Unit, data: RegionData, index: Mapping[str, int]) -> UnitData:
    """Return the unit's buckets by name, each with the types that it requests.

    ``index``: storage type → place in Part.types.
    """
    metrics, matches = data.metrics, matcher(unit.buckets)
    requested = {storage_type: place for storage_type, place in index.items() if includes(unit, storage_type)}
    names = sorted(_names(unit, data, requested))
    unanswered: list[tuple[str, str]] = []
    buckets = [_bucket_data(unit, data, name, requested, unanswered) for name in names]
    return UnitData(
        unit=unit.id,
        account=unit.account,
        region=unit.region,
        listed=data.are_buckets_complete,
        sizes=BUCKET_SIZE in metrics.listed_metrics,
        counts=unit.rest and OBJECT_COUNT in metrics.listed_metrics,
        buckets=buckets,
        unanswered=sorted(unanswered),
        objects=_of_buckets(names, data.object_stats) if unit.rest else [],
        others=sorted(bucket for bucket in data.special_buckets if matches(bucket.name)) if unit.rest else [],
        traffic=_of_buckets(names, data.request_metrics) if unit.rest else [],
        details=_of_buckets(names, data.configs) if unit.rest else [],
    )


def _of_buckets(names: Iterable[str], values: Mapping[str, T]) -> list[tuple[str, T]]:
    return [(name, values[name]) for name in names if name in values]


def _bucket_data(
    unit: Unit, data: RegionData, name: str, requested: Mapping[str, int], unanswered: list[tuple[str, str]]
) -> CollectedBucket:
    """Return the data of a bucket. Series without their newest points are added to ``unanswered``."""
    metrics = data.metrics
    sizes: list[tuple[int, Series]] = []
    types = metrics.sizes.get(name, {})
    for storage_type in sorted(types.keys() & requested.keys()):
        series = types[storage_type]
        if series is not None:
            sizes.append((requested[storage_type], series))
        if series is None or SeriesName(BUCKET_SIZE, name, storage_type) in metrics.incomplete:
            unanswered.append((name, storage_type))
    count = metrics.counts.get(name) if unit.rest else None
    has_count = unit.rest and name in metrics.counts
    if has_count and (count is None or SeriesName(OBJECT_COUNT, name, ALL_TYPES) in metrics.incomplete):
        unanswered.append((name, ""))
    found = data.buckets.get(name) or data.unplaced.get(name)
    return CollectedBucket(
        name=name,
        created=found.created if found else None,
        listed=found is not None,
        sizes=tuple(sizes),
        count=count,
        listing=data.listings.get(name) if unit.rest else None,
    )


def _names(unit: Unit, data: RegionData, types: Collection[str]) -> set[str]:
    """Return the buckets of a unit: all for a rest unit, otherwise those that have the types it requests."""
    matches, requested = matcher(unit.buckets), set(types)
    metrics = data.metrics
    names = {name for name, types in metrics.sizes.items() if not requested.isdisjoint(types) and matches(name)}
    if unit.rest:
        names.update(filter(matches, data.buckets))
        names.update(filter(matches, metrics.counts))
    return names


def status_of(units: Iterable[Unit], facts: Iterable[UnitData], problems: Iterable[Problem]) -> Status:
    """Return the status of a part; ``failed``: with gaps, and without a bucket or a complete list."""
    if not has_gap(problems):
        return "complete"
    for unit, answer in zip(units, facts, strict=True):
        if answer.buckets or answer.listed or answer.counts or (answer.sizes and unit.types != ()):
            return "partial"
    return "failed"
