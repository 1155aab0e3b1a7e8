"""The checks that an imported price book must pass before it replaces the current one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from decimal import Decimal

import msgspec

from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.price_changes import PriceChange, compare_prices, format_tiers
from s3_monitor.money.region_names import GLOBAL
from s3_monitor.money.storage_types import pools

LARGEST_MOVE = Decimal("0.2")  # a larger price move is an error


def validation_errors(old: PriceBook, new: PriceBook, regions: Collection[str]) -> list[str]:
    """Return why ``new`` must not replace ``old`` for these regions, sorted. Empty if it may."""
    errors = [f"{region}: {name}: no price" for region, name in missing_prices(old, new, regions)]
    if old.regions and new.currency != old.currency:
        return [*errors, f"currency must be that of the prices in use, {old.currency}, got {new.currency}"]
    return errors + [_sentence(change) for change in large_moves(old, new, regions)]


def missing_prices(old: PriceBook, new: PriceBook, regions: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield (region, pool) for each storage price that is missing.

    AWS sells S3 Express One Zone only in some regions. It is missing if it had a price, or if ``new`` has other charges
    for it in the region.
    """
    for region in sorted(regions):
        for type_ in sorted(pools().values(), key=lambda type_: type_.name):
            sold = type_.everywhere or old.pool(region, type_.name) or _charged(new, region, str(type_.usage_type))
            if sold and new.pool(region, type_.name) is None:
                yield region, type_.name


def large_moves(old: PriceBook, new: PriceBook, regions: Collection[str]) -> list[PriceChange]:
    """Return the prices that moved by more than LARGEST_MOVE, up or down."""
    changes = compare_prices(old, new, {*regions, GLOBAL})
    return [change for change in changes if change.move is not None and abs(change.move) > LARGEST_MOVE]


def describe_move(change: PriceChange) -> str:
    """Describe the move of a price, such as ``27.3% more expensive``, or how else it changed."""
    move = change.move
    if move is None:
        return "new" if change.before is None else "removed"
    if not move.is_finite():
        return "no longer free"
    if not move:
        return "no change where both have a price"
    return f"{abs(move) * 100:.1f}% {'more expensive' if move > 0 else 'cheaper'}"


def keep_other_regions(old: PriceBook, new: PriceBook, regions: Collection[str]) -> PriceBook:
    """Return ``new`` with the prices of ``old`` for all regions that were not requested and are not in ``new``."""
    if new.currency != old.currency:
        return new
    replaced = {*regions, *new.regions}
    kept = {region: prices for region, prices in old.regions.items() if region not in replaced}
    charges = {region: prices for region, prices in old.charges.items() if region not in replaced}
    used = {price.source for section in (kept, charges) for prices in section.values() for price in prices.values()}
    return msgspec.structs.replace(
        new,
        sources={**{key: source for key, source in old.sources.items() if key in used}, **new.sources},
        regions={**kept, **new.regions},
        charges={**charges, **new.charges},
    )


def _sentence(change: PriceChange) -> str:
    before, after = format_tiers(change.before or ()), format_tiers(change.after or ())
    return f"{change.region}: {change.name}: {describe_move(change)}: {before} → {after}"


def _charged(price_book: PriceBook, region: str, usage_type: str) -> bool:
    """Return whether the region has request charges of the storage class: TimedStorage-XZ-ByteHrs → Requests-XZ-…."""
    prefix = f"Requests-{usage_type.split('-')[1]}-"
    return any(key.startswith(prefix) for key in price_book.charges.get(region, {}))
