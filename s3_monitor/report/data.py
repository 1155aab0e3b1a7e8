"""Facts and prices become the report's records: every bucket with its money, and the summary."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from msgspec import UNSET, UnsetType

from s3_monitor.merge import BucketRecord, Facts, paused_gc
from s3_monitor.merge.typeset import EVERYTHING, NOTHING, TypeSet, asked_by
from s3_monitor.model.bucket import Bucket, StorageLine
from s3_monitor.model.plan import Plan
from s3_monitor.model.problem import Problem, has_gap, in_order, note
from s3_monitor.model.summary import Api, Prices, Summary
from s3_monitor.money.bill import CONTEXT, Rates, age_remark, dollars, price, remarks
from s3_monitor.money.prices import Matrix
from s3_monitor.money.types import INDEX_BYTES, storage_types
from s3_monitor.report.totals import UNKNOWN_STATES, Sums, cells

_EPOCH = date(1970, 1, 1)


def records(facts: Facts, matrix: Matrix, generated: datetime) -> tuple[list[Bucket], Summary]:
    """The lines of buckets.json, and summary.json."""
    with paused_gc():
        plan, types = facts.plan, storage_types()
        sums = cells(facts)
        usage = {place: {name: held.size for name, held in cell.held.items()} for place, cell in sums.items()}
        rates = price(usage, _families(plan), matrix, types)
        buckets = _buckets(facts, rates)
        notes = [
            *remarks(usage, rates, matrix, types),
            *age_remark(matrix, (plan.today - matrix.published).days),
            *_narrowed(plan),
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
            shards=facts.shards,
            problems=in_order([*facts.problems, *notes]),
            api=Api(facts.calls.total, dollars(facts.usd)),
            tool=plan.tool,
        )
    return buckets, summary


def _families(plan: Plan) -> dict[str, str]:
    """Which accounts share volume tiers: all of the plan in one partition."""
    return {unit.account: unit.partition for unit in plan.units}


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
    counters = {type_.name: type_.counted_by for type_ in storage_types().values() if type_.counted_by}
    return [_bucket(record, rates[record.account, record.region], days, counters) for record in facts.buckets]


_multiply, _add = CONTEXT.multiply, CONTEXT.add


def _bucket(
    record: BucketRecord, rates: dict[str, Decimal | None], days: list[date], counters: dict[str, str]
) -> Bucket:
    storage: dict[str, StorageLine] = {}
    lines = record.lines
    size: int | float = 0
    cost: Decimal | None = Decimal(0)
    for name, line_size in lines.items():
        rate = rates[name]
        amount: Decimal | None = None
        if rate is not None:
            amount = _multiply(rate, line_size if line_size.__class__ is int else Decimal(line_size))
        elif not line_size:
            amount = Decimal(0)  # nothing costs nothing, at any price
        cost = None if cost is None or amount is None else _add(cost, amount)
        size += line_size
        objects: float | UnsetType | None = UNSET
        if name in counters:
            # A fraction is no error of ours: the daily figure is an average, and says so.
            index_size = lines.get(counters[name])
            objects = None if index_size is None else index_size / INDEX_BYTES
        storage[name] = StorageLine(float(line_size), None if amount is None else dollars(amount), objects)
    unknown = record.state in UNKNOWN_STATES
    return Bucket(
        record.name,
        _time(record.created),
        record.region,
        storage,
        None if unknown else float(size),
        None if unknown or cost is None else dollars(cost),
        None if record.objects is None else float(record.objects),
        _time(record.modified),
        record.account,
        record.kind,
        record.state,
        None if record.day is None else days[record.day],
    )


def _time(seconds: int | None) -> str | None:
    """``2020-05-04 15:13:08+00:00``; a day's text is made once, for the many buckets of a day."""
    if seconds is None:
        return None
    day, second = divmod(seconds, 86_400)
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{_day(day)} {hour:02}:{minute:02}:{second:02}+00:00"


@cache
def _day(number: int) -> str:
    return (_EPOCH + timedelta(days=number)).isoformat()
