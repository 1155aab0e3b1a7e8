"""The file shards.yaml: its keys, their allowed values, and the errors about them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import msgspec
from msgspec import Meta

from s3_monitor.model.bill import SHARD, TAG, Costs
from s3_monitor.model.bounds import Count
from s3_monitor.model.errors import InvalidFileError, UserError
from s3_monitor.model.files import read_bytes, shortened
from s3_monitor.model.plan import (
    HistoryDays,
    LastModified,
    ObjectsMode,
    ObjectsRule,
    PrefixDepth,
    PrefixTop,
    Quotas,
    ReportTop,
    TimeoutMinutes,
)
from s3_monitor.plan import bucket_patterns, inventory_key, names
from s3_monitor.plan.field_types import ExternalId, Name, Pattern, Role, Text
from s3_monitor.plan.inventory_key import InventoryKey
from s3_monitor.plan.payers import FAMILIES_RULE, Billing, CostTag, Payer, families_of

if TYPE_CHECKING:
    from s3_monitor.plan.yaml_document import Document

_BILLING = ("billing_family", "costs", "cost_tag", "payer")
_OTHERS = ("history_days", "last_modified", "listing", "report", "objects", "versions", "quotas", "details", "requests")
_SETTINGS = (*_OTHERS, *_BILLING, "inventory", "prefixes")
_WORDS = ("last_modified", "objects")  # YAML 1.1 reads an unquoted off as false

_ALLOWED = {
    "name": names.NAME_RULE,
    "profile": "the name of an AWS profile",
    "role_arn": "a role's ARN, like arn:aws:iam::111122223333:role/s3-monitor-reader",
    "external_id": "the external id of the role's trust policy; in quotes if it is a number",
    "agent": "a Jenkins agent label: a line of text",
    "credentials": "the id of Jenkins credentials: a line of text",
    "timeout_minutes": "a whole number of minutes, 1 to 1440",
    "split_by": "region, storage-type or none",
    "regions": "a list of AWS regions, like [us-east-1, eu-west-1]",
    "buckets": f'a list of patterns, like ["logs-*"]: each {bucket_patterns.ALLOWED_RULE}',
    "storage_types": "a list of CloudWatch storage types, like [StandardStorage]",
    "history_days": "a whole number of days, 0 to 455",
    "last_modified": "auto, all or off",
    "listing": "a mapping of max_objects and max_requests",
    "max_objects": "a whole number of objects, 0 or more",
    "max_requests": "a whole number of requests, 0 or more",
    "objects": "off, auto, inventory or listing",
    "versions": "true or false",
    **inventory_key.ALLOWED,
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
    "costs": "list, billed or tagged",
    "cost_tag": "the key of a cost allocation tag, like bucket_name",
    "payer": "a mapping of profile, role_arn, external_id, agent, credentials and timeout_minutes",
    "shards": "a list of shards, each with at least a name",
    "defaults": f"a mapping of keys that shards have, or of {', '.join(_SETTINGS)}",
}


class Listing(msgspec.Struct, frozen=True):
    """The limits of listing; see model.plan.ListingRule and ObjectsRule. None: their defaults."""

    max_objects: Count | None = None
    max_requests: Count | None = None


class Prefixes(msgspec.Struct, frozen=True):
    """The prefixes to report; see model.plan.ObjectsRule."""

    depth: PrefixDepth = ObjectsRule().depth
    top: PrefixTop = ObjectsRule().top


class Report(msgspec.Struct, frozen=True):
    """The contents of the report; see model.plan.ReportRule."""

    top: ReportTop = 1000
    group_by_tags: Annotated[tuple[Text, ...], Meta(max_length=50)] | None = None


class _Keys(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of a shard, allowed in `defaults` too."""

    profile: Text | None = None
    role_arn: Role | None = None
    external_id: ExternalId | None = None
    agent: Text = ""
    credentials: Text = ""
    timeout_minutes: TimeoutMinutes = 60
    split_by: Literal["region", "storage-type", "none"] = "none"
    regions: Annotated[tuple[str, ...], Meta(min_length=1)] = ()
    buckets: Annotated[tuple[Pattern, ...], Meta(min_length=1)] = ()
    storage_types: Annotated[tuple[str, ...], Meta(min_length=1)] = ()


class Entry(_Keys, frozen=True, kw_only=True):
    """An item of `shards`, completed from `defaults` except for ``profile``. No regions, buckets or types: all."""

    name: Name


class _Settings(msgspec.Struct, frozen=True, kw_only=True):
    history_days: HistoryDays | None = None
    last_modified: LastModified | None = None
    listing: Listing | None = None
    report: Report | None = None
    objects: ObjectsMode | None = None
    prefixes: Prefixes = Prefixes()
    versions: bool = False
    quotas: Quotas = Quotas()
    inventory: InventoryKey | None = None
    details: bool | None = None
    requests: bool | None = None
    billing_family: Any = None
    costs: Costs | None = None
    cost_tag: CostTag | None = None
    payer: Payer | None = None


