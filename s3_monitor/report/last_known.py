"""The last known figures of emptied buckets. No total includes them."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from s3_monitor.merge.merged_data import Figures, MergedData, ResolvedBucket
from s3_monitor.model.bucket import LastKnown
from s3_monitor.money.list_pricing import Usage, billing_families, rates_for, upper_bounds
from s3_monitor.money.price_book import PriceBook
from s3_monitor.report.bucket_costs import BucketCosts, Key, price_storage


def last_known(facts: MergedData, usage: Usage, price_book: PriceBook) -> dict[Key, LastKnown]:
    """Return the last figures of the emptied buckets that have some, in the order of the buckets.

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
