"""Patterns of bucket names: their syntax, and the intersection of two selections."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from s3_monitor.model.patterns import DIRECTORY_SUFFIX, is_glob, matcher

ALLOWED = re.compile(r"[A-Za-z0-9._*?\[\]!-]{1,255}")
ALLOWED_RULE = "a bucket name, or a glob with *, ? and [...]"
# Matches no bucket: no bucket name contains a slash.
NO_BUCKET = "/*"
_SHORT = {"northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw"}


def matching(patterns: Collection[str], names: Iterable[str]) -> list[str]:
    """Return the names that match any pattern. Without patterns, every name matches."""
    return list(filter(matcher(patterns), names))


def intersect(first: Sequence[str], second: Sequence[str], names: Collection[str]) -> tuple[str, ...]:
    """Return patterns of the names that match both selections; an empty selection matches every name.

    For two overlapping globs, the result has the members of ``names`` that match both. Return NO_BUCKET if no name can
    match.
    """
    if not first or not second:
        return tuple(sorted(set(first or second)))
    common: set[str] = set()
    for left in first:
        for right in second:
            common.update(_overlap(left, right, names))
    return tuple(sorted(common)) or (NO_BUCKET,)


def _overlap(left: str, right: str, names: Collection[str]) -> list[str]:
    if left == right or right == "*":
        return [left]
    if left == "*":
        return [right]
    if not is_glob(left):
        return matching([right], [left])
    if not is_glob(right):
        return matching([left], [right])
    return matching([left], matching([right], names))


def zone_region(pattern: str, regions: Iterable[str]) -> str | None:
    """Return the region of a directory bucket from its name: ``data--use1-az4--x-s3`` is in us-east-1.

    AWS: the name of a directory bucket ends in the id of its zone, which begins with its region's short form.
    """
    zone = re.search(rf"--([a-z]+\d+)-[a-z0-9-]+{DIRECTORY_SUFFIX}$", pattern)
    if zone is None:
        return None
    return next((region for region in regions if _short(region) == zone[1]), None)


def _short(region: str) -> str:
    """Return the prefix of a region's zone ids: ``apne1`` for ap-northeast-1, ``usgw1`` for us-gov-west-1."""
    area, *words, number = region.split("-")
    return area + "".join(_SHORT.get(word, word[:1]) for word in words) + number
