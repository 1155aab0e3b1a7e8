"""Files of AWS's price lists, JSON or CSV, detected from their content."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.money.price_list import ADVICE, Entries, PriceListVersion, Product, list_version
from s3_monitor.money.price_list_csv import read_csv
from s3_monitor.money.price_list_json import read_json


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
    # The index names the service and version only in URLs: /offers/v1.0/aws/AmazonS3/20260728131000/…
    listed = re.findall(rb"/aws/([A-Za-z0-9]+)/([0-9]{14})/", content)
    if listed:
        service, version = max(listed, key=lambda match: match[1])
        return [list_version(service.decode(), version.decode(), None, path)]
    entries = read_price_list(content, path)
    return sorted({entry.list_version for entry in entries if isinstance(entry, Product)}, key=str)


def _lines(body: bytes, path: object) -> Iterable[str]:
    try:
        yield from io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline="")
    except UnicodeDecodeError as error:
        raise InvalidFileError(path, "is neither JSON nor CSV in UTF-8", ADVICE) from error
