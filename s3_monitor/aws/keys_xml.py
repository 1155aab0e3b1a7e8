"""The XML of ListObjectsV2 and ListObjectVersions, read quickly.

A page of 1,000 keys is 250 KB of XML, and reading it is much of what a listing costs this program. What AWS sends has
one form, which a pattern finds in a tenth of the time of a tree; an answer of any other form is read as a tree. What
was found is looked at a page at a time, and value by value only where the page is not as usual.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC
from typing import NamedTuple
from urllib.parse import unquote_plus
from xml.etree import ElementTree
from xml.sax.saxutils import unescape

from s3_monitor.aws.timestamps import parse_timestamp
from s3_monitor.model.answers import KeysPage

# AWS: the order in which these are told. Of objects, Owner and RestoreStatus come only where they are asked for.
_SUMS = r"(?:<(?:ETag|ChecksumAlgorithm|ChecksumType)>[^<]*+</[^>]*+>)*+"
_OWNER = r"(?:<Owner>(?:<\w+>[^<]*+</\w+>)*+</Owner>)?"
_SIZE = r"<Size>([0-9]++)</Size>"
_OBJECT = re.compile(
    rf"<Contents><Key>([^<]*+)</Key><LastModified>([^<]*+)</LastModified>{_SUMS}"
    rf"{_SIZE}<StorageClass>([^<]*+)</StorageClass></Contents>"
)
_VERSION = re.compile(
    r"<Version><Key>([^<]*+)</Key><VersionId>[^<]*+</VersionId><IsLatest>([^<]*+)</IsLatest>"
    rf"<LastModified>([^<]*+)</LastModified>{_SUMS}"
    rf"{_SIZE}{_OWNER}<StorageClass>([^<]*+)</StorageClass>{_OWNER}</Version>"
)
_MARKER = re.compile(r"<DeleteMarker><Key>([^<]*)</Key>")
_VALUE = re.compile(r"<(\w+)>([^<]*)</")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_STANDARD = "STANDARD"  # what is meant where imitations of S3 leave the class out
_BETWEEN = "\0"


class _Told(NamedTuple):
    """An answer's texts, as they were sent, and its sizes: of its objects or versions, of its delete markers, and
    ``values`` of the page itself by name."""

    values: dict[str, str]
    keys: Sequence[str]
    times: Sequence[str]
    sizes: Sequence[int]
    classes: Sequence[str]
    latest: Sequence[str]
    markers: Sequence[str]


def objects(body: bytes) -> KeysPage | None:
    """A page of ListObjectsV2; null where it is no whole answer. ValueError where what it tells is not sound."""
    told = _objects_by_pattern(body) or _by_tree(body, "ListBucketResult", "Contents")
    if told is None:
        return None
    token = told.values.get("NextContinuationToken")
    if not token and _truncated(told):
        raise ValueError("there is more, and no NextContinuationToken")
    return _page(told)._replace(token=(token,) if token else ())


def versions(body: bytes) -> KeysPage | None:
    """A page of ListObjectVersions, as ``objects``."""
    told = _versions_by_pattern(body) or _by_tree(body, "ListVersionsResult", "Version")
    if told is None:
        return None
    key, version = (told.values.get(name, "") for name in ("NextKeyMarker", "NextVersionIdMarker"))
    if not key and _truncated(told):
        raise ValueError("there is more, and no NextKeyMarker")
    return _page(told)._replace(
        latest=[latest == "true" for latest in told.latest],
        markers=_keys(told, told.markers),
        token=(_keys(told, [key])[0], version) if _truncated(told) else (),
    )


def tree(body: bytes, name: str) -> ElementTree.Element | None:
    """An answer's root where it is one of this name."""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314  AWS's answer, read by the parser botocore uses
    except ElementTree.ParseError:
        return None
    return root if root.tag.rpartition("}")[2] == name else None


