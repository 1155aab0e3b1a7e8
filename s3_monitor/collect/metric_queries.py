"""The requests that the units of one account and region need. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from s3_monitor.model.patterns import is_glob
from s3_monitor.model.plan import ListingRule, Unit
from s3_monitor.model.responses import BUCKET_SIZE, OBJECT_COUNT

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


def requests_allowed(rule: ListingRule, objects: float | None) -> int | None:
    """Return the number of list requests allowed for a bucket with an object count; ``None``: any number.

    ``auto`` allows no more than ``max_objects`` takes: the count is a day old, and buckets grow.
    """
    if rule.mode == "all":
        return None
    if rule.mode == "off" or (objects is not None and objects > rule.max_objects):
        return 0
    return -(-rule.max_objects // KEYS_PER_PAGE)
