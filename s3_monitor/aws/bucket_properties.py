"""S3: the configuration of a bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple, cast

from botocore import xform_name

from s3_monitor.aws.advice import advice_for
from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.model.bucket_config import (
    OPERATIONS,
    Coverage,
    Encryption,
    InventoryConfig,
    Lifecycle,
    LifecycleAction,
    MetricsConfig,
    PublicAccessBlock,
    Replication,
)
from s3_monitor.model.errors import AwsError
from s3_monitor.model.patterns import DIRECTORY_SUFFIX

_SMALL = 2**20  # bytes
_DEFAULT_ENCRYPTION = "AES256"  # AWS: for every new object since January 2023


class BucketPropertiesApi(AwsApi):
    """The operations of S3 that return the configuration of a bucket."""

    def read_property(self, bucket: str, region: str, name: str) -> object:
        """Return a property in ``model.bucket_config.OPERATIONS``, as BucketConfig stores it."""
        if name in _LISTS:
            return self._read_list(bucket, region, name)
        operation, reader = OPERATIONS[name], _READERS[name]
        client = self.client("s3", region)
        try:
            with self._call(bucket, region, operation):
                return reader.read(getattr(client, xform_name(operation))(Bucket=bucket))
        except AwsError as failure:
            if failure.code != reader.absent:
                raise
            return reader.default

    def read_inventories(self, bucket: str, region: str) -> tuple[InventoryConfig, ...]:
        """Return the inventory configurations of a bucket, sorted by id."""
        return self._read_list(bucket, region, "inventories")

    def read_tags(self, bucket: str, region: str) -> dict[str, str]:
        """Return the tags of a bucket, by key."""
        return cast("dict[str, str]", self.read_property(bucket, region, "tags"))

    def _read_list(self, bucket: str, region: str, name: str) -> tuple[Any, ...]:
        """Return configurations, sorted by id. AWS: 100 per page."""
        member, read = _LISTS[name]

        def read_page(response: dict[str, Any]) -> list[Any]:
            return [read(item) for item in response.get(member) or ()]

        client, operation = self.client("s3", region), OPERATIONS[name]
        call, request = partial(self._call, bucket, region, operation), {"Bucket": bucket}
        fields = "NextContinuationToken", "ContinuationToken"
        pages = self.pages(client, operation, request, read_page, *fields, call=call)
        return tuple(sorted(chain.from_iterable(pages), key=attrgetter("id")))

    @contextmanager
    def _call(self, bucket: str, region: str, operation: str) -> Iterator[None]:
        try:
            with self.call(operation, self.limits(region).configurations):
                yield
        except AwsError as failure:
            if bucket.endswith(DIRECTORY_SUFFIX):
                kind, message = failure.kind, failure.message
                failure.advice = advice_for(kind, operation, failure.code, message, directory=True)
            raise


def _versioning(answer: dict[str, Any]) -> str:
    """Return the versioning state. AWS: the response has no status if versioning was never enabled."""
    return {None: "none", "Enabled": "enabled", "Suspended": "suspended"}[answer.get("Status") or None]


def _policy(answer: dict[str, Any]) -> str:
    return "public" if answer["PolicyStatus"]["IsPublic"] else "not-public"


def _encryption(answer: dict[str, Any]) -> Encryption:
    """Return the default encryption of the rules. AWS: at most one rule has it; without one, S3's default applies."""
    rules = answer["ServerSideEncryptionConfiguration"].get("Rules") or [{}]
    rule = next((rule for rule in rules if rule.get("ApplyServerSideEncryptionByDefault")), rules[0])
    chosen = rule.get("ApplyServerSideEncryptionByDefault") or {}
    bucket_key = bool(rule.get("BucketKeyEnabled", False))
    if not chosen:
        return Encryption(_DEFAULT_ENCRYPTION, bucket_key=bucket_key, default=True)
    return Encryption(chosen["SSEAlgorithm"], chosen.get("KMSMasterKeyID") or "", bucket_key)


def _lifecycle(answer: dict[str, Any]) -> Lifecycle:
    rules = answer.get("Rules") or ()
    enabled = [rule for rule in rules if _is_enabled(rule)]
    texts: set[str] = set()
    coverage: dict[LifecycleAction, Coverage] = {}
    for rule in enabled:
        filters = _filters(rule)
        for action, text in _actions(rule):
            if text:
                texts.add(f"{text}, of some objects" if filters else text)
            covers_all = not filters or (action == "move" and _excludes_only_small(filters))
            if coverage.get(action) != "all":
                coverage[action] = "all" if covers_all else "some"
    return Lifecycle(len(enabled), tuple(sorted(texts)), len(rules) - len(enabled), dict(sorted(coverage.items())))


