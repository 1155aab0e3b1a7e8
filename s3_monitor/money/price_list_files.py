"""Files of AWS's price lists: which form each is in, told by its content."""

from __future__ import annotations

import io
from collections.abc import Iterable

from s3_monitor.model.errors import InvalidFileError
from s3_monitor.money import offer_csv, offer_json
from s3_monitor.money.offer import Entries, Issue
from s3_monitor.money.offer_csv import read_csv
from s3_monitor.money.offer_json import ADVICE, read_json


def read_list(content: bytes, path: object) -> Entries:
    """The products of a list, JSON or CSV. BadFile, at the latest while they are read."""
    body = content.removeprefix(b"\xef\xbb\xbf")
    start = body[:1000].lstrip()
    if not start:
        raise InvalidFileError(path, "is empty", ADVICE)
    if start[:2] == b"\x1f\x8b":
        raise InvalidFileError(path, "is compressed", "unpack it first: gunzip")
    if start[:1] in (b"{", b"["):
        return read_json(body, path)
    return read_csv(_lines(body, path), path)


def published_in(content: bytes, path: object) -> list[Issue]:
    """Which lists a file holds, or is the index of (region_index.json). BadFile where it does not say."""
    body = content.removeprefix(b"\xef\xbb\xbf")
    if body[:1000].lstrip()[:1] in (b"{", b"["):
        return offer_json.published_in(body, path)
    return [offer_csv.published_in(_lines(body, path), path)]


def _lines(body: bytes, path: object) -> Iterable[str]:
    try:
        yield from io.TextIOWrapper(io.BytesIO(body), encoding="utf-8", newline="")
    except UnicodeDecodeError as error:
        raise InvalidFileError(path, "is neither JSON nor CSV in UTF-8", ADVICE) from error
