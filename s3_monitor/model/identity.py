"""The identity of an account, and its buckets as AWS lists them."""

from __future__ import annotations

from typing import Literal

import msgspec

from s3_monitor.model.bounds import Seconds

# The kinds of buckets with their own list operations.
SpecialKind = Literal["directory", "table", "vector"]


class Identity(msgspec.Struct, frozen=True):
    """The account behind credentials."""

    account: str
    """Account id."""
    partition: str
    """AWS partition: aws, aws-us-gov, aws-cn, …"""


class AccountBucket(msgspec.Struct, frozen=True, gc=False):
    """A bucket in a list of the account's buckets."""

    name: str
    created: int | None
    """Seconds since 1970 UTC; None: unknown."""
    region: str | None
    """None: unknown."""
    bad_date: bool = False
    """Whether the response has no creation date, or one out of bounds."""


class SpecialBucket(msgspec.Struct, array_like=True, frozen=True, gc=False, order=True):
    """A bucket of a kind that ListBuckets does not return, as `[kind, name, created]`."""

    kind: SpecialKind
    """Kind of bucket."""
    name: str
    """Name of the bucket."""
    created: Seconds | None
    """Time of creation, seconds since 1970 UTC; null: unknown."""
