"""Statistics of the objects of a bucket with their costs, as in buckets.json."""

from __future__ import annotations

import msgspec

from s3_monitor.model.object_stats import BucketSettings, Source


class PricedAmount(msgspec.Struct, frozen=True, gc=False):
    """Some objects of a bucket."""

    objects: int
    """Number of objects."""
    size: int
    """Bytes."""
    cost: float | None
    """List price at the rates of the bucket's storage types, in the currency of the price list per month; null: no
    known price."""


class Bin(msgspec.Struct, frozen=True, gc=False):
    """Objects in a range of sizes or ages."""

    below: int | None
    """Exclusive upper bound, in bytes or days; null: none. The lower bound is the upper bound of the previous bin."""
    objects: int
    """Number of objects."""
    size: int
    """Bytes."""


class CountBin(msgspec.Struct, frozen=True, gc=False):
    """Objects in a range of sizes, whose bytes are unknown."""

    below: int | None
    """Exclusive upper bound in bytes; null: none. The lower bound is the upper bound of the previous bin."""
    objects: int
    """Number of objects."""


class PrefixShare(msgspec.Struct, frozen=True, gc=False):
    """The current objects with a key prefix."""

    prefix: str
    """The prefix with its slash; "" with depth 0 for keys without a slash."""
    depth: int
    """Number of slashes in the prefix."""
    objects: int
    """Number of objects."""
    size: int
    """Bytes."""
    cost: float | None
    """List price, in the currency of the price list per month; null: no known price."""


class Difference(msgspec.Struct, frozen=True, gc=False):
    """The difference between the size from CloudWatch and from the listing, inventory or Storage Lens.

    cloudwatch = current + noncurrent + multipart + overhead - written_since + unexplained. An unknown term is null and
    included in unexplained.
    """

    cloudwatch: float
    """Bytes that CloudWatch reports."""
    current: int
    """Bytes of current objects."""
    noncurrent: int | None
    """Bytes of earlier versions; null: unknown."""
    multipart: int | None
    """Bytes of parts of unfinished uploads; null: unknown."""
    overhead: float
    """Bytes that AWS adds: padding of small objects, index and name of archived ones."""
    written_since: int | None
    """Bytes of versions written after the day of CloudWatch's figure; null: unknown."""
    unexplained: float
    """Remaining bytes."""


class PricedObjectStats(msgspec.Struct, frozen=True, gc=False):
    """Statistics of the objects of a bucket, or of the selected keys."""

    source: Source
    """Source of the statistics."""
    as_of: str
    """UTC time to which ages are measured."""
    complete: bool
    """Whether everything was read. If false, every figure is a lower bound."""
    cut: str
    """Why not everything was read; empty if it was."""
    keys: str
    """Pattern that the keys had to match; empty: all keys."""
    origin: str
    """Which inventory or export; empty for a listing."""
    current: PricedAmount
    """Current objects."""
    classes: dict[str, PricedAmount]
    """Storage class, followed by a colon and the access tier if it is known → current objects."""
    noncurrent: PricedAmount | None
    """Earlier versions; null: not requested or not contained."""
    noncurrent_classes: dict[str, PricedAmount]
    """Storage class → earlier versions."""
    delete_markers: int | None
    """Number of delete markers; null: not requested or not contained."""
    multipart: PricedAmount | None
    """Unfinished uploads and the bytes of their parts, priced as STANDARD; null: not requested or not contained."""
    old_multipart: PricedAmount | None
    """Those older than 7 days; null: unknown."""
    encrypted: int | None
    """Number of encrypted objects, all versions; null: unknown."""
    replicas: int | None
    """Number of objects that are replicas, all versions; null: unknown."""
    replicated: int | None
    """Number of objects that were replicated to other buckets, all versions; null: unknown."""
    locked: int | None
    """Number of objects with Object Lock, all versions; null: unknown."""
    all_sizes: list[CountBin] | None
    """Number of all versions, unfinished uploads and delete markers by size; null: unknown. From advanced metrics of
    Storage Lens."""
    settings: BucketSettings | None
    """Settings of the bucket by Storage Lens; null: from another source."""
    newest: str | None
    """Last-modified time of the newest current object, UTC; null: none."""
    oldest: str | None
    """Last-modified time of the oldest current object, UTC; null: none."""
    sizes: list[Bin] | None
    """Current objects by size in bytes; null: unknown."""
    ages: list[Bin] | None
    """Current objects by days since they were last modified; null: unknown."""
    prefixes: list[PrefixShare] | None
    """The largest prefixes of each depth; null: unknown."""
    encryption: dict[str, int] | None
    """Encryption method → number of current objects; null: unknown."""
    difference: Difference | None
    """Comparison with CloudWatch's bytes; null: not possible."""
