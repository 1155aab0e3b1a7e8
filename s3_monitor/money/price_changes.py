"""The differences between two price books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from s3_monitor.money.price_book import Price, PriceBook, Tier, exact_tiers


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
        for amount in sorted({allowance, *_begins(before), *_begins(after)})
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


def _begins(tiers: Sequence[Tier]) -> Iterator[Decimal]:
    yield Decimal(0)
    yield from (tier.upto for tier in tiers if tier.upto is not None)


def _price_at(tiers: Sequence[Tier], amount: Decimal) -> Decimal | None:
    return next((tier.price for tier in tiers if tier.upto is None or tier.upto > amount), None)


def _regions(price_book: PriceBook) -> set[str]:
    return {*price_book.regions, *price_book.charges}


def _prices(price_book: PriceBook, region: str) -> dict[str, Price]:
    return {**price_book.regions.get(region, {}), **price_book.charges.get(region, {})}
