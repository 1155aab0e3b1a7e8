"""The XML of ListObjectsV2 and ListObjectVersions, read quickly.

A page of 1,000 keys is 250 KB of XML, and reading it is most of what a listing costs this program. What AWS sends has
one form, which a pattern finds in a fifth of the time of a tree; an answer of any other form is read as a tree.
"""

from __future__ import annotations

import re
from datetime import UTC
from urllib.parse import unquote_plus
from xml.etree import ElementTree
from xml.sax.saxutils import unescape

from s3_monitor.aws.timestamps import parse_timestamp
from s3_monitor.model.answers import KeysPage

# AWS: the order in which ListObjectsV2 tells these. Owner and RestoreStatus come only where they are asked for.
_OBJECT = re.compile(
    r"<Contents><Key>([^<&]*)</Key><LastModified>([^<]*)</LastModified>"
    r"(?:<(?:ETag|ChecksumAlgorithm|ChecksumType)>[^<]*</\w+>)*"
    r"<Size>(\d+)</Size><StorageClass>(\w+)</StorageClass></Contents>"
)
_TOKEN = re.compile(r"<NextContinuationToken>([^<]*)</NextContinuationToken>")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_URL = "<EncodingType>url</EncodingType>"
_STANDARD = "STANDARD"  # what is meant where imitations of S3 leave the class out


def objects(body: bytes) -> KeysPage | None:
    """A page of ListObjectsV2; null where it is no whole answer. ValueError where what it tells is not sound."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    found = _OBJECT.findall(text)
    if len(found) != text.count("<Contents>") or not text.rstrip().endswith("</ListBucketResult>"):
        return _slowly(body)
    keys, times, sizes, classes = zip(*found, strict=True) if found else ((), (), (), ())
    if times and not _TIME.fullmatch(times[0]):
        return _slowly(body)
    token = _TOKEN.search(text)
    return KeysPage(
        keys=_decoded(keys) if _URL in text else keys,
        sizes=list(map(int, sizes)),
        classes=classes,
        times=times,
        token=(unescape(token[1]),) if token else (),
    )


def _slowly(body: bytes) -> KeysPage | None:
    root = tree(body, "ListBucketResult")
    if root is None:
        return None
    token = root.findtext("{*}NextContinuationToken")
    page = _page(root, root.findall("{*}Contents"))
    return page._replace(token=(token,) if token else ())


def versions(body: bytes) -> KeysPage | None:
    """A page of ListObjectVersions, as ``objects``."""
    root = tree(body, "ListVersionsResult")
    if root is None:
        return None
    found = root.findall("{*}Version")
    token = (root.findtext("{*}NextKeyMarker") or "", root.findtext("{*}NextVersionIdMarker") or "")
    url = root.findtext("{*}EncodingType") == "url"
    page = _page(root, found)
    markers = [marker.findtext("{*}Key") or "" for marker in root.findall("{*}DeleteMarker")]
    return page._replace(
        latest=[version.findtext("{*}IsLatest") == "true" for version in found],
        markers=_decoded(markers) if url else markers,
        token=(_decoded(token[:1])[0] if url else token[0], token[1]) if _truncated(root) else (),
    )


def tree(body: bytes, name: str) -> ElementTree.Element | None:
    """An answer's root where it is one of this name."""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314  AWS's answer, read by the parser botocore uses
    except ElementTree.ParseError:
        return None
    return root if root.tag.rpartition("}")[2] == name else None


def _page(root: ElementTree.Element, found: list[ElementTree.Element]) -> KeysPage:
    keys = [_text(one, "Key") for one in found]
    return KeysPage(
        keys=_decoded(keys) if root.findtext("{*}EncodingType") == "url" else keys,
        sizes=[_size(_text(one, "Size")) for one in found],
        classes=[one.findtext("{*}StorageClass") or _STANDARD for one in found],
        times=[_time(_text(one, "LastModified")) for one in found],
    )


def _text(element: ElementTree.Element, name: str) -> str:
    text = element.findtext("{*}" + name)
    if text is None:
        raise ValueError(f"an object without {name}")
    return text


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text[:40]!r} is no size")
    return int(text)


def _time(text: str) -> str:
    """In the form that AWS uses, so that the later text is the later time."""
    if _TIME.fullmatch(text):
        return text
    return parse_timestamp(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _truncated(root: ElementTree.Element) -> bool:
    return root.findtext("{*}IsTruncated") == "true"


def _decoded(keys: tuple[str, ...] | list[str]) -> list[str]:
    """AWS, encoding type url: what XML cannot hold, and more, is written as in a form of a page."""
    return [unquote_plus(key) if "%" in key or "+" in key else key for key in keys]
