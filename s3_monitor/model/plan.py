"""plan.json and shards.tsv: what is to be asked, by whom, and when it is."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from s3_monitor.model.bill import BillQuestion
from s3_monitor.model.bounds import (
    ACCOUNT,
    CLOCK_DIFFERENCE,
    REGION,
    RETENTION_DAYS,
    Count,
    UtcTime,
    is_date,
    planned_time_error,
    retention_error,
)
from s3_monitor.model.calls import Calls
from s3_monitor.model.details import EVERY
from s3_monitor.model.failure import BadFile
from s3_monitor.model.files import decode_versioned, read_bytes, shortened
from s3_monitor.model.output import write_atomically
from s3_monitor.model.problem import Problem
from s3_monitor.model.series import Window

FORMAT = 1
SplitBy = Literal["region", "storage-type", "account", "none"]
LastModified = Literal["auto", "all", "off"]
ObjectsMode = Literal["off", "auto", "inventory", "listing"]
Engine = Literal["duckdb", "athena"]
InventoryAnswers = Literal["all", "classes"]
TimeoutMinutes = Annotated[int, msgspec.Meta(ge=1, le=1440)]
Dollars = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
PrefixDepth = Annotated[int, msgspec.Meta(ge=0, le=10)]
PrefixTop = Annotated[int, msgspec.Meta(ge=1, le=1000)]
ReportTop = Annotated[int, msgspec.Meta(ge=0, le=20_000)]
HistoryDays = Annotated[int, msgspec.Meta(ge=0, le=RETENTION_DAYS)]
_ASecond = Annotated[float, msgspec.Meta(gt=0, le=1e12)]
# A shard's name is a file name, and a field of shards.tsv.
_SHARD_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_ADVICE = "make the plan again with `s3-monitor plan`"


class Access(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an account is reached: names only, never a secret. Neither profile nor role: the default chain."""

    profile: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    region: str | None = None  # where the role is assumed and questions without a region are asked
    credentials: str = ""  # the id of Jenkins credentials that are there where this is opened; "": none


class Unit(msgspec.Struct, frozen=True, omit_defaults=True, rename={"except_": "except"}):
    """The smallest thing that is asked: an account, a region, and some of its storage types.

    ``buckets``: patterns (exact names or globs); none means every bucket.
    ``types``: the storage types whose byte series are asked; null means all but those in ``except``.
    ``rest``: this unit also asks the object counts and listings, and answers with every bucket of the region
    by identity. Without it, it answers with the buckets that have one of its types.
    So "all types" is ``types=null, rest=true``; "one type" is ``types=[X]``; "rest" is
    ``types=null, except=[…], rest=true``, or with a narrowed selection ``types=[], rest=true``.
    """

    id: str  # unique in the plan
    account: str
    partition: str
    region: str
    access: Count  # index into Plan.accesses
    buckets: tuple[str, ...] = ()
    types: tuple[str, ...] | None = None
    except_: tuple[str, ...] = ()
    rest: bool = False
    weight: Count = 0  # buckets it is expected to hold