class _File(_Settings, frozen=True, kw_only=True):
    defaults: _Keys = _Keys()
    shards: Annotated[tuple[Entry, ...], Meta(min_length=1)]


class ShardsFile:
    """A shards.yaml with valid syntax and types; ``checked`` validates its names.

    ``profile``: the default of entries without their own. None: the file does not set the value.
    """

    def __init__(self, document: Document) -> None:
        """Raise UserError with the line, the path and the allowed values for the first error."""
        self._document = document
        file = self._typed(self._completed(self._known_keys()))
        self.name = document.name
        self.entries = file.shards
        self.profile = file.defaults.profile
        self.history_days = file.history_days
        self.last_modified = file.last_modified
        self.listing = file.listing or Listing()
        self.report = file.report or Report()
        self.objects = file.objects
        self.prefixes = file.prefixes
        self.versions = file.versions
        self.quotas = file.quotas
        self.inventory = (file.inventory or InventoryKey()).rule()
        self.details = file.details
        self.requests = file.requests
        self.billing = self._billing(file)

    def checked(self, partition_of: Mapping[str, str], storage_types: Collection[str]) -> tuple[Entry, ...]:
        """Return the entries with storage types spelled as in CloudWatch. ``partition_of``: region → partition.

        Raises UserError for unknown regions and storage types, and for duplicate names of shards.
        """
        refuse = self._document.refuse
        taken = {SHARD: "the shard of the bill"} if self.billing.costs != "list" else {}
        entries = []
        for index, entry in enumerate(self.entries):
            path = f"shards[{index}]"
            self._check_regions(entry, path, partition_of)
            entry = msgspec.structs.replace(entry, storage_types=self._spelled(entry, path, storage_types))
            for name in _possible_names(entry, partition_of, storage_types):
                if len(name) > names.LONGEST:
                    refuse(f"{path}.name", f"gives the name {name}, of {len(name)} characters", names.NAME_RULE)
                if name in taken:
                    refuse(
                        f"{path}.name", f"gives the name {name}, as {taken[name]} does", "a unique name for each shard"
                    )
                taken[name] = f"{path}.name"
            entries.append(entry)
        return tuple(entries)

    def _known_keys(self) -> dict[str, Any]:
        """Return the mapping of the document after all its keys are validated."""
        value = self._document.value
        if not isinstance(value, dict):
            what = f"{self._document.shown('', value)} is not allowed here"
            self._document.refuse("", what, f"a mapping with {_ALLOWED['shards']}")
        self._check_keys("", value, _File.__struct_fields__)
        self._check_keys("defaults", value.get("defaults"), (*_Keys.__struct_fields__, *_SETTINGS))
        for where in ("", "defaults."):
            holder = value if not where else value.get("defaults")
            if isinstance(holder, dict):
                self._check_keys(f"{where}listing", holder.get("listing"), Listing.__struct_fields__)
                self._check_keys(f"{where}prefixes", holder.get("prefixes"), Prefixes.__struct_fields__)
                self._check_keys(f"{where}quotas", holder.get("quotas"), Quotas.__struct_fields__)
                self._check_keys(f"{where}report", holder.get("report"), Report.__struct_fields__)
                self._check_keys(f"{where}inventory", holder.get("inventory"), InventoryKey.__struct_fields__)
                inventory_key.check_places(f"{where}inventory", holder.get("inventory"), self._document)
                self._check_keys(f"{where}payer", holder.get("payer"), Payer.__struct_fields__)
        shards = value.get("shards")
        for index, shard in enumerate(shards if isinstance(shards, list) else []):
            self._check_keys(f"shards[{index}]", shard, Entry.__struct_fields__)
        return value

    def _check_keys(self, path: str, mapping: Any, known: tuple[str, ...]) -> None:
        if not isinstance(mapping, dict):
            return  # reported by the validation of types
        for key in mapping:
            of_key = f"{path}.{key}" if path else key
            if key not in known:
                near = names.nearest(key, known)
                question = f"did you mean {' or '.join(near)}? " if near else ""
                self._document.refuse(of_key, "unknown key", f"{question}allowed: {', '.join(known)}")
            if mapping[key] is None:
                self._document.refuse(of_key, "has no value", f"allowed: {_ALLOWED[key]}")

    def _completed(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return the mapping with all shards completed from `defaults` and all settings at the top level.

        The profile is not completed: -p selects by the shard's own profile.
        """
        defaults = value.get("defaults", {})
        shards = value.get("shards")
        if not isinstance(defaults, dict) or not isinstance(shards, list):
            return value
        inherited = {key: item for key, item in defaults.items() if key not in (*_SETTINGS, "profile")}
        settings = {}
        for key in _SETTINGS:
            if key in value and key in defaults:
                self._document.refuse(key, "is set in `defaults` too", "set it in one place")
            if key in value or key in defaults:
                settings[key] = value.get(key, defaults.get(key))
        for key in _WORDS:
            if settings.get(key) is False:
                settings[key] = "off"
        plain = {key: item for key, item in defaults.items() if key not in _SETTINGS}
        filled = [{**inherited, **shard} if isinstance(shard, dict) else shard for shard in shards]
        return {"defaults": plain, **settings, "shards": filled}

    def _typed(self, value: dict[str, Any]) -> _File:
        try:
            return msgspec.convert(value, _File)
        except msgspec.ValidationError as error:
            self._refuse_type(value, str(error))

    def _billing(self, file: _File) -> Billing:
        """Return the settings of the bill, with the payer completed from `defaults`."""
        in_defaults = "" if "payer" in self._document else "defaults."
        payer, keys = file.payer or Payer(), file.defaults
        if payer.external_id and not payer.role_arn:
            self._document.refuse(f"{in_defaults}payer.external_id", "is set without role_arn", "only with role_arn")
        own = {
            name: getattr(payer, name) or getattr(keys, name) for name in ("agent", "credentials", "timeout_minutes")
        }
        families = file.billing_family
        if families is not None:
            path = "billing_family" if "billing_family" in self._document else "defaults.billing_family"
            families = families_of(self._document, path, families)
        return Billing(
            costs=file.costs or "list",
            tag=file.cost_tag or TAG,
            payer=msgspec.structs.replace(payer, **own),
            families=families or {},
        )

    def _refuse_type(self, value: Any, error: str) -> NoReturn:
        """Raise UserError for an error of msgspec, which names the path like `$.shards[0].name`."""
        what, _, place = error.partition(" - at `$")
        path = place.rstrip("`").lstrip(".")
        if missing := re.search(r"missing required field `(\w+)`", what):
            self._document.refuse(path, f"`{missing[1]}` is missing", f"{missing[1]}: {_ALLOWED[missing[1]]}")
        key = re.sub(r"\[\d+\]$", "", path).rpartition(".")[2]
        found = value
        for step in re.findall(r"\w+", path):
            found = found[int(step)] if isinstance(found, list) else found[step]
        in_list = path.endswith("]") and key != "shards"
        allowed = f"an item of {_ALLOWED[key]}" if in_list else _ALLOWED.get(key, "a mapping")
        first = path.partition(".")[0]
        if first in _SETTINGS and first not in self._document:
            path = f"defaults.{path}"
        if found is not None and not isinstance(found, (str, list, dict)):
            allowed += "; in quotes if it is text"
        self._document.refuse(path, f"{self._document.shown(path, found)} is not allowed here", f"allowed: {allowed}")

    def _check_regions(self, entry: Entry, path: str, partition_of: Mapping[str, str]) -> None:
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
        if entry.external_id and not entry.role_arn:
            refuse(f"{path}.external_id", "is set without role_arn", "only with role_arn")

    def _spelled(self, entry: Entry, path: str, storage_types: Collection[str]) -> tuple[str, ...]:
        by_lower = {name.lower(): name for name in storage_types}
        for index, name in enumerate(entry.storage_types):
            if name.lower() not in by_lower:
                suggestion = names.did_you_mean(name, storage_types)
                what = f"{shortened(name)} is not a storage type"
                self._document.refuse(f"{path}.storage_types[{index}]", what, suggestion)
        return tuple(sorted({by_lower[name.lower()] for name in entry.storage_types}))


def load(path: Path) -> ShardsFile:
    """Read a shards.yaml. Raises UserError if it cannot be read or is invalid."""
    try:
        content = read_bytes(path, "--shards names a shards.yaml")
    except InvalidFileError as bad:
        raise UserError(str(bad), bad.advice) from bad
    from s3_monitor.plan.yaml_document import Document  # not for commands without a shards.yaml

    return ShardsFile(Document(str(path), content))


def _possible_names(entry: Entry, regions: Collection[str], storage_types: Collection[str]) -> Iterator[str]:
    """Return the names that the shards of an entry may have, before the accounts are read."""
    if entry.split_by == "region":
        yield from (f"{entry.name}-{region}" for region in entry.regions or regions)
    elif entry.split_by == "storage-type":
        yield from (f"{entry.name}-{type_.lower()}" for type_ in entry.storage_types or storage_types)
        yield f"{entry.name}-rest"
    else:
        yield entry.name
