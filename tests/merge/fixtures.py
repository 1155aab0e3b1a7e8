"""A fictitious account, and the data that a shard collects of it, computed without the code of the merge."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec

from s3_monitor.model import plan as plans
from s3_monitor.model.bucket_config import BucketConfig
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.part import CollectedBucket, Listing, Part, Status, UnitData
from s3_monitor.model.plan import Access, ListingRule, Plan, Selection, Shard, Unit
from s3_monitor.model.problem import Problem
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.series import Window, pack

AS_OF = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = AS_OF.date()
DAYS = 7
WINDOW = Window(TODAY - timedelta(days=DAYS - 1), DAYS)
LAST = DAYS - 2  # yesterday: the newest day that CloudWatch has
OLD = int(datetime(2020, 5, 4, 15, 13, 8, tzinfo=UTC).timestamp())
ACCOUNT, REGION = "111122223333", "us-east-1"
GIB = 2**30

Points = Mapping[int, float]  # day of the window → value


@dataclass(frozen=True)
class Truth:
    """A bucket. ``sizes``: storage type → bytes by day; ``listed``: ListBuckets names it."""

    name: str
    sizes: Mapping[str, Points] = field(default_factory=dict)
    count: Points | None = None
    created: int | None = OLD
    listed: bool = True
    listing: Listing | None = None
    account: str = ACCOUNT
    region: str = REGION
    details: BucketConfig | None = None
    traffic: RequestMetrics | None = None


def named(truth: Truth, name: str) -> Truth:
    return replace(truth, name=name)


def unit(
    id_: str = "all",
    *,
    types: Sequence[str] | None = None,
    except_: Sequence[str] = (),
    rest: bool = True,
    buckets: Sequence[str] = (),
    account: str = ACCOUNT,
    region: str = REGION,
) -> Unit:
    named = None if types is None else tuple(types)
    return Unit(id_, account, "aws", region, 0, tuple(buckets), named, tuple(except_), rest)


def plan(*shards: Sequence[Unit], listing: ListingRule | None = None, details: bool = False, **choices: object) -> Plan:
    """Return a plan of shards s0, s1, … each with these units."""
    return Plan(
        tool="test",
        as_of=AS_OF,
        window=WINDOW,
        selection=Selection(**choices),  # type: ignore[arg-type]
        listing=listing or ListingRule(),
        accesses=(Access(),),
        shards=tuple(Shard(f"s{number}", "any", "", 30, tuple(units)) for number, units in enumerate(shards)),
        details=details,
    )


def two_years_earlier(plan_: Plan) -> Plan:
    """Return the plan two years earlier, for programs that read the clock and reject a future plan."""
    years = timedelta(days=730)
    window = Window(plan_.window.first - years, plan_.window.days)
    return msgspec.structs.replace(plan_, as_of=plan_.as_of - years, window=window)


def digest(plan_: Plan) -> str:
    return plans.digest(plans.encode(plan_))


def part(
    plan_: Plan,
    shard: str,
    buckets: Sequence[Truth],
    *,
    status: Status = "complete",
    problems: Sequence[Problem] = (),
    seconds: int = 0,
    **changes: object,
) -> Part:
    """Return the part of a shard. ``changes``: fields of its units, such as ``sizes``."""
    types: list[str] = []
    units = [
        msgspec.structs.replace(_unit_facts(one, buckets, types), **changes)
        for one in sorted(plan_.shard(shard).units, key=lambda one: one.id)
    ]
    return Part(
        shard=shard,
        plan=digest(plan_),
        tool="test",
        started=plan_.as_of + timedelta(seconds=seconds),
        finished=plan_.as_of + timedelta(seconds=seconds + 1),
        status=status,
        window=plan_.window,
        types=types,
        units=units,
        problems=list(problems),
        calls=CallCounts({"ListMetrics": 2}, 5),
        usd=Decimal("0.00007"),
    )


def _unit_facts(asked: Unit, buckets: Sequence[Truth], types: list[str]) -> UnitData:
    found = [
        facts
        for truth in sorted(buckets, key=lambda one: one.name)
        if (truth.account, truth.region) == (asked.account, asked.region) and matches(asked, truth.name)
        for facts in [_bucket_facts(asked, truth, types)]
        if facts is not None
    ]
    known_details = {truth.name: truth.details for truth in buckets if asked.rest and truth.details is not None}
    details = [(one.name, known_details[one.name]) for one in found if one.name in known_details]
    counted = {truth.name: truth.traffic for truth in buckets if asked.rest and truth.traffic is not None}
    traffic = [(one.name, counted[one.name]) for one in found if one.name in counted]
    return UnitData(
        asked.id, asked.account, asked.region, True, True, asked.rest, found, details=details, traffic=traffic
    )


def matches(asked: Unit, name: str) -> bool:
    return not asked.buckets or any(fnmatch.fnmatchcase(name, pattern) for pattern in asked.buckets)


def asks(asked: Unit, type_: str) -> bool:
    return type_ not in asked.except_ if asked.types is None else type_ in asked.types


def _bucket_facts(asked: Unit, truth: Truth, types: list[str]) -> CollectedBucket | None:
    named = sorted(type_ for type_ in truth.sizes if asks(asked, type_))
    count = pack(truth.count) if asked.rest and truth.count is not None else None
    if not named and not (asked.rest and (truth.listed or count is not None)):
        return None
    types.extend(type_ for type_ in named if type_ not in types)
    return CollectedBucket(
        truth.name,
        truth.created if truth.listed else None,
        truth.listed,
        tuple((types.index(type_), pack(truth.sizes[type_])) for type_ in named),
        count,
        truth.listing if asked.rest and truth.listed else None,
    )


def day(offset: int) -> date:
    return WINDOW.first + timedelta(days=offset)
