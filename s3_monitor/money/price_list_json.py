"""AWS's price lists as JSON: price list files, and the documents that GetProducts returns."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import msgspec

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.files import UNREADABLE
from s3_monitor.money.price_list import (
    ADVICE,
    Entries,
    InvalidEntry,
    Term,
    create_product,
    list_version,
)

_NOTHING = msgspec.Raw(b"{}")


class _Product(msgspec.Struct):
    attributes: dict[str, str | None]
    sku: str | None = None


class _PriceList(msgspec.Struct):
    """A file of a service. Parts are raw, since most of a list is never needed."""

    products: dict[str, msgspec.Raw]
    terms: dict[str, msgspec.Raw]
    offerCode: str = ""
    version: str = ""
    publicationDate: str | None = None


class _Document(msgspec.Struct):
    """One product of GetProducts."""

    product: _Product
    terms: dict[str, msgspec.Raw]
    serviceCode: str = ""
    version: str = ""
    publicationDate: str | None = None


class _Response(msgspec.Struct):
    PriceList: list[msgspec.Raw]


# Created at import: msgspec prepares a type on first use, and two threads doing so at once may crash it.
_RESPONSE = msgspec.json.Decoder(_Response)
_PRICE_LIST = msgspec.json.Decoder(_PriceList)
_DOCUMENT = msgspec.json.Decoder(_Document)
_PRODUCT = msgspec.json.Decoder(_Product)
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_RAW_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STR = msgspec.json.Decoder(str)
_TERMS = msgspec.json.Decoder(dict[str, Term])


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
    version = list_version(price_list.offerCode, price_list.version, price_list.publicationDate, path)
    terms = _RAW_OBJECT.decode(price_list.terms.get("OnDemand", _NOTHING))
    for sku, raw in price_list.products.items():
        try:
            attributes = _PRODUCT.decode(raw).attributes
        except UNREADABLE as error:
            yield InvalidEntry(f"product {sku}: {error}")
            continue
        yield create_product(version, sku, attributes, partial(_decode_terms, terms.get(sku, _NOTHING)))


def read_documents(documents: Iterable[msgspec.Raw | str], path: object) -> Entries:
    """Yield the products of GetProducts' documents. AWS: the response is a list of strings that contain JSON."""
    for number, raw in enumerate(documents, 1):
        try:
            text = _STR.decode(raw) if isinstance(raw, msgspec.Raw) and bytes(raw).lstrip()[:1] == b'"' else raw
            document = _DOCUMENT.decode(text)
        except UNREADABLE as error:
            yield InvalidEntry(f"document {number}: {error}")
            continue
        attributes = document.product.attributes
        service = document.serviceCode or attributes.get("servicecode") or ""
        version = list_version(service, document.version, document.publicationDate, path)
        terms = partial(_decode_terms, document.terms.get("OnDemand", _NOTHING))
        yield create_product(version, document.product.sku or "", attributes, terms)


def _decode_terms(raw: msgspec.Raw) -> list[Term]:
    return list(_TERMS.decode(raw).values())
