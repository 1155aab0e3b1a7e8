"""The entries of shards.yaml, or the one there is without it, narrowed to what the command line chooses."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from s3_monitor.model.errors import UserError
from s3_monitor.model.plan import Access
from s3_monitor.plan.names import LONGEST, name_from
from s3_monitor.plan.options import PlanOptions
from s3_monitor.plan.shards_file import Entry, ShardsFile

# Room for a region or storage type behind a profile's name.
_LONGEST_PROFILE = LONGEST - 40


def entries_of(
    choices: PlanOptions,
    shards_file: ShardsFile | None,
    partition_of: Mapping[str, str],
    storage_types: Collection[str],
) -> list[Entry]:
    """By name. Narrowed by profile, regions and storage types; their ``profile`` is the one to use.
    UserError where nothing is left."""
    if shards_file is None:
        name = name_from((choices.profile or "")[:_LONGEST_PROFILE], "s3")
        entries = [Entry(name=name, profile=choices.profile, split_by="region")]
    else:
        entries = _of_profile(list(shards_file.checked(partition_of, storage_types)), choices, shards_file)
    entries = _within(entries, "regions", choices.regions, "-r")
    entries = _within(entries, "storage_types", choices.storage_types, "-s")
    return sorted(entries, key=lambda entry: entry.name)


def access_of(entry: Entry, partition_of: Mapping[str, str]) -> Access:
    """How the entry's account is opened. Regions of one partition other than aws say where to ask who it is."""
    partitions = {partition_of[region] for region in entry.regions}
    home = entry.regions[0] if len(partitions) == 1 and partitions != {"aws"} else None
    return Access(
        profile=entry.profile,
        role_arn=entry.role_arn,
        external_id=entry.external_id,
        region=home,
        credentials=entry.credentials,
    )


def _of_profile(entries: list[Entry], choices: PlanOptions, shards_file: ShardsFile) -> list[Entry]:
    """With -p, the entries that use that profile: their own, or instead of the one in `defaults`."""
    if choices.profile is not None:
        entries = [entry for entry in entries if entry.profile in (None, choices.profile)]
        if not entries:
            raise UserError(f"-p {choices.profile}: no shard of {shards_file.name} uses this profile")
    profile = choices.profile or shards_file.profile
    return [msgspec.structs.replace(entry, profile=entry.profile or profile) for entry in entries]


def _within(entries: list[Entry], field: str, chosen: tuple[str, ...], option: str) -> list[Entry]:
    """What an entry and the option have in common; entries without anything in common are left out."""
    if not chosen:
        return entries
    kept = []
    for entry in entries:
        own: tuple[str, ...] = getattr(entry, field)
        common = tuple(value for value in chosen if not own or value in own)
        if common:
            kept.append(msgspec.structs.replace(entry, **{field: common}))
    if not kept:
        raise UserError(f"{option} {', '.join(chosen)}: no shard of the shards file asks for that")
    return kept
