"""Facts and prices become the report's records: every bucket with its money, and the summary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.merge import BucketRecord, Facts, paused_gc
from s3_monitor.merge.typeset import EVERYTHING, NOTHING, TypeSet, asked_by
from s3_monitor.model.bucket import Bucket, StorageLine
from s3_monitor.model.plan import Plan
from s3_monitor.model.problem import Problem, has_gap, in_order, note
from s3_monitor.model.summary import Api, Group, Prices, Summary
from s3_monitor.money.bill import Bytes, Rate, Rates, age_remark, cost, dollars, price, remarks
from s3_monitor.money.families import families
from s3_monitor.money.prices import Matrix
from s3_monitor.money.types import INDEX_BYTES, storage_types
from s3_monitor.report.billed import with_bill
from s3_monitor.report.contents import with_contents
from s3_monitor.report.labels import ENCRYPTION, by_tag, sums_by, tag_keys
from s3_monitor.report.totals import COUNTED_BY, UNKNOWN_STATES, Cell, Place, Sums, cells

_EPOCH = date(1970, 1, 1)


def records(facts: Facts, matrix: Matrix, generated: datetime) -> tuple[list[Bucket], Summary]:
    """The lines of buckets.json, and summary.json."""
    with paused_gc():
        plan, types = facts.plan, storage_types()
        sums = cells(facts)
        usage = _usage(facts, sums)
        rates = price(usage, families(plan), matrix, types)
        buckets = _buckets(facts, rates)
        narrowed = _narrowed(plan)
        billed = None
        if plan.bill is not None:
            billed = with_bill(facts, plan.bill, buckets, matrix, narrowed=bool(narrowed))
            buckets = billed.buckets
        notes = [
            *remarks(usage, rates, matrix, types),
            *age_remark(matrix, (plan.today - matrix.published).days),
            *narrowed,
            *(billed.problems if billed else ()),
        ]
        grouped = Sums(sums, rates, facts.owed)
        summary = Summary(
            as_of=plan.as_of,
            generated=generated,
            complete=not has_gap(facts.problems),
            selection=plan.selection,
            currency=matrix.currency,
            prices=Prices(matrix.source, matrix.published),
            totals=grouped.totals(),
            by_account=grouped.by_account(),
            by_region=grouped.by_region(),
            by_storage_type=grouped.by_storage_type(),
            by_encryption=sums_by(ENCRYPTION, facts.buckets, rates) if plan.details else UNSET,
            by_tag=_by_tag(facts, rates) if plan.details else UNSET,
            shards=facts.shards,
            problems=in_order([*facts.problems, *notes]),
            api=Api(facts.calls.total, round(float(facts.usd), 6)),
            tool=plan.tool,
            bill=billed.bill if billed else UNSET,
        )
    return buckets, summary


def _usage(facts: Facts, sums: Mapping[Place, Cell]) -> dict[Place, dict[str, Bytes]]:
    """What fills the tiers. Where only some keys are asked about, still the whole of their buckets, so that the keys
    have the rates that their buckets have."""
    usage = {place: cell.sizes for place, cell in sums.items()}
    if facts.whole is None:
        return usage
    whole = cells(msgspec.structs.replace(facts, buckets=facts.whole))
    return {place: {**sizes, **whole[place].sizes} for place, sizes in usage.items()}


def _by_tag(facts: Facts, rates: Rates) -> dict[str, dict[str, Group]]:
    keys = tag_keys(facts.buckets, facts.plan.report.group_by_tags)
    return {key: sums_by(by_tag(key), facts.buckets, rates) for key in keys}


def _narrowed(plan: Plan) -> list[Problem]:
    """A note where buckets or storage types are left out: the others may fill tiers that these do not."""
    asked: dict[tuple[str, str], TypeSet] = {}
    for unit in plan.units:
        place = (unit.account, unit.region)
        of_all_buckets = NOTHING if unit.buckets else asked_by(unit)
        asked[place] = asked.get(place, NOTHING).union(of_all_buckets)
    if all(types == EVERYTHING for types in asked.values()):
        return []
    return [note("prices", "only the selected buckets and storage types fill the price tiers: the bill may be lower")]


def _buckets(facts: Facts, rates: Rates) -> list[Bucket]:
    window = facts.plan.window
    days = [window.day(offset) for offset in range(window.days)]
    buckets = [_bucket(record, rates[record.account, record.region], days) for record in facts.buckets]
    rule = facts.plan.objects
    if rule.mode == "off":
        return buckets
    return [
        with_contents(bucket, record, rates[record.account, record.region], _time, rule.narrowed)
        for bucket, record in zip(buckets, facts.buckets, strict=True)
    ]


def _bucket(record: BucketRecord, rates: dict[str, Rate], days: list[date]) -> Bucket:
    storage: dict[str, StorageLine] = {}
    lines = record.lines
    total: Bytes | None = 0
    for name, size in lines.items():
        rate = rates[name]
        # Nearly every line is the first case; a call for each is what takes the time.
        amount = rate * size if rate is not None and isinstance(size, int) else cost(rate, size)
        total = None if total is None or amount is None else total + amount
        objects: float | UnsetType | None = UNSET
        if name in COUNTED_BY:
            # A fraction is no error of ours: the daily figure is an average, and says so.
            index_size = lines.get(COUNTED_BY[name])
            objects = None if index_size is None else index_size / INDEX_BYTES
        storage[name] = StorageLine(float(size), None if amount is None else dollars(amount), objects)
    unknown = record.state in UNKNOWN_STATES
    return Bucket(
        record.name,
        _time(record.created),
        record.region,
        storage,
        None if unknown else float(sum(lines.values())),
        None if unknown or total is None else dollars(total),
        None if record.objects is None else float(record.objects),
        _time(record.modified),
        record.account,
        record.kind,
        record.state,
        None if record.day is None else days[record.day],
        details=record.details,
    )


def _time(seconds: int | None) -> str | None:
    """``2020-05-04 15:13:08+00:00``"""
    if seconds is None:
        return None
    day, second = divmod(seconds, 86_400)
    return f"{_day(day)} {_clock(second)}"


# Millions of dates share their days, and there are no more seconds in a day than these.
@cache
def _day(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).isoformat()


@cache
def _clock(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}+00:00"
