"""Whether a matrix that was read may take the place of the one in use."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal

import msgspec

from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.price_changes import PriceChange, compare_prices, format_tiers
from s3_monitor.money.region_names import GLOBAL
from s3_monitor.money.storage_types import pools

LARGEST_MOVE = Decimal("0.2")


def validation_errors(old: PriceBook, new: PriceBook, regions: Collection[str]) -> list[str]:
    """Why ``new`` should not be used for these regions in the place of ``old``; none: it may be. Sorted."""
    found = [f"{region}: {name}: no price" for region, name in missing_prices(old, new, regions)]
    if old.regions and new.currency != old.currency:
        return [*found, f"it is in {new.currency}, the prices in use are in {old.currency}"]
    return found + [_sentence(change) for change in large_moves(old, new, regions)]


def missing_prices(old: PriceBook, new: PriceBook, regions: Collection[str]) -> Iterator[tuple[str, str]]:
    """(region, pool): every pool of the storage types without a price. AWS sells S3 Express One Zone in some regions
    only: it is missed where it had a price before, or where the new list charges for anything of it."""
    for region in sorted(regions):
        for type_ in sorted(pools().values(), key=lambda type_: type_.name):
            sold = type_.everywhere or old.pool(region, type_.name) or _charged(new, region, str(type_.usage_type))
            if sold and new.pool(region, type_.name) is None:
                yield region, type_.name


def large_moves(old: PriceBook, new: PriceBook, regions: Collection[str]) -> list[PriceChange]:
    """The prices that moved by more than LARGEST_MOVE, up or down."""
    of_these = compare_prices(old, new, {*regions, GLOBAL})
    return [change for change in of_these if change.move is not None and abs(change.move) > LARGEST_MOVE]


def describe_move(change: PriceChange) -> str:
    """Return the move in words: ``27.3% more expensive``; where there is none, what else has changed."""
    move = change.move
    if move is None:
        return "new" if change.before is None else "gone"
    if not move.is_finite():
        return "no longer free"
    if not move:
        return "no change where both are known"
    return f"{abs(move) * 100:.1f}% {'more expensive' if move > 0 else 'cheaper'}"


def keep_other_regions(old: PriceBook, new: PriceBook, regions: Collection[str]) -> PriceBook:
    """``new``, and of ``old`` the regions that were neither asked for nor come anyway, each price with its source."""
    if new.currency != old.currency:
        return new
    gone = {*regions, *new.regions}
    kept = {region: prices for region, prices in old.regions.items() if region not in gone}
    charged = {region: prices for region, prices in old.charges.items() if region not in gone}
    used = {price.source for prices in kept.values() for price in prices.values()}
    used |= {charge.source for charges in charged.values() for charge in charges.values()}
    return msgspec.structs.replace(
        new,
        sources={**{key: source for key, source in old.sources.items() if key in used}, **new.sources},
        regions={**kept, **new.regions},
        charges={**charged, **new.charges},
    )


def _sentence(change: PriceChange) -> str:
    before, after = format_tiers(change.before or ()), format_tiers(change.after or ())
    return f"{change.region}: {change.name}: {describe_move(change)}: {before} → {after}"


def _charged(price_book: PriceBook, region: str, usage_type: str) -> bool:
    """Whether a region is charged for requests of the class: TimedStorage-XZ-ByteHrs → Requests-XZ-…"""
    begin = f"Requests-{usage_type.split('-')[1]}-"
    return any(key.startswith(begin) for key in price_book.charges.get(region, {}))
