"""The groups of charges on a bill: storage by class, requests, transfer, retrieval, early deletion and others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from s3_monitor.money.regions import split_usage_type
from s3_monitor.money.storage_types import storage_classes, storage_types, usage_types
from s3_monitor.money.variance_reasons import Cause, cause_of

USAGE = "Usage"
OTHER = "other"
TITLES: Final[Mapping[str, str]] = {
    "requests": "Requests",
    "transfer-out": "Transfer to the internet",
    "inter-region": "Transfer between regions",
    "transfer-other": "Other transfer",
    "acceleration": "Transfer acceleration",
    "retrieval": "Retrieval",
    "early-deletion": "Early deletion",
    "monitoring": "Intelligent-Tiering monitoring",
    "inventory-analytics": "Inventory, analytics and batch operations",
    "object-tags": "Object tags",
    "replication": "Replication",
    "transitions": "Lifecycle transitions",
    "select": "S3 Select",
    "bucket-fee": "Fee for buckets",
    "other-storage": "Tables, vectors and files",
    OTHER: "Other",
}
_STORAGE = "storage-"
# Causes whose group has another name.
_OF_CAUSE: Final[Mapping[Cause, str]] = {
    Cause.UPLOADS: "requests",
    Cause.MANAGEMENT: "inventory-analytics",
    Cause.TRANSFER: "transfer-other",
    Cause.CREDITS: OTHER,
}
# Operations and usage types without the prefix of the region. The first match counts.
_OPERATIONS = (
    (re.compile(r".*ForRepl.*"), "replication"),
    (re.compile(r".*Transition"), "transitions"),
)
_USAGE_TYPES = (
    (re.compile(r"S3RTC-.*"), "replication"),
    (re.compile(r"Requests-(?:[A-Z]+-)*Tier4"), "transitions"),
    (re.compile(r"DataTransfer-Out-Bytes"), "transfer-out"),
    (re.compile(r".*AWS-(?:Out|In)-Bytes.*|DataTransfer-Regional-Bytes"), "inter-region"),
    (re.compile(r".*-ABytes.*"), "acceleration"),
)
# Descriptions, which exports of FOCUS have where the usage type is null.
_DESCRIPTIONS = (
    (re.compile(r"AWS-(?:Out|In)-Bytes"), "inter-region"),
    (re.compile(r"CloudFront", re.I), "transfer-other"),
    (re.compile(r"early delet", re.I), "early-deletion"),
    (re.compile(r"of storage.*(?:one zone|single zone)", re.I), "storage-onezone-ia"),
    (re.compile(r"of storage.*infrequent access|of storage.*Standard-IA", re.I), "storage-standard-ia"),
    (re.compile(r"of storage.*instant retrieval", re.I), "storage-glacier-ir"),
    (re.compile(r"of storage.*deep archive", re.I), "storage-deep-archive"),
    (re.compile(r"of storage.*glacier", re.I), "storage-glacier"),
    (re.compile(r"of storage.*intelligent", re.I), "storage-intelligent-tiering"),
    (re.compile(r"of storage", re.I), "storage-standard"),
    (re.compile(r"retriev|restore", re.I), "retrieval"),
    (re.compile(r"request", re.I), "requests"),
    (re.compile(r"data transfer out", re.I), "transfer-out"),
    (re.compile(r"data transfer (?:to|from)", re.I), "inter-region"),
    (re.compile(r"data transfer", re.I), "transfer-other"),
)


@lru_cache(1 << 12)
def usage_group(usage_type: str, operation: str = "") -> str:
    """Return the group of a charge. ``usage_type``: with the prefix of its region."""
    _, own = split_usage_type(usage_type)
    if class_ := _storage_class(own, operation):
        return _STORAGE + class_.lower().replace("_", "-")
    patterns = _DESCRIPTIONS if " " in own else _USAGE_TYPES
    for pattern, group in _OPERATIONS:
        if pattern.fullmatch(operation):
            return group
    for pattern, group in patterns:
        if pattern.search(own) if patterns is _DESCRIPTIONS else pattern.fullmatch(own):
            return group
    cause = cause_of(own)
    return _OF_CAUSE.get(cause, cause.value)


def title(group: str) -> str:
    """Return the name of a group for readers."""
    if group.startswith(_STORAGE):
        name = group.removeprefix(_STORAGE).replace("-", "_").upper()
        class_ = storage_classes().get(name)
        return f"Storage, {class_.title if class_ else name}"
    return TITLES.get(group, group)


def storage_type(usage_type: str, operation: str) -> str | None:
    """Return the storage type of a charge; None: no storage, or one of several storage types.

    ``usage_type``: without the prefix of its region. AWS: the operation is the name of the storage type.
    """
    candidates = _types_by_usage_type().get(usage_type, {})
    if found := candidates.get(operation.casefold()):
        return found
    return next(iter(candidates.values())) if len(candidates) == 1 else None


def _storage_class(usage_type: str, operation: str) -> str | None:
    """Return the storage class of a charge for storage; without an operation, that of the objects."""
    candidates = _types_by_usage_type().get(usage_type, {})
    if not candidates:
        return None
    name = candidates.get(operation.casefold()) or next(iter(candidates.values()))
    return storage_types()[name].storage_class


@cache
def _types_by_usage_type() -> Mapping[str, Mapping[str, str]]:
    """Return usage type → storage type in lower case → storage type, in the order of the table."""
    types: dict[str, dict[str, str]] = {}
    for name, usage_type in usage_types().items():
        types.setdefault(usage_type, {})[name.casefold()] = name
    return types
