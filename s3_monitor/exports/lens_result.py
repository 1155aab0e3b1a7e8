"""Statistics of objects from the rows of a Storage Lens export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import chain, compress, groupby
from operator import attrgetter
from typing import NamedTuple, get_args

from s3_monitor.exports.lens_sql import OBJECTS, OWNERSHIP, RULES, SETTINGS, SIZES, LensRow
from s3_monitor.model.bounds import check_storage_classes, is_amount
from s3_monitor.model.object_stats import DAY, Amount, BucketSettings, ObjectStats, Ownership
from s3_monitor.model.request_metrics import METRICS as REQUESTS
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.storage_lens import LensBucket
from s3_monitor.objects.manifest import InvalidReportError

(
    _CURRENT, _NONCURRENT, _MARKERS, _UPLOADS, _OLD_UPLOADS, _ENCRYPTED, _REPLICAS, _REPLICATED, _LOCKED,
) = range(0, len(OBJECTS), 2)  # fmt: skip


class _Others(NamedTuple):
    """The metrics of a bucket that have no storage class, or are sums of all classes."""

    values: tuple[int, ...]
    sizes: tuple[int, ...] | None
    settings: BucketSettings | None
    requests: RequestMetrics | None


def lens_buckets(rows: Iterable[LensRow], day: date, origin: str) -> Iterator[LensBucket]:
    """Yield the buckets. ``day``: the day of the metrics; ``origin``: the export and its date.

    A metric without a row is 0: only buckets with a row are in the result. Raises InvalidReportError for a value that
    is not an amount.
    """
    at = end_of(day)
    for (account, region, name), of_bucket in groupby(rows, key=attrgetter("account", "region", "bucket")):
        rows_of_bucket = list(of_bucket)
        others = _others(tuple([row.others for row in rows_of_bucket if row.others]))
        yield LensBucket(account, region, name, _stats(rows_of_bucket, others, at, origin), others.requests)


def end_of(day: date) -> int:
    """Return the time to which statistics of a day belong, in seconds since 1970 UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + DAY - 1


def row_of_texts(values: Sequence[str | None]) -> LensRow:
    """Convert a row of Athena. Raises InvalidReportError if it does not match the query."""
    try:
        account, region, bucket, storage_class, is_invalid, others, *objects = (value or "" for value in values)
        row = LensRow(account, region, bucket, storage_class, is_invalid == "true", others, tuple(map(int, objects)))
    except ValueError as error:
        raise InvalidReportError(f"Athena's response could not be read: {error}") from error
    if len(row.objects) != len(OBJECTS):
        raise InvalidReportError(f"Athena's row must have {len(OBJECTS)} metrics, got {len(row.objects)}")
    return row


def _stats(rows: list[LensRow], others: _Others, at: int, origin: str) -> ObjectStats:
    sums = chain(map(sum, zip(*[row.objects for row in rows], strict=True)), others.values)
    if any(row.is_invalid for row in rows) or not all(map(is_amount, sums)):
        raise InvalidReportError("a metric_value must be an integer from 0 to 2^62")
    rows = [row for row in rows if any(row.objects)]
    try:
        check_storage_classes({row.storage_class for row in rows})
    except ValueError as error:
        raise InvalidReportError(str(error)) from error
    return ObjectStats(
        source="storage-lens",
        at=at,
        complete=True,
        current=_total(rows, _CURRENT),
        classes=_by_class(rows, _CURRENT),
        sizes=None,
        ages=None,
        noncurrent=_total(rows, _NONCURRENT),
        noncurrent_classes=_by_class(rows, _NONCURRENT),
        delete_markers=_total(rows, _MARKERS).objects,
        multipart=_total(rows, _UPLOADS),
        old_multipart=_total(rows, _OLD_UPLOADS),
        encrypted=_total(rows, _ENCRYPTED),
        replicas=_total(rows, _REPLICAS),
        replicated=_total(rows, _REPLICATED),
        locked=_total(rows, _LOCKED),
        all_sizes=others.sizes,
        settings=others.settings,
        prefixes=None,
        origin=origin,
    )


def _amount(row: LensRow, metric: int) -> Amount:
    """Return the objects and bytes of a metric and its successor."""
    return Amount(row.objects[metric], row.objects[metric + 1])


def _total(rows: list[LensRow], metric: int) -> Amount:
    return sum((_amount(row, metric) for row in rows), Amount())


def _by_class(rows: list[LensRow], metric: int) -> dict[str, Amount]:
    amounts = ((row.storage_class, _amount(row, metric)) for row in rows)
    return {name: amount for name, amount in amounts if amount != Amount()}


@lru_cache(maxsize=4096)  # most exports have only settings, which are the same for many buckets
def _others(texts: tuple[str, ...]) -> _Others:
    """Return the metrics in the texts of all storage classes: their sums."""
    sums: dict[str, int] = {}
    for text in texts:
        of_class: dict[str, int] = {}
        for metric in text.split(","):
            name, _, value = metric.partition(" ")
            of_class[name] = max(of_class.get(name, 0), int(value))
        for name, amount in of_class.items():
            sums[name] = sums.get(name, 0) + amount
    return _Others(tuple(sums.values()), _known(sums, SIZES), _settings(sums), _requests(sums))


def _known(others: Mapping[str, int], names: Sequence[str]) -> tuple[int, ...] | None:
    """Return some metrics if a row of any is present, since the export then has all; otherwise None."""
    return tuple([others.get(name, 0) for name in names]) if not others.keys().isdisjoint(names) else None


def _requests(others: Mapping[str, int]) -> RequestMetrics | None:
    sums: dict[str, int | float] = {name: others[name] for name in REQUESTS if name in others}
    return RequestMetrics(1, sums, "storage-lens") if sums else None


def _settings(others: Mapping[str, int]) -> BucketSettings | None:
    """Return the settings. AWS: each bucket has an Object Ownership, whose row shows that the export has settings."""
    if others.keys().isdisjoint((*SETTINGS, *OWNERSHIP, *RULES)):
        return None
    owner = next(compress(get_args(Ownership), map(others.get, OWNERSHIP)), None)
    absent = None if owner is None else 0
    versioning, kms, mfa_delete, acceleration, events = (
        None if value is None else value > 0 for value in (others.get(name, absent) for name in SETTINGS)
    )
    lifecycle, *replication = RULES
    rules = _known(others, replication)
    rule_counts = others.get(lifecycle), None if rules is None else sum(rules)
    return BucketSettings(versioning, kms, mfa_delete, owner, acceleration, events, *rule_counts)