def _actions(rule: dict[str, Any]) -> Iterator[tuple[LifecycleAction, str]]:
    """Yield the actions of a rule, each with its text; empty: another action has the text."""
    expiration = rule.get("Expiration") or {}
    if "Days" in expiration or "Date" in expiration:
        yield "expire", f"expire {_when(expiration)}"
    # AWS: an expiration after some days also removes delete markers without noncurrent versions.
    if "Days" in expiration:
        yield "remove-delete-markers", ""
    if expiration.get("ExpiredObjectDeleteMarker"):
        yield "remove-delete-markers", "remove expired delete markers"
    for move in rule.get("Transitions") or ():
        yield "move", f"to {move['StorageClass']} {_when(move)}"
    for move in rule.get("NoncurrentVersionTransitions") or ():
        yield "move-noncurrent", f"noncurrent to {move['StorageClass']} {_when(move)}"
    if old := rule.get("NoncurrentVersionExpiration"):
        yield "expire-noncurrent", f"noncurrent expire {_when(old)}"
    if abort := rule.get("AbortIncompleteMultipartUpload"):
        yield "abort-uploads", f"abort unfinished uploads after {_days(abort['DaysAfterInitiation'])}"


def _filters(rule: dict[str, Any]) -> dict[str, Any]:
    """Return the filters of a rule. AWS: an empty prefix is none."""
    filters = {**(rule.get("Filter") or {}), **({"Prefix": rule["Prefix"]} if rule.get("Prefix") else {})}
    return {name: value for name, value in filters.items() if value not in ("", None, {})}


def _excludes_only_small(filters: dict[str, Any]) -> bool:
    """Return whether the only filter is a lower limit of the size, of at most 1 MB."""
    return filters.keys() == {"ObjectSizeGreaterThan"} and filters["ObjectSizeGreaterThan"] <= _SMALL


def _is_enabled(rule: dict[str, Any]) -> bool:
    return {"Enabled": True, "Disabled": False}[rule["Status"]]


def _when(action: dict[str, Any]) -> str:
    if "Date" in action:
        return f"on {action['Date']:%Y-%m-%d}"
    kept = action.get("NewerNoncurrentVersions")
    return f"after {_days(action.get('Days', action.get('NoncurrentDays', 0)))}" + (f", {kept} kept" if kept else "")


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def _replication(answer: dict[str, Any]) -> Replication:
    rules = answer["ReplicationConfiguration"]["Rules"]
    enabled = [rule for rule in rules if _is_enabled(rule)]
    to = {_name(rule["Destination"]["Bucket"]) for rule in enabled}
    return Replication(len(enabled), tuple(sorted(to)), len(rules) - len(enabled))


def _public_access_block(answer: dict[str, Any]) -> PublicAccessBlock:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    settings = answer["PublicAccessBlockConfiguration"]
    return PublicAccessBlock(*(bool(settings.get(name, False)) for name in names))


def _tags(answer: dict[str, Any]) -> dict[str, str]:
    # AWS emulators omit an empty value.
    return dict(sorted((tag["Key"], tag.get("Value", "")) for tag in answer["TagSet"]))


def _inventory(item: dict[str, Any]) -> InventoryConfig:
    destination = item["Destination"]["S3BucketDestination"]
    return InventoryConfig(
        id=item["Id"],
        enabled=bool(item["IsEnabled"]),
        format=destination["Format"],
        bucket=_name(destination["Bucket"]),
        versions=item["IncludedObjectVersions"],
        frequency=item["Schedule"]["Frequency"],
        prefix=destination.get("Prefix") or "",
        account=destination.get("AccountId") or "",
        fields=tuple(item.get("OptionalFields") or ()),
        filter=(item.get("Filter") or {}).get("Prefix") or "",
    )


def _metrics(item: dict[str, Any]) -> MetricsConfig:
    return MetricsConfig(item["Id"], not item.get("Filter"))


def _name(arn: str) -> str:
    """Return the name of a bucket from its ARN."""
    return arn.rpartition(":")[2]


class _Reader(NamedTuple):
    """How the response about a property is read."""

    read: Callable[[dict[str, Any]], object]
    absent: str | None = None
    """AWS's error code if nothing is configured."""
    default: object = "none"
    """The property then."""


_READERS = {
    "encryption": _Reader(
        _encryption,
        "ServerSideEncryptionConfigurationNotFoundError",
        Encryption(_DEFAULT_ENCRYPTION, default=True),
    ),
    "versioning": _Reader(_versioning),
    "lifecycle": _Reader(_lifecycle, "NoSuchLifecycleConfiguration"),
    "replication": _Reader(_replication, "ReplicationConfigurationNotFoundError"),
    "public_access_block": _Reader(_public_access_block, "NoSuchPublicAccessBlockConfiguration"),
    "policy": _Reader(_policy, "NoSuchBucketPolicy"),
    "tags": _Reader(_tags, "NoSuchTagSet", {}),
}
# Member of the response, and reader of its items.
_LISTS: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "inventories": ("InventoryConfigurationList", _inventory),
    "metrics": ("MetricsConfigurationList", _metrics),
}
