"""The keys of shards.yaml that open accounts, of shards and of an organization, and the types of their values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from s3_monitor.model.bill import CostQuery
from s3_monitor.model.identity import OrganizationAccount
from s3_monitor.model.plan import Access, Shard, TimeoutMinutes, Unit
from s3_monitor.model.storage_lens import LensQuery
from s3_monitor.plan import bucket_patterns, names

# Printable, so that a line of shards.tsv keeps its four fields.
Text = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]+\Z", max_length=255)]
Name = Annotated[str, Meta(pattern=rf"^{names.NAME}\Z")]
Role = Annotated[str, Meta(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}\Z")]
ExternalId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_+=,.@:/-]{2,1224}\Z")]
Pattern = Annotated[str, Meta(pattern=rf"^{bucket_patterns.ALLOWED.pattern}\Z")]
RoleName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9+=,.@_-][A-Za-z0-9+=,.@_/-]{0,511}\Z")]
AccountPattern = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,128}\Z")]
UnitId = Annotated[str, Meta(pattern=r"^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})\Z")]
# AWS: a tag key has up to 128 letters, digits, spaces and these characters.
CostTag = Annotated[str, Meta(pattern=r"^[\w .:/=+@-]{1,128}\Z")]
URL = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^\x00-\x1f\x7f]{0,900})?")
Url = Annotated[str, Meta(pattern=rf"^{URL.pattern}\Z")]
# AWS: names that Athena accepts without quotes. The name of a table may contain {bucket}.
AthenaName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*\Z", max_length=128)]
AthenaTable = Annotated[str, Meta(pattern=r"^([a-z0-9_]|\{bucket\})+\Z", max_length=128)]


class AccessKeys(msgspec.Struct, frozen=True, kw_only=True):
    """How an account is opened, and the Jenkins agent that does it."""

    profile: Text | None = None
    role_arn: Role | None = None
    external_id: ExternalId | None = None
    agent: Text = ""
    credentials: Text = ""
    timeout_minutes: TimeoutMinutes = 60

    def access(self, region: str | None = None, default_profile: str | None = None) -> Access:
        """Return the access. ``region``: of its requests that are global; None: the configured one."""
        profile = self.profile or default_profile
        return Access(profile, self.role_arn, self.external_id, region or None, self.credentials)

    def shard(
        self, name: str, units: Iterable[Unit] = (), bill: CostQuery | None = None, lens: LensQuery | None = None
    ) -> Shard:
        """Return a shard that is collected with this access."""
        in_order = tuple(sorted(units, key=lambda unit: unit.id))
        return Shard(name, self.agent, self.credentials, self.timeout_minutes, in_order, bill, lens)


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
