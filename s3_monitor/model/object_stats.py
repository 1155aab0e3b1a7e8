"""Statistics of the objects of a bucket, from a listing, an inventory or Storage Lens. Without costs."""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

import msgspec

from s3_monitor.model.bounds import Amount as _Natural
from s3_monitor.model.bounds import Seconds as _Seconds

Source = Literal["listing", "inventory", "storage-lens"]
Ownership = Literal["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"]
KB = 1024

# Exclusive upper bounds of the bins of sizes (bytes) and ages (days since last modified); the last bin is open.
# AWS: objects below 128 KB are billed as 128 KB in the infrequent-access classes and not monitored by
# Intelligent-Tiering; 30, 90 and 180 days are minimum storage durations.
SIZE_EDGES = (1, 128 * KB, KB**2, 16 * KB**2, 128 * KB**2, KB**3, 16 * KB**3)
AGE_EDGES = (1, 7, 30, 90, 180, 365, 730)
# Exclusive upper bounds of the size ranges of Storage Lens.
LENS_EDGES = (1, *(128 * KB << step for step in range(16)))
RECENT_DAYS = 4  # AWS: daily figures are published one or two days later
DAY = 86_400


def size_bin(size: int) -> int:
    """Return the index of the bin of a size in bytes."""
    return bisect_right(SIZE_EDGES, size)


def age_bin(days: int) -> int:
    """Return the index of the bin of an age in days. A negative age is in the first bin."""
    return bisect_right(AGE_EDGES, days)


class Amount(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Objects and their bytes, as `[objects, size]`."""

    objects: _Natural = 0
    """Number of objects."""
    size: _Natural = 0
    """Bytes."""

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.objects + other.objects, self.size + other.size)


class Prefix(msgspec.Struct, frozen=True, gc=False):
    """The current objects with a key prefix."""

    prefix: str
    """The prefix with its delimiter; "" for keys without one."""
    classes: dict[str, Amount]
    """Storage class → objects."""


class BucketSettings(msgspec.Struct, frozen=True, omit_defaults=True):
    """Settings of a bucket by Storage Lens. Null: unknown, or read from the bucket itself, which is newer."""

    versioning: bool | None = None
    """Whether versioning is enabled; false: suspended, or never enabled."""
    kms: bool | None = None
    """Whether new objects are encrypted with keys of KMS by default."""
    mfa_delete: bool | None = None
    """Whether MFA delete is enabled."""
    ownership: Ownership | None = None
    """Object Ownership."""
    transfer_acceleration: bool | None = None
    """Whether Transfer Acceleration is enabled."""
    event_notifications: bool | None = None
    """Whether event notifications are enabled."""
    lifecycle_rules: _Natural | None = None
    """Number of lifecycle rules, by advanced metrics."""
    replication_rules: _Natural | None = None
    """Number of replication rules, by advanced metrics."""


class ObjectStats(msgspec.Struct, frozen=True, omit_defaults=True):
    """The objects of a bucket, or those of the selected keys."""

    source: Source
    """Source of the statistics."""
    at: _Seconds
    """Time to which ages are measured, seconds since 1970 UTC: that of the plan for a listing, of the creation for an
    inventory, the end of the day for Storage Lens."""
    complete: bool
    """Whether everything was read. If false, every figure is a lower bound."""
    current: Amount
    """Current objects."""
    classes: dict[str, Amount]
    """Storage class, followed by a colon and the access tier if it is known → current objects."""
    sizes: tuple[Amount, ...] | None
    """Current objects by size, one bin more than SIZE_EDGES; null: not requested."""
    ages: tuple[Amount, ...] | None
    """Current objects by age, one bin more than AGE_EDGES; null: not requested, or no dates."""
    recent: tuple[Amount, ...] | None = None
    """All versions last modified on the UTC day of `at` or later, on the day before, and so on; null: unknown."""
    newest: _Seconds | None = None
    """Last-modified time of the newest current object, seconds since 1970 UTC; null: none."""
    oldest: _Seconds | None = None
    """Last-modified time of the oldest current object, seconds since 1970 UTC; null: none."""
    noncurrent: Amount | None = None
    """Earlier versions; null: not contained."""
    noncurrent_classes: dict[str, Amount] = {}
    """Storage class → earlier versions."""
    delete_markers: _Natural | None = None
    """Number of delete markers; null: not contained."""
    multipart: Amount | None = None
    """Unfinished uploads and the bytes of their parts; null: not contained."""
    old_multipart: Amount | None = None
    """Unfinished uploads older than 7 days, and the bytes of their parts; null: unknown."""
    encrypted: Amount | None = None
    """Encrypted objects, all versions; null: unknown."""
    replicas: Amount | None = None
    """Objects that are replicas, all versions; null: unknown."""
    replicated: Amount | None = None
    """Objects that were replicated to other buckets, all versions; null: unknown."""
    locked: Amount | None = None
    """Objects with Object Lock, all versions; null: unknown."""
    all_sizes: tuple[_Natural, ...] | None = None
    """Number of all versions, unfinished uploads and delete markers by size, one bin more than LENS_EDGES; null:
    unknown."""
    settings: BucketSettings | None = None
    """Settings of the bucket; null: not from Storage Lens."""
    prefixes: tuple[Prefix, ...] | None = ()
    """Keys without a delimiter, then the largest prefixes of each depth; null: not requested."""
    encryption: dict[str, _Natural] | None = None
    """Encryption method → number of current objects; null: unknown."""
    keys: str = ""
    """Pattern that the keys had to match; empty: all keys."""
    origin: str = ""
    """The inventory or export and its date; empty for a listing."""
    cut: str = ""
    """Why not everything was read; empty if it was."""
    requests: _Natural = 0
    """Number of requests to AWS."""


def merge_object_stats(left: ObjectStats | None, right: ObjectStats) -> ObjectStats:
    """Return the complete statistics, else the later ones, else those of more objects or metrics. Commutative.

    They are never combined, because their objects may overlap.
    """
    return right if left is None or left == right else max(left, right, key=_rank)


def _rank(stats: ObjectStats) -> tuple[bool, int, int, bool, bool, bytes]:
    has_sizes, has_settings = stats.all_sizes is not None, stats.settings is not None
    return (
        stats.complete,
        stats.at,
        stats.current.objects,
        has_sizes,
        has_settings,
        msgspec.json.encode(stats, order="sorted"),
    )
