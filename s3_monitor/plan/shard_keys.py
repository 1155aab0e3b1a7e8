"""The keys of a shard and of an organization in shards.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from s3_monitor.model.identity import OrganizationAccount
from s3_monitor.plan.field_types import AccessKeys, AccountPattern, Name, Pattern, Role, RoleName, UnitId


class ShardKeys(AccessKeys, frozen=True, kw_only=True):
    """The keys of a shard, allowed in `defaults` too."""

    split_by: Literal["region", "storage-type", "none"] = "none"
    regions: Annotated[tuple[str, ...], Meta(min_length=1)] = ()
    buckets: Annotated[tuple[Pattern, ...], Meta(min_length=1)] = ()
    storage_types: Annotated[tuple[str, ...], Meta(min_length=1)] = ()


class Entry(ShardKeys, frozen=True, kw_only=True):
    """An item of `shards`, completed from `defaults` except for ``profile``. No regions, buckets or types: all."""

    name: Name
    cross_account: bool = False
    """Whether the metrics of accounts that are linked to this monitoring account are read, too."""


class OrganizationKeys(ShardKeys, frozen=True, kw_only=True):
    """The value of `organization`: how its accounts are listed and opened, and which are selected.

    ``profile`` and ``role_arn`` open the account that lists them; ``external_id`` applies to all roles.
    """

    role: RoleName = "s3-monitor-reader"
    """The role of each account, with its path."""
    management_role_arn: Role | None = None
    """The role of the management account; None: as in the other accounts, or the access that lists the accounts."""
    include: Annotated[tuple[AccountPattern, ...], Meta(min_length=1)] = ()
    """Account ids, or globs of account names; empty: all."""
    exclude: Annotated[tuple[AccountPattern, ...], Meta(min_length=1)] = ()
    ous: Annotated[tuple[UnitId, ...], Meta(min_length=1)] = ()
    """Ids of the root or organizational units; empty: all."""


class AccountEntry(Entry, frozen=True, kw_only=True):
    """The entry of an account of the organization."""

    member: OrganizationAccount
