"""The accounts and units of a simulated organization."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

ROOT = "r-ab12"


@dataclass(frozen=True)
class Member:
    """An account of an organization. It need not be a simulated account."""

    id: str
    name: str
    state: str = "ACTIVE"
    units: tuple[str, ...] = ()  # ids of the units that contain it, below the root
    joined: datetime = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Organization:
    """An organization."""

    management: str  # account id
    members: tuple[Member, ...]  # the management account included
    units: Mapping[str, str] = field(default_factory=dict)  # name by id
    delegated: frozenset[str] = frozenset()  # accounts that may list the accounts, too
    empty_every: int = 0  # every page of this number is empty, with a token; 0: none
    id: str = "o-a1b2c3d4e5"
    has_state: bool = True  # whether accounts have State and Paths, next to Status
    partition: str = "aws"
