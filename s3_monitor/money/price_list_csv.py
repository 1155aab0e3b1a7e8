"""AWS's price lists as CSV: a few lines about the list, then a row a tier."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.money.price_list import Dimension, Entries, InvalidEntry, PriceListVersion, Product, Term, parse_date
from s3_monitor.money.price_list_json import ADVICE
from s3_monitor.money.usage_types import recognize

_PREAMBLE_LINES = 30  # AWS writes five
_NEEDED = {"sku", "usagetype", "priceperunit", "startingrange", "endingrange"}


def read_csv(lines: Iterable[str], path: object) -> Entries:
    """The products of an offer file. BadFile where it is none. Rows of a product need not stand together.

    ``lines`` as a text file gives them with ``newline=""``.
    """
    # Longer fields than any list has, so that a hostile one ends here and not in memory.
    csv.field_size_limit(1 << 20)
    reader = csv.reader(lines, strict=False)
    try:
        about, header = _head(reader, path)
        issue = _issue(about, path)
        yield from _products(issue, header, reader)
    except csv.Error as error:
        raise InvalidFileError(path, f"line {reader.line_num}: {error}", ADVICE) from error


def read_csv_version(lines: Iterable[str], path: object) -> PriceListVersion:
    """Which list a file is. BadFile where it does not say."""
    reader = csv.reader(lines)
    return _issue(_head(reader, path)[0], path)


def _head(reader: Iterator[list[str]], path: object) -> tuple[dict[str, str], list[str]]:
    """What the list says about itself, and the names of its columns, in lower case without spaces. Lists of
    different years write them differently: ``usageType``, ``UsageType``, ``Usage Type``."""
    about: dict[str, str] = {}
    for _, row in zip(range(_PREAMBLE_LINES), reader, strict=False):
        names = [_plain(name) for name in row]
        if set(names) >= _NEEDED:
            return about, names
        if len(row) >= 2:
            about[_plain(row[0])] = row[1]
    raise InvalidFileError(path, "is not a price list of AWS: no row names the columns", ADVICE)


def _issue(about: Mapping[str, str], path: object) -> PriceListVersion:
    version = about.get("version", "")
    published: date | None = parse_date(about.get("publicationdate")) or parse_date(version)
    if published is None:
        raise InvalidFileError(path, "does not say when it was published", ADVICE)
    return PriceListVersion(about.get("offercode", ""), version, published)


def _products(issue: PriceListVersion, header: list[str], rows: Iterator[list[str]]) -> Entries:
    at = _Columns(header)
    width = len(header)
    wanted: dict[str, tuple[list[Any], dict[tuple[str, str], Term]]] = {}
    others: set[str] = set()
    for row in rows:
        if len(row) != width:
            if row:
                yield InvalidEntry(f"a row of {len(row)} fields, not {width}: {row[0][:40]}")
            continue
        sku = row[at.sku]
        if sku in others or at.text(row, at.term_type) not in ("", "OnDemand"):
            continue
        if sku not in wanted:
            about = at.facts(row, issue)
            if not recognize(about[0], about[1]).usage_type:  # most of a list: nothing of it is kept
                others.add(sku)
                yield Product(*[issue, sku, *about, list])
                continue
            wanted[sku] = (about, {})
        key = (at.text(row, at.term), at.text(row, at.effective))
        terms = wanted[sku][1]
        if key not in terms:
            terms[key] = Term(parse_date(key[1]))
        price = {at.text(row, at.currency) or "USD": row[at.price]}
        terms[key].dimensions.append(Dimension(row[at.begin], row[at.end], at.text(row, at.unit), price))
    for sku, (about, terms) in wanted.items():
        yield Product(*[issue, sku, *about, partial(list, terms.values())])


class _Columns:
    """Where each fact stands in a row; None where a list does not have it."""

    def __init__(self, header: list[str]) -> None:
        places = {name: place for place, name in enumerate(header)}
        self.sku, self.price = places["sku"], places["priceperunit"]
        self.begin, self.end = places["startingrange"], places["endingrange"]
        self.unit, self.currency = places.get("unit"), places.get("currency")
        self.term_type, self.term = places.get("termtype"), places.get("offertermcode")
        self.effective = places.get("effectivedate")
        self.about = [[places[name] for name in names if name in places] for names in _ABOUT]

    def facts(self, row: list[str], issue: PriceListVersion) -> list[Any]:
        """What Product has between its sku and its terms."""
        found = [next((row[place] for place in places if row[place]), "") for places in self.about]
        found[0] = found[0] or issue.service
        return found

    @staticmethod
    def text(row: list[str], place: int | None) -> str:
        return "" if place is None else row[place]


# In Product's order; of several the first that is not empty.
_ABOUT = (
    ("servicecode",),
    ("usagetype",),
    ("operation",),
    ("regioncode", "fromregioncode"),
    ("location", "fromlocation"),
    ("locationtype", "fromlocationtype"),
    ("tolocation",),
    ("transfertype",),
    ("storageclass",),
    ("volumetype",),
)


def _plain(name: str) -> str:
    return "".join(name.split()).casefold().lstrip("﻿")
