"""The accounts of an AWS organization."""

from __future__ import annotations

import msgspec

# AWS: the states of accounts to which requests are rejected.
_CLOSED_STATES = frozenset(("PENDING_ACTIVATION", "SUSPENDED", "CLOSED"))


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
