"""Statistics of objects from the rows of a Storage Lens export."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import groupby
from operator import attrgetter

from s3_monitor.exports.lens_sql import METRICS, LensRow
from s3_monitor.model.bounds import check_storage_classes, is_amount
from s3_monitor.model.object_stats import DAY, Amount, ObjectStats
from s3_monitor.model.storage_lens import LensBucket
from s3_monitor.objects.manifest import InvalidReportError

_CURRENT, _NONCURRENT, _MARKERS, _UPLOADS, _OLD_UPLOADS, _ENCRYPTED, _REPLICAS, _REPLICATED = range(0, len(METRICS), 2)


def lens_buckets(rows: Iterable[LensRow], day: date, origin: str) -> Iterator[LensBucket]:
    """Yield the buckets. ``day``: the day of the metrics; ``origin``: the export and its date.

    A metric without a row is 0: only buckets with a row are in the result. Raises InvalidReportError for a value that
    is not an amount.
    """
    at = end_of(day)
    for (account, region, name), of_bucket in groupby(rows, key=attrgetter("account", "region", "bucket")):
        yield LensBucket(account, region, name, _stats(list(of_bucket), at, origin))


def end_of(day: date) -> int:
    """Return the time to which statistics of a day belong, in seconds since 1970 UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + DAY - 1


def row_of_texts(values: Sequence[str | None]) -> LensRow:
    """Convert a row of Athena. Raises InvalidReportError if it does not match the query."""
    try:
        account, region, bucket, storage_class, is_invalid, *figures = (value or "" for value in values)
        row = LensRow(account, region, bucket, storage_class, is_invalid == "true", tuple(map(int, figures)))
    except ValueError as error:
        raise InvalidReportError(f"Athena's response could not be read: {error}") from error
    if len(row.figures) != len(METRICS):
        raise InvalidReportError(f"Athena's row must have {len(METRICS)} metrics, got {len(row.figures)}")
    return row


def _stats(rows: list[LensRow], at: int, origin: str) -> ObjectStats:
    try:
        check_storage_classes({row.storage_class for row in rows})
    except ValueError as error:
        raise InvalidReportError(str(error)) from error
    sums = map(sum, zip(*[row.figures for row in rows], strict=True))
    if any(row.is_invalid for row in rows) or not all(map(is_amount, sums)):
        raise InvalidReportError("a metric_value must be an integer from 0 to 2^62")
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
        prefixes=None,
        origin=origin,
    )


def _amount(row: LensRow, metric: int) -> Amount:
    """Return the objects and bytes of a metric and its successor."""
    return Amount(row.figures[metric], row.figures[metric + 1])


def _total(rows: list[LensRow], metric: int) -> Amount:
    return sum((_amount(row, metric) for row in rows), Amount())


def _by_class(rows: list[LensRow], metric: int) -> dict[str, Amount]:
    amounts = ((row.storage_class, _amount(row, metric)) for row in rows)
    return {name: amount for name, amount in amounts if amount != Amount()}
