"""S3: the configuration of a bucket, with one function per property. Each raises AwsError."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import chain
from typing import Any, Literal, TypeVar

from botocore import xform_name

from s3_monitor.aws.api_calls import AwsApi, Page
from s3_monitor.model.bucket_config import (
    Coverage,
    Encryption,
    InventoryConfig,
    Lifecycle,
    LifecycleAction,
    MetricsConfig,
    NotConfigured,
    PublicAccessBlock,
    Replication,
)
from s3_monitor.model.errors import AwsError

T = TypeVar("T")
_SMALL = 2**20  # bytes
_DEFAULT_ENCRYPTION = "AES256"  # AWS: for every new object since January 2023


class BucketPropertiesApi(AwsApi):
    """The operations of S3 that return the configuration of a bucket."""

    def read_property(self, bucket: str, region: str, name: str) -> object:
        """Return a property in ``model.bucket_config.OPERATIONS``, as BucketConfig stores it."""
        return PROPERTIES[name](Bucket(self, bucket, region))

    def read_inventories(self, bucket: str, region: str) -> tuple[InventoryConfig, ...]:
        """Return the inventory configurations of a bucket, sorted by id."""
        return inventories(Bucket(self, bucket, region))

    def read_tags(self, bucket: str, region: str) -> dict[str, str]:
        """Return the tags of a bucket, by key."""
        return tags(Bucket(self, bucket, region))


class Bucket:
    """A bucket at its region's endpoint."""

    def __init__(self, api: AwsApi, name: str, region: str) -> None:
        self.name = name
        self._api = api
        self._client = api.client("s3", region)
        self._limits = api.limits(region)

    def get(self, operation: str, read: Callable[[dict[str, Any]], T]) -> T:
        """Send a request, and return the response converted by ``read``."""
        with self._call(operation):
            return read(getattr(self._client, xform_name(operation))(Bucket=self.name))

    def pages(self, operation: str, member: str, read: Callable[[dict[str, Any]], T]) -> Iterator[T]:
        """Return every item of a list of configurations."""
        request, call = {"Bucket": self.name}, partial(self._call, operation)
        read_page = partial(_page, member=member, read=read)
        pages = self._api.pages(self._client, operation, request, read_page, page_field="ContinuationToken", call=call)
        return chain.from_iterable(pages)

    def _call(self, operation: str) -> AbstractContextManager[None]:
        return self._api.call(operation, self._limits.configuration_throttled, wait=self._limits.configuration)


def versioning(bucket: Bucket) -> Literal["enabled", "suspended"] | NotConfigured:
    """Return the versioning state. AWS: the response has no status if versioning was never enabled."""

    def read(answer: dict[str, Any]) -> Literal["enabled", "suspended"] | NotConfigured:
        known: Mapping[str | None, Literal["enabled", "suspended"] | NotConfigured]
        known = {None: "none", "Enabled": "enabled", "Suspended": "suspended"}
        return known[answer.get("Status") or None]

    return bucket.get("GetBucketVersioning", read)


def encryption(bucket: Bucket) -> Encryption:
    """Return the default encryption. AWS: since January 2023, S3 encrypts every new object, by default with AES256."""
    default = Encryption(_DEFAULT_ENCRYPTION, default=True)
    with _absent("ServerSideEncryptionConfigurationNotFoundError"):
        return bucket.get("GetBucketEncryption", _encryption)
    return default


def lifecycle(bucket: Bucket) -> Lifecycle | NotConfigured:
    """Return the lifecycle rules."""
    with _absent("NoSuchLifecycleConfiguration"):
        return bucket.get("GetBucketLifecycleConfiguration", _lifecycle)
    return "none"


def replication(bucket: Bucket) -> Replication | NotConfigured:
    """Return the replication rules."""
    with _absent("ReplicationConfigurationNotFoundError"):
        return bucket.get("GetBucketReplication", _replication)
    return "none"


def public_access_block(bucket: Bucket) -> PublicAccessBlock | NotConfigured:
    """Return the Block Public Access settings of the bucket."""
    with _absent("NoSuchPublicAccessBlockConfiguration"):
        return bucket.get("GetPublicAccessBlock", _public_access_block)
    return "none"


def policy(bucket: Bucket) -> Literal["public", "not-public"] | NotConfigured:
    """Return whether the bucket policy makes the bucket public."""
    with _absent("NoSuchBucketPolicy"):
        public = bucket.get("GetBucketPolicyStatus", lambda answer: bool(answer["PolicyStatus"]["IsPublic"]))
        return "public" if public else "not-public"
    return "none"


def tags(bucket: Bucket) -> dict[str, str]:
    """Return the tags by key."""
    with _absent("NoSuchTagSet"):
        return bucket.get("GetBucketTagging", _tags)
    return {}


def inventories(bucket: Bucket) -> tuple[InventoryConfig, ...]:
    """Return the inventory configurations by id. AWS: 100 per page."""
    configurations = bucket.pages("ListBucketInventoryConfigurations", "InventoryConfigurationList", _inventory)
    return tuple(sorted(configurations, key=lambda configuration: configuration.id))


