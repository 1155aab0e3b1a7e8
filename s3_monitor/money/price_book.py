"""The price book: prices per GB-month of each pool, other charges, and their sources; the file format of --prices."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.files import decode_versioned, read_bytes, shortened
from s3_monitor.money.price_list import AMOUNT_RULE, is_amount
from s3_monitor.money.regions import GLOBAL
from s3_monitor.money.usage_types import ChargeKind, is_unit

T = TypeVar("T")

FORMAT = 3  # format 1 had only storage, format 2 no charges of S3 Select and no exact_to
_BUNDLED = "prices-2024-09-25.json"
_NOTE = (
    "List prices: of storage per GB-month (GB = 2^30 bytes), of charges per unit. A tier: [up to this many of the "
    "pool, price]; null: without end. Above the last tier the price is unknown. Above exact_to the last price is an "
    "upper bound: higher tiers are unknown, and prices only decrease."
)
_CURRENCY = re.compile(r"[A-Z]{3}")
_ADVICE = "give --prices a file that `s3-monitor prices refresh` or `prices read` wrote, or `bundled`"


class Tier(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A price up to an amount, as `[upto, price]`."""

    upto: Decimal | None
    """Upper bound of the amount in the pool: GB (GB = 2^30 bytes) of storage, otherwise the unit of the charge; null:
    no upper bound."""
    price: Decimal
    """Price, in the currency of the list, per GB-month of storage, otherwise per unit."""


class PoolPrice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The price of a storage type's pool."""

    source: str
    """Key in `sources`."""
    tiers: tuple[Tier, ...]
    """Tiers, from the first GB on. There is no known price beyond the last upper bound."""
    exact_to: Decimal | None = None
    """End of the last volume tier in the source, in GB; null: the source has all tiers. Above it the last price is an
    upper bound, since AWS's prices only decrease from tier to tier."""


class Charge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The price of something other than storage."""

    kind: ChargeKind
    """Kind of charge."""
    unit: str
    """Unit of the price, as AWS names it."""
    source: str
    """Key in `sources`."""
    tiers: tuple[Tier, ...]
    """Tiers, from the first unit on. There is no known price beyond the last upper bound."""
    exact_to: Decimal | None = None
    """End of the last volume tier in the source, in `unit`; null: the source has all tiers. Above it
    the last price is an upper bound."""


Price = PoolPrice | Charge


def exact_tiers(price: Price) -> tuple[Tier, ...]:
    """Return the tiers without the part whose price is only an upper bound."""
    return price.tiers if price.exact_to is None else (*price.tiers[:-1], Tier(price.exact_to, price.tiers[-1].price))


def tiered_cost(tiers: Iterable[Tier], amount: Fraction) -> Fraction | None:
    """Return the cost of an amount from the first tier on, or None if it exceeds the last known tier."""
    rest, begin, cost = amount, Fraction(0), Fraction(0)
    for tier in tiers:
        end = None if tier.upto is None else Fraction(tier.upto)
        in_tier = rest if end is None else min(rest, end - begin)
        cost += in_tier * Fraction(tier.price)
        rest -= in_tier
        if not rest:
            return cost
        begin = end or begin
    return None


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where prices were read."""

    title: str
    """Title of the source."""
    date: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}(-[0-9]{2}){0,2}$")]
    """Date of the prices: a year, month or day, such as 2026, 2025-04 or 2024-09-25."""
    remark: str = ""
    """What it contains."""
    service: str = ""
    """Service code of AWS's price list; empty: another source."""
    version: str = ""
    """Version of AWS's price list; empty: another source."""

    @property
    def day(self) -> datetime.date:
        """The earliest possible day of the prices."""
        return datetime.date.fromisoformat((self.date + "-01-01")[:10])


class PriceBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All known prices, in one currency."""

    source: str
    """Where the prices are from."""
    published: date
    """Date that most of the prices are of."""
    sources: dict[str, Source]
    """Key → source."""
    regions: dict[str, dict[str, PoolPrice]]
    """Region → storage type → price. Absent prices are unknown."""
    charges: dict[str, dict[str, Charge]] = {}
    """Region (`global`: none) → usage type without the region's prefix, with `:operation` if the
    price depends on it → price."""
    currency: str = "USD"
    """Currency of all prices."""
    note: str = ""
    """Explanation for readers."""
    format: int = FORMAT
    """Version of this file format."""

    def pool(self, region: str, pool: str) -> PoolPrice | None:
        """Return the price of a pool in a region, or None without a known price."""
        return self.regions.get(region, {}).get(pool)

    def oldest(self, region: str, pools: Collection[str] | None = None) -> date | None:
        """Return the date of the oldest storage price of a region (of ``pools`` only), or None if there is no price."""
        prices = self.regions.get(region, {})
        days = {self.sources[price.source].day for name, price in prices.items() if pools is None or name in pools}
        return min(days, default=None)

    def charge(self, region: str, *keys: str) -> Charge | None:
        """Return the charge of the first key (see ``usage_types``) with a price in the region or for all regions.

        A price in an unexpected unit is ignored.
        """
        known = {**self.charges.get(GLOBAL, {}), **self.charges.get(region, {})}
        return next((known[key] for key in keys if key in known and is_unit(known[key].kind, known[key].unit)), None)


def without_prices(price_book: PriceBook) -> PriceBook:
    """Return a price book without prices, in the same currency."""
    return msgspec.structs.replace(price_book, sources={}, regions={}, charges={})


def decode_price_book(content: bytes, path: object) -> PriceBook:
    """Decode a price file. Raises InvalidFileError, also for contradictory content."""
    price_book = decode_versioned(content, path, PriceBook, FORMAT, "price file", _ADVICE)
    check_price_book(price_book, path)
    return price_book


def check_price_book(price_book: PriceBook, path: object) -> None:
    """Raise InvalidFileError if a price book contradicts itself or a value is out of bounds."""
    for fault in _faults(price_book):
        raise InvalidFileError(path, fault, _ADVICE)


def encode_price_book(price_book: PriceBook) -> bytes:
    """Encode a price file: sorted, one price per line."""
    members = {
        "format": _json(FORMAT),
        "currency": _json(price_book.currency),
        "note": _json(price_book.note or _NOTE),
        "source": _json(price_book.source),
        "published": _json(price_book.published),
        "sources": _object(price_book.sources, 2, _json),
        "regions": _object(price_book.regions, 2, lambda prices: _object(prices, 4, _json)),
        "charges": _object(price_book.charges, 2, lambda prices: _object(prices, 4, _json)),
    }
    return ("{\n" + ",\n".join(f"  {_json(name)}: {value}" for name, value in members.items()) + "\n}\n").encode()


def _object(members: Mapping[str, T], indent: int, encode: Callable[[T], str]) -> str:
    outer, inner = " " * indent, " " * (indent + 2)
    lines = [f"{inner}{_json(name)}: {encode(members[name])}" for name in sorted(members)]
    return "{\n" + ",\n".join(lines) + "\n" * bool(lines) + outer + "}"


def _json(value: object) -> str:
    """Encode a value on one line, with prices in positional notation: "0.0000004", not "4E-7"."""
    text = msgspec.json.encode(value).decode()
    return re.sub(r'"([0-9.]+E-[0-9]+)"', lambda match: f'"{Decimal(match[1]):f}"', text)


def read_price_book(path: Path) -> PriceBook:
    """Read a price file. Raises InvalidFileError."""
    return decode_price_book(read_bytes(path, _ADVICE), path)


def bundled_prices() -> PriceBook:
    """Return the prices that the program includes."""
    return decode_price_book((files("s3_monitor.money") / "data" / _BUNDLED).read_bytes(), _BUNDLED)


def _faults(price_book: PriceBook) -> Iterator[str]:
    if not _CURRENCY.fullmatch(price_book.currency):
        yield f"currency must be a code of three letters such as USD, got {shortened(price_book.currency, 20)}"
    for key, source in price_book.sources.items():
        try:
            _ = source.day
        except ValueError:
            yield f"source {shortened(key, 40)}: date must be a day, month or year, got {source.date!r}"
    for prices in (price_book.regions, price_book.charges):
        for region, by_name in prices.items():
            for name, price in by_name.items():
                if fault := _price_fault(price, price_book):
                    yield f"{region}, {name}: {fault}"


def _price_fault(price: Price, price_book: PriceBook) -> str:
    if price.source not in price_book.sources:
        return f"source must be a key of sources, got {price.source!r}"
    if not price.tiers:
        return "tiers must have at least one tier"
    for tier in price.tiers:
        for name, value in (("price", tier.price), ("limit", tier.upto)):
            if value is not None and not is_amount(value):
                return f"the {name} of a tier must be {AMOUNT_RULE}, got {shortened(str(value), 30)}"
    ends = [tier.upto for tier in price.tiers]
    limits = [end for end in ends if end is not None]
    if price.exact_to is not None:
        if not is_amount(price.exact_to):
            return f"exact_to must be {AMOUNT_RULE}, got {shortened(str(price.exact_to), 30)}"
        if ends[-1] is not None or price.exact_to <= max(limits, default=0):
            return "exact_to must be above the other limits, and the last tier must have no end"
    if None in ends[:-1] or any(here >= after for here, after in pairwise([Decimal(0), *limits])):
        return "only the last tier may have no limit, and limits must increase from above 0"
    return ""
