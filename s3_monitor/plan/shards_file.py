"""The file shards.yaml: its keys, their allowed values, and the errors about them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from s3_monitor.model.bill import SHARD, TAG
from s3_monitor.model.bounds import Count
from s3_monitor.model.files import shortened
from s3_monitor.model.plan import InventoryRule, ObjectsRule, PrefixDepth, PrefixTop, Quotas, ReportRule
from s3_monitor.money.storage_types import storage_types
from s3_monitor.plan import bucket_patterns, exports_key, names
from s3_monitor.plan.exports_key import ExportsKey
from s3_monitor.plan.free_keys import FAMILIES_RULE, PLACES_RULE, families_of, places_of
from s3_monitor.plan.options import Settings
from s3_monitor.plan.shard_keys import (
    AccessKeys,
    AthenaName,
    AthenaTable,
    CostTag,
    Entry,
    OrganizationKeys,
    ShardKeys,
    Text,
    Url,
)
from s3_monitor.plan.yaml_record import check_keys, fields_of, read_record

if TYPE_CHECKING:
    from s3_monitor.plan.yaml_document import Document


class Listing(msgspec.Struct, frozen=True):
    """The limits of listing; see model.plan.ListingRule and ObjectsRule. None: their defaults."""

    max_objects: Count | None = None
    max_requests: Count | None = None


class Prefixes(msgspec.Struct, frozen=True):
    """The prefixes to report; see model.plan.ObjectsRule."""

    depth: PrefixDepth = ObjectsRule().depth
    top: PrefixTop = ObjectsRule().top


class Report(ReportRule, frozen=True):
    """The contents of the report."""

    group_by_tags: Annotated[tuple[Text, ...], Meta(max_length=50)] | None = None


class Inventory(InventoryRule, frozen=True):
    """The locations of inventories and the engine that reads them."""

    workgroup: AthenaName = InventoryRule().workgroup
    database: AthenaName = InventoryRule().database
    table: AthenaTable = InventoryRule().table
    output: Url = ""


class FileSettings(Settings, frozen=True, kw_only=True):
    """The settings of the file, at its top level or in `defaults`."""

    listing: Listing = Listing()
    report: Report = Report()
    quotas: Quotas = Quotas()
    billing_family: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    cost_tag: CostTag = TAG
    payer: AccessKeys = AccessKeys()
    inventory: Inventory = Inventory()
    prefixes: Prefixes = Prefixes()
    exports: ExportsKey = ExportsKey()


class _File(FileSettings, frozen=True, kw_only=True):
    defaults: ShardKeys = ShardKeys()
    organization: OrganizationKeys | None = None
    shards: Annotated[tuple[Entry, ...], Meta(min_length=1)] = ()


_SETTINGS = FileSettings.__struct_fields__
_WORDS = ("last_modified", "objects")  # YAML 1.1 reads an unquoted off as false
_EXECUTOR = ("agent", "credentials", "timeout_minutes")  # keys that the payer takes from `defaults`

_SHARDS_RULE = "a list of shards, each with at least a name"
_ALLOWED = {
    "": f"a mapping with {_SHARDS_RULE}; or with organization",
    "name": names.NAME_RULE,
    "profile": "the name of an AWS profile",
    "role_arn": "a role's ARN, like arn:aws:iam::111122223333:role/s3-monitor-reader",
    "external_id": "the external id of the role's trust policy; in quotes if it is a number",
    "agent": "a Jenkins agent label: a line of text",
    "credentials": "the id of Jenkins credentials: a line of text",
    "timeout_minutes": "a whole number of minutes, 1 to 1440",
    "cross_account": "true or false",
    "split_by": "region, storage-type or none",
    "regions": "a list of AWS regions, like [us-east-1, eu-west-1]",
    "buckets": f'a list of patterns, like ["logs-*"]: each {bucket_patterns.ALLOWED_RULE}',
    "storage_types": "a list of CloudWatch storage types, like [StandardStorage]",
    "history_days": "a whole number of days, 0 to 455",
    "last_modified": "auto, all or off",
    "listing": "a mapping of max_objects and max_requests",
    "max_objects": "a whole number of objects, 0 or more",
    "max_requests": "a whole number of requests, 0 or more",
    "objects": "off, auto, storage-lens, inventory or listing",
    "versions": "true or false",
    "inventory": "a mapping of places, answers, engine, workgroup, database, table, output, max_usd",
    "answers": "all or classes",
    "places": PLACES_RULE,
    "engine": "duckdb or athena",
    "workgroup": "the name of an Athena workgroup",
    "database": "the name of an Athena database",
    "table": "the name of a table: lower-case letters, digits and _; {bucket} is replaced by the bucket name",
    "output": "an s3:// URL",
    "max_usd": "a number of dollars, 0 to 1000000000",
    **exports_key.ALLOWED,
    "report": "a mapping of top and group_by_tags",
    "group_by_tags": "a list of at most 50 tag keys, like [team, owner]",
    "details": "true or false",
    "requests": "true or false",
    "top": "a whole number, of buckets 0 to 20000, of prefixes 1 to 1000",
    "prefixes": "a mapping of depth and top",
    "depth": "a whole number of levels, 0 to 10",
    "quotas": "a mapping of list_metrics, get_metric_data, datapoints and configurations",
    "list_metrics": "a number of calls a second, more than 0",
    "get_metric_data": "a number of calls a second, more than 0",
    "datapoints": "a number of data points a second, more than 0",
    "configurations": "a number of calls a second, more than 0",
    "billing_family": FAMILIES_RULE,
    "costs": "list, billed, tagged or exported",
    "cost_tag": "the key of a cost allocation tag, like bucket_name",
    "payer": "a mapping of profile, role_arn, external_id, agent, credentials and timeout_minutes",
    "shards": _SHARDS_RULE,
    "organization": f"a mapping of {', '.join(OrganizationKeys.__struct_fields__)}",
    "role": "the name of the role in each account, like s3-monitor-reader",
    "management_role_arn": "the ARN of the role in the management account",
    "include": 'a list of account ids in quotes or globs of account names, like ["111122223333", "prod-*"]',
    "exclude": 'a list of account ids in quotes or globs of account names, like ["sandbox-*"]',
    "ous": "a list of ids of the root or organizational units, like [ou-ab12-11111111]",
    "defaults": f"a mapping of keys that shards have, or of {', '.join(_SETTINGS)}",
}


class ShardsFile:
    """A shards.yaml with valid syntax and types; ``checked`` validates its names.

    ``profile``: the default of entries without their own. None: the file does not set it.
    """

    def __init__(self, document: Document) -> None:
        """Raise UserError with the line, the path and the allowed values for the first error."""
        self._document = document
        file = read_record(document, self._completed(document.value), _File, _ALLOWED)
        self._check_external_id("payer", file.payer)
        if file.exports.billing is not None:
            self._check_external_id("exports.billing", file.exports.billing)
        for index, lens in enumerate(file.exports.storage_lens):
            self._check_external_id(f"exports.storage_lens[{index}]", lens)
        self.name = document.name
        self.settings: FileSettings = file
        if not file.shards and file.organization is None:
            document.refuse("", "`shards` is missing", f"shards: {_SHARDS_RULE}")
        self.entries = file.shards
        self.organization_keys = file.organization
        self.profile = file.defaults.profile

    def checked(self, partition_of: Mapping[str, str]) -> tuple[Entry, ...]:
        """Return the entries with storage types spelled as in CloudWatch. ``partition_of``: region → partition.

        Raises UserError for unknown regions and storage types, and for duplicate names of shards.
        """
        refuse = self._document.refuse
        taken = {SHARD: "the shard of the bill"} if self.settings.costs not in (None, "list") else {}
        entries = []
        for index, entry in enumerate(self.entries):
            path = f"shards[{index}]"
            self._check_regions(entry, path, partition_of)
            entry = msgspec.structs.replace(entry, storage_types=self._spelled(entry, path))
            for name in possible_names(entry, partition_of):
                if len(name) > names.LONGEST:
                    refuse(f"{path}.name", f"gives the name {name}, of {len(name)} characters", names.NAME_RULE)
                if name in taken:
                    refuse(
                        f"{path}.name", f"gives the name {name}, as {taken[name]} does", "a unique name for each shard"
                    )
                taken[name] = f"{path}.name"
            entries.append(entry)
        return tuple(entries)

    def organization(self, partition_of: Mapping[str, str]) -> OrganizationKeys | None:
        """Return the organization, validated as the entries of ``checked``; None if the file has none."""
        keys = self.organization_keys
        if keys is None:
            return None
        self._check_regions(keys, "organization", partition_of)
        return msgspec.structs.replace(keys, storage_types=self._spelled(keys, "organization"))

    @property
    def credentials_users(self) -> tuple[ShardKeys, ...]:
        """The entries and the organization, which may need Jenkins credentials."""
        return self.entries if self.organization_keys is None else (*self.entries, self.organization_keys)

    def _completed(self, value: Any) -> Any:
        """Return the mapping with all shards completed from `defaults` and all settings at the top level.

        The profile is not completed: -p selects by the shard's own profile.
        """
        defaults = value.get("defaults", {}) if isinstance(value, dict) else None
        if not isinstance(defaults, dict):
            return value
        check_keys(self._document, "defaults", defaults, fields_of(ShardKeys, FileSettings), _ALLOWED)
        if both := [key for key in _SETTINGS if key in value and key in defaults]:
            self._document.refuse(both[0], "is set in `defaults` too", "set it in one place")
        inherited = {key: item for key, item in defaults.items() if key not in _SETTINGS}
        settings = {key: item for key, item in defaults.items() if key in _SETTINGS}
        self._document.moved = {key: f"defaults.{key}" for key in settings}
        completed = {"defaults": inherited, **settings, **{key: value[key] for key in value if key != "defaults"}}
        executor = {key: inherited[key] for key in _EXECUTOR if key in inherited}
        completed["payer"] = _filled(executor, completed.get("payer", {}))
        if "exports" in completed:
            completed["exports"] = exports_key.with_access(completed["exports"], executor, completed["payer"])
        own = {key: item for key, item in inherited.items() if key != "profile"}
        if isinstance(shards := value.get("shards"), list):
            completed["shards"] = [_filled(own, shard) for shard in shards]
        if "organization" in value:
            completed["organization"] = _filled(own, value["organization"])
        for key in _WORDS:
            if completed.get(key) is False:
                completed[key] = "off"
        return self._with_free_keys(completed)

    def _with_free_keys(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return the mapping after the validation of those parts of it whose keys are names."""
        if "billing_family" in value:
            value["billing_family"] = families_of(self._document, "billing_family", value["billing_family"])
        inventory = value.get("inventory")
        if isinstance(inventory, dict) and "places" in inventory:
            places = places_of(self._document, "inventory.places", inventory["places"])
            value["inventory"] = {**inventory, "places": places}
        return value

    def _check_regions(self, entry: ShardKeys, path: str, partition_of: Mapping[str, str]) -> None:
        refuse = self._document.refuse
        for index, region in enumerate(entry.regions):
            if region not in partition_of:
                refuse(
                    f"{path}.regions[{index}]",
                    f"{shortened(region)} is not a region",
                    names.did_you_mean(region, partition_of),
                )
        partitions = {partition_of[region] for region in entry.regions}
        if entry.role_arn:
            partitions.add(entry.role_arn.split(":")[1])
        if len(partitions) > 1:
            several = ", ".join(sorted(partitions))
            refuse(f"{path}.regions", f"are in several partitions: {several}", "a shard for each partition")
        if not isinstance(entry, OrganizationKeys):
            self._check_external_id(path, entry)

    def _check_external_id(self, path: str, keys: AccessKeys) -> None:
        if keys.external_id and not keys.role_arn:
            self._document.refuse(f"{path}.external_id", "is set without role_arn", "only with role_arn")

    def _spelled(self, entry: ShardKeys, path: str) -> tuple[str, ...]:
        by_lower = {name.lower(): name for name in storage_types()}
        for index, name in enumerate(entry.storage_types):
            if name.lower() not in by_lower:
                suggestion = names.did_you_mean(name, storage_types())
                what = f"{shortened(name)} is not a storage type"
                self._document.refuse(f"{path}.storage_types[{index}]", what, suggestion)
        return tuple(sorted({by_lower[name.lower()] for name in entry.storage_types}))


def load(path: Path) -> ShardsFile:
    """Read a shards.yaml. Raises UserError if it cannot be read or is invalid."""
    from s3_monitor.plan.yaml_document import read_document  # not for commands without a shards.yaml

    return ShardsFile(read_document(path, "--shards"))


def possible_names(entry: Entry, regions: Collection[str]) -> Iterator[str]:
    """Return the names that the shards of an entry may have, before the accounts are read."""
    if entry.split_by == "region":
        yield from (f"{entry.name}-{region}" for region in entry.regions or regions)
    elif entry.split_by == "storage-type":
        yield from (f"{entry.name}-{type_.lower()}" for type_ in entry.storage_types or storage_types())
        yield f"{entry.name}-rest"
    else:
        yield entry.name


def _filled(defaults: dict[str, Any], value: Any) -> Any:
    """Return a mapping completed from ``defaults``; any other value unchanged, since its type is checked later."""
    return {**defaults, **value} if isinstance(value, dict) else value
