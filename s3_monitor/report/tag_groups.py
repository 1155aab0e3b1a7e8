"""Buckets by what they are labelled with: their tags, and how they are encrypted. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from msgspec import UNSET, UnsetType

from s3_monitor.merge.merged_data import BucketRecord
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.summary import Group
from s3_monitor.money.list_pricing import Rates
from s3_monitor.money.upper_bounds import UpperBounds
from s3_monitor.report.totals import Missing, Sums, cells_of

NO_TAG = "(no tag)"
EMPTY = "(empty)"
UNKNOWN = "(unknown)"
ENCRYPTION = "encryption"
TAG = "tag:"
MOST_KEYS = 10  # of tags, where nobody says which


class Labelled(Protocol):
    """A bucket, in whatever form."""

    @property
    def details(self) -> BucketConfig | UnsetType | None: ...


Label = Callable[[Labelled], str]


def by_tag(key: str) -> str:
    """The name of the dimension."""
    return TAG + key


def label_of(dimension: str) -> Label:
    """What a bucket is in a dimension: ``encryption`` or ``tag:KEY``."""
    if dimension == ENCRYPTION:
        return _encryption
    key = dimension.removeprefix(TAG)
    return lambda bucket: _tag(bucket, key)


def tag_keys(buckets: Iterable[Labelled], chosen: Sequence[str] | None) -> list[str]:
    """The keys to group by: those chosen, else those of which two buckets share a value, the most used ones, sorted.
    AWS's own keys (``aws:…``) are not among them unless they are chosen."""
    if chosen is not None:
        return sorted(set(chosen))
    used = Counter(
        (key, value) for bucket in buckets for key, value in _tags(bucket).items() if not key.startswith("aws:")
    )
    shared = {key for (key, _), number in used.items() if number > 1}
    number_of: Counter[str] = Counter()
    for (key, _), number in used.items():
        if key in shared:
            number_of[key] += number
    most = sorted(number_of, key=lambda key: (-number_of[key], key))[:MOST_KEYS]
    return sorted(most)


def sums_by(
    dimension: str, records: Iterable[BucketRecord], rates: Rates, bounds: UpperBounds, missing: Missing
) -> dict[str, Group]:
    """Sum up the buckets of each label, sorted by it."""
    label = label_of(dimension)
    members: dict[str, list[BucketRecord]] = {}
    for record in records:
        members.setdefault(label(record), []).append(record)
    return {name: Sums(cells_of(members[name]), rates, bounds, missing).total() for name in sorted(members)}


def _tags(bucket: Labelled) -> dict[str, str]:
    details = bucket.details
    return details.tags if isinstance(details, BucketConfig) and isinstance(details.tags, dict) else {}


def _tag(bucket: Labelled, key: str) -> str:
    details = bucket.details
    if not isinstance(details, BucketConfig) or details.tags is None or details.tags is UNSET:
        return UNKNOWN
    value = details.tags.get(key)
    # A value that reads like one of ours is told from it.
    if value in (NO_TAG, EMPTY, UNKNOWN):
        return f"“{value}”"
    return NO_TAG if value is None else value or EMPTY


def _encryption(bucket: Labelled) -> str:
    details = bucket.details
    if not isinstance(details, BucketConfig) or details.encryption is None or details.encryption is UNSET:
        return UNKNOWN
    return details.encryption.method
