"""A monthly bill: storage of the buckets at list prices, and other charges."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from s3_monitor.money.storage_types import LAST_TIER, storage_types, usage_types
from s3_monitor.simulator.accounts import Account
from s3_monitor.simulator.price_lists import Lists, Offer, Tiers, newest_tiers, prefix_of

S3, DEEP = "Amazon Simple Storage Service", "Amazon S3 Glacier Deep Archive"
_DEEP_TYPE = usage_types()["DeepArchiveStorage"]
_PLACES = Decimal("0.0000000001")  # AWS: amounts have ten decimals
_GB = 2**30

USAGE_TYPES = usage_types()
# By usage type: the usage type that has its price, and whether only the last tier applies.
_PRICED_AS = {
    USAGE_TYPES[name]: (USAGE_TYPES[type_.pool.removesuffix(LAST_TIER)], type_.pool.endswith(LAST_TIER))
    for name, type_ in storage_types().items()
}


@dataclass(frozen=True)
class Charge:
    """A line item of a monthly bill."""

    account: str
    usage_type: str
    usd: Decimal
    quantity: Decimal = Decimal(0)
    unit: str = "N/A"
    bucket: str = ""  # the bucket whose tags it has
    service: str = S3
    operation: str = ""  # of storage: the StorageType of CloudWatch


@dataclass(frozen=True)
class Billing:
    """How the accounts are billed."""

    payer: str = ""  # account that pays for all; default: the first
    # Shares of the list price by usage type with its prefix; "" for all others.
    discounts: Mapping[str, Decimal] = field(default_factory=dict)
    charges: tuple[Charge, ...] = ()  # of every month: requests, credits, taxes, deleted buckets
    shown: Decimal = Decimal(1)  # share of the quantity on the bill so far: bills are delayed
    # Cost allocation tags with their status.
    tags: Mapping[str, str] = field(default_factory=lambda: {"bucket_name": "Active"})
    page: int = 500
    currency: str = "USD"

    def items(self, accounts: Iterable[Account], offers: Iterable[Offer], first: date, end: date) -> list[Charge]:
        """Return the bill of the month that begins on ``first``, for the days before ``end``."""
        accounts = list(accounts)
        return [*self._storage(accounts, newest_tiers(offers), first, end), *self.charges]

    def _storage(self, accounts: list[Account], lists: Lists, first: date, end: date) -> Iterator[Charge]:
        days = (_next_month(first) - first).days
        lines: dict[tuple[str, str], list[tuple[str, str, str, Fraction]]] = {}
        for account in accounts:
            for bucket in account.buckets.values():
                for type_, series in bucket.sizes.items():
                    days_held = series.values(series.days(first.toordinal(), end.toordinal()))
                    byte_days = sum(map(Fraction, days_held), Fraction(0))
                    if byte_days and type_ in USAGE_TYPES:
                        gb_months = byte_days / days / _GB * Fraction(self.shown)
                        key = bucket.region, USAGE_TYPES[type_]
                        lines.setdefault(key, []).append((account.id, bucket.name, type_, gb_months))
        for (region, usage_type), held in sorted(lines.items()):
            priced_as, is_last = _PRICED_AS[usage_type]
            tiers = lists.get((region, priced_as, ""))
            if tiers is None:
                continue
            prefix = prefix_of(region)
            total = sum((amount for *_, amount in held), Fraction(0))
            rate = Fraction(tiers[-1][1]) if is_last else _average(tiers, total)
            rate *= 1 - Fraction(self.discounts.get(prefix + usage_type, self.discounts.get("", Decimal(0))))
            service = DEEP if usage_type == _DEEP_TYPE else S3
            for owner, name, type_, amount in held:
                usd, quantity = _decimal(amount * rate), _decimal(amount)
                yield Charge(owner, prefix + usage_type, usd, quantity, "GB-Mo", name, service, type_)


def _average(tiers: Tiers, amount: Fraction) -> Fraction:
    """Return the average USD per GB-month of an amount over all tiers."""
    cost, begin = Fraction(0), Fraction(0)
    for upto, price in tiers:
        end = amount if upto == "Inf" else min(Fraction(upto), amount)
        cost += max(Fraction(0), end - begin) * Fraction(price)
        begin = max(begin, end)
    return cost / amount


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _decimal(number: Fraction) -> Decimal:
    return (Decimal(number.numerator) / Decimal(number.denominator)).quantize(_PLACES, ROUND_HALF_EVEN)
