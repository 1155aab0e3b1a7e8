"""The XML of ListBuckets, read quickly: a page names up to 10,000 buckets.

AWS's form is found by a pattern in a quarter of the time of a tree; an answer of any other form is read as one.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from s3_monitor.aws.keys_xml import tree

_NAME = "ListAllMyBucketsResult"
# What they hold never has to be escaped: an "&" is of another form.
_BUCKET = re.compile(
    r"<Bucket><Name>([^<&]*)</Name><CreationDate>([^<&]*)</CreationDate>"
    r"(?:<BucketRegion>([^<&]*)</BucketRegion>)?(?:<BucketArn>[^<&]*</BucketArn>)?</Bucket>"
)
_TOKEN = re.compile(r"<ContinuationToken>([^<&]*)</ContinuationToken>")


class BucketsPage(NamedTuple):
    """Of each bucket its name, creation date and region as they were sent, by AWS's names; a region that is not told
    is absent or empty. ``token``: for the next page; null: this is the last."""

    buckets: list[dict[str, str]]
    token: str | None


def buckets(body: bytes) -> BucketsPage | None:
    """Null where it is no whole answer."""
    return _by_pattern(body) or _by_tree(body)


def _by_pattern(body: bytes) -> BucketsPage | None:
    """Null where its form is another one, whole or not."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    found, tokens = _BUCKET.findall(text), _TOKEN.findall(text)
    whole = text.rstrip().endswith(f"</{_NAME}>") and len(found) == text.count("<Bucket>")
    if not found or not whole or len(tokens) != text.count("<ContinuationToken"):
        return None
    listed = [{"Name": name, "CreationDate": created, "BucketRegion": region} for name, created, region in found]
    return BucketsPage(listed, tokens[0] if tokens else None)


def _by_tree(body: bytes) -> BucketsPage | None:
    root = tree(body, _NAME)
    if root is None:
        return None
    space = root.tag.removesuffix(_NAME)
    found = [
        {field.tag.removeprefix(space): field.text or "" for field in bucket} for bucket in root.iter(space + "Bucket")
    ]
    return BucketsPage(found, root.findtext(space + "ContinuationToken"))
