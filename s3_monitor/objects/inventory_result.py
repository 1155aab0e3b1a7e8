"""Object statistics from the result rows of an inventory query."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from s3_monitor.model.bounds import ENCRYPTION_METHOD, MAX_STORAGE_CLASSES, STORAGE_CLASS
from s3_monitor.model.object_stats import AGE_EDGES, RECENT_DAYS, SIZE_EDGES, Amount, ObjectStats, Prefix
from s3_monitor.objects.age_bins import AgeBins
from s3_monitor.objects.inventory_query import CURRENT, MARKER, NONCURRENT, InventoryQuery, ResultRow
from s3_monitor.objects.manifest import InvalidReportError
from s3_monitor.objects.sums import K, in_bins, merge_sums, total

UNKNOWN_CLASS = "UNKNOWN"  # the class of objects for which the inventory has none
REQUIRED_COLUMNS = {"size": "Size", "storageclass": "StorageClass"}  # column → AWS's name of the optional field
_MAX_BYTES = 1 << 62  # the limit of a part, see model.object_stats


def missing_fields(columns: Collection[str]) -> list[str]:
    """Return AWS's names of the required optional fields that an inventory with these columns lacks."""
    return [field for column, field in REQUIRED_COLUMNS.items() if column not in columns]


def inventory_stats(rows: Sequence[ResultRow], query: InventoryQuery, *, origin: str, requests: int) -> ObjectStats:
    """Return the statistics; None for what was not requested or has no column. Raises InvalidReportError."""
    _check(rows)
    columns, has_details = query.columns, not query.classes
    totals = [row for row in rows if row.is_total]
    current = [row for row in totals if row.kind == CURRENT]
    noncurrent = [row for row in totals if row.kind == NONCURRENT]
    versions = "islatest" in columns and "isdeletemarker" in columns
    bins = AgeBins(query.at) if has_details and "lastmodifieddate" in columns else None
    return ObjectStats(
        source="inventory",
        at=query.at,
        complete=True,
        current=total(map(_amount, current)),
        classes=_by_class(current),
        sizes=in_bins(_sums(current, lambda row: row.size_bin), len(SIZE_EDGES) + 1) if has_details else None,
        ages=None if bins is None else in_bins(_sums(current, _by_time(bins.age_bin)), len(AGE_EDGES) + 1),
        recent=None if bins is None else in_bins(_sums(current + noncurrent, _by_time(bins.recent_day)), RECENT_DAYS),
        newest=_seconds(max((row.newest for row in current if row.newest is not None), default=None)),
        oldest=_seconds(min((row.oldest for row in current if row.oldest is not None), default=None)),
        noncurrent=total(map(_amount, noncurrent)) if versions else None,
        noncurrent_classes=_by_class(noncurrent),
        delete_markers=sum(row.objects for row in totals if row.kind == MARKER) if versions else None,
        prefixes=_prefixes(row for row in rows if not row.is_total) if has_details else None,
        encryption=_encryption(current) if "encryptionstatus" in columns and has_details else None,
        origin=origin,
        requests=requests,
    )


def _check(rows: Sequence[ResultRow]) -> None:
    """Raise InvalidReportError if rows break a rule, including the rules for values that define groups."""
    totals = [row for row in rows if row.is_total]
    if faults := sum(row.faults for row in totals):
        fault = min(row.fault for row in totals if row.fault is not None)
        raise InvalidReportError(f"{faults:,} of {sum(row.objects for row in totals):,} rows do not conform: {fault}")
    for name, field, form in (
        ("StorageClass", "class_", STORAGE_CLASS),
        ("IntelligentTieringAccessTier", "tier", STORAGE_CLASS),
        ("EncryptionStatus", "encryption", ENCRYPTION_METHOD),
    ):
        values = {getattr(row, field) for row in rows} - {None, ""}
        for value in sorted(values):
            if not form.fullmatch(value):
                raise InvalidReportError(f"{name} must be a name in capital letters, got {value[:60]!r}")
        check_count(name, len(values))
    if sum(row.bytes for row in totals) > _MAX_BYTES or any(row.bytes < 0 or row.objects < 0 for row in rows):
        raise InvalidReportError(f"its sizes must add up to 0 to {_MAX_BYTES:,} bytes")


def check_count(name: str, count: int) -> None:
    """Raise InvalidReportError if a column has more distinct values than a bucket may have."""
    if count > MAX_STORAGE_CLASSES:
        raise InvalidReportError(f"{name} must have at most {MAX_STORAGE_CLASSES} different values, got {count:,}")


def _amount(row: ResultRow) -> Amount:
    return Amount(row.objects, row.bytes)


def _class(row: ResultRow) -> str:
    """Return the class, with the access tier of Intelligent-Tiering if there is one."""
    class_ = row.class_ or UNKNOWN_CLASS
    return f"{class_}:{row.tier}" if row.tier else class_


def _by_class(rows: Iterable[ResultRow]) -> dict[str, Amount]:
    return dict(sorted(_sums(rows, _class).items()))


def _sums(rows: Iterable[ResultRow], key: Callable[[ResultRow], K]) -> dict[K, Amount]:
    return merge_sums({key(row): _amount(row)} for row in rows)


def _by_time(bin_of: Callable[[int], int | None]) -> Callable[[ResultRow], int | None]:
    return lambda row: None if row.time_bin is None else bin_of(row.time_bin)


def _prefixes(rows: Iterable[ResultRow]) -> tuple[Prefix, ...]:
    """Return the prefixes by depth, the largest first."""
    groups: dict[tuple[int, str], list[ResultRow]] = {}
    for row in rows:
        groups.setdefault((row.depth, row.prefix or ""), []).append(row)

    def order(item: tuple[tuple[int, str], list[ResultRow]]) -> tuple[int, int, str]:
        (depth, prefix), of_prefix = item
        return depth, -total(map(_amount, of_prefix)).size, prefix

    return tuple(Prefix(prefix, _by_class(rows)) for (_, prefix), rows in sorted(groups.items(), key=order))


def _encryption(rows: Iterable[ResultRow]) -> dict[str, int]:
    sums = _sums(rows, lambda row: row.encryption or UNKNOWN_CLASS)
    return {method: amount.objects for method, amount in sorted(sums.items())}


def _seconds(milliseconds: int | None) -> int | None:
    return None if milliseconds is None else milliseconds // 1000
