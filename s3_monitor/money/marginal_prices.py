"""The cost of the last bytes of a pool: what a bucket saves if bytes are deleted, or pays if they are added.

``list_pricing`` divides the cost of a pool evenly among its bytes. A change affects only the last bytes of the pool, at
the price of the tiers that they fill. Amounts are exact, in units of 10^-76 USD per month, as in ``list_pricing``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from s3_monitor.money.list_pricing import UNIT, Exact, UpperBounds, Usage, pool_sizes, to_units, upper_bounds
from s3_monitor.money.other_prices import KMS_REQUEST
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.storage_types import LAST_TIER, storage_types
from s3_monitor.money.usage_types import MONITORING, ClassCharges, requests_of

_GB = 2**30


def as_exact(size: Exact | float) -> Exact:
    """Return a number of bytes without rounding errors in what is computed from it."""
    return Fraction(size) if isinstance(size, float) else size


class _Tier(NamedTuple):
    """A part of a pool with one price."""

    begin: int
    """Bytes below this tier."""
    end: int | None
    """Exclusive upper bound in bytes; None: none."""
    rate: int
    """10^-76 USD per byte and month."""


class Pool:
    """A pool with its bytes and the prices of its tiers."""

    def __init__(self, size: Exact, tiers: tuple[_Tier, ...]) -> None:
        self.size = size
        self._tiers = tiers
        last = next((tier for tier in tiers if tier.begin <= size and (tier.end is None or size < tier.end)), None)
        self.rate = last.rate if last else 0
        """Price of the last byte of the pool."""
        self.room = size - last.begin if last else -1
        """Bytes in the last tier in use; -1: its price is unknown."""

    def removed(self, size: Exact) -> Exact | None:
        """Return the cost of the last bytes of the pool; None: no known price."""
        return self._between(max(0, self.size - size), self.size)

    def added(self, size: Exact) -> Exact | None:
        """Return the cost of further bytes; None: no known price."""
        return self._between(self.size, self.size + size)

    def _between(self, start: Exact, end: Exact) -> Exact | None:
        cost: Exact = 0
        for tier in self._tiers:
            upto = end if tier.end is None else min(end, tier.end)
            if upto > start:
                cost += (upto - start) * tier.rate
                start = upto
        return cost if start >= end else None


ClassPrices = ClassCharges[int | None]  # in 10^-76 USD; None: unknown, or no such charge


class PlacePrices:
    """The marginal prices of an account and region."""

    def __init__(self, region: str, pools: Mapping[str, Pool | None], bounds: frozenset[str], book: PriceBook) -> None:
        self._region, self._pools, self._book = region, pools, book
        self.bounds = bounds
        """Storage types whose price is an upper bound."""
        kms = KMS_REQUEST.get(book.currency)
        self.kms_request = None if kms is None else to_units(kms)
        """Price of a request to KMS; None: unknown."""
        self.monitoring = self.unit_price(MONITORING)
        """Fee of Intelligent-Tiering per object and month; None: unknown."""
        self._classes: dict[str, ClassPrices] = {}

    def removed(self, storage_type: str, size: Exact | float) -> Exact | None:
        """Return the cost per month of the last bytes of a storage type; None: no known price."""
        pool = self._pools.get(storage_type)
        if pool is None:
            return None if size else 0
        if type(size) is int and size <= pool.room:  # nearly always
            return pool.rate * size
        return pool.removed(as_exact(size))

    def added(self, storage_type: str, size: Exact | float) -> Exact | None:
        """Return the cost per month of further bytes of a storage type; None: no known price."""
        pool = self._pools.get(storage_type)
        return pool.added(as_exact(size)) if pool is not None else None if size else 0

    def unit_price(self, *keys: str) -> int | None:
        """Return the first price of a charge, in 10^-76 USD per unit; None: no known price."""
        charge = self._book.charge(self._region, *keys) if keys else None
        return None if charge is None else to_units(charge.tiers[0].price)

    def of_class(self, storage_class: str) -> ClassPrices:
        """Return the prices of requests and retrieval of a storage class."""
        found = self._classes.get(storage_class)
        if found is None:
            prices = [self.unit_price(*keys) for keys in requests_of(storage_class)]
            found = self._classes[storage_class] = ClassPrices(*prices)
        return found


class MarginalPrices:
    """The marginal prices of all accounts and regions of a report."""

    def __init__(self, usage: Usage, families: Mapping[str, str], price_book: PriceBook) -> None:
        """``usage``: as for ``list_pricing.rates_for``."""
        self._families, self._book = families, price_book
        self._sizes = pool_sizes(usage, families)
        self._bounds: UpperBounds = upper_bounds(usage, families, price_book)
        self._pools: dict[tuple[str, str, str], Pool | None] = {}
        self._places: dict[tuple[str, str], PlacePrices] = {}

    def of(self, account: str, region: str) -> PlacePrices:
        """Return the prices of an account and region."""
        place = (account, region)
        found = self._places.get(place)
        if found is None:
            pools = {name: self._pool(account, region, type_.pool) for name, type_ in storage_types().items()}
            found = PlacePrices(region, pools, self._bounds.get(place, frozenset()), self._book)
            self._places[place] = found
        return found

    def _pool(self, account: str, region: str, name: str) -> Pool | None:
        key = (self._families[account], region, name)
        if key not in self._pools:
            self._pools[key] = self._build_pool(*key)
        return self._pools[key]

    def _build_pool(self, family: str, region: str, name: str) -> Pool | None:
        prices = self._book.pool(region, name.removesuffix(LAST_TIER))
        if prices is None:
            return None
        size = self._sizes.get((family, region, name), 0)
        if name.endswith(LAST_TIER):
            last = prices.tiers[-1]
            return Pool(size, (_Tier(0, None, _rate(last.price)),)) if last.upto is None else None
        begins = [0, *(int(tier.upto * _GB) for tier in prices.tiers if tier.upto is not None)]
        ends = [*begins[1:], None]
        tiers = zip(begins, ends, prices.tiers, strict=False)
        return Pool(size, tuple(_Tier(begin, end, _rate(tier.price)) for begin, end, tier in tiers))


def _rate(price: Decimal) -> int:
    return int(Fraction(price) * UNIT / _GB)
