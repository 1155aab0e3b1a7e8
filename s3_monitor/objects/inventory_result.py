"""The rows that a statement gives of an inventory → what it says of the bucket's objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from s3_monitor.model.bounds import ENCRYPTION_METHOD, MAX_STORAGE_CLASSES, STORAGE_CLASS
from s3_monitor.model.object_stats import AGE_EDGES, RECENT_DAYS, SIZE_EDGES, Amount, ObjectStats, Prefix
from s3_monitor.objects import inventory_sql
from s3_monitor.objects.inventory_sql import CURRENT, MARKER, NONCURRENT, InventoryQuery, ResultRow
from s3_monitor.objects.manifest import InvalidReportError

UNKNOWN_CLASS = "UNKNOWN"  # an object of which the inventory names no storage class
_NOTHING = Amount()
# Without these an inventory cannot say what S3 Monitor is for.
NEEDED = {"size": "Size", "storageclass": "StorageClass"}


def missing_fields(columns: Collection[str]) -> list[str]:
    """AWS's names of the optional fields that an inventory of these columns has to have and has not."""
    return [field for column, field in NEEDED.items() if column not in columns]


def inventory_stats(rows: Sequence[ResultRow], question: InventoryQuery, *, origin: str, requests: int) -> ObjectStats:
    """What was not asked, and what the inventory has no column for, is null. BadReport where rows do not conform."""
    at, columns, whole = question.at, question.columns, not question.classes
    groups = [row for row in rows if row.whole]
    _check(rows)
    current = [row for row in groups if row.kind == CURRENT]
    noncurrent = [row for row in groups if row.kind == NONCURRENT]
    versions = "islatest" in columns and "isdeletemarker" in columns
    dated = "lastmodifieddate" in columns
    ages, days = _ages(at), _days(at)
    return ObjectStats(
        source="inventory",
        at=at,
        complete=True,
        current=_sum(current),
        classes=_by_class(current),
        sizes=_binned(current, [row.size_bin for row in current], len(SIZE_EDGES) + 1) if whole else None,
        ages=_binned(current, [ages[row.time_bin] for row in current], len(AGE_EDGES) + 1) if dated and whole else None,
        recent=_binned(current + noncurrent, [days[row.time_bin] for row in current + noncurrent], RECENT_DAYS)
        if dated and whole
        else None,
        newest=_seconds(max((row.newest for row in current if row.newest is not None), default=None)),
        oldest=_seconds(min((row.oldest for row in current if row.oldest is not None), default=None)),
        noncurrent=_sum(noncurrent) if versions else None,
        noncurrent_classes=_by_class(noncurrent),
        delete_markers=sum(row.objects for row in groups if row.kind == MARKER) if versions else None,
        prefixes=_prefixes(row for row in rows if not row.whole) if whole else None,
        encryption=_encryption(current) if "encryptionstatus" in columns and whole else None,
        origin=origin,
        requests=requests,
    )


def _check(rows: Sequence[ResultRow]) -> None:
    """BadReport where rows do not conform. What is checked here is the same in all rows of a group."""
    groups = [row for row in rows if row.whole]
    if faults := sum(row.faults for row in groups):
        fault = min(row.fault for row in groups if row.fault is not None)
        raise InvalidReportError(f"{faults:,} of {sum(row.objects for row in groups):,} rows do not conform: {fault}")
    for row in rows:
        for name, form, value in (
            ("StorageClass", STORAGE_CLASS, row.class_),
            ("IntelligentTieringAccessTier", STORAGE_CLASS, row.tier),
            ("EncryptionStatus", ENCRYPTION_METHOD, row.encryption),
        ):
            if value and not form.fullmatch(value):
                raise InvalidReportError(f"{name} must be a name in capital letters, got {value[:60]!r}")
    for name, values in (
        ("StorageClass", {row.class_ for row in rows}),
        ("IntelligentTieringAccessTier", {row.tier for row in rows}),
        ("EncryptionStatus", {row.encryption for row in rows}),
    ):
        check_count(name, len(values - {None, ""}))
    if sum(row.bytes for row in groups) > _MOST_BYTES or any(row.bytes < 0 or row.objects < 0 for row in rows):
        raise InvalidReportError(f"its sizes must add up to 0 to {_MOST_BYTES:,} bytes")


def check_count(name: str, count: int) -> None:
    """BadReport where a column has more different values than a bucket may have."""
    if count > MAX_STORAGE_CLASSES:
        raise InvalidReportError(f"{name} must have at most {MAX_STORAGE_CLASSES} different values, got {count:,}")


_MOST_BYTES = 1 << 62  # what a part holds: see model.objects


def _sum(rows: Iterable[ResultRow]) -> Amount:
    return sum((_amount(row) for row in rows), _NOTHING)


def _amount(row: ResultRow) -> Amount:
    return Amount(row.objects, row.bytes)


def _class(row: ResultRow) -> str:
    """AWS: only objects of Intelligent-Tiering are in an access tier of it."""
    class_ = row.class_ or UNKNOWN_CLASS
    return f"{class_}:{row.tier}" if row.tier else class_


def _by_class(rows: Iterable[ResultRow]) -> dict[str, Amount]:
    found: dict[str, Amount] = {}
    for row in rows:
        found[_class(row)] = found.get(_class(row), _NOTHING) + _amount(row)
    return dict(sorted(found.items()))


def _binned(rows: Iterable[ResultRow], places: Iterable[int | None], bins: int) -> tuple[Amount, ...]:
    found = [_NOTHING] * bins
    for row, place in zip(rows, places, strict=True):
        if place is not None:
            found[place] += _amount(row)
    return tuple(found)


def _prefixes(rows: Iterable[ResultRow]) -> tuple[Prefix, ...]:
    """By depth, the largest first."""
    found: dict[tuple[int, str], list[ResultRow]] = {}
    for row in rows:
        found.setdefault((row.depth, row.prefix or ""), []).append(row)

    def order(item: tuple[tuple[int, str], list[ResultRow]]) -> tuple[int, int, str]:
        (depth, prefix), of_prefix = item
        return depth, -_sum(of_prefix).size, prefix

    return tuple(Prefix(prefix, _by_class(rows)) for (_, prefix), rows in sorted(found.items(), key=order))


def _encryption(rows: Iterable[ResultRow]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        method = row.encryption or UNKNOWN_CLASS
        found[method] = found.get(method, 0) + row.objects
    return dict(sorted(found.items()))


def _ages(at: int) -> dict[int | None, int | None]:
    """Bin of time → bin of ages."""
    edges = inventory_sql.instants(at)
    of_age = [edges.index(instant) for instant in inventory_sql.age_instants(at)]
    return {place: sum(place <= edge for edge in of_age) for place in range(len(edges) + 1)} | {None: None}


def _days(at: int) -> dict[int | None, int | None]:
    """Bin of time → how many UTC days ago: 0 is the day of ``at`` and whatever is dated later; null: longer ago."""
    edges = inventory_sql.instants(at)
    of_day = [edges.index(instant) for instant in inventory_sql.day_instants(at)]
    found: dict[int | None, int | None] = {None: None}
    for place in range(len(edges) + 1):
        found[place] = next((day for day, edge in enumerate(of_day) if place > edge), None)
    return found


def _seconds(milliseconds: int | None) -> int | None:
    return None if milliseconds is None else milliseconds // 1000
