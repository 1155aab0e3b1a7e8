"""The configuration of a bucket: a property per operation of S3."""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bounds import Count

NotConfigured = Literal["none"]
LifecycleAction = Literal[
    "abort-uploads", "expire", "expire-noncurrent", "move", "move-noncurrent", "remove-delete-markers"
]
Coverage = Literal["all", "some"]


class BucketProperty(NamedTuple):
    """A property of a bucket that is read by one operation.

    Its reader is in aws/bucket_properties, its text on the pages in report/bucket_config_text.
    """

    name: str
    """Field of BucketConfig."""
    title: str
    """Name for readers."""
    operation: str
    """Operation of S3."""
    action: str
    """IAM action that allows the operation; of a directory bucket in the service s3express."""
    directory_buckets: bool = False
    """Whether directory buckets have the property."""


# In the order of the pages.
PROPERTIES: Final = (
    BucketProperty("encryption", "Encryption", "GetBucketEncryption", "s3:GetEncryptionConfiguration", True),
    BucketProperty("versioning", "Versioning", "GetBucketVersioning", "s3:GetBucketVersioning"),
    BucketProperty("lifecycle", "Lifecycle", "GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", True),
    BucketProperty("replication", "Replication", "GetBucketReplication", "s3:GetReplicationConfiguration"),
    BucketProperty(
        "public_access_block", "Public access block", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"
    ),
    BucketProperty("policy", "Bucket policy", "GetBucketPolicyStatus", "s3:GetBucketPolicyStatus"),
    BucketProperty("tags", "Tags", "GetBucketTagging", "s3:GetBucketTagging"),
    BucketProperty(
        "inventories", "Inventories", "ListBucketInventoryConfigurations", "s3:GetInventoryConfiguration", True
    ),
    BucketProperty("metrics", "Request metrics", "ListBucketMetricsConfigurations", "s3:GetMetricsConfiguration", True),
)
OPERATIONS: Final = {row.name: row.operation for row in PROPERTIES}
ALL_PROPERTIES: Final = tuple(OPERATIONS)
DIRECTORY_BUCKET_PROPERTIES: Final = tuple(row.name for row in PROPERTIES if row.directory_buckets)


class Encryption(msgspec.Struct, frozen=True, omit_defaults=True):
    """How new objects are encrypted by default."""

    method: str
    """AES256, aws:kms or aws:kms:dsse."""
    key: str = ""
    """KMS key; empty: chosen by AWS."""
    bucket_key: bool = False
    """Whether an S3 Bucket Key is used."""
    default: bool = False
    """Whether nothing is configured, so that AWS's own default applies."""


class Lifecycle(msgspec.Struct, frozen=True, omit_defaults=True):
    """Lifecycle rules."""

    rules: Count
    """Number of rules."""
    actions: tuple[str, ...] = ()
    """What the enabled rules do, each once, sorted, like `expire after 30 days`."""
    disabled: Count = 0
    """Number of disabled rules."""
    coverage: dict[LifecycleAction, Coverage] | None = None
    """Action of an enabled rule → whether a rule applies it to all objects, or rules apply it to some; null: unknown.
    A transition that excludes only small objects applies to all, because AWS does not move small objects by default.
    Deleting current versions after some days also removes delete markers."""


class Replication(msgspec.Struct, frozen=True, omit_defaults=True):
    """Replication rules."""

    rules: Count
    """Number of rules."""
    to: tuple[str, ...] = ()
    """Destination buckets of the enabled rules, sorted."""
    disabled: Count = 0
    """Number of disabled rules."""


class PublicAccessBlock(msgspec.Struct, frozen=True):
    """The bucket's own settings. The account's may block more."""

    block_acls: bool
    """BlockPublicAcls."""
    ignore_acls: bool
    """IgnorePublicAcls."""
    block_policy: bool
    """BlockPublicPolicy."""
    restrict_buckets: bool
    """RestrictPublicBuckets."""

    @property
    def whole(self) -> bool:
        """Return whether all settings are on."""
        return self.block_acls and self.ignore_acls and self.block_policy and self.restrict_buckets


class InventoryConfig(msgspec.Struct, frozen=True, omit_defaults=True):
    """A configuration of S3 Inventory."""

    id: str
    """Id of the configuration."""
    enabled: bool
    """Whether inventories are produced."""
    format: str
    """CSV, ORC or Parquet."""
    bucket: str
    """Name of the destination bucket."""
    versions: str
    """Current or All."""
    frequency: str
    """Daily or Weekly."""
    prefix: str = ""
    """Prefix in the destination; empty: none."""
    account: str = ""
    """Account id of the destination; empty: not set."""
    fields: tuple[str, ...] = ()
    """Optional fields, as AWS names them."""
    filter: str = ""
    """Prefix of the keys that are included; empty: all keys."""


class MetricsConfig(msgspec.Struct, frozen=True):
    """A configuration of request metrics."""

    id: str
    """Id of the configuration."""
    whole: bool
    """Whether it counts every request to the bucket: it has no filter."""


class BucketConfig(msgspec.Struct, frozen=True):
    """The configuration of a bucket.

    A property is absent where it was not requested or does not apply; null where it could not be read; `none`, or
    empty, where nothing is configured.
    """

    versioning: Literal["enabled", "suspended"] | NotConfigured | UnsetType | None = UNSET
    """Versioning; none: never enabled."""
    encryption: Encryption | UnsetType | None = UNSET
    """Default encryption."""
    lifecycle: Lifecycle | NotConfigured | UnsetType | None = UNSET
    """Lifecycle rules."""
    replication: Replication | NotConfigured | UnsetType | None = UNSET
    """Replication rules."""
    public_access_block: PublicAccessBlock | NotConfigured | UnsetType | None = UNSET
    """Block Public Access settings."""
    policy: Literal["public", "not-public"] | NotConfigured | UnsetType | None = UNSET
    """Whether the bucket policy makes the bucket public."""
    tags: dict[str, str] | UnsetType | None = UNSET
    """Tag key → value."""
    inventories: tuple[InventoryConfig, ...] | UnsetType | None = UNSET
    """Inventory configurations."""
    metrics: tuple[MetricsConfig, ...] | UnsetType | None = UNSET
    """Configurations of request metrics."""


def merge_bucket_configs(one: BucketConfig, other: BucketConfig) -> tuple[BucketConfig, list[str]]:
    """Merge two configurations of a bucket. Return also the properties with different values.

    The larger value by its JSON wins, so that the order of the merges does not matter.
    """
    if one == other:
        return one, []
    united: dict[str, Any] = {}
    disagreed = []
    for name in ALL_PROPERTIES:
        values = getattr(one, name), getattr(other, name)
        united[name] = max(values, key=_rank)
        if values[0] != values[1] and all(value is not None and value is not UNSET for value in values):
            disagreed.append(name)
    return BucketConfig(**united), disagreed


def _rank(value: Any) -> tuple[int, bytes]:
    if value is UNSET:
        return 0, b""
    return (1, b"") if value is None else (2, msgspec.json.encode(value, order="sorted"))
