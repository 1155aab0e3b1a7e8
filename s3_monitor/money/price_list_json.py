"""AWS's price lists as JSON: bulk offer files, and the documents that GetProducts answers."""

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
    """Those of a product's attributes that say what it is. AWS: productFamily is missing on most S3 products, so
    nothing here looks at it."""

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
    """``OnDemand`` alone: what else there is are reservations. Raw: most of a list is never needed."""

    OnDemand: dict[str, msgspec.Raw] = {}


class _Bulk(msgspec.Struct):
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


class _Answer(msgspec.Struct):
    PriceList: list[msgspec.Raw]


class _Sign(msgspec.Struct):
    """By which keys the kinds of files are told apart."""

    products: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    product: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    PriceList: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    format: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    offers: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    regions: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    versions: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Published(msgspec.Struct):
    """What every file about price lists says of itself, indexes included."""

    publicationDate: _Text = None
    version: str = ""
    offerCode: str = ""
    regions: msgspec.Raw = msgspec.Raw(b"null")


# Made here, not where they are used: msgspec prepares a type on its first use, and two threads at once may crash it.
_ANSWER = msgspec.json.Decoder(_Answer)
_BULK = msgspec.json.Decoder(_Bulk)
_DOCUMENT = msgspec.json.Decoder(_Document)
_PRODUCT = msgspec.json.Decoder(_Product)
_PUBLISHED = msgspec.json.Decoder(_Published)
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_RAW_TERMS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_SIGN = msgspec.json.Decoder(_Sign)
_STR = msgspec.json.Decoder(str)
_TERM = msgspec.json.Decoder(_Term)


def read_json(content: bytes | bytearray, path: object) -> Entries:
    """The products of any of the JSON forms. BadFile where it is none of them."""
    try:
        if content.lstrip()[:1] == b"[":
            yield from read_documents(_RAWS.decode(content), path)
            return
        sign = _SIGN.decode(content)
        if sign.products is not msgspec.UNSET:
            del sign
            yield from _bulk(content, path)
        elif sign.PriceList is not msgspec.UNSET:
            yield from read_documents(_ANSWER.decode(content).PriceList, path)
        elif sign.product is not msgspec.UNSET:
            yield from read_documents([msgspec.Raw(content)], path)
        elif sign.format is not msgspec.UNSET:
            raise InvalidFileError(
                path, "is a price file of s3-monitor already", "see `s3-monitor prices show`, or give it on"
            )
        elif any(part is not msgspec.UNSET for part in (sign.offers, sign.regions, sign.versions)):
            raise InvalidFileError(path, "is an index of price lists: there are no prices in it", ADVICE)
        else:
            raise InvalidFileError(path, "is not a price list of AWS", ADVICE)
    except UNREADABLE as error:
        raise InvalidFileError(path, f"is not a price list of AWS: {error}", ADVICE) from error


def _bulk(content: bytes | bytearray, path: object) -> Entries:
    bulk = _BULK.decode(content)
    issue = _issue(bulk.offerCode, bulk.version, bulk.publicationDate, path)
    for sku, raw in bulk.products.items():
        try:
            product = _PRODUCT.decode(raw)
        except UNREADABLE as error:
            yield InvalidEntry(f"product {sku}: {error}")
            continue
        yield _entry(issue, product, sku, partial(_terms_of, bulk.terms.OnDemand.get(sku)))


def read_documents(listed: Iterable[msgspec.Raw | str], path: object) -> Entries:
    """The products of GetProducts' documents. AWS: it answers a list of strings, each of them JSON."""
    known: dict[tuple[str, str, str | None], PriceListVersion] = {}
    for place, raw in enumerate(listed):
        try:
            text = raw
            if isinstance(raw, msgspec.Raw) and bytes(raw).lstrip()[:1] == b'"':
                text = _STR.decode(raw)
            document = _DOCUMENT.decode(text)
        except UNREADABLE as error:
            yield InvalidEntry(f"document {place + 1}: {error}")
            continue
        service = document.serviceCode or document.product.attributes.servicecode or ""
        key = (service, document.version, document.publicationDate)
        if key not in known:
            known[key] = _issue(*key, path)
        terms = document.terms.OnDemand
        yield _entry(known[key], document.product, document.product.sku or "", partial(_decoded, terms))


def _entry(issue: PriceListVersion, product: _Product, sku: str, terms: Callable[[], list[Term]]) -> Product:
    about = product.attributes
    return Product(
        issue,
        sku,
        about.servicecode or issue.service,
        about.usagetype or "",
        about.operation or "",
        about.regionCode or about.fromRegionCode or "",
        about.location or about.fromLocation or "",
        about.locationType or about.fromLocationType or "",
        about.toLocation or "",
        about.transferType or "",
        about.storageClass or "",
        about.volumeType or "",
        terms,
    )


def _terms_of(raw: msgspec.Raw | None) -> list[Term]:
    """Decoded when they are looked at: few are."""
    return [] if raw is None else _decoded(_RAW_TERMS.decode(raw))


def _decoded(terms: dict[str, msgspec.Raw]) -> list[Term]:
    return [_term(_TERM.decode(raw)) for raw in terms.values()]


def _term(term: _Term) -> Term:
    return Term(
        parse_date(term.effectiveDate),
        [
            Dimension(
                _text(one.beginRange),
                _text(one.endRange),
                one.unit or "",
                {currency: _text(price) for currency, price in one.pricePerUnit.items()},
            )
            for one in term.priceDimensions.values()
        ],
    )


def _text(value: _Number) -> str:
    return "" if value is None else str(value)


def _issue(service: str, version: str, published: str | None, path: object) -> PriceListVersion:
    when: date | None = parse_date(published) or parse_date(version)
    if when is None:
        raise InvalidFileError(path, "does not say when it was published", ADVICE)
    return PriceListVersion(service, version, when)


def read_json_versions(content: bytes, path: object) -> list[PriceListVersion]:
    """Which lists a JSON file is of, or is the index of. BadFile where it does not say."""
    if content.lstrip()[:1] == b"[" or b'"PriceList"' in content[:1000]:
        return sorted({one.issue for one in read_json(content, path) if isinstance(one, Product)}, key=str)
    try:
        about = _PUBLISHED.decode(content)
    except UNREADABLE as error:
        raise InvalidFileError(path, f"is not a price list of AWS: {error}", ADVICE) from error
    # An index names no service but in the addresses of its lists: /offers/v1.0/aws/AmazonS3/20260728131000/…
    listed = re.findall(rb"/aws/([A-Za-z0-9]+)/([0-9]{14})/", bytes(about.regions))
    if listed:
        service, version = max(listed, key=lambda found: found[1])
        return [_issue(service.decode(), version.decode(), None, path)]
    return [_issue(about.offerCode, about.version, about.publicationDate, path)]
