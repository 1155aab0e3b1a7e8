"""What `doctor` checks: the options in use, and by access the regions, buckets and locations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from s3_monitor.doctor.checks import DiagnosisTarget, Location
from s3_monitor.doctor.permissions import OPTIONS, Option, Scope
from s3_monitor.model.errors import AwsError, MissingCredentialsError
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Access
from s3_monitor.plan.discovery import AccountDiscovery
from s3_monitor.plan.entries import access_of, entries_of, expanded_organization
from s3_monitor.plan.exports_key import BillingKey, StorageLensKey
from s3_monitor.plan.options import PlanOptions, buckets_of
from s3_monitor.plan.organization import caller_of
from s3_monitor.plan.shard_keys import AccessKeys, Entry
from s3_monitor.plan.shards_file import FileSettings, ShardsFile

_NEED_SETTINGS = ("athena", "exports", "storage-lens", "organization")  # of shards.yaml
_OF_BUCKETS: frozenset[Scope] = frozenset(("account", "region", "bucket", "directory-bucket", "inventory"))


def options_in_use(options: PlanOptions, shards_file: ShardsFile | None) -> tuple[Option, ...]:
    """Return the options of the command line and the file; if neither sets any, all that need no settings."""
    given = (options.objects, options.versions, options.details, options.requests, options.costs)
    if shards_file is None and all(value is None for value in given):
        return tuple(option for option in OPTIONS if option not in _NEED_SETTINGS)
    settings = shards_file.settings if shards_file else FileSettings()
    merged = options.over(settings)
    by_inventory, finds_lens = merged.objects in ("inventory", "auto"), _finds_storage_lens(options, settings)
    used: dict[Option, bool] = {
        "storage": True,
        "details": bool(merged.details),
        "requests": bool(merged.requests),
        "objects": merged.objects not in (None, "off"),
        "versions": bool(merged.versions),
        "inventory": by_inventory,
        "athena": (by_inventory and settings.inventory.engine == "athena")
        or ((any(_exports(settings)) or finds_lens) and settings.exports.engine == "athena"),
        "costs": merged.costs in ("billed", "tagged"),
        "exports": any(_exports(settings)),
        "storage-lens": finds_lens or bool(settings.exports.storage_lens),
        "organization": shards_file is not None and shards_file.organization_keys is not None,
    }
    return tuple(option for option in OPTIONS if used[option])


def targets(
    options: PlanOptions,
    shards_file: ShardsFile | None,
    discovery: AccountDiscovery,
    partition_of: Mapping[str, str],
    in_use: Sequence[Option],
) -> dict[Access, DiagnosisTarget]:
    """Return what to check, by access."""
    settings = shards_file.settings if shards_file else FileSettings()
    scopes: frozenset[Scope] = _OF_BUCKETS
    if settings.inventory.engine == "athena":
        scopes |= {"athena"}
    if _finds_storage_lens(options, settings):
        scopes |= {"lens"} if settings.exports.engine == "duckdb" else {"lens", "athena"}
    default = options.profile or (shards_file.profile if shards_file else None)
    found: dict[Access, DiagnosisTarget] = {}

    def add(access: Access, scope: Scope, exports: tuple[Location, ...] = ()) -> None:
        target = found.get(access, DiagnosisTarget())
        found[access] = target._replace(scopes=target.scopes | {scope}, exports=(*target.exports, *exports))

    entries: dict[Access, list[Entry]] = {}
    for entry in _entries(options, shards_file, discovery, partition_of):
        entries.setdefault(access_of(entry, partition_of), []).append(entry)
    for access, of_access in entries.items():
        selected = _selected(of_access, buckets_of(options))
        found[access] = DiagnosisTarget(scopes, _regions(of_access), selected, tuple(_places(settings)))
    if "costs" in in_use:
        add(settings.payer.access(None, default), "payer")
    for key, location in _exports(settings):
        access = key.access(None, default)
        add(access, "export", exports=(location,))
        if isinstance(key, StorageLensKey):
            add(access, "lens-scope")
        if settings.exports.engine == "athena":
            add(access, "athena")
    organization = shards_file.organization(partition_of) if shards_file else None
    if organization is not None:
        add(caller_of(organization, organization.profile or default), "organization")
    return found


def placeholders(settings: FileSettings) -> dict[str, str]:
    """Return the values of the placeholders in the policies, as far as the file sets them."""
    inventory = settings.inventory
    values = {"WORKGROUP": inventory.workgroup, "DATABASE": inventory.database}
    destinations = {bucket for bucket, _ in _places(settings)}
    exports = {bucket for _, (bucket, _, _) in _exports(settings)}
    for placeholder, buckets in (("INVENTORY-DESTINATION", destinations), ("EXPORT-BUCKET", exports)):
        if len(buckets) == 1:
            values[placeholder] = buckets.pop()
    if inventory.output:
        values["ATHENA-RESULTS"] = urlsplit(inventory.output).netloc
    return values


def _finds_storage_lens(options: PlanOptions, settings: FileSettings) -> bool:
    """Return whether Storage Lens exports are read that the file does not name."""
    return options.over(settings).objects == "storage-lens" and not settings.exports.storage_lens


def _entries(
    options: PlanOptions, shards_file: ShardsFile | None, discovery: AccountDiscovery, partition_of: Mapping[str, str]
) -> list[Entry]:
    """Return the entries of the file, and those of its organization as far as it can be listed."""
    members: tuple[Entry, ...] = ()
    try:
        members = expanded_organization(options, shards_file, discovery, partition_of).entries
    except (AwsError, MissingCredentialsError):
        return []  # there are no other entries; the access that lists the accounts is checked
    return entries_of(options, shards_file, partition_of, members)


def _regions(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the named regions; none if an entry names none, so that it has those with buckets."""
    named = [entry.regions for entry in entries]
    return tuple(sorted({region for regions in named for region in regions})) if all(named) else ()


def _selected(entries: Iterable[Entry], selected: tuple[str, ...]) -> Callable[[str], bool]:
    of_entries = [matcher(entry.buckets) for entry in entries]
    of_options = matcher(selected)
    return lambda name: of_options(name) and any(matches(name) for matches in of_entries)


def _places(settings: FileSettings) -> Iterator[tuple[str, str]]:
    for _, url in settings.inventory.places:
        parts = urlsplit(url)
        yield parts.netloc, _folder(parts.path)


def _exports(settings: FileSettings) -> Iterator[tuple[AccessKeys, Location]]:
    """Yield the access and the location of each export."""
    exports = settings.exports
    keys: list[BillingKey | StorageLensKey] = [*([exports.billing] if exports.billing else []), *exports.storage_lens]
    for key in keys:
        yield key, (key.bucket, _folder(key.prefix), key.region)


def _folder(prefix: str) -> str:
    prefix = prefix.strip("/")
    return f"{prefix}/" if prefix else ""
