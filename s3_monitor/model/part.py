"""parts/NAME.json: the facts one shard collected. No money in it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bill import BillFacts
from s3_monitor.model.bounds import Count, Seconds, UtcTime
from s3_monitor.model.calls import Calls
from s3_monitor.model.details import Details
from s3_monitor.model.digest import is_intact, seal
from s3_monitor.model.failure import BadFile
from s3_monitor.model.files import decode_versioned, read_bytes
from s3_monitor.model.identity import ListedBucket
from s3_monitor.model.objects import Objects
from s3_monitor.model.output import write_atomically
from s3_monitor.model.problem import Problem
from s3_monitor.model.series import Series, Window
from s3_monitor.model.traffic import Traffic

FORMAT = 3
Status = Literal["complete", "partial", "failed"]
_ADVICE = "run this shard again with `s3-monitor collect`"


class Listing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What listing a bucket said: ``[newest, objects]``.

    ``newest``: last-modified of its newest object, seconds since 1970 UTC; null where it holds none.
    ``objects``: current objects. Only whole listings are kept: one that was cut short is a Problem.
    """

    newest: Seconds | None
    objects: Count


class BucketFacts(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What a unit knows of a bucket: ``[name, created, listed, sizes, count, listing]``.

    ``created``: seconds since 1970 UTC. ``listed``: ListBuckets named it (False: only CloudWatch did).
    ``sizes``: {index into Part.types: Series of bytes}, as pairs. ``count``: Series of objects; null: not asked,
    not answered, or no such metric.
    """

    name: str
    created: Seconds | None
    listed: bool
    sizes: tuple[tuple[Count, Series], ...]
    count: Series | None = None
    listing: Listing | None = None


class UnitFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to one unit of the plan, as far as it came.

    ``listed``: the account's list of buckets arrived whole. ``sizes``, ``counts``: CloudWatch's list of those
    metrics arrived whole, so that a bucket without a series has none. ``unanswered``: (bucket, storage type)
    of series that exist but whose points did not arrive; the type is "" for the object count.
    ``objects``: what is known of the objects of buckets, by name, where the plan asks for it.
    ``details``: how buckets are configured, by name, as far as they answered.
    ``others``: table and vector buckets, by kind and name. Their names may be those of other buckets too.
    ``traffic``: what request metrics counted, by name, where the plan asks for that and a bucket counts.
    """

    unit: str
    account: str
    region: str
    listed: bool
    sizes: bool
    counts: bool
    buckets: list[BucketFacts]
    unanswered: list[tuple[str, str]] = msgspec.field(default_factory=list)
    objects: list[tuple[str, Objects]] = msgspec.field(default_factory=list)
    details: list[tuple[str, Details]] = msgspec.field(default_factory=list)
    others: list[ListedBucket] = msgspec.field(default_factory=list)
    traffic: list[tuple[str, Traffic]] = msgspec.field(default_factory=list)


class Part(msgspec.Struct, frozen=True):
    """A shard's answer. ``plan`` is the digest of the plan it answers; ``usd`` what its calls cost at list price.
    ``bill``: of the shard that asks for it. ``digest``: of the file, see model.digest; empty in memory."""

    shard: str
    plan: str
    tool: str
    started: UtcTime
    finished: UtcTime
    status: Status
    window: Window
    types: list[str]
    units: list[UnitFacts]
    problems: list[Problem]
    calls: Calls
    usd: Decimal
    bill: BillFacts | UnsetType = UNSET
    digest: str = ""
    format: int = FORMAT


_ENCODER = msgspec.json.Encoder(decimal_format="number")


def encode(part: Part) -> bytes:
    return seal(_ENCODER.encode(part))


def decode(content: bytes, path: object) -> Part:
    """BadFile where the content is not a part, is of another format, or is not what was written."""
    part = decode_versioned(content, path, Part, FORMAT, "part", _ADVICE, oldest=FORMAT)
    if not is_intact(content):
        raise BadFile(path, "does not match its digest: it was changed after it was written", _ADVICE)
    return msgspec.structs.replace(part, digest="")


def read(path: Path) -> Part:
    """BadFile where the file is missing, truncated, not a part, or of a newer format."""
    return decode(read_bytes(path, _ADVICE), path)


def write(part: Part, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, encode(part))
