"""Configuration of a simulated bucket, and S3's responses about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from s3_monitor.simulator.errors import AwsError

XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
PAGE = 100  # AWS: inventory or metrics configurations per page


@dataclass(frozen=True, slots=True)
class InventoryConfiguration:
    """An inventory configuration."""

    id: str
    bucket: str  # destination
    format: str = "Parquet"
    prefix: str = ""
    account: str = ""
    versions: str = "Current"
    frequency: str = "Daily"
    fields: tuple[str, ...] = ("Size", "LastModifiedDate", "StorageClass")
    filter: str = ""
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """Configuration of a bucket; the defaults are those of a new bucket."""

    versioning: str = ""  # Enabled or Suspended
    key: str = ""  # KMS key for new objects
    bucket_key: bool = True  # whether an S3 Bucket Key is used with it
    lifecycle: str = ""  # rules in S3's XML
    replicated_to: tuple[str, ...] = ()  # buckets
    blocks: tuple[bool, bool, bool, bool] | None = None  # public access block, in AWS's order
    public: bool | None = None  # whether a bucket policy makes it public; None without a policy
    tags: Mapping[str, str] = field(default_factory=dict)
    inventories: tuple[InventoryConfiguration, ...] = ()
    metrics: Mapping[str, str] = field(default_factory=dict)  # prefix by configuration id; "" for the complete bucket


PLAIN = Settings()


def answer(operation: str, settings: Settings, query: Mapping[str, str]) -> str:
    """Return the XML response of one of OPERATIONS. Raises AwsError for a property that is not configured."""
    return _ANSWERS[operation](settings, query)


def _versioning(settings: Settings, query: Mapping[str, str]) -> str:
    status = f"<Status>{settings.versioning}</Status>" if settings.versioning else ""
    return _root("VersioningConfiguration", status)


def _encryption(settings: Settings, query: Mapping[str, str]) -> str:
    """Return the encryption. AWS: always configured since 2023."""
    method = "aws:kms" if settings.key else "AES256"
    key = f"<KMSMasterKeyID>{escape(settings.key)}</KMSMasterKeyID>" if settings.key else ""
    chosen = f"<SSEAlgorithm>{method}</SSEAlgorithm>{key}"
    bucket_key = _bool(bool(settings.key) and settings.bucket_key)
    rule = f"<ApplyServerSideEncryptionByDefault>{chosen}</ApplyServerSideEncryptionByDefault>"
    rules = f"<Rule>{rule}<BucketKeyEnabled>{bucket_key}</BucketKeyEnabled></Rule>"
    return _root("ServerSideEncryptionConfiguration", rules)


def _lifecycle(settings: Settings, query: Mapping[str, str]) -> str:
    if not settings.lifecycle:
        raise _none("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
    return _root("LifecycleConfiguration", settings.lifecycle)


def _replication(settings: Settings, query: Mapping[str, str]) -> str:
    if not settings.replicated_to:
        raise _none("ReplicationConfigurationNotFoundError", "The replication configuration was not found")
    rules = "".join(
        f"<Rule><ID>{name}</ID><Status>Enabled</Status>"
        f"<Destination><Bucket>arn:aws:s3:::{name}</Bucket></Destination></Rule>"
        for name in settings.replicated_to
    )
    return _root("ReplicationConfiguration", f"<Role>arn:aws:iam::123456789012:role/replication</Role>{rules}")


def _blocks(settings: Settings, query: Mapping[str, str]) -> str:
    if settings.blocks is None:
        raise _none("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    pairs = zip(names, settings.blocks, strict=True)
    return _root("PublicAccessBlockConfiguration", "".join(f"<{name}>{_bool(on)}</{name}>" for name, on in pairs))


def _policy(settings: Settings, query: Mapping[str, str]) -> str:
    if settings.public is None:
        raise _none("NoSuchBucketPolicy", "The bucket policy does not exist")
    return _root("PolicyStatus", f"<IsPublic>{_bool(settings.public)}</IsPublic>")


def _tags(settings: Settings, query: Mapping[str, str]) -> str:
    if not settings.tags:
        raise _none("NoSuchTagSet", "The TagSet does not exist")
    found = "".join(
        f"<Tag><Key>{escape(key)}</Key><Value>{escape(value)}</Value></Tag>" for key, value in settings.tags.items()
    )
    return _root("Tagging", f"<TagSet>{found}</TagSet>")


def _inventories(settings: Settings, query: Mapping[str, str]) -> str:
    return _listed("ListInventoryConfigurationsResult", [_inventory(one) for one in settings.inventories], query)


def _inventory(one: InventoryConfiguration) -> str:
    prefix = f"<Prefix>{escape(one.prefix)}</Prefix>" if one.prefix else ""
    account = f"<AccountId>{one.account}</AccountId>" if one.account else ""
    destination = f"<Bucket>arn:aws:s3:::{one.bucket}</Bucket><Format>{one.format}</Format>{account}{prefix}"
    filter_ = f"<Filter><Prefix>{escape(one.filter)}</Prefix></Filter>" if one.filter else ""
    fields = "".join(f"<Field>{name}</Field>" for name in one.fields)
    return (
        f"<InventoryConfiguration><Id>{escape(one.id)}</Id><IsEnabled>{_bool(one.enabled)}</IsEnabled>{filter_}"
        f"<Destination><S3BucketDestination>{destination}</S3BucketDestination></Destination>"
        f"<IncludedObjectVersions>{one.versions}</IncludedObjectVersions>"
        f"<Schedule><Frequency>{one.frequency}</Frequency></Schedule>"
        f"<OptionalFields>{fields}</OptionalFields></InventoryConfiguration>"
    )


def _metrics(settings: Settings, query: Mapping[str, str]) -> str:
    found = [
        f"<MetricsConfiguration><Id>{escape(id_)}</Id>"
        + (f"<Filter><Prefix>{escape(prefix)}</Prefix></Filter>" if prefix else "")
        + "</MetricsConfiguration>"
        for id_, prefix in sorted(settings.metrics.items())
    ]
    return _listed("ListMetricsConfigurationsResult", found, query)


def _listed(name: str, items: list[str], query: Mapping[str, str]) -> str:
    """Return a page of configurations; a token is the index of the first one."""
    token = query.get("continuation-token", "0")
    if not token.isdigit():
        raise AwsError("InvalidArgument", "The continuation token provided is incorrect")
    end = int(token) + PAGE
    more = end < len(items)
    next_ = f"<NextContinuationToken>{end}</NextContinuationToken>" if more else ""
    return _root(name, f"<IsTruncated>{_bool(more)}</IsTruncated>{next_}{''.join(items[int(token) : end])}")


def _root(name: str, body: str) -> str:
    return f'<{name} xmlns="{XMLNS}">{body}</{name}>'


def _none(code: str, message: str) -> AwsError:
    return AwsError(code, message, 404)


def _bool(value: bool) -> str:
    return "true" if value else "false"


_ANSWERS: dict[str, Callable[[Settings, Mapping[str, str]], str]] = {
    "GetBucketVersioning": _versioning,
    "GetBucketEncryption": _encryption,
    "GetBucketLifecycleConfiguration": _lifecycle,
    "GetBucketReplication": _replication,
    "GetPublicAccessBlock": _blocks,
    "GetBucketPolicyStatus": _policy,
    "GetBucketTagging": _tags,
    "ListBucketInventoryConfigurations": _inventories,
    "ListBucketMetricsConfigurations": _metrics,
}
OPERATIONS = frozenset(_ANSWERS)
