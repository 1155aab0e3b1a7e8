"""Fast parsers of ListBuckets, ListObjectsV2 and ListObjectVersions, whose pages have up to 10,000 entries.

They read the XML tree without botocore's model, which takes a fifth of botocore's time. They return None for another
document, which botocore's parser reads instead, and raise ValueError if a value is malformed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote_plus
from xml.etree import ElementTree

from s3_monitor.aws.timestamps import parse_timestamp
from s3_monitor.model.bounds import MAX_OBJECT, check_storage_classes, is_date
from s3_monitor.model.responses import KeysPage

_OF_PAGE = ("EncodingType", "IsTruncated", "NextContinuationToken", "NextKeyMarker", "NextVersionIdMarker")
_OF_KEY = ("Key", "LastModified", "Size", "StorageClass", "IsLatest")
_OF_BUCKET = ("Name", "CreationDate", "BucketRegion")
_STANDARD = "STANDARD"  # AWS emulators omit this class
_TIME = r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z"
_ONE_TIME, _TIMES = re.compile(_TIME, re.ASCII), re.compile(f"(?:{_TIME})*+", re.ASCII)
_BETWEEN = "\0"

Fields = dict[str, str]


class BucketsPage(NamedTuple):
    """A page of ListBuckets."""

    buckets: list[Fields]
    """Name, CreationDate and BucketRegion of each, as sent; a region may be absent or empty."""
    token: str | None
    """Token of the next page; None: this is the last page."""
    unreadable: int
    """Number of malformed entries and entries without a name. A page with only such entries is rejected."""


def buckets(body: bytes) -> BucketsPage | None:
    """Parse a page of ListBuckets."""
    root = _parse(body, "ListAllMyBucketsResult")
    if root is None:
        return None
    lists = list(_children(root, "Buckets"))
    if len(lists) != 1 or any(local_name(child.tag) != "Bucket" for child in lists[0]):
        raise ValueError("ListAllMyBucketsResult must have one element Buckets, with elements Bucket")
    found = [fields for entry in lists[0] if (fields := _bucket(entry))]
    unreadable = len(lists[0]) - len(found)
    if unreadable and not found:
        raise ValueError("a bucket without a name")
    return BucketsPage(found, _texts(root, ["ContinuationToken"]).get("ContinuationToken"), unreadable)


def _bucket(entry: ElementTree.Element) -> Fields | None:
    try:
        fields = _texts(entry, _OF_BUCKET)
    except ValueError:
        return None
    return fields if fields.get("Name") else None


def objects(body: bytes) -> KeysPage | None:
    """Parse a page of ListObjectsV2. Returns None also for a page with common prefixes."""
    root = _parse(body, "ListBucketResult")
    if root is None or _has_prefixes(root):
        return None
    page = _texts(root, _OF_PAGE)
    token = page.get("NextContinuationToken")
    if not token and _is_truncated(page):
        raise ValueError("a truncated page must have a NextContinuationToken")
    return _keys_page(page, _entries(root, "Contents"))._replace(token=(token,) if token else ())


def versions(body: bytes) -> KeysPage | None:
    """Parse a page of ListObjectVersions, as ``objects`` does."""
    root = _parse(body, "ListVersionsResult")
    if root is None or _has_prefixes(root):
        return None
    page = _texts(root, _OF_PAGE)
    key, version = (page.get(name, "") for name in ("NextKeyMarker", "NextVersionIdMarker"))
    if not key and _is_truncated(page):
        raise ValueError("a truncated page must have a NextKeyMarker")
    listed = _entries(root, "Version")
    markers = [_required(marker, "Key") for marker in _entries(root, "DeleteMarker")]
    return _keys_page(page, listed)._replace(
        latest=[boolean(_required(entry, "IsLatest")) for entry in listed],
        markers=_decoded(page, markers),
        token=(_decoded(page, [key])[0], version) if _is_truncated(page) else (),
    )


def _keys_page(page: Fields, entries: Sequence[Fields]) -> KeysPage:
    keys = [_required(entry, "Key") for entry in entries]
    sizes = [_size(_required(entry, "Size")) for entry in entries]
    classes = [entry.get("StorageClass") or _STANDARD for entry in entries]
    check_storage_classes(set(classes))
    return KeysPage(_decoded(page, keys), sizes, classes, _times([_required(e, "LastModified") for e in entries]))


def _has_prefixes(root: ElementTree.Element) -> bool:
    return next(_children(root, "CommonPrefixes"), None) is not None


def _entries(root: ElementTree.Element, name: str) -> list[Fields]:
    return [_texts(entry, _OF_KEY) for entry in _children(root, name)]


def _required(entry: Fields, name: str) -> str:
    if not entry.get(name):
        raise ValueError(f"an entry without {name}")
    return entry[name]


def _is_truncated(page: Fields) -> bool:
    return boolean(page.get("IsTruncated", "false"))


def _decoded(page: Fields, keys: Sequence[str]) -> Sequence[str]:
    """Return the decoded keys. AWS: with encoding type url, they are encoded as in HTML forms."""
    joined = _BETWEEN.join(keys)
    if page.get("EncodingType") != "url" or not ("%" in joined or "+" in joined):
        return keys
    decoded = unquote_plus(joined).split(_BETWEEN)
    return decoded if len(decoded) == len(keys) else [unquote_plus(key) for key in keys]


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"a size must be an integer, got {text[:40]!r}")
    if (size := int(text)) > MAX_OBJECT:
        raise ValueError(f"the size of an object must be at most {MAX_OBJECT} bytes, got {size}")
    return size


def _times(sent: Sequence[str]) -> Sequence[str]:
    """Return times in AWS's form, whose text order is time order. Raises ValueError for an invalid time."""
    times = sent if _TIMES.fullmatch("".join(sent)) else [_time(text) for text in sent]
    for day in {text[:10] for text in times}:
        if not is_date(date.fromisoformat(day)):
            raise ValueError(f"a last-modified date must be between 1970 and 2099, got {day}")
    return times


def _time(text: str) -> str:
    if _ONE_TIME.fullmatch(text):
        return text
    return parse_timestamp(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _parse(body: bytes, root: str) -> ElementTree.Element | None:
    """Parse a document as botocore does. Returns None if it is malformed or has another root element."""
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(), encoding="utf-8")  # noqa: S314  # AWS's response
    try:
        parser.feed(body)
        found: ElementTree.Element = parser.close()
    except ElementTree.ParseError:
        return None
    return found if local_name(found.tag) == root else None


@lru_cache(maxsize=256)
def local_name(tag: str) -> str:
    """Return the name of an element without its namespace, which botocore ignores too."""
    return tag.rpartition("}")[2]


def _children(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (child for child in element if local_name(child.tag) == name)


def _texts(element: ElementTree.Element, names: Collection[str]) -> Fields:
    """Return the texts of the children with these names. Raises ValueError for a repeated or nested element."""
    found: Fields = {}
    for child in element:
        name = local_name(child.tag)
        if name not in names:
            continue
        if name in found:
            raise ValueError(f"{local_name(element.tag)} has two elements {name}")
        if len(child):
            raise ValueError(f"{name} must be text, got elements")
        found[name] = child.text or ""
    return found


def boolean(text: str) -> bool:
    """Return a boolean. Raises ValueError for other text, which botocore would read as false."""
    if text not in ("true", "false"):
        raise ValueError(f"a boolean must be true or false, got {text[:40]!r}")
    return text == "true"