class Shard(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one worker does: its units, or the bill instead, and where Jenkins runs it."""

    name: str
    agent: str
    credentials: str
    timeout_minutes: TimeoutMinutes
    units: tuple[Unit, ...]
    bill: BillQuestion | None = None


class ListingRule(msgspec.Struct, frozen=True):
    """When a bucket is listed for its last_modified.

    ``mode`` auto: where its object count is at most ``max_objects`` (or unknown: then at most that many keys
    are read); all: any bucket; off: none. ``max_requests``: a ceiling of list requests a shard, null: none.
    """

    mode: LastModified = "auto"
    max_objects: Count = 1000
    max_requests: Count | None = None


class InventoryRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where inventories are and how they are read.

    ``places``: (bucket's name or glob, ``s3://DESTINATION/PREFIX/``), the first that matches holds; a bucket that
    matches none is asked for its inventory configurations. ``engine`` duckdb: files are fetched and read here; athena:
    Athena reads them, in ``workgroup``, from the table ``database``.``table``, with the results going to ``output``
    (empty: where the workgroup says). In ``table``, {bucket} stands for the bucket's name with _ for - and dots.
    ``max_usd``: a statement that could cost more is not sent. ``answers`` classes: only objects, bytes, oldest and
    newest by storage class are asked, and all else is null.
    """

    places: tuple[tuple[str, str], ...] = ()
    engine: Engine = "duckdb"
    workgroup: str = "primary"
    database: str = "default"
    table: str = "s3_inventory_{bucket}"
    output: str = ""
    max_usd: Dollars = 1.0
    answers: InventoryAnswers = "all"


class KeyPattern(msgspec.Struct, frozen=True):
    """Keys asked about: a pattern of buckets, and a glob of keys whose ``*`` and ``?`` match slashes too."""

    bucket: str
    key: str


class ObjectsRule(msgspec.Struct, frozen=True):
    """What is asked about the objects of the buckets of rest units: see model.objects.

    ``mode`` off: nothing; listing: every bucket is listed; inventory: its S3 Inventory is read; auto: its inventory
    where that is young enough, else a listing within the budget, else nothing. ``versions``: also versions that are
    not current, delete markers and unfinished multipart uploads.
    ``max_objects``: a listing reads at most so many keys (or versions) of a bucket. What is read of all buckets counts
    against ``ListingRule.max_requests``. ``depth``, ``top``: the largest prefixes of each depth, none where
    ``depth`` is 0. ``inventory``: of modes auto and inventory. ``keys``: only these count, of the buckets that one of
    them is about. ``regex``: only keys in which it is found.
    """

    mode: ObjectsMode = "off"
    versions: bool = False
    max_objects: Count = 1_000_000
    depth: PrefixDepth = 2
    top: PrefixTop = 20
    inventory: InventoryRule = InventoryRule()
    keys: tuple[KeyPattern, ...] = ()
    regex: str = ""

    @property
    def narrowed(self) -> bool:
        """Only some of the keys are asked about, so that figures are theirs and not the buckets'."""
        return bool(self.keys or self.regex)


class ReportRule(msgspec.Struct, frozen=True):
    """What the report shows. ``top``: so many of the most expensive buckets have a page each. ``group_by_tags``: the
    keys of tags to group by; null: those that are used most."""

    top: ReportTop = 1000
    group_by_tags: tuple[str, ...] | None = None


class Quotas(msgspec.Struct, frozen=True):
    """What CloudWatch lets one account ask in one region, a second: calls, and ``datapoints`` as AWS estimates them,
    from range and period.

    AWS: CloudWatch service quotas; adjustable (Service Quotas, code ``monitoring``), so yours may differ.
    ``configurations``: S3 calls that read how buckets are configured. AWS names no quota of these: it is a pace at
    which 10,000 buckets take eight minutes, and other users of the account are not turned away.
    """

    list_metrics: _ASecond = 25
    get_metric_data: _ASecond = 50
    datapoints: _ASecond = 396_000
    configurations: _ASecond = 200


class Selection(msgspec.Struct, frozen=True):
    """What the user chose, as it is shown in the report. Empty: no choice was made."""

    profile: str | None = None
    regions: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    storage_types: tuple[str, ...] = ()
    shards: str | None = None
    split_by: SplitBy | None = None
    max_shards: Count | None = None
    last_modified: LastModified = "auto"
    history_days: HistoryDays = 30
    objects: ObjectsMode = "off"
    versions: bool = False
    regex: str = ""


class Plan(msgspec.Struct, frozen=True):
    """Everything `collect` and `aggregate` need to know; never a secret. ``families``: name → the accounts that share
    a bill, and its volume tiers; those that none names share one, in each partition."""

    tool: str
    as_of: UtcTime
    window: Window
    selection: Selection
    listing: ListingRule
    accesses: tuple[Access, ...]
    shards: tuple[Shard, ...]
    problems: tuple[Problem, ...] = ()
    calls: Calls = msgspec.field(default_factory=Calls)
    report: ReportRule = ReportRule()
    quotas: Quotas = Quotas()
    objects: ObjectsRule = ObjectsRule()
    details: bool = False  # whether buckets are asked how they are configured
    requests: bool = False  # whether their request metrics are read
    families: dict[str, tuple[str, ...]] = {}
    format: int = FORMAT

    def shard(self, name: str) -> Shard:
        """KeyError where the plan has no shard of this name."""
        for shard in self.shards:
            if shard.name == name:
                return shard
        raise KeyError(name)

    @property
    def units(self) -> list[Unit]:
        return [unit for shard in self.shards for unit in shard.units]

    @property
    def properties(self) -> tuple[str, ...]:
        """Which properties buckets are asked for: see model.details."""
        return EVERY if self.details else ("metrics",) if self.requests else ()

    @property
    def bill(self) -> BillQuestion | None:
        """The question about the bill, where there is one."""
        return next((shard.bill for shard in self.shards if shard.bill is not None), None)

    @property
    def today(self) -> date:
        return self.as_of.date()


def encode(plan: Plan) -> bytes:
    return msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n"


def digest(content: bytes) -> str:
    """What a part names to say which plan it answers: the SHA-256 of plan.json."""
    return hashlib.sha256(content).hexdigest()


def read(path: Path, now: datetime) -> tuple[Plan, str]:
    """Read a plan and its digest. BadFile names the file and the field if it is missing, malformed or out of bounds."""
    content = read_bytes(path, _ADVICE)
    plan = decode_versioned(content, path, Plan, FORMAT, "plan", _ADVICE)
    if error := _error(plan, now):
        raise BadFile(path, f"is not a valid plan: {error}", _ADVICE)
    return plan, digest(content)


def check_retention(plan: Plan, path: object, now: datetime) -> None:
    """BadFile if CloudWatch no longer has the figures that a plan asks for."""
    if error := retention_error(plan.as_of, now - CLOCK_DIFFERENCE):
        raise BadFile(path, f"as_of {error}, got {plan.as_of.isoformat()}", _ADVICE)


def _error(plan: Plan, now: datetime) -> str:
    """Return what is wrong with the values of a plan, with the name of the field."""
    if error := planned_time_error(plan.as_of, now):
        return f"as_of {error}, got {plan.as_of.isoformat()}"
    if not is_date(plan.window.first) or plan.window.last != plan.today:
        return f"window must end on the day of as_of, {plan.today}"
    if not plan.shards:
        return "shards must not be empty"
    names: set[str] = set()
    units: set[str] = set()
    for shard in plan.shards:
        if error := _shard_error(shard, len(plan.accesses)):
            return error
        here = {unit.id for unit in shard.units}
        if shard.name in names or len(here) != len(shard.units) or not here.isdisjoint(units):
            return f"shards: {shard.name} or one of its units occurs twice"
        names.add(shard.name)
        units |= here
    return ""


def _shard_error(shard: Shard, accesses: int) -> str:
    if not _SHARD_NAME.fullmatch(shard.name):
        return f"shards: a name must match {_SHARD_NAME.pattern}, got {shortened(shard.name)}"
    where = f"shard {shard.name}"
    if any(sign in f"{shard.agent}{shard.credentials}" for sign in "\t\r\n"):
        return f"{where}: agent and credentials must be single lines without tabs"
    for unit in shard.units:
        if not ACCOUNT.fullmatch(unit.account):
            return f"{where}: account must be an account id, got {shortened(unit.account)}"
        if not REGION.fullmatch(unit.region):
            return f"{where}: region must be an AWS region, got {shortened(unit.region)}"
        if unit.access >= accesses:
            return f"{where}: access must be an index below {accesses}, got {unit.access}"
    bill = shard.bill
    if bill is not None and bill.access >= accesses:
        return f"{where}: bill.access must be an index below {accesses}, got {bill.access}"
    if bill is not None and not (is_date(bill.start) and is_date(bill.end) and bill.start.day == 1):
        return f"{where}: bill.start must be the first day of a month, got {bill.start}"
    return ""


def write(plan: Plan, folder: Path) -> None:
    """plan.json and shards.tsv, under their final names only when they are whole."""
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "shards.tsv", shards_tsv(plan).encode())
    write_atomically(folder / "plan.json", encode(plan))


def shards_tsv(plan: Plan) -> str:
    """A line a shard for Jenkins: name, agent label, credentials id, timeout in minutes; tab-separated."""
    return "".join(
        f"{shard.name}\t{shard.agent}\t{shard.credentials}\t{shard.timeout_minutes}\n" for shard in plan.shards
    )
