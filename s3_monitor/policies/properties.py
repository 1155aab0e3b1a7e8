"""Rules about properties that buckets must have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from msgspec import UNSET

from s3_monitor.model.bucket import Bucket
from s3_monitor.model.bucket_config import (
    DIRECTORY_BUCKET_PROPERTIES,
    BucketConfig,
    Encryption,
    Lifecycle,
    PublicAccessBlock,
)
from s3_monitor.model.policies import PolicyRule
from s3_monitor.model.summary import Summary


class Violation(NamedTuple):
    """Why a bucket violates a rule, or why that is unknown."""

    message: str
    is_known: bool = True


def check_property(rule: PolicyRule, bucket: Bucket, summary: Summary) -> Violation | None:
    """Return the violation of a bucket; None: it passes, or the property does not apply to its kind."""
    if rule.id == "recently-modified":
        return _recently_modified(rule, bucket, summary)
    if rule.id == "no-anomaly":
        return _anomaly(rule, bucket, summary)
    name, check = _CHECKS[rule.id]
    if bucket.kind == "directory" and name not in DIRECTORY_BUCKET_PROPERTIES:
        return None
    if bucket.details is UNSET:
        return Violation("bucket configurations were not requested: set `details: true`", is_known=False)
    value = getattr(bucket.details, name) if isinstance(bucket.details, BucketConfig) else None
    if value is None or value is UNSET:
        return Violation("the configuration could not be read", is_known=False)
    message = check(rule, value)
    return Violation(message) if message else None


def _encrypted(rule: PolicyRule, value: Any) -> str:
    method = value.method if isinstance(value, Encryption) else "none"
    return f"default encryption is {method}" if rule.methods and method not in rule.methods else ""


def _versioned(rule: PolicyRule, value: Any) -> str:
    return "" if value == "enabled" else f"versioning is {'off' if value == 'none' else value}"


def _public_access_blocked(rule: PolicyRule, value: Any) -> str:
    is_blocked = isinstance(value, PublicAccessBlock) and value.whole
    return "" if is_blocked else "the bucket does not block all public access; the account may"


def _lifecycle_present(rule: PolicyRule, value: Any) -> str:
    is_active = isinstance(value, Lifecycle) and value.rules > value.disabled
    return "" if is_active else "no enabled lifecycle rule"


def _tags_present(rule: PolicyRule, value: Any) -> str:
    missing = [key for key in rule.tags if not value.get(key)]
    return f"no value of tag {', '.join(missing)}" if missing else ""


def _anomaly(rule: PolicyRule, bucket: Bucket, summary: Summary) -> Violation | None:
    if summary.anomalies is None:
        return Violation("the history is too short", is_known=False)
    place = (bucket.account, bucket.region, bucket.name)
    anomaly = next((each for each in summary.anomalies if (each.account, each.region, each.bucket) == place), None)
    if anomaly is None:
        return None
    message = f"{anomaly.size:+,.0f} bytes on {anomaly.day}, unlike its earlier daily changes ({anomaly.cause})"
    if rule.at_least_usd is None:
        return Violation(message)
    if anomaly.cost is None:
        return Violation(message, is_known=False)
    return Violation(message) if anomaly.cost >= rule.at_least_usd else None


def _recently_modified(rule: PolicyRule, bucket: Bucket, summary: Summary) -> Violation | None:
    if bucket.state in ("empty", "emptied"):
        return Violation("the bucket is empty")
    if bucket.last_modified is None:
        return Violation("last-modified date unknown", is_known=False)
    newest = datetime.fromisoformat(bucket.last_modified).astimezone(UTC)
    if summary.as_of - newest <= timedelta(days=rule.max_age_days or 0):
        return None
    return Violation(f"newest object of {newest.date()}, {(summary.as_of - newest).days:,} days old")


# Rule → the property of BucketConfig that it is about, and the function that returns what is wrong with its value.
_CHECKS: Final[dict[str, tuple[str, Callable[[PolicyRule, Any], str]]]] = {
    "encrypted": ("encryption", _encrypted),
    "versioned": ("versioning", _versioned),
    "public-access-blocked": ("public_access_block", _public_access_blocked),
    "lifecycle-present": ("lifecycle", _lifecycle_present),
    "tags-present": ("tags", _tags_present),
}
