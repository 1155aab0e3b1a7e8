"""The files plan/plan.json and plan/shards.tsv: units of work, shards, and rules."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from s3_monitor.model.bill import CostQuery
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
from s3_monitor.model.bucket_config import ALL_PROPERTIES
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.exports import Dollars, Engine, ExportReading
from s3_monitor.model.files import decode_versioned, read_bytes, shortened
from s3_monitor.model.problem import Problem
from s3_monitor.model.series import Window
from s3_monitor.model.storage_lens import LensQuery

FORMAT = 1
SplitBy = Literal["region", "storage-type", "account", "none"]
LastModified = Literal["auto", "all", "off"]
ObjectsMode = Literal["off", "auto", "storage-lens", "inventory", "listing"]
InventoryAnswers = Literal["all", "classes"]
TimeoutMinutes = Annotated[int, msgspec.Meta(ge=1, le=1440)]
PrefixDepth = Annotated[int, msgspec.Meta(ge=0, le=10)]
PrefixTop = Annotated[int, msgspec.Meta(ge=1, le=1000)]
ReportTop = Annotated[int, msgspec.Meta(ge=0, le=20_000)]
HistoryDays = Annotated[int, msgspec.Meta(ge=0, le=RETENTION_DAYS)]
_ASecond = Annotated[float, msgspec.Meta(gt=0, le=1e12)]
# A shard's name is a file name, and a field of shards.tsv.
_SHARD_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_ADVICE = "create the plan again with `s3-monitor plan`"


class Access(msgspec.Struct, frozen=True, omit_defaults=True):
    """The access to an account, without secrets. No profile and no role: the default credential chain."""

    profile: str | None = None
    """Profile of the AWS configuration; null: none."""
    role_arn: str | None = None
    """Role to assume; null: none."""
    external_id: str | None = None
    """External id for assuming the role, in plan.json a reference into external-ids.json; null: none."""
    region: str | None = None
    """Region of the requests that assume the role or are global; null: the configured one."""
    credentials: str = ""
    """Id of the required Jenkins credentials; empty: none."""


class Unit(msgspec.Struct, frozen=True, omit_defaults=True, rename={"except_": "except"}):
    """The smallest unit of work: an account, a region, and some of its storage types.

    "All types": `types` is null and `rest` is true. "One type": `types` has that type. "Rest": `rest` is true, and
    `types` is null with the other units' types in `except`, or empty if storage types are selected.
    """

    id: str
    """Id, unique in the plan."""
    account: str
    """Account id."""
    partition: str
    """AWS partition."""
    region: str
    """Region."""
    access: Count
    """Index into `accesses` of the plan."""
    buckets: tuple[str, ...] = ()
    """Bucket names or globs; empty: every bucket."""
    types: tuple[str, ...] | None = None
    """Storage types whose bytes are requested; null: all but those in `except`."""
    except_: tuple[str, ...] = ()
    """Storage types that other units request."""
    rest: bool = False
    """Whether the unit also requests object counts and listings, and includes every bucket of the region. Otherwise it
    includes the buckets with one of its types."""
    weight: Count = 0
    """Expected number of buckets."""
    linked: bool = False
    """Whether the metrics of the account are read with the access of a monitoring account, to which it is linked."""


class Shard(msgspec.Struct, frozen=True, omit_defaults=True):
    """The work of one process: units, the bill or a Storage Lens export, and the Jenkins agent for it."""

    name: str
    """Name of the shard and its part."""
    agent: str
    """Jenkins agent label."""
    credentials: str
    """Id of the Jenkins credentials; empty: none."""
    timeout_minutes: TimeoutMinutes
    """Time limit, in minutes."""
    units: tuple[Unit, ...]
    """The units."""
    bill: CostQuery | None = None
    """The bill to request from Cost Explorer or to read from an export; null: none."""
    lens: LensQuery | None = None
    """The Storage Lens export to read; null: none."""


class ListingRule(msgspec.Struct, frozen=True):
    """Which buckets are listed for their last-modified date."""

    mode: LastModified = "auto"
    """auto: buckets with at most max_objects objects or an unknown number (then at most max_objects keys are read);
    all: every bucket; off: none."""
    max_objects: Count = 1000
    """Largest number of objects that mode auto lists."""
    max_requests: Count | None = None
    """Largest number of list requests per shard; null: no limit."""


class InventoryRule(msgspec.Struct, frozen=True, omit_defaults=True):
    """The locations of inventories and how they are read."""

    places: tuple[tuple[str, str], ...] = ()
    """Pairs of a bucket name or glob and `s3://DESTINATION/PREFIX/`; the first match applies. Without a match, the
    inventory configurations of the bucket apply."""
    engine: Engine = "duckdb"
    """duckdb: files are downloaded and read here; athena: Athena reads them."""
    workgroup: str = "primary"
    """Athena workgroup."""
    database: str = "default"
    """Athena database."""
    table: str = "s3_inventory_{bucket}"
    """Athena table; {bucket} is replaced by the bucket name with _ instead of - and dots."""
    output: str = ""
    """Location of query results; empty: the location of the workgroup."""
    max_usd: Dollars = 1.0
    """Largest cost of the statements of a bucket, in USD."""
    answers: InventoryAnswers = "all"
    """all, or classes: only objects, bytes, oldest and newest by storage class."""


class KeyPattern(msgspec.Struct, frozen=True):
    """Selected keys."""

    bucket: str
    """Bucket name or glob."""
    key: str
    """Glob of keys; `*` and `?` match slashes too."""


class ObjectsRule(msgspec.Struct, frozen=True):
    """The requested statistics of objects."""

    mode: ObjectsMode = "off"
    """off: none; listing: from listings; inventory: from S3 Inventory; storage-lens: from Storage Lens; auto: from a
    recent inventory, otherwise from a listing within the limits."""
    versions: bool = False
    """Whether earlier versions, delete markers and unfinished uploads are included."""
    max_objects: Count = 1_000_000
    """Largest number of keys or versions that a listing reads per bucket."""
    depth: PrefixDepth = 2
    """Depth of the prefixes, in slashes; 0: none."""
    top: PrefixTop = 20
    """Number of prefixes per depth."""
    inventory: InventoryRule = InventoryRule()
    """How inventories are read."""
    keys: tuple[KeyPattern, ...] = ()
    """Selected keys; empty: all keys."""
    regex: str = ""
    """Regular expression that keys must contain; empty: none."""

    @property
    def narrowed(self) -> bool:
        """Whether keys are selected, so that figures cover these keys instead of complete buckets."""
        return bool(self.keys or self.regex)


class ReportRule(msgspec.Struct, frozen=True):
    """The contents of the report."""

    top: ReportTop = 1000
    """Number of buckets with their own page: the most expensive ones."""
    group_by_tags: tuple[str, ...] | None = None
    """Tag keys to group by; null: the most used."""


class Quotas(msgspec.Struct, frozen=True):
    """CloudWatch's quotas of one account in one region, and a limit for S3."""

    list_metrics: _ASecond = 25
    """ListMetrics requests per second."""
    get_metric_data: _ASecond = 50
    """GetMetricData requests per second."""
    datapoints: _ASecond = 396_000
    """Data points per second, as AWS estimates them from range and period."""
    configurations: _ASecond = 200
    """Requests per second for bucket configurations. AWS documents no quota; 10,000 buckets take eight minutes."""


