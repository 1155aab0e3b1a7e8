"""How a bucket is configured, in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.bucket_config import (
    Encryption,
    InventoryConfig,
    Lifecycle,
    MetricsConfig,
    PublicAccessBlock,
    Replication,
)

Lines = list[str]


def bucket_config_lines(bucket: Bucket) -> list[tuple[str, Lines | None]] | None:
    """What each property that was asked says, in lines; None in place of lines: no answer came. Null: nothing was
    asked, of this bucket or its kind; empty: nothing came."""
    if bucket.details is UNSET:
        return None
    if bucket.details is None:
        return []
    found = ((title, say, getattr(bucket.details, name)) for name, (title, say) in _PROPERTIES.items())
    return [(title, _said(say, value)) for title, say, value in found if value is not UNSET] or None


def _said(say: Callable[[Any], Lines], value: Any) -> Lines | None:
    if value is None:
        return None
    return ["none"] if value == "none" else say(value) or ["none"]


def _word(value: str) -> Lines:
    return [value.replace("-", " ")]


def _encryption(value: Encryption) -> Lines:
    if value.default:
        return [f"{value.method}, S3's own default"]
    key = f"key {value.key}" if value.key else ""
    return [", ".join(filter(None, (value.method, key, "with a bucket key" if value.bucket_key else "")))]


def _rules(number: int, disabled: int) -> str:
    rules = "1 rule" if number == 1 else f"{number:,} rules"
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
    keys = f", keys that begin with {one.filter}" if one.filter else ""
    place = f"{one.bucket}/{one.prefix}" if one.prefix else one.bucket
    return f"{one.id}{state}: {one.frequency.lower()}, {one.versions.lower()} versions, {one.format}, to {place}{keys}"


def _metrics(one: MetricsConfig) -> str:
    return f"{one.id}: {'the whole bucket' if one.whole else 'some of its objects'}"


_PROPERTIES: dict[str, tuple[str, Callable[[Any], Lines]]] = {
    "encryption": ("Encryption", _encryption),
    "versioning": ("Versioning", _word),
    "lifecycle": ("Lifecycle", _lifecycle),
    "replication": ("Replication", _replication),
    "public_access_block": ("Public access block", _public_access),
    "policy": ("Bucket policy", _word),
    "tags": ("Tags", lambda tags: [f"{key} = {value}" for key, value in tags.items()]),
    "inventories": ("Inventories", lambda found: [_inventory(one) for one in found]),
    "metrics": ("Request metrics", lambda found: [_metrics(one) for one in found]),
}