def metrics(bucket: Bucket) -> tuple[MetricsConfig, ...]:
    """Return the configurations of request metrics by id. AWS: 100 per page."""
    configurations = bucket.pages("ListBucketMetricsConfigurations", "MetricsConfigurationList", _metrics)
    return tuple(sorted(configurations, key=lambda configuration: configuration.id))


# The functions of the properties in model.bucket_config.
PROPERTIES: dict[str, Callable[[Bucket], object]] = {
    read.__name__: read
    for read in (
        versioning, encryption, lifecycle, replication, public_access_block, policy, tags, inventories, metrics,
    )
}  # fmt: skip


@contextmanager
def _absent(code: str) -> Iterator[None]:
    """Ignore an error with a code that means that nothing is configured."""
    try:
        yield
    except AwsError as failure:
        if failure.code != code:
            raise


def _page(answer: dict[str, Any], member: str, read: Callable[[dict[str, Any]], T]) -> Page[list[T]]:
    token = str(answer["NextContinuationToken"]) if answer.get("IsTruncated") else None
    return [read(item) for item in answer.get(member) or ()], token


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
    enabled = [rule for rule in answer.get("Rules") or () if _is_enabled(rule)]
    actions = {action for rule in enabled for action in _actions(rule)}
    disabled = len(answer.get("Rules") or ()) - len(enabled)
    return Lifecycle(len(enabled), tuple(sorted(actions)), disabled, _coverage(enabled))


def _coverage(rules: list[dict[str, Any]]) -> dict[LifecycleAction, Coverage]:
    """Return the actions of enabled rules, and whether each applies to all objects."""
    found: dict[LifecycleAction, Coverage] = {}
    for rule in rules:
        is_partial = _narrowed(rule)
        for action in _kinds_of_action(rule):
            some = is_partial and not (action == "move" and _excludes_only_small(rule))
            if found.get(action) != "all":
                found[action] = "some" if some else "all"
    return dict(sorted(found.items()))


def _kinds_of_action(rule: dict[str, Any]) -> Iterator[LifecycleAction]:
    expiration = rule.get("Expiration") or {}
    if "Days" in expiration or "Date" in expiration:
        yield "expire"
    # AWS: an expiration after some days also removes delete markers without noncurrent versions.
    if "Days" in expiration or expiration.get("ExpiredObjectDeleteMarker"):
        yield "remove-delete-markers"
    if rule.get("Transitions"):
        yield "move"
    if rule.get("NoncurrentVersionTransitions"):
        yield "move-noncurrent"
    if rule.get("NoncurrentVersionExpiration"):
        yield "expire-noncurrent"
    if rule.get("AbortIncompleteMultipartUpload"):
        yield "abort-uploads"


def _excludes_only_small(rule: dict[str, Any]) -> bool:
    """Return whether the only filter is a lower limit of the size, of at most 1 MB."""
    filters = {key for key, value in (rule.get("Filter") or {}).items() if value not in ("", None, {})}
    return (
        not rule.get("Prefix")
        and filters == {"ObjectSizeGreaterThan"}
        and rule["Filter"]["ObjectSizeGreaterThan"] <= _SMALL
    )


def _is_enabled(rule: dict[str, Any]) -> bool:
    return {"Enabled": True, "Disabled": False}[rule["Status"]]


def _actions(rule: dict[str, Any]) -> Iterator[str]:
    """Return the actions of a rule as text."""
    part = ", of some objects" if _narrowed(rule) else ""
    expiration = rule.get("Expiration") or {}
    if "Days" in expiration or "Date" in expiration:
        yield f"expire {_when(expiration)}{part}"
    if expiration.get("ExpiredObjectDeleteMarker"):
        yield f"remove expired delete markers{part}"
    for move in rule.get("Transitions") or ():
        yield f"to {move['StorageClass']} {_when(move)}{part}"
    for move in rule.get("NoncurrentVersionTransitions") or ():
        yield f"noncurrent to {move['StorageClass']} {_when(move)}{part}"
    if old := rule.get("NoncurrentVersionExpiration"):
        yield f"noncurrent expire {_when(old)}{part}"
    if abort := rule.get("AbortIncompleteMultipartUpload"):
        yield f"abort unfinished uploads after {_days(abort['DaysAfterInitiation'])}{part}"


def _when(action: dict[str, Any]) -> str:
    if "Date" in action:
        return f"on {action['Date']:%Y-%m-%d}"
    kept = action.get("NewerNoncurrentVersions")
    return f"after {_days(action.get('Days', action.get('NoncurrentDays', 0)))}" + (f", {kept} kept" if kept else "")


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def _narrowed(rule: dict[str, Any]) -> bool:
    """Return whether a rule has a filter. AWS: an empty prefix is none."""
    if rule.get("Prefix"):
        return True
    return any(value not in ("", None, {}) for value in (rule.get("Filter") or {}).values())


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
