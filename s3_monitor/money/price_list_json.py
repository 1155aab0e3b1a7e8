"""AWS's price lists as JSON: price list files, and the documents that GetProducts returns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial

import msgspec

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.files import UNREADABLE
from s3_monitor.money.price_list import Dimension, Entries, InvalidEntry, PriceListVersion, Product, Term, parse_date

ADVICE = (
    "give offer files of AmazonS3, AmazonS3GlacierDeepArchive and AWSDataTransfer (index.json or index.csv), or what "
    "`aws pricing get-products` prints"
)
_Text = str | None
_Number = str | int | float | None


class _Attributes(msgspec.Struct):
    """The attributes that identify a product. AWS: most S3 products have no productFamily, so it is not used."""

    servicecode: _Text = None
    usagetype: _Text = None
    operation: _Text = None
    regionCode: _Text = None
    location: _Text = None
    locationType: _Text = None
    fromRegionCode: _Text = None
    fromLocation: _Text = None
    fromLocationType: _Text = None
    toLocation: _Text = None
    transferType: _Text = None
    storageClass: _Text = None
    volumeType: _Text = None


class _Product(msgspec.Struct):
    attributes: _Attributes
    sku: _Text = None


class _Dimension(msgspec.Struct):
    beginRange: _Number = None
    endRange: _Number = None
    unit: _Text = None
    pricePerUnit: dict[str, str | int | float] = {}


class _Term(msgspec.Struct):
    priceDimensions: dict[str, _Dimension]
    effectiveDate: _Text = None


class _Terms(msgspec.Struct):
    """Without reservations. Raw, since most of a list is never needed."""

    OnDemand: dict[str, msgspec.Raw] = {}


class _PriceList(msgspec.Struct):
    products: dict[str, msgspec.Raw]
    terms: _Terms
    offerCode: str = ""
    version: str = ""
    publicationDate: _Text = None


class _Document(msgspec.Struct):
    """One product of GetProducts."""

    product: _Product
    terms: _Terms
    serviceCode: str = ""
    version: str = ""
    publicationDate: _Text = None


class _Response(msgspec.Struct):
    PriceList: list[msgspec.Raw]


class _Header(msgspec.Struct):
    """The fields that price lists and their indexes share."""

    publicationDate: _Text = None
    version: str = ""
    offerCode: str = ""
    regions: msgspec.Raw = msgspec.Raw(b"null")


# Created at import: msgspec prepares a type on first use, and two threads doing so at once may crash it.
_RESPONSE = msgspec.json.Decoder(_Response)
_PRICE_LIST = msgspec.json.Decoder(_PriceList)
_DOCUMENT = msgspec.json.Decoder(_Document)
_PRODUCT = msgspec.json.Decoder(_Product)
_HEADER = msgspec.json.Decoder(_Header)
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_RAW_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STR = msgspec.json.Decoder(str)
_TERM = msgspec.json.Decoder(_Term)


def read_json(content: bytes | bytearray, path: object) -> Entries:
    """Yield the products of any of the JSON forms. Raises InvalidFileError."""
    try:
        if content.lstrip()[:1] == b"[":
            yield from read_documents(_RAWS.decode(content), path)
            return
        keys = _RAW_OBJECT.decode(content).keys()
        if "products" in keys:
            yield from _read_price_list(content, path)
        elif "PriceList" in keys:
            yield from read_documents(_RESPONSE.decode(content).PriceList, path)
        elif "product" in keys:
            yield from read_documents([msgspec.Raw(content)], path)
        elif "format" in keys:
            raise InvalidFileError(path, "is already a price file of s3-monitor", "see `s3-monitor prices show`")
        elif keys & {"offers", "regions", "versions"}:
            raise InvalidFileError(path, "is an index of price lists and has no prices", ADVICE)
        else:
            raise InvalidFileError(path, "is not a price list of AWS", ADVICE)
    except UNREADABLE as error:
        raise InvalidFileError(path, f"is not a price list of AWS: {error}", ADVICE) from error


def _read_price_list(content: bytes | bytearray, path: object) -> Entries:
    price_list = _PRICE_LIST.decode(content)
    version = make_list_version(price_list.offerCode, price_list.version, price_list.publicationDate, path)
    for sku, raw in price_list.products.items():
        try:
            product = _PRODUCT.decode(raw)
        except UNREADABLE as error:
            yield InvalidEntry(f"product {sku}: {error}")
            continue
        yield _product(version, product, sku, partial(_decode_terms, price_list.terms.OnDemand.get(sku)))


def read_documents(documents: Iterable[msgspec.Raw | str], path: object) -> Entries:
    """Yield the products of GetProducts' documents. AWS: the response is a list of strings that contain JSON."""
    versions: dict[tuple[str, str, str | None], PriceListVersion] = {}
    for number, raw in enumerate(documents, 1):
        try:
            text = _STR.decode(raw) if isinstance(raw, msgspec.Raw) and bytes(raw).lstrip()[:1] == b'"' else raw
            document = _DOCUMENT.decode(text)
        except UNREADABLE as error:
            yield InvalidEntry(f"document {number}: {error}")
            continue
        service = document.serviceCode or document.product.attributes.servicecode or ""
        key = (service, document.version, document.publicationDate)
        if key not in versions:
            versions[key] = make_list_version(*key, path)
        terms = partial(_terms, document.terms.OnDemand)
        yield _product(versions[key], document.product, document.product.sku or "", terms)


