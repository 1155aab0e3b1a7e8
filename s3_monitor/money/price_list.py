"""AWS's price lists, independent of their format: products and the terms they are sold at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import msgspec

from s3_monitor.money.amounts import is_amount

STORAGE = "AmazonS3"
DEEP_ARCHIVE = "AmazonS3GlacierDeepArchive"
TRANSFER = "AWSDataTransfer"
SERVICES = (STORAGE, DEEP_ARCHIVE, TRANSFER)
_MAX_NUMBER_LENGTH = 100


class PriceListVersion(msgspec.Struct, frozen=True):
    """A version of the price list of a service."""

    service: str
    """AWS's service code."""
    version: str
    """AWS's version, a time such as 20260728131000."""
    published: date


@dataclass(slots=True)
class Dimension:
    """One tier of a term, with values as written in the list."""

    begin: str
    end: str
    unit: str
    prices: dict[str, str]
    """Currency → price per unit."""


@dataclass(slots=True)
class Term:
    """The prices of a product from a date on."""

    effective: date | None
    dimensions: list[Dimension] = field(default_factory=list)


@dataclass(slots=True)
class Product:
    """A product of a price list. Texts that the list does not have are empty."""

    list_version: PriceListVersion
    sku: str
    service: str
    usage_type: str
    operation: str
    region: str
    location: str
    """Where the product is, or where transferred bytes leave from."""
    location_type: str
    to_location: str
    transfer_type: str
    storage_class: str
    volume_type: str
    terms: Callable[[], Sequence[Term]]
    """Returns the on-demand terms. Raises ValueError if they do not have AWS's form."""


@dataclass(slots=True)
class InvalidEntry:
    """An entry of a price list that is not a product."""

    what: str


Entries = Iterator[Product | InvalidEntry]


def parse_number(text: str) -> Decimal | None:
    """Return a price or tier limit, or None for anything else, including ``Inf`` and numbers out of bounds."""
    try:
        value = Decimal(text.strip()) if len(text) <= _MAX_NUMBER_LENGTH else Decimal("NaN")
    except InvalidOperation:
        return None
    return value if is_amount(value) else None


@lru_cache(1024)  # lists with a hundred thousand terms have a few dates
def parse_date(text: str | None) -> date | None:
    """Return the date of an ISO 8601 time or a version: ``2026-07-28T13:10:00Z``, ``20260728131000``."""
    match = re.match(r"(\d{4})-?(\d{2})-?(\d{2})", text or "")
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
