"""Costs that are upper bounds, since the price list lacks the (cheaper) prices of higher volume bands."""

from __future__ import annotations

from collections.abc import Mapping

from s3_monitor.money.list_pricing import Usage, pool_sizes
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.storage_types import LAST_TIER, StorageType

UpperBounds = Mapping[tuple[str, str], frozenset[str]]  # (account, region) → storage types whose cost is an upper bound
_GB = 2**30


def upper_bounds(
    usage: Usage, families: Mapping[str, str], price_book: PriceBook, types: Mapping[str, StorageType]
) -> UpperBounds:
    """Return the storage types whose pool exceeds the last band with a known price, per account and region."""
    exceeded = set()
    for (family, region, pool), size in pool_sizes(usage, families, types).items():
        prices = price_book.pool(region, pool.removesuffix(LAST_TIER))
        if prices is None or prices.exact_to is None:
            continue
        if size > prices.exact_to * _GB or (size and pool.endswith(LAST_TIER)):
            exceeded.add((family, region, pool))
    if not exceeded:
        return {}
    found = {
        (account, region): frozenset(
            name
            for name, size in lines.items()
            if size and name in types and (families[account], region, types[name].pool) in exceeded
        )
        for (account, region), lines in usage.items()
    }
    return {place: names for place, names in found.items() if names}
