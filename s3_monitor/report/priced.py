"""Every bucket with its money. Column by column: of a million buckets each call for a line would be seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import chain, islice
from operator import mul
from typing import NamedTuple

from msgspec import UNSET, UnsetType

from s3_monitor.merge import BucketRecord
from s3_monitor.model.bucket import CHUNK, Bucket, StorageLine
from s3_monitor.model.plan import Plan
from s3_monitor.money.bill import Bytes, Rate, Rates, all_dollars, cost
from s3_monitor.money.types import INDEX_BYTES
from s3_monitor.report.contents import with_contents
from s3_monitor.report.totals import COUNTED_BY, UNKNOWN_STATES

_EPOCH = date(1970, 1, 1)
RatesOf = Callable[[str, str, tuple[str, ...]], Sequence[Rate]]  # of an account, a region and storage types


def priced(records: Sequence[BucketRecord], rates: Rates, plan: Plan) -> Iterator[list[Bucket]]:
    """The lines of buckets.json, in the order of the records, some at a time."""
    days = [plan.window.day(offset) for offset in range(plan.window.days)]
    rule = plan.objects

    rates_of = by_types(rates)
    for start in range(0, len(records), CHUNK):
        chunk = records[start : start + CHUNK]
        buckets = list(in_buckets(chunk, rates_of, days))
        if rule.mode != "off":
            buckets = [
                with_contents(bucket, record, rates[record.account, record.region], time, rule.narrowed)
                for bucket, record in zip(buckets, chunk, strict=True)
            ]
        yield buckets


def by_types(rates: Rates) -> RatesOf:
    """Buckets of a place have few sets of storage types: the rates of each are looked up once."""

    @cache
    def rates_of(account: str, region: str, types: tuple[str, ...]) -> list[Rate]:
        return [rates[account, region][name] for name in types]

    return rates_of


def in_buckets(records: Sequence[BucketRecord], rates: RatesOf, days: Sequence[date]) -> Iterator[Bucket]:
    figures = columns(records, rates)
    lines = map(StorageLine, figures.sizes, figures.costs, figures.objects)
    # Each bucket takes as many of these as it has lines.
    storages = [dict(zip(record.types, lines)) for record in records]  # noqa: B905
    totals = zip(figures.total_sizes, figures.total_costs, figures.counts, strict=True)
    for record, storage, (size, usd, objects) in zip(records, storages, totals, strict=True):
        yield Bucket(
            record.name,
            time(record.created),
            record.region,
            storage,
            size,
            usd,
            objects,
            time(record.modified),
            record.account,
            record.kind,
            record.state,
            None if record.day is None else days[record.day],
            details=record.details,
        )


class Columns(NamedTuple):
    """Figures of some buckets as buckets.json has them. ``sizes``, ``costs``, ``objects``: of their storage lines, one
    after another; the others: of each bucket."""

    sizes: list[float]
    costs: list[float | None]
    objects: list[float | UnsetType | None]
    total_sizes: list[float | None]
    total_costs: list[float | None]
    counts: list[float | None]


def columns(records: Sequence[BucketRecord], rates: RatesOf) -> Columns:
    of_lines = [*chain.from_iterable([rates(record.account, record.region, record.types) for record in records])]
    sizes = [*chain.from_iterable([record.amounts for record in records])]
    amounts = _amounts(of_lines, sizes)
    rest = iter(amounts)
    if None in amounts:
        totals = [_sum([*islice(rest, len(record.types))]) for record in records]
    else:
        totals = [sum(islice(rest, len(record.types))) for record in records]  # type: ignore[arg-type]
    unknown = [record.state in UNKNOWN_STATES for record in records]
    return Columns(
        list(map(float, sizes)),
        all_dollars(amounts),
        _objects(records),
        [None if none else float(sum(record.amounts)) for record, none in zip(records, unknown, strict=True)],
        [None if none else usd for usd, none in zip(all_dollars(totals), unknown, strict=True)],
        [None if (count := record.objects) is None else float(count) for record in records],
    )


def _amounts(rates: list[Rate], sizes: list[int | float]) -> list[Bytes | None]:
    if None not in rates and float not in set(map(type, sizes)):  # nearly always
        return list(map(mul, rates, sizes))
    return list(map(cost, rates, sizes))


def _sum(amounts: list[Bytes | None]) -> Bytes | None:
    """Null where one is not known."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None


def _objects(records: Sequence[BucketRecord]) -> list[float | UnsetType | None]:
    """For each line of an archive type the objects it has. A fraction is no error of ours: the daily figure is an
    average, and says so."""
    if COUNTED_BY.keys().isdisjoint(chain.from_iterable({record.types for record in records})):
        return [UNSET] * sum([len(record.types) for record in records])
    return [
        _counted(record, COUNTED_BY[name]) if name in COUNTED_BY else UNSET
        for record in records
        for name in record.types
    ]


def _counted(record: BucketRecord, by: str) -> float | None:
    return record.amounts[record.types.index(by)] / INDEX_BYTES if by in record.types else None


def time(seconds: int | None) -> str | None:
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
