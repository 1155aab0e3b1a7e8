"""AWS's price lists as CSV: a few lines about the list, then one row per tier."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.money.price_list import (
    ADVICE,
    ATTRIBUTE_NAMES,
    Dimension,
    Entries,
    InvalidEntry,
    PriceListVersion,
    Product,
    Term,
    create_product,
    list_version,
)
from s3_monitor.money.usage_types import recognize

_MAX_PREAMBLE_LINES = 30  # AWS writes five
_REQUIRED_COLUMNS = {"sku", "usagetype", "priceperunit", "startingrange", "endingrange"}
# Lists of different years write the names of columns differently: usageType, UsageType, Usage Type.
_ATTRIBUTES = {name.casefold(): name for name in ATTRIBUTE_NAMES}


def read_csv(lines: Iterable[str], path: object) -> Entries:
    """Yield the products of a price list. Raises InvalidFileError. The rows of a product need not be adjacent.

    ``lines``: as read from a text file opened with ``newline=""``.
    """
    # Fields of price lists are shorter. A limit keeps a hostile field from filling the memory.
    csv.field_size_limit(1 << 20)
    reader = csv.reader(lines, strict=False)
    try:
        preamble, header = _read_header(reader, path)
        service, version = preamble.get("offercode", ""), preamble.get("version", "")
        yield from _products(list_version(service, version, preamble.get("publicationdate"), path), header, reader)
    except csv.Error as error:
        raise InvalidFileError(path, f"line {reader.line_num}: {error}", ADVICE) from error


def _read_header(reader: Iterator[list[str]], path: object) -> tuple[dict[str, str], list[str]]:
    """Return the values of the preamble, and the column names: AWS's for attributes, otherwise in lower case."""
    preamble: dict[str, str] = {}
    for _, row in zip(range(_MAX_PREAMBLE_LINES), reader, strict=False):
        names = [_normalize(name) for name in row]
        if set(names) >= _REQUIRED_COLUMNS:
            return preamble, [_ATTRIBUTES.get(name, name) for name in names]
        if len(row) >= 2:
            preamble[_normalize(row[0])] = row[1]
    raise InvalidFileError(path, "is not a price list of AWS: no row has the column names", ADVICE)


def _products(version: PriceListVersion, header: list[str], rows: Iterator[list[str]]) -> Entries:
    sku_column = header.index("sku")
    recognized: dict[str, tuple[Product, dict[tuple[str, str], Term]]] = {}
    others: set[str] = set()
    for row in rows:
        if len(row) != len(header):
            if row:
                yield InvalidEntry(f"a row of {len(row)} fields, not {len(header)}: {row[0][:40]}")
            continue
        sku = row[sku_column]
        if sku in others:  # most of a list: no terms needed
            continue
        texts = defaultdict(str, zip(header, row, strict=True))
        if texts["termtype"] not in ("", "OnDemand"):
            continue
        if sku not in recognized:
            terms: dict[tuple[str, str], Term] = {}
            product = create_product(version, sku, texts, partial(list, terms.values()))
            if not recognize(product.service, product.usage_type).usage_type:
                others.add(sku)
                yield product
                continue
            recognized[sku] = (product, terms)
        terms = recognized[sku][1]
        term = terms.setdefault((texts["offertermcode"], texts["effectivedate"]), Term({}, texts["effectivedate"]))
        prices: dict[str, str | int | float] = {texts["currency"] or "USD": texts["priceperunit"]}
        dimension = Dimension(texts["startingrange"], texts["endingrange"], texts["unit"], prices)
        term.price_dimensions[str(len(term.price_dimensions))] = dimension
    for product, _ in recognized.values():
        yield product


def _normalize(name: str) -> str:
    return "".join(name.split()).casefold().lstrip("\ufeff")