class Selection(msgspec.Struct, frozen=True):
    """The selection of the user. Empty: no selection."""

    profile: str | None = None
    """Profile of the AWS configuration."""
    regions: tuple[str, ...] = ()
    """Regions."""
    buckets: tuple[str, ...] = ()
    """Bucket names or globs."""
    storage_types: tuple[str, ...] = ()
    """Storage types, as CloudWatch names them."""
    shards: str | None = None
    """Path of shards.yaml; null: none."""
    split_by: SplitBy | None = None
    """How the selection is split into shards."""
    max_shards: Count | None = None
    """Largest number of shards; null: no limit."""
    last_modified: LastModified = "auto"
    """Which buckets are listed for their last-modified date."""
    history_days: HistoryDays = 34
    """Number of days of history. The default allows a 30-day change from figures that are up to 4 days old."""
    objects: ObjectsMode = "off"
    """The source of statistics of objects."""
    versions: bool = False
    """Whether earlier versions are included."""
    regex: str = ""
    """Regular expression that keys must contain; empty: none."""

    @property
    def restrictions(self) -> dict[str, tuple[str, ...]]:
        """Title for readers → selected values, of every restriction to some buckets or keys."""
        all_restrictions = {
            "Regions": self.regions,
            "Buckets": self.buckets,
            "Storage types": self.storage_types,
            "Keys that match": (self.regex,) if self.regex else (),
        }
        return {title: values for title, values in all_restrictions.items() if values}