def _objects_by_pattern(body: bytes) -> _Told | None:
    """Null where its form is another one, whole or not."""
    text = _text(body, "ListBucketResult")
    found = _OBJECT.findall(text)
    keys, times, sizes, classes = zip(*found, strict=True) if found else ((),) * 4
    if not text or len(found) != text.count("<Contents>") or "&" in "".join(keys):
        return None
    return _Told(_values(text, "Contents"), keys, times, list(map(int, sizes)), classes, (), ())


def _versions_by_pattern(body: bytes) -> _Told | None:
    text = _text(body, "ListVersionsResult")
    found, markers = _VERSION.findall(text), _MARKER.findall(text)
    keys, latest, times, sizes, classes = zip(*found, strict=True) if found else ((),) * 5
    counts = (text.count("<Version>"), text.count("<DeleteMarker>"))
    if not text or (len(found), len(markers)) != counts or "&" in "".join((*keys, *markers)):
        return None
    values = _values(text, "Version", "DeleteMarker")
    return _Told(values, keys, times, list(map(int, sizes)), classes, latest, markers)


def _text(body: bytes, name: str) -> str:
    """Empty where it does not end as an answer of this name does."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return ""
    return text if text.rstrip().endswith(f"</{name}>") else ""


def _values(text: str, *elements: str) -> dict[str, str]:
    """What stands before the first of the elements, and behind the last."""
    starts = [place for name in elements if (place := text.find(f"<{name}>")) >= 0]
    ends = [text.rfind(f"</{name}>") for name in elements]
    around = text[: min(starts)] + text[max(ends) :] if starts else text
    return {name: unescape(value) for name, value in _VALUE.findall(around)}


def _by_tree(body: bytes, name: str, element: str) -> _Told | None:
    root = tree(body, name)
    if root is None:
        return None
    space = root.tag.removesuffix(name)
    found = [{child.tag: child.text or "" for child in one} for one in root.iterfind(space + element)]
    return _Told(
        {child.tag.removeprefix(space): child.text or "" for child in root},
        keys=[_known(one, space, "Key") for one in found],
        times=[_known(one, space, "LastModified") for one in found],
        sizes=[_size(_known(one, space, "Size")) for one in found],
        classes=[one.get(space + "StorageClass", "") for one in found],
        latest=[one.get(space + "IsLatest", "") for one in found],
        markers=[marker.findtext(space + "Key", "") for marker in root.iterfind(space + "DeleteMarker")],
    )


def _known(one: dict[str, str], space: str, name: str) -> str:
    try:
        return one[space + name]
    except KeyError:
        raise ValueError(f"an object without {name}") from None


def _truncated(told: _Told) -> bool:
    return told.values.get("IsTruncated") == "true"


def _page(told: _Told) -> KeysPage:
    classes = told.classes
    if "" in classes:
        classes = [name or _STANDARD for name in classes]
    return KeysPage(_keys(told, told.keys), told.sizes, classes, _times(told.times))


def _keys(told: _Told, keys: Sequence[str]) -> Sequence[str]:
    """AWS, encoding type url: what XML cannot hold, and more, is written as in a form of a page."""
    joined = _BETWEEN.join(keys)
    if told.values.get("EncodingType") != "url" or not ("%" in joined or "+" in joined):
        return keys
    decoded = unquote_plus(joined).split(_BETWEEN)
    return decoded if len(decoded) == len(keys) else [unquote_plus(key) for key in keys]


def _size(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text[:40]!r} is no size")
    return int(text)


def _times(texts: Sequence[str]) -> Sequence[str]:
    """In the form that AWS uses, so that the later text is the later time."""
    if not texts or (_TIME.fullmatch(min(texts)) and _TIME.fullmatch(max(texts)) and len(set(map(len, texts))) == 1):
        return texts
    return [_time(text) for text in texts]


def _time(text: str) -> str:
    if _TIME.fullmatch(text):
        return text
    return parse_timestamp(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
