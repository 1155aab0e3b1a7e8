"""The configuration of a bucket as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.bucket_config import (
    PROPERTIES,
    Encryption,
    InventoryConfig,
    Lifecycle,
    MetricsConfig,
    PublicAccessBlock,
    Replication,
)
from s3_monitor.model.priced_object_stats import PricedObjectStats
from s3_monitor.report import formats

Lines = list[str]


def bucket_config_lines(bucket: Bucket) -> list[tuple[str, Lines | None]] | None:
    """Return the title and lines of each property; None in place of lines where it could not be read.

    None: the configuration was not requested, or the kind of bucket has none. Empty: it was not received.
    """
    if bucket.details is UNSET:
        return None
    if bucket.details is None:
        return []
    values = [(row, getattr(bucket.details, row.name)) for row in PROPERTIES]
    return [(row.title, _lines(_TEXTS[row.name], value)) for row, value in values if value is not UNSET] or None


def lens_settings_lines(bucket: Bucket) -> list[tuple[str, str]]:
    """Return the title and text of each setting by Storage Lens."""
    stats = bucket.objects
    if not isinstance(stats, PricedObjectStats) or stats.settings is None:
        return []
    values = ((title, getattr(stats.settings, name), text) for name, (title, text) in _LENS_TEXTS.items())
    day = f"S3 Storage Lens, {stats.as_of[:10]}"
    return [(title, f"{text(value)} ({day})") for title, value, text in values if value is not None]


def _lines(text: Callable[[Any], Lines], value: Any) -> Lines | None:
    if value is None:
        return None
    return ["none"] if value == "none" else text(value) or ["none"]


def _word(value: str) -> Lines:
    return [value.replace("-", " ")]


def _encryption(value: Encryption) -> Lines:
    if value.default:
        return [f"{value.method} (S3's default)"]
    key = f"key {value.key}" if value.key else ""
    return [", ".join(filter(None, (value.method, key, "with an S3 Bucket Key" if value.bucket_key else "")))]


def _rules(number: int, disabled: int) -> str:
    rules = formats.plural(number, "rule")
    return f"{rules}, {disabled:,} more disabled" if disabled else rules


def _lifecycle(value: Lifecycle) -> Lines:
    return [_rules(value.rules, value.disabled), *value.actions]


def _replication(value: Replication) -> Lines:
    return [_rules(value.rules, value.disabled), *(f"to {name}" for name in value.to)]


def _public_access(value: PublicAccessBlock) -> Lines:
    if value.whole:
        return ["all blocked"]
    settings = {
        "new public ACLs": value.block_acls,
        "effect of public ACLs": value.ignore_acls,
        "new public policies": value.block_policy,
        "access by public policies": value.restrict_buckets,
    }
    return [f"{name}: {'blocked' if on else 'not blocked'}" for name, on in settings.items()]


def _inventory(one: InventoryConfig) -> str:
    state = "" if one.enabled else " (disabled)"
    keys = f", prefix {one.filter}" if one.filter else ""
    place = f"{one.bucket}/{one.prefix}" if one.prefix else one.bucket
    return f"{one.id}{state}: {one.frequency.lower()}, {one.versions.lower()} versions, {one.format}, to {place}{keys}"


def _metrics(one: MetricsConfig) -> str:
    return f"{one.id}: {'all objects' if one.whole else 'some objects'}"


def _enabled(value: bool) -> str:
    return "enabled" if value else "not enabled"


# Field of BucketSettings → title, and text of its value.
_LENS_TEXTS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "versioning": ("Versioning", _enabled),
    "kms": ("Encryption", lambda value: "aws:kms" if value else "not aws:kms"),
    "mfa_delete": ("MFA delete", _enabled),
    "ownership": ("Object Ownership", str),
    "transfer_acceleration": ("Transfer Acceleration", _enabled),
    "event_notifications": ("Event notifications", _enabled),
    "lifecycle_rules": ("Lifecycle", lambda value: _rules(value, 0)),
    "replication_rules": ("Replication", lambda value: _rules(value, 0)),
}
_TEXTS: dict[str, Callable[[Any], Lines]] = {
    "encryption": _encryption,
    "versioning": _word,
    "lifecycle": _lifecycle,
    "replication": _replication,
    "public_access_block": _public_access,
    "policy": _word,
    "tags": lambda tags: [f"{key} = {value}" for key, value in tags.items()],
    "inventories": lambda configs: [_inventory(config) for config in configs],
    "metrics": lambda configs: [_metrics(config) for config in configs],
}
