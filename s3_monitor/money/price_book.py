"""The price matrix: what a GB-month of each pool costs in each region, what else is charged, where that was read."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import msgspec

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.files import decode_versioned, read_bytes, shortened
from s3_monitor.money.amounts import RULE, is_amount
from s3_monitor.money.region_names import GLOBAL
from s3_monitor.money.usage_types import ChargeKind, is_unit

FORMAT = 3  # 1 had storage only, 2 no charges of S3 Select and no exact_to
_BUNDLED = "prices-2024-09-25.json"
_NOTE = (
    "List prices: of storage per GB-month (GB = 2^30 bytes), of charges per unit. A tier: [up to this many of the "
    "pool, price]; null: without end. Above the last tier the price is unknown. Above exact_to the last price is an "
    "upper bound: higher bands are unknown, and prices only decrease."
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
    """Tiers, from the first GB on. Beyond the last upper bound the price is unknown."""
    exact_to: Decimal | None = None
    """End of the last volume band in the source, in GB; null: the source has all bands. Above it the last price is an
    upper bound, since AWS's prices only decrease from band to band."""

    @property
    def exact_tiers(self) -> tuple[Tier, ...]:
        """The tiers without what is an upper bound only."""
        return _exact(self.tiers, self.exact_to)


class Charge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The price of something other than storage."""

    kind: ChargeKind
    """Kind of charge."""
    unit: str
    """Unit of the price, as AWS names it."""
    source: str
    """Key in `sources`."""
    tiers: tuple[Tier, ...]
    """Tiers, from the first unit on. Beyond the last upper bound the price is unknown."""
    exact_to: Decimal | None = None
    """End of the last volume band in the source, in `unit`; null: the source has all bands. Above it
    the last price is an upper bound."""

    @property
    def exact_tiers(self) -> tuple[Tier, ...]:
        """The tiers without what is an upper bound only."""
        return _exact(self.tiers, self.exact_to)


def _exact(tiers: tuple[Tier, ...], end: Decimal | None) -> tuple[Tier, ...]:
    return tiers if end is None else (*tiers[:-1], Tier(end, tiers[-1].price))


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where prices were read."""

    title: str
    """Title of the source."""
    date: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}(-[0-9]{2}){0,2}$")]
    """Date of the prices, as exactly as it is known: 2026, 2025-04 or 2024-09-25."""
    remark: str = ""
    """What it contains."""
    service: str = ""
    """Service code of AWS's price list; empty: another source."""
    version: str = ""
    """Version of AWS's price list; empty: another source."""

    @property
    def day(self) -> datetime.date:
        """The earliest day that the figures can be of."""
        return datetime.date.fromisoformat((self.date + "-01-01")[:10])


