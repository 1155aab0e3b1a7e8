"""The file parts/NAME.json: the data that a shard collected, without costs."""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bill import BillData
from s3_monitor.model.bounds import Count, Seconds, UtcTime
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.files import decode_versioned, read_bytes
from s3_monitor.model.identity import SpecialBucket
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.output import write_atomically
from s3_monitor.model.problem import Problem
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.series import Series, Window
from s3_monitor.model.storage_lens import LensData

FORMAT = 3
Status = Literal["complete", "partial", "failed"]
# The SHA-256 of the file, at its end: `…,"digest":"<64 hex digits>","format":N}`. It is computed with an empty digest
# and detects every change: a flipped bit, a repeated key, missing or extra bytes.
_EMPTY = b'"digest":""'
_AT_END = re.compile(rb'"digest":"([0-9a-f]{64})","format":[0-9]{1,9}\}\Z')
_END_BYTES = 110
_ADVICE = "run this shard again with `s3-monitor collect`"


class Listing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The result of listing a bucket completely, as `[newest, objects, vacant]`."""

    newest: Seconds | None
    """Last-modified time of the newest object, seconds since 1970 UTC; null: no objects."""
    objects: Count
    """Number of current objects."""
    vacant: bool = False
    """Whether there is also no earlier version, delete marker or unfinished upload; checked only if CloudWatch has an
    object count and there are no current objects."""


class CollectedBucket(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The data of a bucket, as `[name, created, listed, sizes, count, listing]`."""

    name: str
    """Name of the bucket."""
    created: Seconds | None
    """Time of creation, seconds since 1970 UTC; null: unknown."""
    listed: bool
    """Whether ListBuckets returned it; otherwise only CloudWatch did."""
    sizes: tuple[tuple[Count, Series], ...]
    """Pairs of an index into `types` of the part, and the daily bytes of that storage type."""
    count: Series | None = None
    """Daily number of objects; null: not requested, not received, or no such metric."""
    listing: Listing | None = None
    """Result of listing the bucket; null: not listed completely."""


class UnitData(msgspec.Struct, frozen=True, omit_defaults=True):
    """The data of a unit of the plan, as far as it was received."""

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
    buckets: list[CollectedBucket]
    """The buckets."""
    unanswered: list[tuple[str, str]] = msgspec.field(default_factory=list)
    """Pairs of a bucket and a storage type ("": the object count) whose points were not received."""
    objects: list[tuple[str, ObjectStats]] = msgspec.field(default_factory=list)
    """Pairs of a bucket and the statistics of its objects, if requested."""
    details: list[tuple[str, BucketConfig]] = msgspec.field(default_factory=list)
    """Pairs of a bucket and its configuration, if requested."""
    others: list[SpecialBucket] = msgspec.field(default_factory=list)
    """Table and vector buckets."""
    traffic: list[tuple[str, RequestMetrics]] = msgspec.field(default_factory=list)
    """Pairs of a bucket and its request metrics, if requested."""


class Part(msgspec.Struct, frozen=True):
    """The content of parts/NAME.json: the data that a shard collected, without costs."""

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
    """Storage types, referenced by index."""
    units: list[UnitData]
    """The data of the units."""
    problems: list[Problem]
    """Gaps and notes."""
    calls: CallCounts
    """Requests to AWS."""
    usd: Decimal
    """List price of the requests, in USD."""
    bill: BillData | UnsetType = UNSET
    """The bill; only in the part of the shard that reads it."""
    lens: LensData | UnsetType = UNSET
    """Object statistics of Storage Lens; only in the part of a shard that reads its export."""
    digest: str = ""
    """SHA-256 of the file with an empty digest, in hexadecimal."""
    format: int = FORMAT
    """Version of this file format."""


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(part: Part) -> bytes:
    """Return the file content of a part, with its digest."""
    return seal(_ENCODER.encode(msgspec.structs.replace(part, digest="")))


def decode(content: bytes, path: object) -> Part:
    """Decode a part. Raises InvalidFileError if the content is malformed, of another format, or changed."""
    part = decode_versioned(content, path, Part, FORMAT, "part", _ADVICE, oldest=FORMAT)
    if not is_intact(content):
        raise InvalidFileError(path, "does not match its digest: it was changed after it was written", _ADVICE)
    return msgspec.structs.replace(part, digest="")


def read(path: Path) -> Part:
    """Read a part. Raises InvalidFileError."""
    return decode(read_bytes(path, _ADVICE), path)


def write(part: Part, path: Path) -> None:
    """Write a part atomically, and create its folder. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, encode(part))


def seal(content: bytes) -> bytes:
    """Fill in the empty digest at the end of an encoded record."""
    head, _, tail = content.rpartition(_EMPTY)
    return b'%b"digest":"%b"%b' % (head, hashlib.sha256(content).hexdigest().encode(), tail)


def is_intact(content: bytes) -> bool:
    """Return whether the content matches its digest."""
    found = _AT_END.search(content, max(0, len(content) - _END_BYTES))
    if found is None:
        return False
    start, end = found.span(1)
    view = memoryview(content)
    computed = hashlib.sha256(view[:start])
    computed.update(view[end:])
    return computed.hexdigest().encode() == found[1]
