"""How a simulated bucket is configured, and what S3 answers about that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from s3_monitor.simulator.errors import AwsError

XMLNS = "http://s3.amazonaws.com/doc/2006-03-01/"
PAGE = 100  # AWS: configurations of inventories or metrics on a page


@dataclass(frozen=True, slots=True)
class InventoryConfiguration:
    """As S3 has it; ``bucket`` is the destination's name."""

    id: str
    bucket: str
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
    """What is not given is not configured, as of a bucket that was just made.

    ``versioning``: Enabled or Suspended. ``key``: of KMS, for new objects. ``lifecycle``: the rules, as S3's XML.
    ``replicated_to``: names of buckets. ``blocks``: the four settings of the public access block in AWS's order.
    ``public``: whether a bucket policy makes it public; None: there is no policy. ``metrics``: id → prefix, "" for the
    whole bucket.
    """

    versioning: str = ""
    key: str = ""
    lifecycle: str = ""
    replicated_to: tuple[str, ...] = ()
    blocks: tuple[bool, bool, bool, bool] | None = None
    public: bool | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    inventories: tuple[InventoryConfiguration, ...] = ()
    metrics: Mapping[str, str] = field(default_factory=dict)


PLAIN = Settings()


def answer(operation: str, settings: Settings, query: Mapping[str, str]) -> str:
    """The XML that answers one of OPERATIONS. Raises AwsError where nothing is configured."""
    return _ANSWERS[operation](settings, query)


def _versioning(settings: Settings, query: Mapping[str, str]) -> str:
    status = f"<Status>{settings.versioning}</Status>" if settings.versioning else ""
    return _root("VersioningConfiguration", status)


def _encryption(settings: Settings, query: Mapping[str, str]) -> str:
    """AWS: there is always an answer, since 2023."""
    method = "aws:kms" if settings.key else "AES256"
    key = f"<KMSMasterKeyID>{escape(settings.key)}</KMSMasterKeyID>" if settings.key else ""
    chosen = f"<SSEAlgorithm>{method}</SSEAlgorithm>{key}"
    bucket_key = "true" if settings.key else "false"
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
    """A page of configurations; the token is the number of the first that is on it."""
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
