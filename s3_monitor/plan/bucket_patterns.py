"""What people may write for buckets, and what two such choices have in common."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from s3_monitor.model.patterns import DIRECTORY_SUFFIX, is_glob, matcher

ALLOWED = re.compile(r"[A-Za-z0-9._*?\[\]!-]{1,255}")
ALLOWED_RULE = "a bucket's name, or a glob of one with *, ? and [...]"
# No bucket's name contains a slash: what matches nothing.
NO_BUCKET = "/*"
_SHORT = {"northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw"}


def matching(patterns: Collection[str], names: Iterable[str]) -> list[str]:
    """The names that any of the patterns matches; no patterns match every name."""
    return list(filter(matcher(patterns), names))


def intersect(ours: Sequence[str], theirs: Sequence[str], names: Collection[str]) -> tuple[str, ...]:
    """Patterns of what matches both lists (an empty list: everything). Where two globs overlap, that is said by
    the ``names`` known to match both. NO_BUCKET where nothing can."""
    if not ours or not theirs:
        return tuple(sorted(set(ours or theirs)))
    common: set[str] = set()
    for one in ours:
        for other in theirs:
            common.update(_overlap(one, other, names))
    return tuple(sorted(common)) or (NO_BUCKET,)


def _overlap(one: str, other: str, names: Collection[str]) -> list[str]:
    if one == other or other == "*":
        return [one]
    if one == "*":
        return [other]
    if not is_glob(one):
        return matching([other], [one])
    if not is_glob(other):
        return matching([one], [other])
    return matching([one], matching([other], names))


def zone_region(pattern: str, regions: Iterable[str]) -> str | None:
    """The region of a directory bucket, from the zone in its name: ``data--use1-az4--x-s3`` is in us-east-1.

    AWS: the name of a directory bucket ends in the id of its zone, which begins with its region's short form.
    """
    zone = re.search(rf"--([a-z]+\d+)-[a-z0-9-]+{DIRECTORY_SUFFIX}$", pattern)
    if zone is None:
        return None
    return next((region for region in regions if _short(region) == zone[1]), None)


def _short(region: str) -> str:
    """``ap-northeast-1`` → ``apne1``, ``us-gov-west-1`` → ``usgw1``."""
    first, *words, number = region.split("-")
    return first + "".join(_SHORT.get(word, word[:1]) for word in words) + number
