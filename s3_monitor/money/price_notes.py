"""Notes on prices: which bytes have none, which costs are upper bounds, and how old the prices are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from s3_monitor.model.problem import Problem, note
from s3_monitor.money.list_pricing import Rates, Usage
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.storage_types import LAST_TIER, StorageType
from s3_monitor.money.upper_bounds import upper_bounds

_OLD_DAYS = 365
_MOST_NAMED = 5


def price_notes(
    usage: Usage,
    rates: Rates,
    families: Mapping[str, str],
    price_book: PriceBook,
    types: Mapping[str, StorageType],
    today: date,
) -> list[Problem]:
    """Return a note for each storage type of a region that has no price or an upper bound, and one on old prices."""
    return [
        *_unpriced(usage, rates, price_book, types),
        *_upper_bounds(usage, families, price_book, types),
        *_stale(usage, price_book, types, today),
    ]


def oldest_price(usage: Usage, price_book: PriceBook, types: Mapping[str, StorageType]) -> date:
    """Return the date of the oldest price in use, or the date of the price book if none is in use."""
    return min(_dates(usage, price_book, types).values(), default=price_book.published)


def _dates(usage: Usage, price_book: PriceBook, types: Mapping[str, StorageType]) -> dict[str, date]:
    """Return region → the date of its oldest storage price in use."""
    pools: dict[str, set[str]] = {}
    for (_, region), lines in usage.items():
        used = {types[name].pool.removesuffix(LAST_TIER) for name, size in lines.items() if size and name in types}
        pools.setdefault(region, set()).update(used)
    dates = {region: price_book.oldest(region, names) for region, names in sorted(pools.items())}
    return {region: day for region, day in dates.items() if day is not None}


def _unpriced(usage: Usage, rates: Rates, price_book: PriceBook, types: Mapping[str, StorageType]) -> Iterator[Problem]:
    unpriced = {
        (region, name)
        for (account, region), lines in usage.items()
        for name, size in lines.items()
        if size and rates[account, region][name] is None
    }
    advice = "its bytes are in the sizes and in unpriced_size, not in the costs"
    for region, name in unpriced:
        yield note(f"{region}/{name}", _why(region, types.get(name), price_book), advice)


def _why(region: str, type_: StorageType | None, price_book: PriceBook) -> str:
    if type_ is None:
        return "no price: the storage type is unknown"
    if region not in price_book.regions:
        return f"no price: the price list of {price_book.published} does not have this region"
    prices = price_book.pool(region, type_.pool.removesuffix(LAST_TIER))
    if prices is None:
        return f"no price: the price list of {price_book.published} does not have it in this region"
    last = prices.tiers[-1]
    if type_.pool.endswith(LAST_TIER):
        return "no price: it is priced at the last volume band of its pool, which is not in the price list"
    bound = f"; each GB costs at most {last.price:f} {price_book.currency}" if last.price else ""
    return f"no price: the price list has only the first {last.upto:,f} GB of the pool{bound}"


def _upper_bounds(
    usage: Usage, families: Mapping[str, str], price_book: PriceBook, types: Mapping[str, StorageType]
) -> Iterator[Problem]:
    exceeded = {
        (region, types[name].pool.removesuffix(LAST_TIER))
        for (_, region), names in upper_bounds(usage, families, price_book, types).items()
        for name in names
    }
    for region, pool in exceeded:
        prices = price_book.regions[region][pool]
        what = f"its cost is an upper bound: only the price of the first {prices.exact_to:,f} GB is known"
        yield note(f"{region}/{pool}", what, "AWS's prices decrease from volume band to volume band")


def _stale(usage: Usage, price_book: PriceBook, types: Mapping[str, StorageType], today: date) -> Iterator[Problem]:
    dates = _dates(usage, price_book, types)
    oldest = min(dates.values(), default=price_book.published)
    if (today - oldest).days > _OLD_DAYS:
        regions = [region for region, day in dates.items() if day == oldest]
        named = ", ".join(regions[:_MOST_NAMED]) + (
            f" and {len(regions) - _MOST_NAMED} more" if regions[_MOST_NAMED:] else ""
        )
        where = f" ({named})" if len(regions) < len(dates) else ""
        what = f"the oldest prices in use{where} are of {oldest}, {(today - oldest).days:,} days before the figures"
        yield note(
            "prices", f"{what}: prices may have changed", "`s3-monitor prices refresh` makes a newer list for --prices"
        )
