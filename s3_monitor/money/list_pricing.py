"""The monthly list price of stored bytes: volume tiers, pools, and the rate of each storage type.

AWS pools the bytes of all accounts of one consolidated bill per region and usage type, and fills the price tiers with
the pool: the first 50 TB at the first price, and so on. Each line of a pool of N bytes that costs C USD per month pays
its share, C / N per byte. This quotient is the rate of the line.

A rate is an integer in units of 10^-76 USD per byte and month. The quotient is computed with 50 digits, and 76 decimals
hold them all for any rate from 10^-26 USD (AWS's lowest price, USD 0.00099 per GB-month, is 10^-12 USD per byte). Costs
(rate × bytes) and their sums are exact integers, so totals do not depend on the order of addition and therefore not on
sharding, and integers are added faster than decimals. Amounts are rounded only when they are written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from s3_monitor.model.plan import Plan
from s3_monitor.money.price_book import PriceBook, tiered_cost
from s3_monitor.money.rounding import apportion, round_to_units
from s3_monitor.money.storage_types import LAST_TIER, storage_types

CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN)
_GB = 2**30
_RATE_DECIMALS = 76
UNIT: int = 10**_RATE_DECIMALS  # units per USD
DECIMALS = 12  # decimals of an amount in a file: the cost of one byte is not 0
_STEPS_PER_DOLLAR: int = 10**DECIMALS
_STEP: int = 10 ** (_RATE_DECIMALS - DECIMALS)  # the smallest amount in a file
_HALF_STEP = _STEP // 2
_NOT_A_TIE = 2 ** (_RATE_DECIMALS - DECIMALS - 1) - 1  # ties are multiples of 2^63: these bits are 0

Exact = int | Fraction  # bytes or money; sums do not depend on the order of addition
Usage = Mapping[tuple[str, str], Mapping[str, Exact]]  # (account, region) → storage type → bytes
Rate = int | None  # 10^-76 USD per byte and month; None: no known price
Rates = dict[tuple[str, str], dict[str, Rate]]  # (account, region) → storage type → rate
UpperBounds = Mapping[tuple[str, str], frozenset[str]]  # (account, region) → storage types whose cost is an upper bound


def billing_families(plan: Plan) -> dict[str, str]:
    """Return account → billing family. Accounts that the plan does not assign form one family per partition."""
    # A leading slash keeps the names of the plan apart from partitions.
    named = {account: f"/{name}" for name, accounts in plan.families.items() for account in accounts}
    return {unit.account: named.get(unit.account, unit.partition) for unit in plan.units}


def rates_for(usage: Usage, families: Mapping[str, str], price_book: PriceBook) -> Rates:
    """Return the rate of each storage type per account and region.

    ``families``: account → billing family. ``usage`` must contain the bytes of all accounts of a family. AWS,
    "Volume discounts": each account pays its share of the consolidated usage.
    """
    types = storage_types()
    rates = {key: _rate(price_book, key[1], key[2], size) for key, size in pool_sizes(usage, families).items()}
    return {
        (account, region): {
            name: rates[families[account], region, types[name].pool] if name in types else None for name in lines
        }
        for (account, region), lines in usage.items()
    }


def upper_bounds(usage: Usage, families: Mapping[str, str], price_book: PriceBook) -> UpperBounds:
    """Return the storage types whose pool exceeds the last volume tier in the price list, per account and region.

    Their costs are upper bounds: AWS's prices only decrease from tier to tier.
    """
    types, exceeded = storage_types(), set()
    for (family, region, pool), size in pool_sizes(usage, families).items():
        prices = price_book.pool(region, pool.removesuffix(LAST_TIER))
        if prices is None or prices.exact_to is None:
            continue
        if size > prices.exact_to * _GB or (size and pool.endswith(LAST_TIER)):
            exceeded.add((family, region, pool))
    found = {
        (account, region): frozenset(
            name
            for name, size in lines.items()
            if size and name in types and (families[account], region, types[name].pool) in exceeded
        )
        for (account, region), lines in usage.items()
    }
    return {place: names for place, names in found.items() if names}


def pool_sizes(usage: Usage, families: Mapping[str, str]) -> dict[tuple[str, str, str], Exact]:
    """Return the bytes of each pool by (billing family, region, pool)."""
    types = storage_types()
    pools: dict[tuple[str, str, str], Exact] = {}
    for (account, region), lines in usage.items():
        for name, size in lines.items():
            if name in types:
                key = (families[account], region, types[name].pool)
                pools[key] = pools.get(key, 0) + size
    return pools


def _rate(price_book: PriceBook, region: str, pool: str, size: Exact) -> Rate:
    prices = price_book.pool(region, pool.removesuffix(LAST_TIER))
    if prices is None:
        return None
    per_gb: Fraction | None
    if pool.endswith(LAST_TIER):
        last = prices.tiers[-1]
        per_gb = Fraction(last.price) if last.upto is None else None
    elif not size:  # decreases of a pool that is now empty are priced at its first tier
        per_gb = Fraction(prices.tiers[0].price)
    else:
        cost = tiered_cost(prices.tiers, Fraction(size) / _GB)
        per_gb = None if cost is None else cost * _GB / size
    if per_gb is None:
        return None
    usd = CONTEXT.divide(Decimal(per_gb.numerator), Decimal(per_gb.denominator * _GB))
    return int(CONTEXT.scaleb(usd, _RATE_DECIMALS))


def to_units(usd: Decimal) -> int:
    """Convert USD to units of 10^-76: exactly, since prices and bills have at most 40 decimals."""
    numerator, denominator = usd.as_integer_ratio()
    return numerator * UNIT // denominator


def line_cost(rate: Rate, size: float | Fraction) -> Exact | None:
    """Return the monthly cost of ``size`` bytes in 10^-76 USD, or None without a price. Zero bytes cost 0."""
    if rate is None:
        return None if size else 0
    return rate * (Fraction(size) if isinstance(size, float) else size)


def to_dollars(amount: Exact) -> float:
    """Convert an amount in 10^-76 USD to USD, rounded half-even to 12 decimals."""
    if type(amount) is int and amount & _NOT_A_TIE:  # rounding half up equals half-even for every other amount
        return (amount + _HALF_STEP) // _STEP / _STEPS_PER_DOLLAR
    return round_to_units(amount, _STEP) / _STEPS_PER_DOLLAR


def apportion_dollars(amounts: Sequence[Exact]) -> list[float]:
    """Convert amounts as ``to_dollars`` does, but so that they add up to the converted sum."""
    return [units / _STEPS_PER_DOLLAR for units in apportion(amounts, _STEP)]


def all_to_dollars(amounts: Sequence[Exact | None]) -> list[float | None]:
    """Convert many amounts as ``to_dollars`` does, but faster; None stays None."""
    if set(map(type, amounts)) != {int}:
        return [None if amount is None else to_dollars(amount) for amount in amounts]
    # Rounding half up equals half-even for every amount that is not a tie.
    return [
        (amount + _HALF_STEP) // _STEP / _STEPS_PER_DOLLAR if amount & _NOT_A_TIE else to_dollars(amount)  # type: ignore
        for amount in amounts
    ]
