"""The accounts of an AWS organization."""

from __future__ import annotations

import msgspec

# AWS: the states of an account whose resources can be read.
READABLE_STATES = frozenset(("ACTIVE", "PENDING_CLOSURE"))


class OrganizationAccount(msgspec.Struct, frozen=True):
    """An account in the list of the organization."""

    id: str
    """Account id."""
    name: str
    """Name; not unique."""
    state: str
    """PENDING_ACTIVATION, ACTIVE, SUSPENDED, PENDING_CLOSURE or CLOSED; newer states are possible."""
    ous: tuple[str, ...] | None = None
    """Ids of the root and the organizational units that contain the account, from the root on; None: unknown."""
    joined: int | None = None
    """Time at which it joined, seconds since 1970 UTC; None: unknown."""

    @property
    def readable(self) -> bool:
        """Whether AWS allows requests to the account."""
        return self.state in READABLE_STATES


class Organization(msgspec.Struct, frozen=True):
    """An organization."""

    id: str
    """Id, like o-a1b2c3d4e5."""
    management_account: str
    """Account id of the management account."""
    partition: str
    """AWS partition."""
    accounts: tuple[OrganizationAccount, ...] = ()
    """The accounts, in the order of AWS."""
