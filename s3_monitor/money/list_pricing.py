"""What storage costs: pools of bytes through tiers of prices, and each line its share.

Pools go through tiers in Decimal with 50 digits. What comes out is a rate for each line, USD a month for one byte, as
a whole number of 10^-76 USD. Rate × bytes is then exact, and so are sums of it in any order, at the speed of integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from s3_monitor.money.price_book import PoolPrice, PriceBook
from s3_monitor.money.storage_types import LAST_TIER, StorageType

CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN)
_GB = 2**30
_PER_BYTE = CONTEXT.divide(Decimal(1), _GB)  # exact: 2^-30 has 30 decimals
_PLACES = 76  # a rate of 50 digits fits: none is below 10^-26 USD a byte
DECIMALS = 12  # of an amount in a file: the cost of one byte is not 0
_SCALE: int = 10**DECIMALS
_STEP: int = 10 ** (_PLACES - DECIMALS)  # the smallest amount in a file
_HALF_STEP = _STEP // 2
_NOT_A_TIE = 2 ** (_PLACES - DECIMALS - 1) - 1  # ties are multiples of 2^63: these bits are 0

Exact = int | Fraction  # exact, so that sums do not depend on their order
Usage = Mapping[tuple[str, str], Mapping[str, Exact]]  # (account, region) → storage type → bytes
Rate = int | None  # for one byte a month, in 10^-76 USD; None: no price is known
Rates = dict[tuple[str, str], dict[str, Rate]]  # (account, region) → storage type → rate


def rates_for(
    usage: Usage, families: Mapping[str, str], price_book: PriceBook, types: Mapping[str, StorageType]
) -> Rates:
    """The rate of each line: what its pool costs by what its pool holds.

    A pool is everything that one billing family (``families``: account → family) keeps in one region under one
    pool of the price list. AWS, volume discounts: tiers fill over all accounts of a consolidated bill, by region
    and usage type, and each account pays by its part of the usage.
    """
    rates = {key: _rate(price_book, key[1], key[2], size) for key, size in pool_sizes(usage, families, types).items()}
    return {
        (account, region): {
            name: rates[families[account], region, types[name].pool] if name in types else None for name in lines
        }
        for (account, region), lines in usage.items()
    }


def pool_sizes(
    usage: Usage, families: Mapping[str, str], types: Mapping[str, StorageType]
) -> dict[tuple[str, str, str], Exact]:
    """Return the bytes of each pool by (billing family, region, pool)."""
    pools: dict[tuple[str, str, str], Exact] = {}
    for (account, region), lines in usage.items():
        for name, size in lines.items():
            if name in types:
                key = (families[account], region, types[name].pool)
                pools[key] = pools.get(key, 0) + size
    return pools


def _rate(price_book: PriceBook, region: str, pool: str, size: Exact) -> Rate:
    usd = _usd_a_byte(price_book, region, pool, size)
    return None if usd is None else int(CONTEXT.scaleb(usd, _PLACES))


def _usd_a_byte(price_book: PriceBook, region: str, pool: str, size: Exact) -> Decimal | None:
    flat = pool.endswith(LAST_TIER)
    prices = price_book.pool(region, pool.removesuffix(LAST_TIER))
    if prices is None:
        return None
    if flat:
        last = prices.tiers[-1]
        return CONTEXT.multiply(last.price, _PER_BYTE) if last.upto is None else None
    if not size:  # what has left the pool is priced like its first bytes
        return CONTEXT.multiply(prices.tiers[0].price, _PER_BYTE)
    cost = pool_cost(prices, size)
    return None if cost is None else CONTEXT.divide(cost, to_decimal(size))


def pool_cost(prices: PoolPrice, size: Exact) -> Decimal | None:
    """USD a month for a pool of ``size`` bytes. None where it reaches beyond the last known tier."""
    held, cost, begin = to_decimal(size), Decimal(0), Decimal(0)
    for tier in prices.tiers:
        end = held if tier.upto is None else min(CONTEXT.multiply(tier.upto, _GB), held)
        share = CONTEXT.multiply(CONTEXT.subtract(end, begin), tier.price)
        cost = CONTEXT.add(cost, CONTEXT.multiply(share, _PER_BYTE))
        begin = end
        if end == held:
            return cost
    return None


def to_decimal(size: Exact) -> Decimal:
    """Bytes as Decimal. Fractions have powers of two below: they end."""
    if isinstance(size, Fraction):
        return CONTEXT.divide(Decimal(size.numerator), Decimal(size.denominator))
    return Decimal(size)


def line_cost(rate: Rate, size: float | Fraction) -> Exact | None:
    """Of so many bytes for a month, in the unit of the rate. Nothing costs nothing, at any price."""
    if rate is None:
        return None if size else 0
    return rate * (Fraction(size) if isinstance(size, float) else size)


def to_dollars(amount: Exact) -> float:
    """Convert an amount in 10^-76 USD to USD, rounded half-even to 12 decimals."""
    steps: int
    steps, rest = divmod(amount, _STEP)
    if rest > _HALF_STEP or (rest == _HALF_STEP and steps & 1):
        steps += 1
    return steps / _SCALE


def all_to_dollars(amounts: Sequence[Exact | None]) -> list[float | None]:
    """Convert many amounts as ``dollars`` does, faster; None stays None."""
    if set(map(type, amounts)) != {int}:
        return [None if amount is None else to_dollars(amount) for amount in amounts]
    # For every amount that is not a tie, half up is half-even.
    return [
        (amount + _HALF_STEP) // _STEP / _SCALE if amount & _NOT_A_TIE else to_dollars(amount)  # type: ignore
        for amount in amounts
    ]
