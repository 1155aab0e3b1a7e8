"""Who an account is, and which buckets ListBuckets names in it."""

from __future__ import annotations

from typing import Literal

import msgspec

from s3_monitor.model.bounds import Seconds

# The kinds of buckets that have lists of their own.
SpecialKind = Literal["directory", "table", "vector"]


class Identity(msgspec.Struct, frozen=True):
    """``partition``: aws, aws-us-gov or aws-cn."""

    account: str
    partition: str


class AccountBucket(msgspec.Struct, frozen=True, gc=False):
    """``created``: seconds since 1970 UTC; ``None``, with ``bad_date``: the response has none, or one out of bounds.
    ``region`` ``None``: unknown."""

    name: str
    created: int | None
    region: str | None
    bad_date: bool = False


class SpecialBucket(msgspec.Struct, array_like=True, frozen=True, gc=False, order=True):
    """A bucket of a kind that ListBuckets does not name, as `[kind, name, created]`."""

    kind: SpecialKind
    """Kind of bucket."""
    name: str
    """Name of the bucket."""
    created: Seconds | None
    """Time of creation, seconds since 1970 UTC; null: unknown."""
