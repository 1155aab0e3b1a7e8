"""The XML of long lists from S3: a fast reader of the form that AWS writes, and helpers for reading any other form.

The fast reader accounts for every character of a page and never skips an unknown element. It returns None for any other
content, which a parser reads instead.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple
from xml.etree import ElementTree

_SCALARS = r"((?:<([A-Za-z]+)(?:/>|>[^<]*+</\{number}>))*)"
_HEAD = re.compile(
    r'(?:<\?xml version="1\.0"(?: encoding="UTF-8")?\?>\s*)?<([A-Za-z]+)(?: xmlns="[^"<&]*")?>'
    + _SCALARS.format(number=3)
    + r"(<Buckets>)?"
)
_TAIL = re.compile(r"(</Buckets>)?" + _SCALARS.format(number=3) + r"</([A-Za-z]+)>\s*")
_SCALAR = re.compile(r"<([A-Za-z]+)(?:/>|>([^<]*+)</[A-Za-z]+>)")
# XML allows neither the control characters nor these two code points; a parser changes carriage returns.
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n")
_NO_CHARACTERS = re.compile("[\ufffe\uffff]")


class PageText(NamedTuple):
    """A page in AWS's form: ``entries`` is the text of its repeated elements, ``values`` the others by name."""

    entries: str
    values: dict[str, str]


def page_text(body: bytes, root: str, names: Sequence[str]) -> PageText | None:
    """Split a page into its entries and its values. ``names``: of the entries' elements. None for another form.

    The caller must match the entries with a pattern without ``<`` between the tags, and as many times as
    ``count_entries`` counts: then nothing lies between two of them.
    """
    if len(body.translate(None, _CONTROLS)) != len(body) or b"]" in body:  # "]]>" is no text
        return None
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    if not text.isascii() and _NO_CHARACTERS.search(text):
        return None
    if text.count("&") != text.count("<ETag>&quot;") + text.count("&quot;</ETag>"):
        return None
    start = min((place for name in names if (place := text.find(f"<{name}>")) >= 0), default=-1)
    end = max((place + len(name) + 3 for name in names if (place := text.rfind(f"</{name}>")) >= 0), default=-1)
    if start < 0:
        start = end = text.rfind("</")
    head, tail = _HEAD.fullmatch(text, 0, start), _TAIL.fullmatch(text, end)
    if head is None or tail is None or (head[1], tail[4]) != (root, root) or (head[4] is None) != (tail[1] is None):
        return None
    scalars = _SCALAR.findall(head[2]) + _SCALAR.findall(tail[2])
    values = dict(scalars)
    if len(values) != len(scalars):
        return None
    return PageText(text[start:end], values)


def count_entries(entries: str, names: Sequence[str]) -> int | None:
    """Count elements that follow one another without anything between them. None where something is between."""
    count = sum(entries.count(f"<{name}>") for name in names)
    joined = sum(entries.count(f"</{one}><{other}>") for one in names for other in names)
    closed = sum(entries.count(f"</{name}>") for name in names)
    return count if count == closed and joined == max(0, count - 1) else None


def parse_xml(body: bytes, root: str) -> ElementTree.Element | None:
    """Parse a document as botocore does. None where it is malformed or has another root element."""
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(), encoding="utf-8")  # noqa: S314  # AWS's response
    try:
        parser.feed(body)
        found: ElementTree.Element = parser.close()
    except ElementTree.ParseError:
        return None
    return found if local_name(found) == root else None


def local_name(element: ElementTree.Element) -> str:
    """Return the name without its namespace, which botocore ignores too."""
    return element.tag.rpartition("}")[2]


def children(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """Return the child elements with a local name."""
    return (child for child in element if local_name(child) == name)


def texts(element: ElementTree.Element, names: Collection[str]) -> dict[str, str]:
    """Return the texts of the children with these names. Raises ValueError for a repeated or nested element."""
    found: dict[str, str] = {}
    for child in element:
        name = local_name(child)
        if name not in names:
            continue
        if name in found:
            raise ValueError(f"{local_name(element)} has two elements {name}")
        if len(child):
            raise ValueError(f"{name} must be text, got elements")
        found[name] = child.text or ""
    return found


def boolean(text: str) -> bool:
    """Return a boolean. Raises ValueError for other text, which botocore would read as false."""
    if text not in ("true", "false"):
        raise ValueError(f"a boolean must be true or false, got {text[:40]!r}")
    return text == "true"
