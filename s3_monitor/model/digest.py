"""The SHA-256 of a JSON file within the file itself: ``…,"digest":"<64 hex digits>","format":N}``.

It is computed with an empty digest and detects every change: a flipped bit, a repeated key, missing or extra bytes.
"""

from __future__ import annotations

import hashlib
import re

_EMPTY = b'"digest":""'
_AT_END = re.compile(rb'"digest":"([0-9a-f]{64})","format":[0-9]{1,9}\}\Z')
_END_BYTES = 110


def seal(content: bytes) -> bytes:
    """Fill in the empty digest at the end of an encoded record."""
    head, _, tail = content.rpartition(_EMPTY)
    return b'%b"digest":"%b"%b' % (head, hashlib.sha256(content).hexdigest().encode(), tail)


def is_intact(content: bytes) -> bool:
    """Return whether the content matches its digest."""
    found = _AT_END.search(content, max(0, len(content) - _END_BYTES))
    if found is None:
        return False
    start, end = found.span(1)
    view = memoryview(content)
    computed = hashlib.sha256(view[:start])
    computed.update(view[end:])
    return computed.hexdigest().encode() == found[1]
