"""What AWS's price lists say, whatever form they come in: products and the terms they are sold at."""

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
_LONGEST_NUMBER = 100  # characters
SERVICES = (STORAGE, DEEP_ARCHIVE, TRANSFER)


class PriceListVersion(msgspec.Struct, frozen=True):
    """The list a price stands in: AWS's service code, version (a time, ``20260728131000``) and publication date."""

    service: str
    version: str
    published: date


@dataclass(slots=True)
class Dimension:
    """One tier of a term as the list has it: from ``begin`` on, up to ``end``; money by currency."""

    begin: str
    end: str
    unit: str
    prices: dict[str, str]


@dataclass(slots=True)
class Term:
    effective: date | None
    dimensions: list[Dimension] = field(default_factory=list)


@dataclass(slots=True)
class Product:
    """A product. Empty: the list does not say. ``location`` is where it is, or where bytes leave from. ``terms``: those
    it is sold at on demand; ValueError where they are not as AWS writes them."""

    issue: PriceListVersion
    sku: str
    service: str
    usage_type: str
    operation: str
    region: str
    location: str
    location_type: str
    to_location: str
    transfer_type: str
    storage_class: str
    volume_type: str
    terms: Callable[[], Sequence[Term]]


@dataclass(slots=True)
class InvalidEntry:
    """What stood in the place of a product and is none."""

    what: str


Entries = Iterator[Product | InvalidEntry]


def parse_number(text: str) -> Decimal | None:
    """A price, or where a tier begins or ends, within the bounds of a price file; None for anything else, ``Inf``
    included."""
    try:
        value = Decimal(text.strip()) if len(text) <= _LONGEST_NUMBER else Decimal("NaN")
    except InvalidOperation:
        return None
    return value if is_amount(value) else None


@lru_cache(1024)  # lists of a hundred thousand terms have a few dates
def parse_date(text: str | None) -> date | None:
    """The date of an ISO 8601 time, or of a version that is one: ``2026-07-28T13:10:00Z``, ``20260728131000``."""
    found = re.match(r"(\d{4})-?(\d{2})-?(\d{2})", text or "")
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