class Plan(msgspec.Struct, frozen=True):
    """The content of plan/plan.json: the input of collect and aggregate, without secrets."""

    tool: str
    """Version of the program."""
    as_of: UtcTime
    """Time of the plan, UTC."""
    window: Window
    """The days that are requested."""
    selection: Selection
    """Selection of the user."""
    listing: ListingRule
    """Which buckets are listed."""
    accesses: tuple[Access, ...]
    """The accesses to accounts."""
    shards: tuple[Shard, ...]
    """The shards."""
    problems: tuple[Problem, ...] = ()
    """Gaps and notes of planning."""
    calls: CallCounts = msgspec.field(default_factory=CallCounts)
    """Requests to AWS while planning."""
    report: ReportRule = ReportRule()
    """The contents of the report."""
    quotas: Quotas = Quotas()
    """Limits of requests."""
    exports: ExportReading = ExportReading()
    """How exports are read."""
    objects: ObjectsRule = ObjectsRule()
    """The requested statistics of objects."""
    details: bool = False
    """Whether bucket configurations are requested."""
    requests: bool = False
    """Whether request metrics are requested."""
    organizational_units: dict[str, str] = {}
    """Account id → path of its organizational unit, like `Prod/Data`, of the accounts of an organization."""
    families: dict[str, tuple[str, ...]] = {}
    """Name → account ids that share a bill and its volume tiers. All other accounts of a partition share one."""
    format: int = FORMAT
    """Version of this file format."""

    def shard(self, name: str) -> Shard:
        """Return the shard with a name. Raises KeyError."""
        for shard in self.shards:
            if shard.name == name:
                return shard
        raise KeyError(name)

    @property
    def units(self) -> list[Unit]:
        """The units of all shards."""
        return [unit for shard in self.shards for unit in shard.units]

    @property
    def properties(self) -> tuple[str, ...]:
        """The requested bucket properties; see model.bucket_config."""
        return ALL_PROPERTIES if self.details else ("metrics",) if self.requests else ()

    @property
    def bill(self) -> CostQuery | None:
        """The query of the bill; None if costs are list prices."""
        return next((shard.bill for shard in self.shards if shard.bill is not None), None)

    @property
    def today(self) -> date:
        """The UTC day of the plan."""
        return self.as_of.date()


def encode(plan: Plan) -> bytes:
    """Return the content of plan.json."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n"


def digest(content: bytes) -> str:
    """Return the SHA-256 of plan.json, by which a part refers to its plan."""
    return hashlib.sha256(content).hexdigest()


def read(path: Path, now: datetime) -> tuple[Plan, str]:
    """Return a plan and its digest. Raises InvalidFileError with the field if a value is invalid."""
    content = read_bytes(path, _ADVICE)
    plan = decode_versioned(content, path, Plan, FORMAT, "plan", _ADVICE)
    if error := _error(plan, now):
        raise InvalidFileError(path, f"is not a valid plan: {error}", _ADVICE)
    return plan, digest(content)


def check_retention(plan: Plan, path: object, now: datetime) -> None:
    """Raise InvalidFileError if CloudWatch no longer has the data of a plan."""
    if error := retention_error(plan.as_of, now - CLOCK_DIFFERENCE):
        raise InvalidFileError(path, f"as_of {error}, got {plan.as_of.isoformat()}", _ADVICE)


def _error(plan: Plan, now: datetime) -> str:
    """Return the first invalid field of a plan and its rule; empty if all are valid."""
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
    for name, query in (("bill", bill), ("lens", shard.lens)):
        if query is not None and query.access >= accesses:
            return f"{where}: {name}.access must be an index below {accesses}, got {query.access}"
    if bill is not None and not (is_date(bill.start) and is_date(bill.end) and bill.start.day == 1):
        return f"{where}: bill.start must be the first day of a month, got {bill.start}"
    return ""


def shards_tsv(plan: Plan) -> str:
    """Return one line per shard for Jenkins: name, agent label, credentials id, timeout in minutes; tab-separated."""
    return "".join(
        f"{shard.name}\t{shard.agent}\t{shard.credentials}\t{shard.timeout_minutes}\n" for shard in plan.shards
    )
