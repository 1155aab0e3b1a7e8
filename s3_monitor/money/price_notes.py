"""Notes on prices: which bytes have none, which costs are upper bounds, and how old the prices are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import partial

from s3_monitor.model.problem import Problem, create_problem
from s3_monitor.money.list_pricing import Rates, Usage, upper_bounds
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.storage_types import LAST_TIER, storage_types

_OLD_DAYS = 365


def price_notes(
    usage: Usage, rates: Rates, families: Mapping[str, str], price_book: PriceBook, today: date
) -> list[Problem]:
    """Return a note for each storage type of a region that has no price or an upper bound, and one on old prices."""
    return [
        *_unpriced(usage, rates, price_book),
        *_upper_bounds(usage, families, price_book),
        *_stale(usage, price_book, today),
    ]


def oldest_price(usage: Usage, price_book: PriceBook) -> date:
    """Return the date of the oldest price in use, or the date of the price book if none is in use."""
    return min(_dates(usage, price_book).values(), default=price_book.published)


def _dates(usage: Usage, price_book: PriceBook) -> dict[str, date]:
    """Return region → the date of its oldest storage price in use."""
    types = storage_types()
    pools: dict[str, set[str]] = {}
    for (_, region), lines in usage.items():
        used = {types[name].pool.removesuffix(LAST_TIER) for name, size in lines.items() if size and name in types}
        pools.setdefault(region, set()).update(used)
    dates = {region: price_book.oldest(region, names) for region, names in sorted(pools.items())}
    return {region: day for region, day in dates.items() if day is not None}


def _unpriced(usage: Usage, rates: Rates, price_book: PriceBook) -> Iterator[Problem]:
    unpriced = {
        (region, name)
        for (account, region), lines in usage.items()
        for name, size in lines.items()
        if size and rates[account, region][name] is None
    }
    for region, name in unpriced:
        yield _no_price(region, name, price_book)


def _no_price(region: str, name: str, price_book: PriceBook) -> Problem:
    """Return why a storage type of a region has no price."""
    type_ = storage_types().get(name)
    no_price = partial(create_problem, region=region, storage_type=name)
    if type_ is None:
        return no_price("storage-type-unknown")
    if region not in price_book.regions:
        return no_price("region-not-in-price-list", published=price_book.published)
    prices = price_book.pool(region, type_.pool.removesuffix(LAST_TIER))
    if prices is None:
        return no_price("price-not-listed", published=price_book.published)
    if type_.pool.endswith(LAST_TIER):
        return no_price("last-price-band-not-listed")
    last = prices.tiers[-1]
    if not last.price:
        return no_price("price-bands-not-listed", listed=last.upto)
    bound = f"{last.price:f} {price_book.currency}"
    return no_price("price-bands-not-listed-bounded", listed=last.upto, bound=bound)


def _upper_bounds(usage: Usage, families: Mapping[str, str], price_book: PriceBook) -> Iterator[Problem]:
    exceeded = {
        (region, storage_types()[name].pool.removesuffix(LAST_TIER))
        for (_, region), names in upper_bounds(usage, families, price_book).items()
        for name in names
    }
    for region, pool in exceeded:
        prices = price_book.regions[region][pool]
        yield create_problem("cost-upper-bound", region=region, pool=pool, exact=prices.exact_to)


def _stale(usage: Usage, price_book: PriceBook, today: date) -> Iterator[Problem]:
    dates = _dates(usage, price_book)
    oldest = min(dates.values(), default=price_book.published)
    if (today - oldest).days > _OLD_DAYS:
        regions = [region for region, day in dates.items() if day == oldest]
        days = (today - oldest).days
        if len(regions) < len(dates):
            yield create_problem("region-prices-old", regions=regions, oldest=oldest, days=days)
        else:
            yield create_problem("prices-old", oldest=oldest, days=days)
