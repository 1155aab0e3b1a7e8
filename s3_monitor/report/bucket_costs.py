"""Every bucket with its money. Column by column: of a million buckets each call for a line would be seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import chain, islice
from operator import mul

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from s3_monitor.merge.merged_data import BucketRecord
from s3_monitor.model.bucket import CHUNK, Bucket, StorageLine
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.plan import Plan
from s3_monitor.money.list_pricing import Exact, Rate, Rates, all_to_dollars, line_cost
from s3_monitor.money.storage_types import INDEX_BYTES
from s3_monitor.money.upper_bounds import UpperBounds
from s3_monitor.report.month_change import MonthChanges
from s3_monitor.report.object_costs import with_contents
from s3_monitor.report.totals import COUNTED_BY, UNKNOWN_STATES

_EPOCH = date(1970, 1, 1)
_RatesOf = Callable[[str, str, tuple[str, ...]], Sequence[Rate]]  # of an account, a region and storage types


def bucket_costs(
    records: Sequence[BucketRecord], rates: Rates, bounds: UpperBounds, plan: Plan
) -> Iterator[list[Bucket]]:
    """The lines of buckets.json, in the order of the records, some at a time."""
    days = [plan.window.day(offset) for offset in range(plan.window.days)]
    rule = plan.objects

    @cache
    def rates_of(account: str, region: str, types: tuple[str, ...]) -> list[Rate]:
        return [rates[account, region][name] for name in types]

    changes = MonthChanges(plan, rates)
    for start in range(0, len(records), CHUNK):
        chunk = records[start : start + CHUNK]
        buckets = list(_chunk(chunk, rates_of, days, changes))
        if bounds:
            _mark_upper_bounds(buckets, bounds)
        if rule.mode != "off":
            buckets = [
                with_contents(bucket, record, rates[record.account, record.region], _time, rule.narrowed)
                for bucket, record in zip(buckets, chunk, strict=True)
            ]
        yield buckets


def _chunk(
    records: Sequence[BucketRecord], rates: _RatesOf, days: Sequence[date], changes: MonthChanges
) -> Iterator[Bucket]:
    of_lines = [*chain.from_iterable([rates(record.account, record.region, record.types) for record in records])]
    sizes = [*chain.from_iterable([record.amounts for record in records])]
    amounts = _amounts(of_lines, sizes)
    lines = map(StorageLine, map(float, sizes), all_to_dollars(amounts), _objects(records))
    # Each bucket takes as many of these as it has lines.
    storages = [dict(zip(record.types, lines)) for record in records]  # noqa: B905
    sums, are_priced = _sums(records, amounts)
    for record, storage, known, is_priced in zip(records, storages, all_to_dollars(sums), are_priced, strict=True):
        unknown = record.state in UNKNOWN_STATES
        objects = record.objects
        size_change, cost_change = (None, None) if unknown else changes(record)
        yield Bucket(
            record.name,
            _time(record.created),
            record.region,
            storage,
            None if unknown else float(sum(record.amounts)),
            known if is_priced and not unknown else None,
            None if objects is None else float(objects),
            _time(record.modified),
            record.account,
            record.kind,
            record.state,
            None if record.day is None else days[record.day],
            details=record.details,
            known_cost=None if unknown and not storage else known,
            tags=_tags(record.details),
            size_change_30d=size_change,
            cost_change_30d=cost_change,
        )


def _mark_upper_bounds(buckets: Iterable[Bucket], bounds: UpperBounds) -> None:
    for bucket in buckets:
        for name in bounds.get((bucket.account, bucket.region), frozenset()) & bucket.storage.keys():
            if bucket.storage[name].size:
                bucket.storage[name] = replace(bucket.storage[name], cost_is_upper_bound=True)


def _sums(records: Sequence[BucketRecord], amounts: Sequence[Exact | None]) -> tuple[list[Exact | None], list[bool]]:
    """Sum up the priced amounts of each record, None where it has none, and tell whether all of them are priced."""
    rest = iter(amounts)
    if None not in amounts:
        return [sum(islice(rest, len(record.types))) for record in records], [True] * len(records)  # type: ignore[arg-type]
    sums: list[Exact | None] = []
    are_priced = []
    for record in records:
        of_record = [*islice(rest, len(record.types))]
        known = [amount for amount in of_record if amount is not None]
        sums.append(sum(known) if known or not of_record else None)
        are_priced.append(len(known) == len(of_record))
    return sums, are_priced


def _tags(details: BucketConfig | UnsetType | None) -> dict[str, str] | UnsetType | None:
    return details.tags if isinstance(details, BucketConfig) else details


def _amounts(rates: list[Rate], sizes: list[int | float]) -> list[Exact | None]:
    if None not in rates and float not in set(map(type, sizes)):  # nearly always
        return list(map(mul, rates, sizes))
    return list(map(line_cost, rates, sizes))


def _objects(records: Sequence[BucketRecord]) -> list[float | UnsetType | None]:
    """For each line of an archive type the objects it has. A fraction is no error of ours: the daily figure is an
    average, and says so."""
    return [
        _counted(record, COUNTED_BY[name]) if name in COUNTED_BY else UNSET
        for record in records
        for name in record.types
    ]


def _counted(record: BucketRecord, by: str) -> float | None:
    return record.amounts[record.types.index(by)] / INDEX_BYTES if by in record.types else None


def _time(seconds: int | None) -> str | None:
    """``2020-05-04 15:13:08+00:00``"""
    if seconds is None:
        return None
    minutes, second = divmod(seconds, 60)
    day, minute = divmod(minutes, 1440)
    return f"{_day(day)} {_CLOCK[minute]}{_SECONDS[second]}"


# Millions of dates share their days.
@cache
def _day(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).isoformat()


_CLOCK = [f"{minute // 60:02}:{minute % 60:02}:" for minute in range(1440)]
_SECONDS = [f"{second:02}+00:00" for second in range(60)]
