"""The key `exports` of shards.yaml: the locations of billing and Storage Lens exports, and what reads them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from s3_monitor.model.exports import BillingExport, BillingKind, ExportReading, StorageLensExport
from s3_monitor.plan.shard_keys import AccessKeys, AthenaName, Url

_Bucket = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")]
_Prefix = Annotated[str, Meta(pattern=r"^[^\x00-\x1f\x7f]*\Z", max_length=700)]
# AWS: names of exports, reports and configurations. They are parts of keys.
_Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9!_.*'()-]{1,256}\Z")]
_Region = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,62}\Z")]
_Table = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_]{1,128}\Z")]

_ACCESS = ", ".join(AccessKeys.__struct_fields__)
ALLOWED = {
    "exports": "a mapping of billing, storage_lens, engine, workgroup, database, output, max_usd",
    "billing": f"a mapping of kind, bucket, prefix, name, region, table, {_ACCESS}",
    "storage_lens": f"a list of mappings of bucket, prefix, config, region, table, {_ACCESS}",
    "kind": "cur2, focus or cur",
    "bucket": "the name of a bucket",
    "prefix": "a prefix of keys, as set for the export",
    "config": "the id of a Storage Lens configuration",
    "region": "an AWS region, like us-east-1",
}


class BillingKey(AccessKeys, frozen=True, kw_only=True):
    """The values of `billing`; see model.exports.BillingExport."""

    kind: BillingKind
    bucket: _Bucket
    prefix: _Prefix = ""
    name: _Name = ""
    region: _Region = ""
    table: _Table = ""

    def export(self, tag: str) -> BillingExport:
        """Return the location. ``tag``: the cost allocation tag to compare with."""
        prefix = self.prefix.strip("/")
        return BillingExport(self.kind, self.bucket, prefix, self.name, self.region, self.table, tag)


class StorageLensKey(AccessKeys, frozen=True, kw_only=True):
    """An item of `storage_lens`; see model.exports.StorageLensExport."""

    bucket: _Bucket
    config: _Name
    prefix: _Prefix = ""
    region: _Region = ""
    table: _Table = ""

    def export(self) -> StorageLensExport:
        """Return the location."""
        return StorageLensExport(self.bucket, self.config, self.prefix.strip("/"), self.region, self.table)


class ExportsKey(ExportReading, frozen=True, kw_only=True):
    """The values of the key."""

    billing: BillingKey | None = None
    storage_lens: tuple[StorageLensKey, ...] = ()
    workgroup: AthenaName = ExportReading().workgroup
    database: AthenaName = ExportReading().database
    output: Url = ""


def with_access(exports: Any, executor: dict[str, Any], payer: Any) -> Any:
    """Return the mapping with the access of each export, as far as it does not have its own.

    ``executor``: of exports with their own profile or role. ``payer``: the access to billing exports. Values of other
    types are returned unchanged, since their type is checked later.
    """
    if not isinstance(exports, dict):
        return exports
    completed = dict(exports)
    billing, lens = exports.get("billing"), exports.get("storage_lens")
    if isinstance(billing, dict):
        has_own = "profile" in billing or "role_arn" in billing
        access = executor if has_own or not isinstance(payer, dict) else payer
        completed["billing"] = {**access, **billing}
    if isinstance(lens, list):
        completed["storage_lens"] = [{**executor, **item} if isinstance(item, dict) else item for item in lens]
    return completed
