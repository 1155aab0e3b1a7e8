"""What a simulated account holds: buckets, their daily series, their objects, its roles and regions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from s3_monitor.simulator.files import FileList
from s3_monitor.simulator.growth_curves import Shape, flat
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
# the Regions that every account of a partition may use, and those that it has to enable
PARTITIONS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "aws": (DEFAULT_REGIONS, OPT_IN_REGIONS),
    "aws-us-gov": (("us-gov-east-1", "us-gov-west-1"), ()),
    "aws-cn": (("cn-north-1", "cn-northwest-1"), ()),
}
EMPTY = ObjectList()
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")  # AWS: bucket naming rules


@dataclass(frozen=True, slots=True)
class Series:
    """A daily CloudWatch series: one point a UTC day from `first` to `last`, both included.

    Days are proleptic ordinals (date.toordinal). `newest` is the value at `last`, in bytes or objects, and
    `shape` says how it came there; values are whole multiples of `unit`. A day in `holes` has no point.
    """

    first: int
    last: int
    newest: int
    shape: Shape = flat
    unit: int = 1
    holes: frozenset[int] = frozenset()

    def value(self, day: int) -> float | None:
        """The point of a day; None where there is none."""
        if not self.first <= day <= self.last or day in self.holes:
            return None
        return self.newest * self.shape(self.last - day) // self.unit * self.unit

    def days(self, start: int, end: int) -> range | tuple[int, ...]:
        """The days from start to before end that have a point, ascending."""
        days = range(max(self.first, start), min(self.last + 1, end))
        return tuple(day for day in days if day not in self.holes) if self.holes else days

    def values(self, days: range | tuple[int, ...]) -> list[float]:
        """The points of days that have one."""
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
        """The last day that has a point."""
        if not self.holes:
            return self.last if self.first <= self.last else None
        days = self.days(self.first, self.last + 1)
        return days[-1] if days else None


@dataclass(frozen=True, slots=True)
class TableOrVectorBucket:
    """A table bucket or a vector bucket (``kind``: table, vector). Its name may be that of a bucket of S3."""

    kind: str
    name: str
    region: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, or what CloudWatch still remembers of one that was deleted (`listed` False)."""

    name: str
    region: str
    created: datetime
    sizes: Mapping[str, Series] = field(default_factory=dict)  # bytes by CloudWatch StorageType
    count: Series | None = None  # NumberOfObjects
    objects: ObjectList | FileList | VersionedObjects = EMPTY  # what a listing finds
    listed: bool = True
    denied: frozenset[str] = frozenset()  # S3 operations that its bucket policy denies
    settings: Settings = PLAIN
    requests: Mapping[str, Series] = field(default_factory=dict)  # request metrics, as every whole configuration has

    @property
    def kind(self) -> str:
        """general or directory. AWS: the names of directory buckets end in --x-s3."""
        return "directory" if self.name.endswith("--x-s3") else "general"


@dataclass(frozen=True)
class Role:
    """A role that sts:AssumeRole gives to whoever knows its external id (None: nobody asks for one)."""

    name: str
    external_id: str | None = None
    max_seconds: int = 3600  # the longest session; one that is shorter than asked for ends at this


@dataclass(frozen=True)
class Account:
    """An account: its buckets by name, the access keys of its user, its roles, its opt-in regions."""

    id: str
    buckets: Mapping[str, Bucket]
    access_key: str
    roles: tuple[Role, ...] = ()
    opted_in: frozenset[str] = frozenset()
    user: str = "monitor"
    partition: str = "aws"
    others: tuple[TableOrVectorBucket, ...] = ()

    @cached_property
    def listed(self) -> list[Bucket]:
        """What ListBuckets knows, by name."""
        return [b for _, b in sorted(self.buckets.items()) if b.listed and b.kind == "general"]

    @cached_property
    def by_region(self) -> dict[str, list[Bucket]]:
        """All buckets of a region, also directory buckets and deleted ones, by name."""
        regions: dict[str, list[Bucket]] = {}
        for _, bucket in sorted(self.buckets.items()):
            regions.setdefault(bucket.region, []).append(bucket)
        return regions

    def enabled(self, region: str) -> bool:
        """Whether the account may use a region."""
        return region in PARTITIONS[self.partition][0] or region in self.opted_in

    def arn(self, service: str, resource: str) -> str:
        """The ARN of something global of the account."""
        return f"arn:{self.partition}:{service}::{self.id}:{resource}"

    def bucket_arn(self, bucket: Bucket) -> str:
        """AWS: the ARN of a bucket names neither region nor account."""
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
    """An account from its buckets, whose names must differ."""
    by_name: dict[str, Bucket] = {}
    for bucket in buckets:
        if bucket.name in by_name:
            raise ValueError(f"two buckets are named {bucket.name!r}")
        if not _NAME.fullmatch(bucket.name):
            raise ValueError(f"{bucket.name!r} is no bucket name")
        by_name[bucket.name] = bucket
    return Account(
        account_id, by_name, access_key, roles, frozenset(opted_in), partition=partition, others=tuple(others)
    )
