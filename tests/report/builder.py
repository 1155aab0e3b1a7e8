"""Buckets, summaries and histories of reports of any size."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import msgspec
from msgspec import UNSET

from s3_monitor.findings.catalogue import RULES
from s3_monitor.findings.finding import Finding
from s3_monitor.findings.totals import potentials, sum_potentials, totals_by_id
from s3_monitor.merge.merged_data import Figures, MergedData, ResolvedBucket
from s3_monitor.model.bill_summary import BillLine, BillSummary, Tagged, ToDate
from s3_monitor.model.bucket import Bucket, LastKnown, State, StorageLine
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.finding import FactSource, FindingSums
from s3_monitor.model.plan import Access, ListingRule, Plan, Selection, Shard, Unit
from s3_monitor.model.policies import PolicyException
from s3_monitor.model.problem import Problem, has_gap, in_order
from s3_monitor.model.series import Window, pack
from s3_monitor.model.summary import Api, EmptiedBucket, Group, Prices, ShardLine, Summary
from s3_monitor.money.list_pricing import Rates
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report import pages
from s3_monitor.report.data import build_report_data
from s3_monitor.report.tag_groups import by_tag, dimensions_of, label_of, label_totals, tag_keys
from s3_monitor.report.totals import UNKNOWN_STATES, Missing, ReportTotals, Totals, totals_of_records
from s3_monitor.report.view import View, build_view
from s3_monitor.trends import Trends
from s3_monitor.trends.month_change import month_change
from tests.problems import gap, note

NOW = datetime(2026, 11, 22, 3, 15, tzinfo=UTC)
REGIONS = ("us-east-1", "eu-west-1", "us-west-2", "ap-southeast-2", "eu-central-1", "sa-east-1", "ca-central-1")
PRICES = {
    "StandardStorage": 0.023,
    "IntelligentTieringFAStorage": 0.023,
    "IntelligentTieringIAStorage": 0.0125,
    "StandardIAStorage": 0.0125,
    "OneZoneIAStorage": 0.01,
    "GlacierInstantRetrievalStorage": 0.004,
    "GlacierStorage": 0.0036,
    "GlacierObjectOverhead": 0.0036,
    "GlacierS3ObjectOverhead": 0.023,
    "DeepArchiveStorage": 0.00099,
    "ReducedRedundancyStorage": 0.024,
    "TomorrowsStorage": None,
}
WEIGHTS = (60, 14, 10, 12, 2, 5, 4, 4, 4, 6, 1, 0)
WORDS = ("logs", "backup", "media", "data-lake", "events", "exports", "models", "archive", "billing", "static", "raw")

RTL, ASTRAL = "\u202e", "\U0001f4a3"
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'\"&amp;<b>{{ 7*7 }}{% raw %}",
    f"{RTL}gnp.exe{RTL}",
    ASTRAL * 15,
    '"' * 63,
    "<" * 63,
    "w" * 63,
    "../../etc/passwd",
    "javascript:alert(1)",
    "]]>\x00\x1b[31m\x7f",
    "العربية-עברית",
)


def bucket(name: str = "logs", **changes: object) -> Bucket:
    """Return a bucket with 40 GiB of Standard in us-east-1."""
    plain: dict[str, object] = {
        "name": name,
        "creation_date": "2020-05-04 15:13:08+00:00",
        "region": "us-east-1",
        "storage": {"StandardStorage": StorageLine(40.0 * 2**30, 0.92)},
        "total_size": 40.0 * 2**30,
        "total_cost": 0.92,
        "num_objects": 658.0,
        "last_modified": "2026-11-16 22:53:00+00:00",
        "account": "111122223333",
        "kind": "general-purpose",
        "state": "measured",
        "as_of": date(2026, 11, 21),
    }
    return Bucket(**(plain | changes))  # type: ignore[arg-type]


def unknown(name: str, state: State, **changes: object) -> Bucket:
    """Return a bucket without known figures."""
    nothing = {"storage": {}, "total_size": None, "total_cost": None, "num_objects": None, "as_of": None}
    return bucket(name, state=state, last_modified=None, **(nothing | changes))


def buckets(number: int, *, seed: int = 1, accounts: int = 1, hostile: bool = False) -> list[Bucket]:
    """Return buckets, some of them empty, young, without data or unpriced; the same seed gives the same buckets."""
    random_ = random.Random(seed)
    owners = [f"{111122223333 + 7919 * index:012d}" for index in range(accounts)]
    made = [_random(random_, index, owners, hostile) for index in range(number)]
    return sorted(made, key=lambda one: (one.name, one.account))


def _random(random_: random.Random, index: int, owners: list[str], hostile: bool) -> Bucket:
    name = f"{random_.choice(WORDS)}-{random_.choice(WORDS)}-{index:05d}"
    if hostile:
        name = HOSTILE[index] if index < len(HOSTILE) else HOSTILE[index % len(HOSTILE)][:57] + name[-6:]
    region = random_.choices(REGIONS, (50, 20, 12, 8, 6, 2, 2))[0]
    account = random_.choice(owners)
    created = NOW - timedelta(days=random_.uniform(4, 4000))
    known: dict[str, object] = {"region": region, "account": account, "creation_date": _written(created)}
    odd = random_.random()
    if odd < 0.02:
        return unknown(name, "empty", **(known | {"total_size": 0.0, "total_cost": 0.0, "num_objects": 0.0}))
    if odd < 0.03:
        return unknown(name, "young", **(known | {"creation_date": _written(NOW - timedelta(hours=9))}))
    if odd < 0.035:
        return unknown(name, "incomplete", **known)
    storage: dict[str, StorageLine] = {}
    for kind in sorted(set(random_.choices(list(PRICES), WEIGHTS, k=random_.choice((1, 1, 2, 4))))):
        size = float(int(random_.lognormvariate(24, 3.2)))
        price = PRICES[kind]
        objects = size // 32768 if kind == "GlacierObjectOverhead" else None
        cost = None if price is None else round(size / 2**30 * price, 6)
        storage[kind] = StorageLine(size, cost, objects) if objects is not None else StorageLine(size, cost)
    small = random_.random() < 0.3
    return bucket(
        name,
        **known,
        storage=storage,
        total_size=sum(line.size for line in storage.values()),
        total_cost=_sum(line.cost for line in storage.values()),
        num_objects=float(int(random_.lognormvariate(9, 3))),
        last_modified=_written(NOW - timedelta(days=random_.uniform(0, 300))) if small else None,
        as_of=date(2026, 11, 21 if random_.random() < 0.97 else 19),
    )


def problems(number: int, found: list[Bucket], *, seed: int = 1) -> list[Problem]:
    """Return gaps and notes about these buckets."""
    random_ = random.Random(seed)
    made = []
    for index in range(number):
        one = random_.choice(found)
        where = f"{one.account}/{one.region}/{one.name}"
        made.append(
            gap(where, f"ListObjectsV2: Access Denied (request {index})", "allow s3:ListBucket on this bucket")
            if index % 3 == 0
            else note(
                where, f"not listed: {index + 1001:,} objects, over the limit of 1,000", "use --last-modified all"
            )
        )
    return in_order(made)


def summary(found: list[Bucket], problems: Iterable[Problem] = (), **changes: object) -> Summary:
    """Return the summary of these buckets."""
    problems = in_order(problems)
    plain: dict[str, object] = {
        "as_of": NOW,
        "generated": NOW + timedelta(minutes=4),
        "complete": not has_gap(problems),
        "selection": Selection(profile="user1-dev", shards="shards.yaml"),
        "currency": "USD",
        "prices": Prices("AWS price list", date(2024, 9, 25)),
        "totals": _group(found),
        "by_account": _groups(found, lambda one: [one.account]),
        "by_region": _groups(found, lambda one: [one.region]),
        "by_storage_type": _types(found),
        "shards": [ShardLine(f"dev-{region}", "complete", 10, 0) for region in sorted({one.region for one in found})],
        "problems": problems,
        "api": Api(1234, 0.401),
        "tool": "0.1.0",
        "emptied": [
            EmptiedBucket(one.name, one.account, one.region, one.last_known)
            for one in found
            if isinstance(one.last_known, LastKnown)
        ],
    }
    if any(one.details is not UNSET for one in found):
        plain["by_encryption"] = _groups(found, lambda one: [label_of("encryption")(one)])
        plain["by_tag"] = {
            key: _groups(found, lambda one, key=key: [label_of(by_tag(key))(one)])  # type: ignore[misc]
            for key in tag_keys(found, None)
        }
    return Summary(**(plain | changes))  # type: ignore[arg-type]


def totals(found: Iterable[Bucket]) -> ReportTotals:
    """Return the totals of buckets, at the list prices of their lines."""
    found = list(found)
    records_ = [_totals_record(one) for one in found]
    priced: dict[tuple[str, str], dict[str, tuple[Fraction, Fraction] | None]] = {}
    bounds: dict[tuple[str, str], set[str]] = {}
    for one in found:
        place = (one.account, one.region)
        for name, line in one.storage.items():
            so_far = priced.setdefault(place, {}).get(name, (Fraction(0), Fraction(0)))
            cost_and_size = None
            if line.cost is not None and so_far is not None:
                cost_and_size = (so_far[0] + Fraction(line.cost), so_far[1] + Fraction(line.size))
            priced[place][name] = cost_and_size
            if line.cost_is_upper_bound is True:
                bounds.setdefault(place, set()).add(name)
    rates: Rates = {place: {name: _rate(sums) for name, sums in types.items()} for place, types in priced.items()}
    upper = {place: frozenset(names) for place, names in bounds.items()}
    labels = {}
    if any(one.details is not UNSET for one in found):
        labels = {name: label_totals(name, records_, rates, upper, Missing()) for name in dimensions_of(found, None)}
    return ReportTotals(Totals(totals_of_records(records_), rates, upper, Missing()), labels)


def _rate(cost_and_size: tuple[Fraction, Fraction] | None) -> int | None:
    return None if cost_and_size is None else int(cost_and_size[0] / (cost_and_size[1] or 1) * 10**76)


def _totals_record(one: Bucket) -> ResolvedBucket:
    place = (one.account, one.region, one.name)
    of_day = (0, tuple(one.storage), tuple([line.size for line in one.storage.values()]), one.num_objects)
    return ResolvedBucket(*place, None, one.kind, one.state, *of_day, None, {}, None, details=one.details)


def show(found: Sequence[Bucket], said: Summary) -> View:
    """Return the view of buckets."""
    return build_view(found, said, totals(found))


def write_pages(
    out: Path, found: Sequence[Bucket], said: Summary, compute_trends: Trends | None = None, **options: Any
) -> None:
    """Write the pages of buckets."""
    pages.write_pages(out, with_changes(found, compute_trends), said, totals(found), compute_trends, **options)


def with_changes(found: Sequence[Bucket], trends: Trends | None) -> list[Bucket]:
    """Return the buckets with the changes over 30 days in their history."""
    return [*found] if trends is None else [_with_change(one, trends) for one in found]


def _with_change(one: Bucket, trends: Trends) -> Bucket:
    trend = trends.buckets.get((one.account, one.region, one.name))
    if trend is None or trend.record.state in UNKNOWN_STATES:
        return one
    size, cost, _ = month_change(trend.record, trends.window, trends.rates[trends.newest])
    return msgspec.structs.replace(one, size_change_30d=size, cost_change_30d=cost)


def findings(found: Sequence[Bucket]) -> list[Finding]:
    """Return a finding of each rule, every fourth of unknown amount, with an exception or with bounds."""
    exception = PolicyException(bucket="*", reason=HOSTILE[0], until=date(2027, 1, 31))
    days = dict.fromkeys(get_args(FactSource)[:5], date(2026, 11, 21))
    return [
        Finding(
            rule.id, one.account, one.region, one.name, ("unknown", "exact", "at-most", "range")[number % 4],
            None if number % 4 == 0 else -1.5, None if number % 4 == 0 else 12.0 + number, 1 << number,
            tuple(HOSTILE[1] if not measure.unit else 1234.5 for measure in rule.evidence), days,
            2.5, "objects" if number % 4 == 0 else "", exception if number % 4 == 1 else None,
        )
        for number, (rule, one) in enumerate(zip(RULES.values(), found, strict=False))
    ]  # fmt: skip


def finding_sums(found: Sequence[Finding]) -> FindingSums:
    """Return the sums of findings, with hostile tags."""
    total = sum_potentials(potentials(found).items(), 3)
    return FindingSums(total, 2, totals_by_id(found), {}, {HOSTILE[2]: dict.fromkeys(HOSTILE, total)})


def bill(lines: int = 12) -> BillSummary:
    """Return a bill of October by tag, of one account, with hostile names and amounts of every sign."""
    rows = [
        BillLine("111122223333", name, *(3.0 * number, 2.5 * number, 2.0 * number, 0.5 * number, -0.5 * number),
                 1000.0 * number, "GB-Mo", 900.0, 1.0, "discount or credits: 16.7% below the list price", ["discount"])
        for number, name in enumerate([*HOSTILE, *(f"EU-Other-{number}" for number in range(lines))], -3)
    ]  # fmt: skip
    sums = [sum(getattr(row, name) for row in rows) for name in ("list_", "billed", "attributed", "unattributed")]
    to_date = ToDate(date(2026, 11, 1), date(2026, 11, 21), float(len(rows)), True)
    tagged = Tagged("bucket_name", 12.5, -3.0, 2)
    head = ("tagged", date(2026, 10, 1), 31, "999900001111", "USD", True)
    return BillSummary(*head, *sums, sums[1] - sums[0], to_date, tagged, rows)  # type: ignore[arg-type]


def _groups(found: list[Bucket], keys: Callable[[Bucket], list[str]]) -> dict[str, Group]:
    members: dict[str, list[Bucket]] = {}
    for one in found:
        for key in keys(one):
            members.setdefault(key, []).append(one)
    return {key: _group(members[key]) for key in sorted(members)}


def _group(found: list[Bucket]) -> Group:
    lines = [line for one in found for line in one.storage.values()]
    empty = any(one.total_size == 0 for one in found)
    objects = [one.num_objects for one in found if one.num_objects is not None]
    return Group(
        buckets=len(found),
        size=_sum(line.size for line in lines) if lines or not empty else 0.0,
        objects=None if found and not objects else float(sum(objects)),
        cost=_sum_known(line.cost for line in lines) if lines or not empty else 0.0,
        unpriced_size=float(sum(line.size for line in lines if line.cost is None)),
        unknown_buckets=sum(one.total_size is None for one in found),
        unknown_objects=len(found) - len(objects),
    )


def _types(found: list[Bucket]) -> dict[str, Group]:
    lines: dict[str, list[StorageLine]] = {}
    for one in found:
        for kind, line in one.storage.items():
            lines.setdefault(kind, []).append(line)
    return {
        kind: Group(len(same), _sum(line.size for line in same), None, _sum_known(line.cost for line in same))
        for kind, same in sorted(lines.items())
    }


def _sum(values: Iterable[float | None]) -> float | None:
    """Return the sum; None if a value is None, or there is no value."""
    known = list(values)
    return None if not known or None in known else sum(value for value in known if value is not None)


def _sum_known(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _written(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}+00:00"


def history(
    found: list[Bucket],
    *,
    seed: int = 1,
    days: int = 31,
    holes: float = 0.02,
    points: Mapping[str, Mapping[str, dict[int, int | float]]] = {},  # only read
) -> Trends | None:
    """Return trends that end in these buckets' figures: random walks back from their lines, some with missing days.

    ``points``: the points by storage type of the buckets that have others.
    """
    random_ = random.Random(seed)
    window = Window(NOW.date() - timedelta(days=days - 1), days)
    units = sorted({(one.account, one.region) for one in found})
    plan = Plan(
        tool="test",
        as_of=NOW,
        window=window,
        selection=Selection(),
        listing=ListingRule(),
        accesses=(Access(),),
        shards=(Shard("s", "", "", 60, tuple(Unit(f"{a}-{r}", a, "aws", r, 0, rest=True) for a, r in units)),),
    )
    records_ = [_record(random_, one, window, holes) for one in found]
    records_ = [
        msgspec.structs.replace(one, sizes={name: pack(of_type) for name, of_type in points[one.name].items()})
        if one.name in points
        else one
        for one in records_
    ]
    gone = [
        _deleted(_record(random_, bucket(f"gone-{index}", as_of=window.day(max(0, days - 6))), window, 0))
        for index in range(3)
    ]
    known = [one for one in gone if (one.account, one.region) in units]
    facts = MergedData(plan, records_, [], [], {}, frozenset(), CallCounts(), Decimal(0), True, known)
    return build_report_data(facts, bundled_prices(), NOW).trends


def _deleted(record: ResolvedBucket) -> ResolvedBucket:
    """Return a deleted bucket as the merge does: only its history."""
    return msgspec.structs.replace(record, state="empty", day=None, types=(), amounts=(), objects=None)


def emptied(name: str, day: date, **changes: object) -> Bucket:
    """Return a bucket that stored 40 GiB of Standard until ``day``."""
    held = bucket(name)
    assert held.total_size is not None
    last = LastKnown(day, held.storage, held.total_size, held.total_cost, held.num_objects)
    nothing = {"storage": {}, "total_size": 0.0, "total_cost": 0.0, "num_objects": 0.0, "as_of": None}
    return bucket(name, state="emptied", last_known=last, **(nothing | changes))


def _record(random_: random.Random, one: Bucket, window: Window, holes: float) -> ResolvedBucket:
    held = one.last_known if isinstance(one.last_known, LastKnown) else one
    day = None if held.as_of is None else window.offset(held.as_of)
    lines = {name: int(line.size) for name, line in held.storage.items()}
    made = None if one.creation_date is None else datetime.fromisoformat(one.creation_date)
    first = 0 if made is None else max(0, window.offset(made.date()))
    sizes = {}
    for name, size in lines.items():
        points: dict[int, int | float] = {}
        for offset in range(day or 0, min(first, day or 0) - 1, -1):
            if offset == day or random_.random() > holes:
                points[offset] = size
            size = max(0, int(size * random_.uniform(0.97, 1.01)))
        sizes[name] = pack(points)
    created = None if made is None else int(made.timestamp())
    place = (one.account, one.region, one.name)
    of_day = (tuple(lines), tuple(lines.values()))
    if held is not one and day is not None:
        last = Figures(day, *of_day, held.num_objects)
        return ResolvedBucket(*place, created, one.kind, one.state, None, (), (), 0, None, sizes, None, last=last)
    return ResolvedBucket(*place, created, one.kind, one.state, day, *of_day, one.num_objects, None, sizes, None)
