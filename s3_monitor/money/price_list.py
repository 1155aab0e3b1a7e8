"""AWS's price lists, independent of their format: products and the terms they are sold at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache

import msgspec

from s3_monitor.model.bounds import is_money
from s3_monitor.model.errors import InvalidFileError

ADVICE = (
    "give offer files of AmazonS3, AmazonS3GlacierDeepArchive and AWSDataTransfer (index.json or index.csv), or what "
    "`aws pricing get-products` prints"
)
STORAGE = "AmazonS3"
DEEP_ARCHIVE = "AmazonS3GlacierDeepArchive"
TRANSFER = "AWSDataTransfer"
SERVICES = (STORAGE, DEEP_ARCHIVE, TRANSFER)
_MAX_NUMBER_LENGTH = 100
# AWS publishes ten decimals. DynamoDB keeps 38 digits: 15 before the point and 20 after it fit.
_MAX_DECIMALS = 20
AMOUNT_RULE = f"a number from 0 to below 10^15 with at most {_MAX_DECIMALS} decimals"


class PriceListVersion(msgspec.Struct, frozen=True):
    """A version of the price list of a service."""

    service: str
    """AWS's service code."""
    version: str
    """AWS's version, a time such as 20260728131000."""
    published: date


Number = str | int | float | None


class Dimension(msgspec.Struct, rename="camel"):
    """One tier of a term, with values as written in the list."""

    begin_range: Number = None
    end_range: Number = None
    unit: str | None = None
    price_per_unit: dict[str, str | int | float] = {}
    """By currency."""


class Term(msgspec.Struct, rename="camel"):
    """The prices of a product from a date on."""

    price_dimensions: dict[str, Dimension]
    effective_date: str | None = None


@dataclass(slots=True)
class Product:
    """A product of a price list. Texts that the list does not have are empty."""

    list_version: PriceListVersion
    sku: str
    terms: Callable[[], Sequence[Term]]
    """Returns the on-demand terms. Raises ValueError if they do not have AWS's form."""
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


# Field of Product → AWS's attributes; the first that is not empty counts. AWS: most S3 products have no
# productFamily, so it is not used.
_ATTRIBUTES = {
    "service": ("servicecode",),
    "usage_type": ("usagetype",),
    "operation": ("operation",),
    "region": ("regionCode", "fromRegionCode"),
    "location": ("location", "fromLocation"),
    "location_type": ("locationType", "fromLocationType"),
    "to_location": ("toLocation",),
    "transfer_type": ("transferType",),
    "storage_class": ("storageClass",),
    "volume_type": ("volumeType",),
}
ATTRIBUTE_NAMES = tuple(name for names in _ATTRIBUTES.values() for name in names)


def create_product(
    version: PriceListVersion, sku: str, attributes: Mapping[str, str | None], terms: Callable[[], Sequence[Term]]
) -> Product:
    """Return the product with these attributes. AWS: only some lists have a service code per product."""
    fields = {
        field: next((text for name in names if (text := attributes.get(name))), "")
        for field, names in _ATTRIBUTES.items()
    }
    fields["service"] = fields["service"] or version.service
    return Product(version, sku, terms, **fields)


@dataclass(slots=True)
class InvalidEntry:
    """An entry of a price list that is not a product."""

    what: str


Entries = Iterator[Product | InvalidEntry]


def is_amount(value: Decimal) -> bool:
    """Return whether a price or a tier limit is within the bounds."""
    return is_money(value) and not value.is_signed() and int(value.as_tuple().exponent) >= -_MAX_DECIMALS


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


def list_version(service: str, version: str, published: str | None, path: object) -> PriceListVersion:
    """Return the version of a price list. Raises InvalidFileError without a date."""
    day = parse_date(published) or parse_date(version)
    if day is None:
        raise InvalidFileError(path, "has no publication date", ADVICE)
    return PriceListVersion(service, version, day)
