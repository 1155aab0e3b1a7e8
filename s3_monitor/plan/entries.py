"""The entries of shards.yaml within the selection of the command line; without a file, one entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from s3_monitor.model.bill import SHARD
from s3_monitor.model.errors import UserError
from s3_monitor.model.plan import Access
from s3_monitor.plan.discovery import AccountDiscovery
from s3_monitor.plan.names import LONGEST, name_from
from s3_monitor.plan.options import PlanOptions
from s3_monitor.plan.organization import ExpandedOrganization, expand
from s3_monitor.plan.shard_keys import Entry
from s3_monitor.plan.shards_file import ShardsFile, possible_names

# Leaves room for a region or storage type after the profile name.
_LONGEST_PROFILE = LONGEST - 40


def entries_of(
    options: PlanOptions,
    shards_file: ShardsFile | None,
    partition_of: Mapping[str, str],
    members: Collection[Entry] = (),
) -> list[Entry]:
    """Return the entries by name, restricted to the selected profile, regions and storage types.

    ``members``: the entries of the organization. Their ``profile`` is the effective one. Raises UserError if no entry
    remains.
    """
    if shards_file is None:
        name = name_from((options.profile or "")[:_LONGEST_PROFILE], "s3")
        entries = [Entry(name=name, profile=options.profile, split_by="region")]
    else:
        entries = _of_profile(list(shards_file.checked(partition_of)), options, shards_file)
        entries += members
        if not entries:
            raise UserError(f"-p {options.profile}: no shard of {shards_file.name} uses this profile")
    entries = _within(entries, "regions", options.regions, "-r")
    entries = _within(entries, "storage_types", options.storage_types, "-s")
    return sorted(entries, key=lambda entry: entry.name)


def expanded_organization(
    options: PlanOptions,
    shards_file: ShardsFile | None,
    discovery: AccountDiscovery,
    partition_of: Mapping[str, str],
) -> ExpandedOrganization:
    """Return the entries of the file's organization; none without one, or if -p selects another profile.

    Raises UserError or AwsError if there are no other entries and no account could be listed or is selected.
    """
    keys = shards_file.organization(partition_of) if shards_file else None
    if shards_file is None or keys is None or (options.profile and keys.profile not in (None, options.profile)):
        return ExpandedOrganization()
    profile = keys.profile or options.profile or shards_file.profile
    taken = {SHARD, *(name for entry in shards_file.entries for name in possible_names(entry, partition_of))}
    organization = expand(keys, profile, discovery, lambda entry: possible_names(entry, partition_of), taken)
    if not organization.entries and not shards_file.entries:
        if organization.failure is not None:
            raise organization.failure
        raise UserError("organization: no account is selected", "see include, exclude and ous in docs/organization.md")
    return organization


def access_of(entry: Entry, partition_of: Mapping[str, str]) -> Access:
    """Return the access of an entry. Its region is set if all regions are in one partition other than aws."""
    partitions = {partition_of[region] for region in entry.regions}
    home = entry.regions[0] if len(partitions) == 1 and partitions != {"aws"} else None
    return entry.access(home)


def _of_profile(entries: list[Entry], options: PlanOptions, shards_file: ShardsFile) -> list[Entry]:
    """Return the entries that use the profile of -p, as their own or instead of that in `defaults`."""
    if options.profile is not None:
        entries = [entry for entry in entries if entry.profile in (None, options.profile)]
    profile = options.profile or shards_file.profile
    return [msgspec.structs.replace(entry, profile=entry.profile or profile) for entry in entries]


def _within(entries: list[Entry], field: str, selected: tuple[str, ...], option: str) -> list[Entry]:
    """Return the entries with the values that they share with the option, without those that share none."""
    if not selected:
        return entries
    kept = []
    for entry in entries:
        own: tuple[str, ...] = getattr(entry, field)
        common = tuple(value for value in selected if not own or value in own)
        if common:
            kept.append(msgspec.structs.replace(entry, **{field: common}))
    if not kept:
        raise UserError(f"{option} {', '.join(selected)}: no shard of the shards file includes it")
    return kept
