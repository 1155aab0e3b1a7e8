"""The costs of buckets: list prices of storage, last known figures, the bill and requests.

Lines are computed column by column: with a million buckets, a call for each line takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import chain, islice, repeat
from operator import mul
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.merge.merged_data import Figures, MergedData, ResolvedBucket
from s3_monitor.model.bucket import LastKnown, StorageLine
from s3_monitor.money.list_pricing import (
    Exact,
    Rate,
    Rates,
    UpperBounds,
    Usage,
    all_to_dollars,
    billing_families,
    line_cost,
    rates_for,
    upper_bounds,
)
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.request_costs import PricedRequests
from s3_monitor.money.storage_types import INDEX_BYTES
from s3_monitor.report.bill_export import BilledBucket
from s3_monitor.report.object_costs import objects_by_type
from s3_monitor.report.totals import COUNTED_BY

Key = tuple[str, str, str]  # account, region, name


class BucketCosts(NamedTuple):
    """All costs of the buckets of a report. Sequences are in the order of the buckets."""

    rates: Rates
    """List prices."""
    bounds: UpperBounds
    """Storage types whose list price is an upper bound."""
    last_known: Mapping[Key, LastKnown] = {}
    """Last known figures of emptied buckets; those without any are not present."""
    billed: Sequence[BilledBucket] | None = None
    """Billed amounts; None: the bill was not requested."""
    exported: bool = False
    """Whether the bill is from an export, with charges by usage group."""
    requests: Sequence[PricedRequests | None] | None = None
    """Costs of requests, each None if unknown; None: request metrics were not requested."""


class PricedStorage(msgspec.Struct, frozen=True, gc=False):
    """The storage of a bucket at list prices."""

    lines: dict[str, StorageLine]
    known_cost: float | None
    """Sum of the lines with a known price; None: no line has one."""
    is_priced: bool
    """Whether all lines have a known price."""


def price_storage(
    records: Sequence[ResolvedBucket], costs: BucketCosts, billed: Sequence[BilledBucket] | None = None
) -> Iterator[PricedStorage]:
    """Yield the storage of each record. ``billed``: the billed amounts of these records."""

    @cache
    def rates_of(account: str, region: str, types: tuple[str, ...]) -> list[Rate]:
        return [costs.rates[account, region][name] for name in types]

    rates = [*chain.from_iterable([rates_of(record.account, record.region, record.types) for record in records])]
    sizes = [*chain.from_iterable([record.amounts for record in records])]
    amounts = _amounts(rates, sizes)
    lines = map(
        StorageLine,
        map(float, sizes),
        all_to_dollars(amounts),
        _line_objects(records),
        repeat(UNSET) if billed is None else _billed_lines(records, billed),
        _upper_bound_flags(records, costs.bounds) if costs.bounds else repeat(UNSET),
    )
    # Each bucket takes its number of lines from the iterator.
    storages = [dict(zip(record.types, lines)) for record in records]  # noqa: B905
    sums, are_priced = _sums(records, amounts)
    return map(PricedStorage, storages, all_to_dollars(sums), are_priced)


def _amounts(rates: list[Rate], sizes: list[int | float]) -> list[Exact | None]:
    if None not in rates and float not in set(map(type, sizes)):  # nearly always
        return list(map(mul, rates, sizes))
    return list(map(line_cost, rates, sizes))


def _sums(records: Sequence[ResolvedBucket], amounts: Sequence[Exact | None]) -> tuple[list[Exact | None], list[bool]]:
    """Return the sum of the priced amounts of each record, None if it has none, and whether all are priced."""
    rest = iter(amounts)
    if None not in amounts:
        return [sum(islice(rest, len(record.types))) for record in records], [True] * len(records)  # type: ignore[arg-type]
    sums: list[Exact | None] = []
    are_priced = []
    for record in records:
        of_record = [*islice(rest, len(record.types))]
        priced = [amount for amount in of_record if amount is not None]
        sums.append(sum(priced) if priced or not of_record else None)
        are_priced.append(len(priced) == len(of_record))
    return sums, are_priced


def _line_objects(records: Sequence[ResolvedBucket]) -> list[float | UnsetType | None]:
    """Return the number of objects of each line: of archive types by their index, of others as collected.

    The number may have a fraction, because the size of an index is a daily average.
    """
    counts = [
        _indexed_objects(record, COUNTED_BY[name]) if name in COUNTED_BY else UNSET
        for record in records
        for name in record.types
    ]
    if all(record.object_stats is None for record in records):
        return counts
    collected = chain.from_iterable(map(objects_by_type(record).get, record.types) for record in records)
    return [
        count if number is None or isinstance(count, float) else number
        for count, number in zip(counts, collected, strict=True)
    ]


def _indexed_objects(record: ResolvedBucket, index: str) -> float | None:
    return record.amounts[record.types.index(index)] / INDEX_BYTES if index in record.types else None


def _billed_lines(records: Sequence[ResolvedBucket], billed: Iterable[BilledBucket]) -> Iterator[float | None]:
    return chain.from_iterable(
        map(bucket.lines.get, record.types) for record, bucket in zip(records, billed, strict=True)
    )


def _upper_bound_flags(records: Iterable[ResolvedBucket], bounds: UpperBounds) -> Iterator[bool | UnsetType]:
    for record in records:
        names = bounds.get((record.account, record.region), frozenset())
        for name, size in zip(record.types, record.amounts, strict=True):
            yield True if size and name in names else UNSET


def last_known(facts: MergedData, usage: Usage, price_book: PriceBook) -> dict[Key, LastKnown]:
    """Return the last figures of the emptied buckets that have some, in the order of the buckets. No total has them.

    They are priced as if they were still stored, on top of ``usage``, which does not include them.
    """
    held = [_last_record(record, record.last) for record in facts.buckets if record.last is not None]
    if not held:
        return {}
    total_usage = {place: dict(sizes) for place, sizes in usage.items()}
    for record in held:
        sizes = total_usage[record.account, record.region]
        for name, size in record.lines.items():
            sizes[name] = sizes.get(name, 0) + (Fraction(size) if isinstance(size, float) else size)
    families = billing_families(facts.plan)
    costs = BucketCosts(rates_for(total_usage, families, price_book), upper_bounds(total_usage, families, price_book))
    return {
        (record.account, record.region, record.name): LastKnown(
            as_of=facts.plan.window.day(record.day),
            storage=storage.lines,
            total_size=float(sum(record.amounts)),
            total_cost=storage.known_cost if storage.is_priced else None,
            num_objects=None if record.objects is None else float(record.objects),
        )
        for record, storage in zip(held, price_storage(held, costs), strict=True)
        if record.day is not None  # as in all of them
    }


def _last_record(record: ResolvedBucket, last: Figures) -> ResolvedBucket:
    """Return the record as of the day of its last figures."""
    return msgspec.structs.replace(
        record, day=last.day, types=last.types, amounts=last.amounts, objects=last.objects, object_stats=None
    )
