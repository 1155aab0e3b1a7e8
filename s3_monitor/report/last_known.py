"""The last known figures of emptied buckets. No total includes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain

import msgspec

from s3_monitor.merge.merged_data import BucketRecord, Figures, MergedData
from s3_monitor.model.bucket import Bucket, LastKnown
from s3_monitor.model.summary import EmptiedBucket
from s3_monitor.money.billing_families import billing_families
from s3_monitor.money.list_pricing import Usage, rates_for
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.storage_types import storage_types
from s3_monitor.money.upper_bounds import upper_bounds
from s3_monitor.report.bucket_costs import bucket_costs

Key = tuple[str, str, str]  # account, region, name


def last_known(facts: MergedData, usage: Usage, price_book: PriceBook) -> dict[Key, LastKnown]:
    """Return the last figures of every emptied bucket that has some, sorted like the buckets.

    They are priced as if they were still stored, on top of ``usage``, which does not include them.
    """
    held = [_at_last(record, record.last) for record in facts.buckets if record.last is not None]
    if not held:
        return {}
    together = {place: dict(sizes) for place, sizes in usage.items()}
    for record in held:
        sizes = together[record.account, record.region]
        for name, size in record.lines.items():
            sizes[name] = sizes.get(name, 0) + (Fraction(size) if isinstance(size, float) else size)
    rates = rates_for(together, billing_families(facts.plan), price_book, storage_types())
    bounds = upper_bounds(together, billing_families(facts.plan), price_book, storage_types())
    buckets = chain.from_iterable(bucket_costs(held, rates, bounds, facts.plan))
    return {
        (one.account, one.region, one.name): LastKnown(
            as_of=one.as_of,
            storage=one.storage,
            total_size=one.total_size,
            total_cost=one.total_cost,
            num_objects=one.num_objects,
        )
        for one in buckets
        if one.as_of is not None and one.total_size is not None  # as all of them
    }


def with_last_known(chunks: Iterable[Sequence[Bucket]], known: Mapping[Key, LastKnown]) -> Iterator[list[Bucket]]:
    """Add their last figures to the emptied buckets."""
    for chunk in chunks:
        yield [
            msgspec.structs.replace(one, last_known=known.get((one.account, one.region, one.name)))
            if one.state == "emptied"
            else one
            for one in chunk
        ]


def emptied_buckets(known: Mapping[Key, LastKnown]) -> list[EmptiedBucket]:
    """Return the list of summary.json."""
    return [EmptiedBucket(name, account, region, last) for (account, region, name), last in known.items()]


def _at_last(record: BucketRecord, last: Figures) -> BucketRecord:
    """Return the record as it was on the day of its last figures."""
    return msgspec.structs.replace(
        record,
        state="measured",
        day=last.day,
        types=last.types,
        amounts=last.amounts,
        objects=last.objects,
        contents=None,
    )
