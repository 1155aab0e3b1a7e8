"""Patterns of bucket names: exact names, and globs of ``*``, ``?`` and ``[…]``. Whoever matches, matches alike."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Collection

DIRECTORY_SUFFIX = "--x-s3"  # AWS: names of directory buckets end so, and no other name may


def is_glob(pattern: str) -> bool:
    return any(sign in pattern for sign in "*?[")


def matcher(patterns: Collection[str]) -> Callable[[str], bool]:
    """Whether any of the patterns matches a name, in its case; no patterns match every name."""
    if not patterns:
        return lambda name: True
    match = re.compile("|".join(f"(?:{fnmatch.translate(pattern)})" for pattern in patterns)).match
    return lambda name: match(name) is not None
