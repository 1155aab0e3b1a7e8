"""What differs between two matrices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from s3_monitor.money.price_book import Charge, PoolPrice, PriceBook, Tier

Price = PoolPrice | Charge


class PriceChange(NamedTuple):
    """Of one price. ``before``, ``after``: None where it is not known. ``move``: by how much of the price before, at
    the place of its tiers where that is most: 0.2 is a fifth dearer, -0.2 a fifth cheaper; infinite from 0 on; None
    where there is nothing to compare."""

    region: str
    name: str
    before: tuple[Tier, ...] | None
    after: tuple[Tier, ...] | None
    move: Decimal | None


def compare_prices(old: PriceBook, new: PriceBook, regions: Iterable[str] | None = None) -> list[PriceChange]:
    """Every price that is not the same, sorted. Of all regions of either, or of ``regions``."""
    found = []
    for region in sorted({*_places(old), *_places(new)} if regions is None else {*regions}):
        before, after = _prices(old, region), _prices(new, region)
        for name in sorted({*before, *after}):
            was, is_ = before.get(name), after.get(name)
            was_tiers = was.exact_tiers if was else None
            is_tiers = is_.exact_tiers if is_ else None
            if was_tiers != is_tiers:
                move = largest_move(was_tiers, is_tiers) if was_tiers and is_tiers else None
                found.append(PriceChange(region, name, was_tiers, is_tiers, move))
    return found


def largest_move(before: Sequence[Tier], after: Sequence[Tier]) -> Decimal | None:
    """The largest move, up or down, of the price of one more unit, at any amount for which both know it.

    AWS: lists differ in whether a free allowance is the first tier of a price or a product of its own. So amounts
    within the allowance of either are not compared.
    """
    allowance = max(_allowance(before), _allowance(after))
    moves = [
        _move(was, is_)
        for amount in sorted({allowance, *_begins(before), *_begins(after)})
        if amount >= allowance
        and (was := _price_at(before, amount)) is not None
        and (is_ := _price_at(after, amount)) is not None
    ]
    return max(moves, key=abs, default=None)


def format_tiers(tiers: Iterable[Tier]) -> str:
    """``0.023 to 51200, 0.022 to 512000, then 0.021``"""
    parts: list[str] = []
    for tier in tiers:
        then = "then " if parts and tier.upto is None else ""
        parts.append(f"{then}{tier.price:f}" if tier.upto is None else f"{tier.price:f} to {tier.upto:f}")
    return ", ".join(parts)


def _move(was: Decimal, is_: Decimal) -> Decimal:
    if was == is_:
        return Decimal(0)
    return (is_ - was) / was if was else Decimal("Infinity")


def _allowance(tiers: Sequence[Tier]) -> Decimal:
    """Where the free tiers at the beginning end; 0 where there are none, or nothing else."""
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


def _places(price_book: PriceBook) -> set[str]:
    return {*price_book.regions, *price_book.charges}


def _prices(price_book: PriceBook, region: str) -> dict[str, Price]:
    return {**price_book.regions.get(region, {}), **price_book.charges.get(region, {})}
