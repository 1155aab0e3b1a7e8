"""The identity of an account, its entry in its organization, and its buckets as AWS lists them."""

from __future__ import annotations

from typing import Literal

import msgspec

from s3_monitor.model.bounds import Seconds

# The kinds of buckets with their own list operations.
SpecialKind = Literal["directory", "table", "vector"]
# AWS: the states of accounts to which requests are rejected.
_CLOSED_STATES = frozenset(("PENDING_ACTIVATION", "SUSPENDED", "CLOSED"))


class Identity(msgspec.Struct, frozen=True):
    """The account behind credentials."""

    account: str
    """Account id."""
    partition: str
    """AWS partition: aws, aws-us-gov, aws-cn, …"""


class OrganizationAccount(msgspec.Struct, frozen=True):
    """An account in the list of its organization."""

    id: str
    """Account id."""
    name: str
    """Name; not unique."""
    state: str
    """PENDING_ACTIVATION, ACTIVE, SUSPENDED, PENDING_CLOSURE or CLOSED; newer states are possible."""
    partition: str
    """AWS partition."""
    management_account: str
    """Account id of the management account of the organization; empty: unknown."""
    units: tuple[str, ...] | None = None
    """Ids of the root and the organizational units that contain the account, from the root on; None: unknown."""
    joined: int | None = None
    """Time at which it joined the organization, seconds since 1970 UTC; None: unknown."""

    @property
    def is_open(self) -> bool:
        """Whether AWS accepts requests to the account."""
        return self.state not in _CLOSED_STATES

    @property
    def is_management(self) -> bool:
        """Whether this is the management account."""
        return self.id == self.management_account


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
