"""The requests that the units of one account and region need. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from s3_monitor.model.patterns import is_glob, matcher
from s3_monitor.model.plan import ListingRule, Unit
from s3_monitor.model.responses import ALL_TYPES, BUCKET_SIZE, OBJECT_COUNT, SeriesName

BATCH = 500  # AWS: series per GetMetricData request, and metrics per page of ListMetrics
KEYS_PER_PAGE = 1000  # AWS: keys per page of ListObjectsV2
# One request for each of a few buckets is faster than the list of an account with up to 100,000 buckets.
_MAX_NAMES = 20


class ListMetricsQuery(NamedTuple):
    """A ListMetrics request: all series of a metric, or those of one storage type or one bucket."""

    metric: str
    storage_type: str | None = None
    bucket: str | None = None


def list_metrics_queries(units: Iterable[Unit]) -> list[ListMetricsQuery]:
    """Return the fewest requests that list every series of the units. They may list others: see ``includes``.

    They are filtered by storage type if the units request only single types, and by bucket if all units name a few.
    """
    units = list(units)
    sizes = [unit for unit in units if unit.types is None or unit.types]
    counts = [unit for unit in units if unit.rest]
    types: Sequence[str | None] = [None]
    if all(unit.types is not None for unit in sizes):
        types = sorted({type_ for unit in sizes for type_ in unit.types or ()})
    return _queries(BUCKET_SIZE, sizes, types) + _queries(OBJECT_COUNT, counts, [None])


def _queries(metric: str, units: Sequence[Unit], types: Sequence[str | None]) -> list[ListMetricsQuery]:
    if not units:
        return []
    names = few_names(units)
    if names is None:
        return [ListMetricsQuery(metric, type_) for type_ in types]
    return [ListMetricsQuery(metric, types[0] if len(types) == 1 else None, name) for name in names]


def few_names(units: Iterable[Unit]) -> list[str] | None:
    """Return the buckets that the units name, if all units name some without wildcards and they are few."""
    names: set[str] = set()
    for unit in units:
        if not unit.buckets or any(is_glob(pattern) for pattern in unit.buckets):
            return None
        names.update(unit.buckets)
    return sorted(names) if len(names) <= _MAX_NAMES else None


def includes(unit: Unit, storage_type: str) -> bool:
    """Return whether a unit requests the sizes of a storage type."""
    return storage_type not in unit.except_ if unit.types is None else storage_type in unit.types


class SeriesFilter:
    """Which series the units of a region request."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units = [(unit, matcher(unit.buckets)) for unit in units]
        self._matchers: dict[str, list[Callable[[str], bool]]] = {}  # by storage type; ALL_TYPES: object counts

    def matches(self, name: SeriesName) -> bool:
        """Return whether a unit requests the series."""
        matchers = self._matchers.get(name.storage_type)
        if matchers is None:
            matchers = self._matchers[name.storage_type] = self._matchers_of(name.storage_type)
        return any(matches(name.bucket) for matches in matchers)

    def _matchers_of(self, storage_type: str) -> list[Callable[[str], bool]]:
        is_count = storage_type == ALL_TYPES
        units = [pair for pair in self._units if (pair[0].rest if is_count else includes(pair[0], storage_type))]
        unfiltered = [matches for unit, matches in units if not unit.buckets]
        return unfiltered[:1] or [matches for _, matches in units]


def requests_allowed(rule: ListingRule, objects: float | None) -> int | None:
    """Return the number of list requests allowed for a bucket with an object count; ``None``: any number.

    ``auto`` allows no more than ``max_objects`` takes: the count is a day old, and buckets grow.
    """
    if rule.mode == "all":
        return None
    if rule.mode == "off" or (objects is not None and objects > rule.max_objects):
        return 0
    return -(-rule.max_objects // KEYS_PER_PAGE)
