"""Which questions the units of one account and region come down to. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from s3_monitor.model.answers import COUNTS, SIZES
from s3_monitor.model.calls import Calls
from s3_monitor.model.details import OPERATIONS
from s3_monitor.model.patterns import is_glob
from s3_monitor.model.plan import ListingRule, ObjectsRule, Unit

BATCH = 500  # AWS: series a GetMetricData, and metrics a page of ListMetrics
KEYS_A_PAGE = 1000  # AWS: keys a page of ListObjectsV2
# Asking for a few named buckets one by one beats reading the list of an account that may hold 100,000.
_FEW_NAMES = 20
_DATES_A_CALL = 100_800  # AWS: data points a page of GetMetricData
_NO_OBJECTS = ObjectsRule()
# Its configurations, its reports, a manifest with its checksum, and two data files.
_AN_INVENTORY = {"ListBucketInventoryConfigurations": 1, "ListObjectsV2": 1, "GetObject": 4}
_SERIES_A_BUCKET = 2  # a guess for estimates: bytes by storage type


class Chain(NamedTuple):
    """A ListMetrics question, answered in pages: all series of a metric, or of one storage type or one bucket."""

    metric: str
    storage_type: str | None = None
    bucket: str | None = None


def chains(units: Iterable[Unit]) -> list[Chain]:
    """The fewest chains that find every series the units ask for. They may find more: ``asks`` tells.

    Narrowed to a storage type where units ask for single ones only: AWS filters, and the other types' pages are
    saved. To a bucket where all units name a few.
    """
    units = list(units)
    sizes = [unit for unit in units if unit.types is None or unit.types]
    counts = [unit for unit in units if unit.rest]
    types: Sequence[str | None] = [None]
    if all(unit.types is not None for unit in sizes):
        types = sorted({type_ for unit in sizes for type_ in unit.types or ()})
    return _chains(SIZES, sizes, types) + _chains(COUNTS, counts, [None])


def _chains(metric: str, units: Sequence[Unit], types: Sequence[str | None]) -> list[Chain]:
    if not units:
        return []
    names = few_names(units)
    if names is None:
        return [Chain(metric, type_) for type_ in types]
    return [Chain(metric, types[0] if len(types) == 1 else None, name) for name in names]


def few_names(units: Iterable[Unit]) -> list[str] | None:
    """The buckets that the units name, where each names some exactly and they are few; otherwise null."""
    names: set[str] = set()
    for unit in units:
        if not unit.buckets or any(is_glob(pattern) for pattern in unit.buckets):
            return None
        names.update(unit.buckets)
    return sorted(names) if len(names) <= _FEW_NAMES else None


def asks(unit: Unit, storage_type: str) -> bool:
    """Whether the unit is about the bytes of a storage type."""
    return storage_type not in unit.except_ if unit.types is None else storage_type in unit.types


def requests_allowed(rule: ListingRule, objects: float | None) -> int | None:
    """How many list requests a bucket is worth, given its object count (null: not known); null: as many as it takes.

    With ``auto``, never more than the keys allowed need: a count is a day old, and buckets grow.
    """
    if rule.mode == "all":
        return None
    if rule.mode == "off" or (objects is not None and objects > rule.max_objects):
        return 0
    return -(-rule.max_objects // KEYS_A_PAGE)


def expected_calls(
    units: Iterable[Unit],
    days: int,
    rule: ListingRule,
    properties: Collection[str] = (),
    objects: ObjectsRule = _NO_OBJECTS,
) -> Calls:
    """About what a shard will ask, from the plan alone: buckets by weight, and a guess of their storage types.
    ``properties``: those that every bucket is asked for. ``objects``: its inventories, about."""
    calls = Calls()
    accesses = len({unit.access for unit in units})
    calls.count("GetCallerIdentity", accesses)
    calls.count("ListBuckets", accesses)
    places: dict[tuple[int, str], list[Unit]] = {}
    for unit in units:
        places.setdefault((unit.access, unit.region), []).append(unit)
    pages = max(1, -(-BATCH * days // _DATES_A_CALL))
    for here in places.values():
        buckets = max(unit.weight for unit in here)
        types = _SERIES_A_BUCKET if any(unit.types is None for unit in here) else 1
        series = 0
        for chain in chains(here):
            of_chain = (1 if chain.bucket else buckets) * (types if chain.metric == SIZES else 1)
            calls.count("ListMetrics", max(1, -(-of_chain // BATCH)))
            series += of_chain
        calls.count("GetMetricData", -(-series // BATCH) * pages)
        calls.metrics += series
        if rule.mode != "off" and any(unit.rest for unit in here):
            calls.count("ListObjectsV2", buckets)
        if any(unit.rest for unit in here):
            for name in properties:
                calls.count(OPERATIONS[name], buckets)
            if objects.mode in ("inventory", "auto"):
                for name, times in _AN_INVENTORY.items():
                    calls.count(name, buckets * times)
            if set(properties) == OPERATIONS.keys():
                for operation in ("ListDirectoryBuckets", "ListTableBuckets", "ListVectorBuckets"):
                    calls.count(operation)
    return calls
