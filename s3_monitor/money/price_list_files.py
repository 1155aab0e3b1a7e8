"""Files of AWS's price lists, JSON or CSV, detected from their content."""

from __future__ import annotations

import io
from collections.abc import Iterable

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.money.price_list import ADVICE, Entries, PriceListVersion
from s3_monitor.money.price_list_csv import read_csv, read_csv_version
from s3_monitor.money.price_list_json import read_json, read_json_versions


def read_price_list(content: bytes, path: object) -> Entries:
    """Return the products of a price list. Raises InvalidFileError, at the latest while iterating."""
    body = content.removeprefix(b"\xef\xbb\xbf")
    start = body[:1000].lstrip()
    if not start:
        raise InvalidFileError(path, "is empty", ADVICE)
    if start[:2] == b"\x1f\x8b":
        raise InvalidFileError(path, "is compressed", "decompress it first: gunzip")
    if start[:1] in (b"{", b"["):
        return read_json(body, path)
    return read_csv(_lines(body, path), path)


def read_versions(content: bytes, path: object) -> list[PriceListVersion]:
    """Return the versions of the price lists that a file contains, or is the index of (region_index.json).

    Raises InvalidFileError.
    """
    body = content.removeprefix(b"\xef\xbb\xbf")
    if body[:1000].lstrip()[:1] in (b"{", b"["):
        return read_json_versions(body, path)
    return [read_csv_version(_lines(body, path), path)]


def _lines(body: bytes, path: object) -> Iterable[str]:
    try:
        yield from io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline="")
    except UnicodeDecodeError as error:
        raise InvalidFileError(path, "is neither JSON nor CSV in UTF-8", ADVICE) from error
