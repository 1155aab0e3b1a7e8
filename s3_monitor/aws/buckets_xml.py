"""A fast parser of ListBuckets, whose pages have up to 10,000 buckets."""

from __future__ import annotations

import re
from typing import NamedTuple
from xml.etree.ElementTree import Element

from s3_monitor.aws.xml_pages import children, count_entries, local_name, page_text, parse_xml, texts

_ROOT = "ListAllMyBucketsResult"
_BUCKET = re.compile(
    r"<Bucket><Name>([^<]++)</Name><CreationDate>([^<]*+)</CreationDate>"
    r"(?:<BucketRegion>([^<]*+)</BucketRegion>)?(?:<BucketArn>[^<]*+</BucketArn>)?</Bucket>"
)
_OWNER = re.compile(rb"<Owner>(?:<ID>[^<&]*</ID>)?(?:<DisplayName>[^<&]*</DisplayName>)?</Owner>")
_FIELDS = ("Name", "CreationDate", "BucketRegion")


class BucketsPage(NamedTuple):
    """A page of ListBuckets."""

    buckets: list[dict[str, str]]
    """Name, CreationDate and BucketRegion of each, as sent; a region may be absent or empty."""
    token: str | None
    """Token of the next page; None: this is the last page."""
    unreadable: int = 0
    """Number of entries without a bucket name."""


def buckets(body: bytes) -> BucketsPage | None:
    """Read a page; None if the body is another document. Raises ValueError if it is malformed.

    Malformed entries are counted; a page with only malformed entries is rejected.
    """
    return _by_pattern(body) or _by_tree(body)


def _by_pattern(body: bytes) -> BucketsPage | None:
    """Read a page in AWS's form; None for any other form."""
    page = page_text(_OWNER.sub(b"", body, 1), _ROOT, ["Bucket"])
    if page is None or not page.entries:
        return None
    found = _BUCKET.findall(page.entries)
    if len(found) != count_entries(page.entries, ["Bucket"]):
        return None
    listed = [dict(zip(_FIELDS, bucket, strict=True)) for bucket in found]
    return BucketsPage(listed, page.values.get("ContinuationToken"))


def _by_tree(body: bytes) -> BucketsPage | None:
    root = parse_xml(body, _ROOT)
    if root is None:
        return None
    lists = list(children(root, "Buckets"))
    if len(lists) != 1 or any(local_name(child) != "Bucket" for child in lists[0]):
        raise ValueError("ListAllMyBucketsResult must have one element Buckets, with elements Bucket")
    found = [bucket for entry in lists[0] if (bucket := _entry(entry))]
    unreadable = len(lists[0]) - len(found)
    if unreadable and not found:
        raise ValueError("a bucket without a name")
    return BucketsPage(found, texts(root, ["ContinuationToken"]).get("ContinuationToken"), unreadable)


def _entry(bucket: Element) -> dict[str, str]:
    """Return the fields of a bucket; empty if it has no name, or a repeated or nested field."""
    try:
        fields = texts(bucket, _FIELDS)
    except ValueError:
        return {}
    return fields if fields.get("Name") else {}