class PriceBook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``regions``: region → pool → its price. ``charges``: region (``global``: none) → usage type without the region's
    prefix, with ``:operation`` where that tells prices apart → its price. What is not there is not known.
    ``published``: the date that most of it is of."""

    source: str
    """Where the prices are from."""
    published: date
    """Date that most of the prices are of."""
    sources: dict[str, Source]
    """Key → source."""
    regions: dict[str, dict[str, PoolPrice]]
    """Region → storage type → price. What is not present is unknown."""
    charges: dict[str, dict[str, Charge]] = {}
    """Region (`global`: none) → usage type without the region's prefix, with `:operation` where that tells prices apart
    → price."""
    currency: str = "USD"
    """Currency of all prices."""
    note: str = ""
    """Explanation for readers."""
    format: int = FORMAT
    """Version of this file format."""

    def pool(self, region: str, pool: str) -> PoolPrice | None:
        return self.regions.get(region, {}).get(pool)

    def oldest(self, region: str, pools: Collection[str] | None = None) -> date | None:
        """Return the date of the oldest storage price of a region, or of some of its pools; None: it has none."""
        prices = self.regions.get(region, {})
        days = {self.sources[price.source].day for name, price in prices.items() if pools is None or name in pools}
        return min(days, default=None)

    def charge(self, region: str, *keys: str) -> Charge | None:
        """Return the first of these keys (see money/usage_types.py) that has a price in a region, or everywhere.

        A price in an unexpected unit is ignored."""
        known = {**self.charges.get(GLOBAL, {}), **self.charges.get(region, {})}
        return next((known[key] for key in keys if key in known and is_unit(known[key].kind, known[key].unit)), None)


def without_prices(price_book: PriceBook) -> PriceBook:
    """Return a matrix without prices, in the same currency."""
    return msgspec.structs.replace(price_book, sources={}, regions={}, charges={})


def decode_price_book(content: bytes, path: object) -> PriceBook:
    """BadFile where it is not a price file, or one that contradicts itself."""
    price_book = decode_versioned(content, path, PriceBook, FORMAT, "price file", _ADVICE)
    check_price_book(price_book, path)
    return price_book


def check_price_book(price_book: PriceBook, path: object) -> None:
    """BadFile where a matrix contradicts itself, or has a value out of bounds."""
    if not _CURRENCY.fullmatch(price_book.currency):
        raise InvalidFileError(
            path,
            f"currency must be a code of three letters such as USD, got {shortened(price_book.currency, 20)}",
            _ADVICE,
        )
    for key, source in price_book.sources.items():
        try:
            _ = source.day
        except ValueError as error:
            raise InvalidFileError(
                path, f"source {shortened(key, 40)}: date must be a day, month or year, got {source.date!r}", _ADVICE
            ) from error
    for prices in (price_book.regions, price_book.charges):
        for region, named in prices.items():
            for name, price in named.items():
                what = _fault(price, price_book)
                if what:
                    raise InvalidFileError(path, f"{region}, {name}: {what}", _ADVICE)


def encode_price_book(price_book: PriceBook) -> bytes:
    """A price file: sorted, a line a price. What ``decode`` reads."""
    head = {
        "format": FORMAT,
        "currency": price_book.currency,
        "note": price_book.note or _NOTE,
        "source": price_book.source,
        "published": price_book.published,
    }
    lines = ["{", *(f"  {_json(name)}: {_json(value)}," for name, value in head.items())]
    lines += ['  "sources": {', *_members(price_book.sources, 4), "  },"]
    for section, places in (("regions", price_book.regions), ("charges", price_book.charges)):
        lines.append(f"  {_json(section)}: {{")
        for place, region in enumerate(sorted(places), 1):
            lines += [f"    {_json(region)}: {{", *_members(places[region], 6)]
            lines.append("    }" if place == len(places) else "    },")
        lines.append("  }," if section == "regions" else "  }")
    return "\n".join([*lines, "}", ""]).encode()


def _members(named: Mapping[str, object], indent: int) -> Iterator[str]:
    for place, name in enumerate(sorted(named), 1):
        comma = "" if place == len(named) else ","
        yield f"{' ' * indent}{_json(name)}: {_json(named[name])}{comma}"


def _json(value: object) -> str:
    """On one line, small prices without exponents: "0.0000004"."""
    text = msgspec.json.encode(value).decode()
    return re.sub(r'"([0-9.]+E-[0-9]+)"', lambda found: f'"{Decimal(found[1]):f}"', text)


def read_price_book(path: Path) -> PriceBook:
    """BadFile where the file cannot be read or is not a price file."""
    return decode_price_book(read_bytes(path, _ADVICE), path)


def bundled_prices() -> PriceBook:
    """The list that comes with the program."""
    return decode_price_book((files("s3_monitor.money") / "data" / _BUNDLED).read_bytes(), _BUNDLED)


def _fault(pool: PoolPrice | Charge, price_book: PriceBook) -> str:
    if pool.source not in price_book.sources:
        return f"there is no source {pool.source!r}"
    if not pool.tiers:
        return "no tier"
    for tier in pool.tiers:
        for name, value in (("price", tier.price), ("limit", tier.upto)):
            if value is not None and not is_amount(value):
                return f"the {name} of a tier must be {RULE}, got {shortened(str(value), 30)}"
    ends = [tier.upto for tier in pool.tiers]
    known = [end for end in ends if end is not None]
    if pool.exact_to is not None:
        if not is_amount(pool.exact_to):
            return f"exact_to must be {RULE}, got {shortened(str(pool.exact_to), 30)}"
        if ends[-1] is not None or pool.exact_to <= max((end for end in ends if end is not None), default=0):
            return "exact_to must be above the other limits, and the last tier must have no end"
    if None in ends[:-1] or any(known[n] >= known[n + 1] for n in range(len(known) - 1)) or known[:1] == [0]:
        return "tiers out of order"
    return ""
