"""Buckets grouped by label: their encryption, or the value of a tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from msgspec import UNSET, UnsetType

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.money.list_pricing import Rates, UpperBounds
from s3_monitor.report.totals import Missing, Totals, totals_of_records

NO_TAG = "(no tag)"
EMPTY = "(empty)"
UNKNOWN = "(unknown)"
ENCRYPTION = "encryption"
TAG = "tag:"
MOST_KEYS = 10  # tag keys, if the plan does not choose them


class Labelled(Protocol):
    """A bucket, merged or of the report."""

    @property
    def details(self) -> BucketConfig | UnsetType | None:
        """Return the configuration."""


Label = Callable[[Labelled], str]


def by_tag(key: str) -> str:
    """Return the dimension of a tag key."""
    return TAG + key


def tag_key(dimension: str) -> str:
    """Return the tag key of a dimension."""
    return dimension.removeprefix(TAG)


def label_of(dimension: str) -> Label:
    """Return the function that labels buckets in a dimension: ``encryption`` or ``tag:KEY``."""
    if dimension == ENCRYPTION:
        return _encryption
    key = tag_key(dimension)
    return lambda bucket: _tag(bucket, key)


def dimensions_of(buckets: Iterable[Labelled], chosen: Sequence[str] | None) -> list[str]:
    """Return the dimensions of the report: encryption and the tag keys. ``chosen``: as for ``tag_keys``."""
    return [ENCRYPTION, *map(by_tag, tag_keys(buckets, chosen))]


def tag_keys(buckets: Iterable[Labelled], chosen: Sequence[str] | None) -> list[str]:
    """Return the tag keys to group by, sorted: those ``chosen``, or the most used ones with a value in two buckets.

    AWS's own keys (``aws:…``) must be chosen.
    """
    if chosen is not None:
        return sorted(set(chosen))
    uses = Counter(
        (key, value) for bucket in buckets for key, value in _tags(bucket).items() if not key.startswith("aws:")
    )
    shared = {key for (key, _), number in uses.items() if number > 1}
    number_of: Counter[str] = Counter()
    for (key, _), number in uses.items():
        if key in shared:
            number_of[key] += number
    return sorted(sorted(number_of, key=lambda key: (-number_of[key], key))[:MOST_KEYS])


def label_totals(
    dimension: str, records: Iterable[ResolvedBucket], rates: Rates, bounds: UpperBounds, missing: Missing
) -> dict[str, Totals]:
    """Return the totals of the buckets of each label, sorted by label."""
    label = label_of(dimension)
    members: dict[str, list[ResolvedBucket]] = {}
    for record in records:
        members.setdefault(label(record), []).append(record)
    return {name: Totals(totals_of_records(members[name]), rates, bounds, missing) for name in sorted(members)}


def _tags(bucket: Labelled) -> dict[str, str]:
    details = bucket.details
    return details.tags if isinstance(details, BucketConfig) and isinstance(details.tags, dict) else {}


def _tag(bucket: Labelled, key: str) -> str:
    details = bucket.details
    if not isinstance(details, BucketConfig) or details.tags is None or details.tags is UNSET:
        return UNKNOWN
    value = details.tags.get(key)
    # Quote a value that is equal to one of our labels.
    if value in (NO_TAG, EMPTY, UNKNOWN):
        return f"“{value}”"
    return NO_TAG if value is None else value or EMPTY


def _encryption(bucket: Labelled) -> str:
    details = bucket.details
    if not isinstance(details, BucketConfig) or details.encryption is None or details.encryption is UNSET:
        return UNKNOWN
    return details.encryption.method
