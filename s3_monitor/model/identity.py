"""Who an account is, and which buckets ListBuckets names in it."""

from __future__ import annotations

import msgspec


class Identity(msgspec.Struct, frozen=True):
    """``partition``: aws, aws-us-gov or aws-cn."""

    account: str
    partition: str


class FoundBucket(msgspec.Struct, frozen=True, gc=False):
    """``created``: seconds since 1970 UTC, null where the answer has none. ``region`` null: could not be found out."""

    name: str
    created: int | None
    region: str | None
