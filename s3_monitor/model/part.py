"""parts/NAME.json: the facts one shard collected. No money in it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bill import BillData
from s3_monitor.model.bounds import Count, Seconds, UtcTime
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.digest import is_intact, seal
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.files import decode_versioned, read_bytes
from s3_monitor.model.identity import SpecialBucket
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.output import write_atomically
from s3_monitor.model.problem import Problem
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.series import Series, Window

FORMAT = 3
Status = Literal["complete", "partial", "failed"]
_ADVICE = "run this shard again with `s3-monitor collect`"


class Listing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The result of listing a bucket completely, as `[newest, objects, vacant]`."""

    newest: Seconds | None
    """Last-modified time of the newest object, seconds since 1970 UTC; null: no objects."""
    objects: Count
    """Number of current objects."""
    vacant: bool = False
    """Whether there is also no earlier version, delete marker or unfinished upload; looked up only where CloudWatch has
    an object count and there are no current objects."""


class BucketData(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a unit collected about a bucket, as `[name, created, listed, sizes, count, listing]`."""

    name: str
    """Name of the bucket."""
    created: Seconds | None
    """Time of creation, seconds since 1970 UTC; null: unknown."""
    listed: bool
    """Whether ListBuckets named it; otherwise only CloudWatch did."""
    sizes: tuple[tuple[Count, Series], ...]
    """Pairs of an index into `types` of the part, and the daily bytes of that storage type."""
    count: Series | None = None
    """Daily number of objects; null: not requested, not received, or no such metric."""
    listing: Listing | None = None
    """Result of listing the bucket; null: not listed completely."""


class UnitData(msgspec.Struct, frozen=True, omit_defaults=True):
    """The response to one unit of the plan, as far as it was received."""

    unit: str
    """Id of the unit."""
    account: str
    """Account id."""
    region: str
    """Region."""
    listed: bool
    """Whether the account's list of buckets was received completely."""
    sizes: bool
    """Whether CloudWatch's list of byte metrics was received completely, so that a bucket without a series has none."""
    counts: bool
    """Whether CloudWatch's list of object counts was received completely."""
    buckets: list[BucketData]
    """The buckets."""
    unanswered: list[tuple[str, str]] = msgspec.field(default_factory=list)
    """Pairs of a bucket and a storage type ("": the object count) whose points were not received."""
    objects: list[tuple[str, ObjectStats]] = msgspec.field(default_factory=list)
    """Pairs of a bucket and its objects, where they were requested."""
    details: list[tuple[str, BucketConfig]] = msgspec.field(default_factory=list)
    """Pairs of a bucket and its configuration, where it was requested."""
    others: list[SpecialBucket] = msgspec.field(default_factory=list)
    """Table and vector buckets."""
    traffic: list[tuple[str, RequestMetrics]] = msgspec.field(default_factory=list)
    """Pairs of a bucket and its request metrics, where they were requested."""


class Part(msgspec.Struct, frozen=True):
    """parts/NAME.json: the facts that a shard collected. No money in it."""

    shard: str
    """Name of the shard."""
    plan: str
    """Digest of the plan: the SHA-256 of plan.json."""
    tool: str
    """Version of the program."""
    started: UtcTime
    """Time at which the shard started, UTC."""
    finished: UtcTime
    """Time at which the shard finished, UTC."""
    status: Status
    """Result of the shard."""
    window: Window
    """The days that were requested."""
    types: list[str]
    """Storage types; series refer to them by index."""
    units: list[UnitData]
    """The responses to the units."""
    problems: list[Problem]
    """Gaps and notes."""
    calls: CallCounts
    """Requests to AWS."""
    usd: Decimal
    """List price of the requests, in USD."""
    bill: BillData | UnsetType = UNSET
    """The bill; present only in the part of the shard that requests it."""
    digest: str = ""
    """Digest of the content; see docs."""
    format: int = FORMAT
    """Version of this file format."""


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(part: Part) -> bytes:
    return seal(_ENCODER.encode(msgspec.structs.replace(part, digest="")))


def decode(content: bytes, path: object) -> Part:
    """BadFile where the content is not a part, is of another format, or is not what was written."""
    part = decode_versioned(content, path, Part, FORMAT, "part", _ADVICE, oldest=FORMAT)
    if not is_intact(content):
        raise InvalidFileError(path, "does not match its digest: it was changed after it was written", _ADVICE)
    return msgspec.structs.replace(part, digest="")


def read(path: Path) -> Part:
    """BadFile where the file is missing, truncated, not a part, or of a newer format."""
    return decode(read_bytes(path, _ADVICE), path)


def write(part: Part, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, encode(part))
