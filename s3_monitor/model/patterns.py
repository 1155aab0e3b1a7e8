"""Patterns of bucket names: exact names, and globs with ``*``, ``?`` and ``[…]``."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Collection

DIRECTORY_SUFFIX = "--x-s3"  # AWS: the suffix of directory bucket names, reserved for them


def is_glob(pattern: str) -> bool:
    """Return whether the pattern is a glob."""
    return any(sign in pattern for sign in "*?[")


def matcher(patterns: Collection[str]) -> Callable[[str], bool]:
    """Return a function that tests whether a name matches any pattern, case-sensitive. Without patterns, all do."""
    if not patterns:
        return lambda name: True
    match = re.compile("|".join(f"(?:{fnmatch.translate(pattern)})" for pattern in patterns)).match
    return lambda name: match(name) is not None
