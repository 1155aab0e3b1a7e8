"""The shards that read Storage Lens exports."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from s3_monitor.model.errors import UserError
from s3_monitor.model.plan import Access, ObjectsRule, Shard
from s3_monitor.model.storage_lens import SHARD, LensQuery
from s3_monitor.plan.exports_key import StorageLensKey


def objects_rule(rule: ObjectsRule, exports: Sequence[StorageLensKey]) -> ObjectsRule:
    """Return the rule for objects: ``auto`` prefers Storage Lens, unless keys are selected.

    Raises UserError if Storage Lens is requested without an export, or for selected keys.
    """
    if rule.mode == "auto" and exports and not rule.narrowed:
        return msgspec.structs.replace(rule, mode="storage-lens")
    if rule.mode != "storage-lens":
        return rule
    if not exports:
        advice = "set exports.storage_lens in shards.yaml: see docs/exports.md"
        raise UserError("objects: storage-lens needs the location of a Storage Lens export", advice)
    if rule.narrowed:
        raise UserError("Storage Lens has no figures of selected keys", "choose --objects listing or inventory")
    return rule


def plan_lens(
    rule: ObjectsRule, exports: Sequence[StorageLensKey], accesses: Sequence[Access], default_profile: str | None
) -> tuple[list[Shard], list[Access]]:
    """Return a shard for each export, if the rule requests them, and all accesses of the plan."""
    all_accesses = list(accesses)
    shards: list[Shard] = []
    for number, key in enumerate(exports if rule.mode == "storage-lens" else (), 1):
        opened = msgspec.structs.replace(key, profile=key.profile or default_profile)
        access = opened.access(opened.region or None)
        if access not in all_accesses:
            all_accesses.append(access)
        name = SHARD if len(exports) == 1 else f"{SHARD}-{number}"
        query = LensQuery(all_accesses.index(access), opened.export())
        shards.append(Shard(name, opened.agent, opened.credentials, opened.timeout_minutes, (), None, query))
    return shards, all_accesses
