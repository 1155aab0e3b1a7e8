"""Which questions the units of one account and region come down to. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from s3_monitor.model.patterns import is_glob
from s3_monitor.model.plan import ListingRule, Unit
from s3_monitor.model.responses import BUCKET_SIZE, OBJECT_COUNT

BATCH = 500  # AWS: series a GetMetricData, and metrics a page of ListMetrics
KEYS_A_PAGE = 1000  # AWS: keys a page of ListObjectsV2
# Asking for a few named buckets one by one beats reading the list of an account that may hold 100,000.
_FEW_NAMES = 20


class ListMetricsQuery(NamedTuple):
    """A ListMetrics question, answered in pages: all series of a metric, or of one storage type or one bucket."""

    metric: str
    storage_type: str | None = None
    bucket: str | None = None


def list_metrics_queries(units: Iterable[Unit]) -> list[ListMetricsQuery]:
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
    return _chains(BUCKET_SIZE, sizes, types) + _chains(OBJECT_COUNT, counts, [None])


def _chains(metric: str, units: Sequence[Unit], types: Sequence[str | None]) -> list[ListMetricsQuery]:
    if not units:
        return []
    names = few_names(units)
    if names is None:
        return [ListMetricsQuery(metric, type_) for type_ in types]
    return [ListMetricsQuery(metric, types[0] if len(types) == 1 else None, name) for name in names]


def few_names(units: Iterable[Unit]) -> list[str] | None:
    """The buckets that the units name, where each names some exactly and they are few; otherwise null."""
    names: set[str] = set()
    for unit in units:
        if not unit.buckets or any(is_glob(pattern) for pattern in unit.buckets):
            return None
        names.update(unit.buckets)
    return sorted(names) if len(names) <= _FEW_NAMES else None


def includes(unit: Unit, storage_type: str) -> bool:
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
