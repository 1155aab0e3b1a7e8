"""How a bucket is configured: its properties as AWS answers them, in short."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

Absent = Literal["none"]  # AWS says that nothing is configured

# The properties, and the operation that each is asked by.
OPERATIONS: Final = {
    "versioning": "GetBucketVersioning",
    "encryption": "GetBucketEncryption",
    "lifecycle": "GetBucketLifecycleConfiguration",
    "replication": "GetBucketReplication",
    "public_access_block": "GetPublicAccessBlock",
    "policy": "GetBucketPolicyStatus",
    "tags": "GetBucketTagging",
    "inventories": "ListBucketInventoryConfigurations",
    "metrics": "ListBucketMetricsConfigurations",
}
EVERY: Final = tuple(OPERATIONS)
# AWS: S3 answers these of a directory bucket too.
OF_DIRECTORIES: Final = ("encryption", "lifecycle", "inventories", "metrics")


class Encryption(msgspec.Struct, frozen=True, omit_defaults=True):
    """How new objects are encrypted unless they say otherwise. ``method``: AES256, aws:kms, aws:kms:dsse. ``key``: of
    KMS, empty where AWS chooses it. ``default``: nothing is configured, so what AWS does by itself since 2023."""

    method: str
    key: str = ""
    bucket_key: bool = False
    default: bool = False


class Lifecycle(msgspec.Struct, frozen=True, omit_defaults=True):
    """``actions``: what the enabled rules do, each once, sorted: ``expire after 30 days``. ``disabled``: rules that
    do nothing at present."""

    rules: int
    actions: tuple[str, ...] = ()
    disabled: int = 0


class Replication(msgspec.Struct, frozen=True, omit_defaults=True):
    """``to``: the buckets that enabled rules write to, sorted."""

    rules: int
    to: tuple[str, ...] = ()
    disabled: int = 0


class PublicAccessBlock(msgspec.Struct, frozen=True):
    """The bucket's own settings. AWS: the account's may block more."""

    block_acls: bool
    ignore_acls: bool
    block_policy: bool
    restrict_buckets: bool

    @property
    def whole(self) -> bool:
        return self.block_acls and self.ignore_acls and self.block_policy and self.restrict_buckets


class Inventory(msgspec.Struct, frozen=True, omit_defaults=True):
    """A configuration of S3 Inventory: what is reported of this bucket, how often, and where to.

    ``bucket``: the destination's name; ``prefix`` and ``account``: of the destination, empty where not set.
    ``format``: CSV, ORC or Parquet. ``versions``: Current or All. ``frequency``: Daily or Weekly. ``fields``: the
    optional fields, as AWS names them. ``filter``: only keys that begin so; empty: all keys.
    """

    id: str
    enabled: bool
    format: str
    bucket: str
    versions: str
    frequency: str
    prefix: str = ""
    account: str = ""
    fields: tuple[str, ...] = ()
    filter: str = ""


class Metrics(msgspec.Struct, frozen=True):
    """A configuration of request metrics. ``whole``: it counts every request to the bucket, for it has no filter."""

    id: str
    whole: bool


class Details(msgspec.Struct, frozen=True):
    """A property is left out where it was not asked: it does not apply to buckets of this kind, or nobody wanted it.
    Null: asked, and the answer did not arrive. ``none``, or an empty list or mapping: AWS says there is nothing.

    ``policy``: whether the bucket policy makes it public. ``versioning``: none where it was never switched on.
    """

    versioning: Literal["enabled", "suspended"] | Absent | UnsetType | None = UNSET
    encryption: Encryption | UnsetType | None = UNSET
    lifecycle: Lifecycle | Absent | UnsetType | None = UNSET
    replication: Replication | Absent | UnsetType | None = UNSET
    public_access_block: PublicAccessBlock | Absent | UnsetType | None = UNSET
    policy: Literal["public", "not-public"] | Absent | UnsetType | None = UNSET
    tags: dict[str, str] | UnsetType | None = UNSET
    inventories: tuple[Inventory, ...] | UnsetType | None = UNSET
    metrics: tuple[Metrics, ...] | UnsetType | None = UNSET


def unite(one: Details, other: Details) -> tuple[Details, list[str]]:
    """What is known from either, and the properties on which they disagree, of which the larger by its JSON counts:
    so the order of many answers does not matter."""
    if one == other:
        return one, []
    united: dict[str, Any] = {}
    disagreed = []
    for name in EVERY:
        values = getattr(one, name), getattr(other, name)
        united[name] = max(values, key=_rank)
        if values[0] != values[1] and all(value is not None and value is not UNSET for value in values):
            disagreed.append(name)
    return Details(**united), disagreed


def _rank(value: Any) -> tuple[int, bytes]:
    if value is UNSET:
        return 0, b""
    return (1, b"") if value is None else (2, msgspec.json.encode(value, order="sorted"))
