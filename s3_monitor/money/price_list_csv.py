"""AWS's price lists as CSV: a few lines about the list, then one row per tier."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.money.price_list import Dimension, Entries, InvalidEntry, PriceListVersion, Product, Term, parse_date
from s3_monitor.money.price_list_json import ADVICE, make_list_version
from s3_monitor.money.usage_types import recognize

_MAX_PREAMBLE_LINES = 30  # AWS writes five
_DIMENSION = ("priceperunit", "startingrange", "endingrange")
_REQUIRED_COLUMNS = {"sku", "usagetype", *_DIMENSION}


def read_csv(lines: Iterable[str], path: object) -> Entries:
    """Yield the products of a price list. Raises InvalidFileError. The rows of a product need not be adjacent.

    ``lines``: as read from a text file opened with ``newline=""``.
    """
    # Fields of price lists are shorter. A limit keeps a hostile field from filling the memory.
    csv.field_size_limit(1 << 20)
    reader = csv.reader(lines, strict=False)
    try:
        preamble, header = _read_header(reader, path)
        yield from _products(_list_version(preamble, path), header, reader)
    except csv.Error as error:
        raise InvalidFileError(path, f"line {reader.line_num}: {error}", ADVICE) from error


def read_csv_version(lines: Iterable[str], path: object) -> PriceListVersion:
    """Return the version of the price list. Raises InvalidFileError if it is not in the file."""
    reader = csv.reader(lines)
    return _list_version(_read_header(reader, path)[0], path)


def _read_header(reader: Iterator[list[str]], path: object) -> tuple[dict[str, str], list[str]]:
    """Return the values of the preamble, and the column names.

    Names are in lower case without spaces, since lists of different years write them differently: ``usageType``,
    ``UsageType``, ``Usage Type``.
    """
    preamble: dict[str, str] = {}
    for _, row in zip(range(_MAX_PREAMBLE_LINES), reader, strict=False):
        names = [_normalize(name) for name in row]
        if set(names) >= _REQUIRED_COLUMNS:
            return preamble, names
        if len(row) >= 2:
            preamble[_normalize(row[0])] = row[1]
    raise InvalidFileError(path, "is not a price list of AWS: no row has the column names", ADVICE)


def _list_version(preamble: Mapping[str, str], path: object) -> PriceListVersion:
    return make_list_version(
        preamble.get("offercode", ""), preamble.get("version", ""), preamble.get("publicationdate"), path
    )


def _products(version: PriceListVersion, header: list[str], rows: Iterator[list[str]]) -> Entries:
    columns = _Columns(header)
    recognized: dict[str, tuple[Product, dict[tuple[str, str], Term]]] = {}
    others: set[str] = set()
    for row in rows:
        if len(row) != len(header):
            if row:
                yield InvalidEntry(f"a row of {len(row)} fields, not {len(header)}: {row[0][:40]}")
            continue
        sku = row[columns.sku]
        if sku in others or columns.text(row, columns.term_type) not in ("", "OnDemand"):
            continue
        if sku not in recognized:
            terms: dict[tuple[str, str], Term] = {}
            product = columns.product(row, version, partial(list, terms.values()))
            if not recognize(product.service, product.usage_type).usage_type:  # most of a list: no terms needed
                others.add(sku)
                yield product
                continue
            recognized[sku] = (product, terms)
        terms = recognized[sku][1]
        key = (columns.text(row, columns.term), columns.text(row, columns.effective))
        if key not in terms:
            terms[key] = Term(parse_date(key[1]))
        terms[key].dimensions.append(columns.dimension(row))
    for product, _ in recognized.values():
        yield product


class _Columns:
    """The index of each column, or None if the list does not have it."""

    def __init__(self, header: list[str]) -> None:
        indexes = {name: index for index, name in enumerate(header)}
        self.sku = indexes["sku"]
        self.term_type, self.term = indexes.get("termtype"), indexes.get("offertermcode")
        self.effective = indexes.get("effectivedate")
        self._price, self._begin, self._end = (indexes[name] for name in _DIMENSION)
        self._unit, self._currency = indexes.get("unit"), indexes.get("currency")
        self._attributes = {
            name: [indexes[column] for column in columns if column in indexes] for name, columns in _ATTRIBUTES.items()
        }

    def product(self, row: list[str], version: PriceListVersion, terms: Callable[[], Sequence[Term]]) -> Product:
        """Return the product of a row."""
        attributes = {
            name: next((row[index] for index in indexes if row[index]), "")
            for name, indexes in self._attributes.items()
        }
        attributes["service"] = attributes["service"] or version.service
        return Product(list_version=version, sku=row[self.sku], terms=terms, **attributes)

    def dimension(self, row: list[str]) -> Dimension:
        """Return the tier of a row."""
        prices = {self.text(row, self._currency) or "USD": row[self._price]}
        return Dimension(row[self._begin], row[self._end], self.text(row, self._unit), prices)

    @staticmethod
    def text(row: list[str], index: int | None) -> str:
        """Return a field, empty for an absent column."""
        return "" if index is None else row[index]


# Field of Product → columns; the first that is not empty counts.
_ATTRIBUTES = {
    "service": ("servicecode",),
    "usage_type": ("usagetype",),
    "operation": ("operation",),
    "region": ("regioncode", "fromregioncode"),
    "location": ("location", "fromlocation"),
    "location_type": ("locationtype", "fromlocationtype"),
    "to_location": ("tolocation",),
    "transfer_type": ("transfertype",),
    "storage_class": ("storageclass",),
    "volume_type": ("volumetype",),
}


def _normalize(name: str) -> str:
    return "".join(name.split()).casefold().lstrip("\ufeff")
