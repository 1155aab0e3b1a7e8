"""From what is known of a region to the facts of one unit. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from s3_monitor.collect.metric_queries import includes
from s3_monitor.collect.storage_metrics import StorageMetricsCollector
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.identity import AccountBucket, SpecialBucket
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.part import BucketData, Listing, Status, UnitData
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Unit
from s3_monitor.model.problem import Problem, has_gap
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.responses import ALL_TYPES, BUCKET_SIZE, OBJECT_COUNT, SeriesName
from s3_monitor.model.series import Series


class RegionData(NamedTuple):
    """What is known of one account and region. ``here``: its buckets by ListBuckets; ``unplaced``: buckets whose
    region nobody would tell; ``whole``: the list of buckets arrived whole. ``contents``: what is known of the
    objects of buckets."""

    region: StorageMetricsCollector
    here: Mapping[str, AccountBucket]
    unplaced: Mapping[str, AccountBucket]
    whole: bool
    listings: Mapping[str, Listing]
    contents: Mapping[str, ObjectStats]
    details: Mapping[str, BucketConfig]
    others: Collection[SpecialBucket]
    traffic: Mapping[str, RequestMetrics]


def types_of(regions: Iterable[StorageMetricsCollector]) -> list[str]:
    """Every storage type there is, sorted: a part names each once."""
    return sorted({storage_type for region in regions for types in region.sizes.values() for storage_type in types})


def unit_data(unit: Unit, known: RegionData, index: Mapping[str, int]) -> UnitData:
    """The unit's buckets by name, each with the types it asks for. ``index``: storage type → place in Part.types."""
    region, matches = known.region, matcher(unit.buckets)
    asked = {storage_type: place for storage_type, place in index.items() if includes(unit, storage_type)}
    unanswered: list[tuple[str, str]] = []
    buckets: list[BucketData] = []
    names = sorted(_names(unit, known, asked))
    for name in names:
        found = known.here.get(name) or known.unplaced.get(name)
        sizes: list[tuple[int, Series]] = []
        of_bucket = region.sizes.get(name, {})
        for storage_type in sorted(of_bucket.keys() & asked.keys()):
            series = of_bucket[storage_type]
            if series is not None:
                sizes.append((asked[storage_type], series))
            if series is None or (region.cut and SeriesName(BUCKET_SIZE, name, storage_type) in region.cut):
                unanswered.append((name, storage_type))
        count = region.counts.get(name) if unit.rest else None
        if (
            unit.rest
            and name in region.counts
            and (count is None or SeriesName(OBJECT_COUNT, name, ALL_TYPES) in region.cut)
        ):
            unanswered.append((name, ""))
        buckets.append(
            BucketData(
                name=name,
                created=found.created if found else None,
                listed=found is not None,
                sizes=tuple(sizes),
                count=count,
                listing=known.listings.get(name) if unit.rest else None,
            )
        )
    return UnitData(
        unit=unit.id,
        account=unit.account,
        region=unit.region,
        listed=known.whole,
        sizes=BUCKET_SIZE in region.arrived,
        counts=unit.rest and OBJECT_COUNT in region.arrived,
        buckets=buckets,
        unanswered=sorted(unanswered),
        objects=[(name, known.contents[name]) for name in names if name in known.contents] if unit.rest else [],
        others=sorted(filter(lambda one: matches(one.name), known.others)) if unit.rest else [],
        traffic=[(name, known.traffic[name]) for name in names if name in known.traffic] if unit.rest else [],
        details=[(name, known.details[name]) for name in names if name in known.details] if unit.rest else [],
    )


def _names(unit: Unit, known: RegionData, asked: Collection[str]) -> set[str]:
    """A rest unit answers with every bucket, any other with those that have bytes of the types it asks for."""
    matches, asked = matcher(unit.buckets), set(asked)
    region = known.region
    names = {name for name, types in region.sizes.items() if not asked.isdisjoint(types) and matches(name)}
    if unit.rest:
        names.update(filter(matches, known.here))
        names.update(filter(matches, region.counts))
    return names


def status_of(units: Iterable[Unit], facts: Iterable[UnitData], problems: Iterable[Problem]) -> Status:
    """``failed``: with gaps, and not one question was answered to the end, nor a bucket found."""
    if not has_gap(problems):
        return "complete"
    for unit, answer in zip(units, facts, strict=True):
        if answer.buckets or answer.listed or answer.counts or (answer.sizes and unit.types != ()):
            return "partial"
    return "failed"