def _product(version: PriceListVersion, product: _Product, sku: str, terms: Callable[[], list[Term]]) -> Product:
    attributes = product.attributes
    return Product(
        version,
        sku,
        attributes.servicecode or version.service,
        attributes.usagetype or "",
        attributes.operation or "",
        attributes.regionCode or attributes.fromRegionCode or "",
        attributes.location or attributes.fromLocation or "",
        attributes.locationType or attributes.fromLocationType or "",
        attributes.toLocation or "",
        attributes.transferType or "",
        attributes.storageClass or "",
        attributes.volumeType or "",
        terms,
    )


def _decode_terms(raw: msgspec.Raw | None) -> list[Term]:
    return [] if raw is None else _terms(_RAW_OBJECT.decode(raw))


def _terms(terms: dict[str, msgspec.Raw]) -> list[Term]:
    decoded = [_TERM.decode(raw) for raw in terms.values()]
    return [Term(parse_date(term.effectiveDate), [*map(_dimension, term.priceDimensions.values())]) for term in decoded]


def _dimension(dimension: _Dimension) -> Dimension:
    prices = {currency: _text(price) for currency, price in dimension.pricePerUnit.items()}
    return Dimension(_text(dimension.beginRange), _text(dimension.endRange), dimension.unit or "", prices)


def _text(value: _Number) -> str:
    return "" if value is None else str(value)


def make_list_version(service: str, version: str, published: str | None, path: object) -> PriceListVersion:
    """Return the version of a price list. Raises InvalidFileError without a date."""
    day: date | None = parse_date(published) or parse_date(version)
    if day is None:
        raise InvalidFileError(path, "has no publication date", ADVICE)
    return PriceListVersion(service, version, day)


def read_json_versions(content: bytes, path: object) -> list[PriceListVersion]:
    """Return the versions of the price lists that a file contains or is an index of. Raises InvalidFileError."""
    if content.lstrip()[:1] == b"[" or b'"PriceList"' in content[:1000]:
        versions = {entry.list_version for entry in read_json(content, path) if isinstance(entry, Product)}
        return sorted(versions, key=str)
    try:
        header = _HEADER.decode(content)
    except UNREADABLE as error:
        raise InvalidFileError(path, f"is not a price list of AWS: {error}", ADVICE) from error
    # The index names the service and version only in URLs: /offers/v1.0/aws/AmazonS3/20260728131000/…
    listed = re.findall(rb"/aws/([A-Za-z0-9]+)/([0-9]{14})/", bytes(header.regions))
    if listed:
        service, version = max(listed, key=lambda match: match[1])
        return [make_list_version(service.decode(), version.decode(), None, path)]
    return [make_list_version(header.offerCode, header.version, header.publicationDate, path)]
