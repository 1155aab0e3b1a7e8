"""The differences between two price books, and whether a newer one exists and may replace the current one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from s3_monitor.money.price_book import Price, PriceBook, Tier, exact_tiers
from s3_monitor.money.price_list import DEEP_ARCHIVE, STORAGE, PriceListVersion
from s3_monitor.money.regions import GLOBAL
from s3_monitor.money.storage_types import pools

LARGEST_MOVE = Decimal("0.2")  # a larger price move is an error


class PriceChange(NamedTuple):
    """The change of one price."""

    region: str
    name: str
    before: tuple[Tier, ...] | None
    """None: unknown."""
    after: tuple[Tier, ...] | None
    move: Decimal | None
    """The largest relative change over all amounts: 0.2 is 20% more expensive, -0.2 20% cheaper, infinite from 0 on.
    None: nothing to compare."""


def compare_prices(old: PriceBook, new: PriceBook, regions: Iterable[str] | None = None) -> list[PriceChange]:
    """Return all prices that differ, sorted, in ``regions`` (default: the regions of both price books)."""
    changes = []
    for region in sorted({*_regions(old), *_regions(new)} if regions is None else {*regions}):
        old_prices, new_prices = _prices(old, region), _prices(new, region)
        for name in sorted({*old_prices, *new_prices}):
            before, after = _tiers(old_prices.get(name)), _tiers(new_prices.get(name))
            if before != after:
                move = largest_move(before, after) if before and after else None
                changes.append(PriceChange(region, name, before, after, move))
    return changes


def _tiers(price: Price | None) -> tuple[Tier, ...] | None:
    return exact_tiers(price) if price else None


def largest_move(before: Sequence[Tier], after: Sequence[Tier]) -> Decimal | None:
    """Return the largest move, up or down, of the price of one more unit, over the amounts with both prices known.

    AWS: in some lists a free allowance is the first tier of a price, in others a product of its own. Therefore amounts
    within the allowance of either price are not compared.
    """
    allowance = max(_allowance(before), _allowance(after))
    moves = [
        _move(old_price, new_price)
        for amount in sorted({allowance, *(tier.upto for tier in (*before, *after) if tier.upto is not None)})
        if amount >= allowance
        and (old_price := _price_at(before, amount)) is not None
        and (new_price := _price_at(after, amount)) is not None
    ]
    return max(moves, key=abs, default=None)


def format_tiers(tiers: Iterable[Tier]) -> str:
    """Format tiers: ``0.023 to 51200, 0.022 to 512000, then 0.021``."""
    parts: list[str] = []
    for tier in tiers:
        then = "then " if parts and tier.upto is None else ""
        parts.append(f"{then}{tier.price:f}" if tier.upto is None else f"{tier.price:f} to {tier.upto:f}")
    return ", ".join(parts)


def _move(before: Decimal, after: Decimal) -> Decimal:
    if before == after:
        return Decimal(0)
    return (after - before) / before if before else Decimal("Infinity")


def _allowance(tiers: Sequence[Tier]) -> Decimal:
    """Return the end of the free tiers at the beginning, or 0 if all tiers or none are free."""
    allowance = Decimal(0)
    for tier in tiers:
        if tier.price:
            return allowance
        if tier.upto is None:
            break
        allowance = tier.upto
    return Decimal(0)


def _price_at(tiers: Sequence[Tier], amount: Decimal) -> Decimal | None:
    return next((tier.price for tier in tiers if tier.upto is None or tier.upto > amount), None)


def _regions(price_book: PriceBook) -> set[str]:
    return {*price_book.regions, *price_book.charges}


def _prices(price_book: PriceBook, region: str) -> dict[str, Price]:
    return {**price_book.regions.get(region, {}), **price_book.charges.get(region, {})}


def validation_errors(old: PriceBook, new: PriceBook, regions: Collection[str]) -> list[str]:
    """Return why ``new`` must not replace ``old`` for these regions, sorted. Empty if it may."""
    errors = [f"{region}: {name}: no price" for region, name in missing_prices(old, new, regions)]
    if old.regions and new.currency != old.currency:
        return [*errors, f"currency must be that of the prices in use, {old.currency}, got {new.currency}"]
    changes = compare_prices(old, new, {*regions, GLOBAL})
    large = [change for change in changes if change.move is not None and abs(change.move) > LARGEST_MOVE]
    return errors + [_sentence(change) for change in large]


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


def services_of(price_book: PriceBook) -> list[str]:
    """Return the services whose lists matter: those of storage, and the sources of the price book."""
    return sorted(
        {STORAGE, DEEP_ARCHIVE, *(source.service for source in price_book.sources.values() if source.service)}
    )


def newer_versions(price_book: PriceBook, versions: Iterable[PriceListVersion]) -> list[PriceListVersion]:
    """Return the price lists that were published after those of the price book.

    A price book from several lists of a service is as old as the oldest of them, including prices from other sources.
    Without a list of the service, its own date counts.
    """
    return [version for version in versions if _version(version) > _imported_version(price_book, version)]


def _version(version: PriceListVersion) -> str:
    return version.version or f"{version.published:%Y%m%d}"


def _imported_version(price_book: PriceBook, version: PriceListVersion) -> str:
    """Return the version of the price book's oldest list of the service, or a date if the version is unknown."""
    versions = [
        source.version or f"{source.day:%Y%m%d}"
        for source in price_book.sources.values()
        if not source.service or version.service in ("", source.service)
    ]
    oldest = min(versions, default=f"{price_book.published:%Y%m%d}")
    # A date is padded to the end of its day: a list of the same day is not newer.
    return oldest.ljust(len(_version(version)), "9")
