"""A simulated account: buckets with daily series and objects, roles, and regions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from s3_monitor.simulator.files import FileList
from s3_monitor.simulator.growth_curves import GrowthCurve, flat
from s3_monitor.simulator.objects import ObjectList
from s3_monitor.simulator.settings import PLAIN, Settings
from s3_monitor.simulator.versions import VersionedObjects

DEFAULT_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
)
OPT_IN_REGIONS = (
    *("af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ca-west-1", "mx-central-1"),
    *("ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7"),
    *("eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1"),
)
# By partition: the enabled-by-default Regions and the opt-in Regions.
PARTITIONS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "aws": (DEFAULT_REGIONS, OPT_IN_REGIONS),
    "aws-us-gov": (("us-gov-east-1", "us-gov-west-1"), ()),
    "aws-cn": (("cn-north-1", "cn-northwest-1"), ()),
}
EMPTY = ObjectList()
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")  # AWS: bucket naming rules


@dataclass(frozen=True, slots=True)
class Series:
    """A daily CloudWatch series: one point per UTC day. Days are proleptic ordinals (date.toordinal)."""

    first: int
    last: int  # included
    newest: int  # value at ``last``, in bytes or objects
    shape: GrowthCurve = flat  # the earlier values, relative to ``newest``
    unit: int = 1  # values are multiples of it
    holes: frozenset[int] = frozenset()  # days without a point

    def value(self, day: int) -> float | None:
        """Return the point of a day; None without one."""
        if not self.first <= day <= self.last or day in self.holes:
            return None
        return self.newest * self.shape(self.last - day) // self.unit * self.unit

    def days(self, start: int, end: int) -> range | tuple[int, ...]:
        """Return the days from start (included) to end (excluded) that have a point, ascending."""
        days = range(max(self.first, start), min(self.last + 1, end))
        return tuple(day for day in days if day not in self.holes) if self.holes else days

    def values(self, days: range | tuple[int, ...]) -> list[float]:
        """Return the points of days that have one."""
        if not days:
            return []
        newest, unit, last = self.newest, self.unit, self.last
        if isinstance(days, range):
            factors = self.shape.factors(last - days[-1], last - days[0] + 1)
            factors.reverse()
        else:
            factors = [self.shape(last - day) for day in days]
        return [newest * factor // unit * unit for factor in factors]

    def newest_day(self) -> int | None:
        """Return the newest day that has a point."""
        if not self.holes:
            return self.last if self.first <= self.last else None
        days = self.days(self.first, self.last + 1)
        return days[-1] if days else None


@dataclass(frozen=True, slots=True)
class TableOrVectorBucket:
    """A table bucket or a vector bucket. A general purpose bucket may have the same name."""

    kind: str  # table or vector
    name: str
    region: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, or the CloudWatch series of a deleted one (``listed`` false)."""

    name: str
    region: str
    created: datetime
    sizes: Mapping[str, Series] = field(default_factory=dict)  # bytes by CloudWatch StorageType
    count: Series | None = None  # NumberOfObjects
    objects: ObjectList | FileList | VersionedObjects = EMPTY  # returned by listings
    listed: bool = True
    denied: frozenset[str] = frozenset()  # S3 operations that its bucket policy denies
    settings: Settings = PLAIN
    requests: Mapping[str, Series] = field(default_factory=dict)  # request metrics of a configuration without a filter

    @property
    def kind(self) -> str:
        """The kind: general or directory. AWS: names of directory buckets end in --x-s3."""
        return "directory" if self.name.endswith("--x-s3") else "general"


DeniedBy = Literal["", "caller", "organization", "trust"]


@dataclass(frozen=True)
class Role:
    """A role for sts:AssumeRole."""

    name: str
    external_id: str | None = None  # required if set
    max_seconds: int = 3600  # maximum duration of a session
    missing: frozenset[str] = frozenset()  # IAM actions that no policy of the role allows
    denied_by: DeniedBy = ""  # the policy that denies AssumeRole, as in AWS's message; "": none


@dataclass(frozen=True)
class Account:
    """An account with one IAM user."""

    id: str
    buckets: Mapping[str, Bucket]
    access_key: str
    roles: tuple[Role, ...] = ()
    opted_in: frozenset[str] = frozenset()
    user: str = "monitor"
    partition: str = "aws"
    others: tuple[TableOrVectorBucket, ...] = ()
    missing: frozenset[str] = frozenset()  # IAM actions that no policy of the user allows
    storage_lens: Mapping[str, str] = field(default_factory=dict)  # id → XML of the elements of a configuration
    links: tuple[str, ...] = ()  # ids of accounts that share their metrics with this monitoring account

    @cached_property
    def listed(self) -> list[Bucket]:
        """The buckets that ListBuckets returns, by name."""
        return [b for _, b in sorted(self.buckets.items()) if b.listed and b.kind == "general"]

    @cached_property
    def by_region(self) -> dict[str, list[Bucket]]:
        """All buckets by region, directory buckets and deleted ones included, sorted by name."""
        regions: dict[str, list[Bucket]] = {}
        for _, bucket in sorted(self.buckets.items()):
            regions.setdefault(bucket.region, []).append(bucket)
        return regions

    def enabled(self, region: str) -> bool:
        """Return whether a region is enabled."""
        return region in PARTITIONS[self.partition][0] or region in self.opted_in

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a global resource of the account."""
        return f"arn:{self.partition}:{service}::{self.id}:{resource}"

    def bucket_arn(self, bucket: Bucket) -> str:
        """Return the ARN of a bucket. AWS: it contains neither region nor account."""
        return f"arn:{self.partition}:s3:::{bucket.name}"


def make_account(
    account_id: str,
    buckets: Iterable[Bucket],
    *,
    access_key: str = "AKIASIMULATED00000001",
    roles: tuple[Role, ...] = (),
    opted_in: Iterable[str] = (),
    partition: str = "aws",
    others: Iterable[TableOrVectorBucket] = (),
) -> Account:
    """Return an account with these buckets. Raises ValueError for duplicate or invalid names."""
    by_name: dict[str, Bucket] = {}
    for bucket in buckets:
        if bucket.name in by_name:
            raise ValueError(f"two buckets are named {bucket.name!r}")
        if not _NAME.fullmatch(bucket.name):
            raise ValueError(f"a bucket name must match {_NAME.pattern}, got {bucket.name!r}")
        by_name[bucket.name] = bucket
    return Account(
        account_id, by_name, access_key, roles, frozenset(opted_in), partition=partition, others=tuple(others)
    )
