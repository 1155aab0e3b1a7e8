"""Merged buckets and their findings at the bundled prices of us-east-1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import UNSET

from s3_monitor.findings.build import build_findings
from s3_monitor.findings.finding import Finding
from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.model.bill import BillData, BillMonth, BillRow, CostQuery, TagRow
from s3_monitor.model.bucket_config import BucketConfig, Encryption, Lifecycle
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.object_stats import AGE_EDGES, SIZE_EDGES, Amount, ObjectStats
from s3_monitor.model.plan import Access, ListingRule, ObjectsRule, Plan, ReportRule, Selection, Shard, Unit
from s3_monitor.model.series import Window, pack
from s3_monitor.money.list_pricing import billing_families
from s3_monitor.money.marginal_prices import MarginalPrices
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.totals import region_totals

ACCOUNT, REGION = "111122223333", "us-east-1"
AS_OF = datetime(2026, 11, 22, 3, 15, tzinfo=UTC)
DAYS = 35
WINDOW = Window(AS_OF.date() - timedelta(days=DAYS - 1), DAYS)
NEWEST = DAYS - 2  # offset of the newest day with figures
KB, MB, GB, TB = 2**10, 2**20, 2**30, 2**40


def bucket(name: str = "data", sizes: Mapping[str, int] | None = None, **fields: Any) -> ResolvedBucket:
    """Return a measured bucket that is three years old and has not changed for 34 days."""
    held = dict(sorted((sizes or {}).items()))
    given = {
        "account": ACCOUNT,
        "region": REGION,
        "created": int((AS_OF - timedelta(days=1100)).timestamp()),
        "kind": "general-purpose",
        "state": "measured",
        "day": NEWEST,
        "objects": 1000,
        "modified": None,
        "sizes": {name: pack(dict.fromkeys(range(NEWEST + 1), size)) for name, size in held.items()},
        "counts": None,
        **fields,
    }
    return ResolvedBucket(name=name, types=tuple(held), amounts=tuple(held.values()), **given)


def stats(
    classes: Mapping[str, Amount], sizes: Mapping[int, Amount], ages: Mapping[int, Amount], **fields: Any
) -> ObjectStats:
    """Return statistics of objects. ``sizes``, ``ages``: by the lower bound of the bin."""
    return ObjectStats(
        source="listing",
        at=int(AS_OF.timestamp()),
        complete=fields.pop("complete", True),
        current=sum(classes.values(), Amount()),
        classes=dict(classes),
        sizes=_bins(SIZE_EDGES, sizes),
        ages=_bins(AGE_EDGES, ages),
        **fields,
    )


def _bins(edges: tuple[int, ...], amounts: Mapping[int, Amount]) -> tuple[Amount, ...]:
    return tuple(amounts.get(begin, Amount()) for begin in (0, *edges))


def config(**fields: Any) -> BucketConfig:
    """Return a configuration without versioning and lifecycle rules."""
    given: dict[str, Any] = {"versioning": "none", "lifecycle": "none", "encryption": Encryption("AES256"), "tags": {}}
    return BucketConfig(**given | fields)


def rules(**coverage: str) -> Lifecycle:
    """Return lifecycle rules, such as ``abort_uploads="all"``."""
    return Lifecycle(1, coverage={name.replace("_", "-"): how for name, how in coverage.items()})  # type: ignore[misc]


def bill(rows: Iterable[BillRow], tagged: Iterable[TagRow] | None = None, currency: str = "USD") -> BillData:
    """Return the bill of October 2026."""
    month = BillMonth(date(2026, 10, 1), False, list(rows), UNSET if tagged is None else list(tagged))
    return BillData(ACCOUNT, currency, True, [month])


def merged(
    buckets: Iterable[ResolvedBucket],
    bill: BillData | None = None,
    objects: ObjectsRule | None = None,
    group_by_tags: tuple[str, ...] | None = None,
    **fields: Any,
) -> MergedData:
    """Return merged data of these buckets."""
    listed = sorted(buckets, key=lambda one: (one.name, one.account, one.region))
    places = sorted({(one.account, one.region) for one in listed})
    plan = Plan(
        tool="test",
        as_of=AS_OF,
        window=WINDOW,
        selection=Selection(),
        listing=ListingRule(),
        accesses=(Access(),),
        shards=(
            Shard("s", "", "", 60, tuple(Unit(f"{a}-{r}", a, "aws", r, 0, rest=True) for a, r in places)),
            Shard("bill", "", "", 60, (), CostQuery(0, "aws", (ACCOUNT,), date(2026, 10, 1), date(2026, 11, 22))),
        ),
        objects=objects or ObjectsRule(),
        report=ReportRule(group_by_tags=group_by_tags),
        **fields,
    )
    return MergedData(plan, listed, [], [], {}, frozenset(), CallCounts(), Decimal(0), True, bill=bill)


def prices_of(data: MergedData) -> MarginalPrices:
    """Return the marginal prices of these buckets."""
    usage = {place: totals.sizes for place, totals in region_totals(data).items()}
    return MarginalPrices(usage, billing_families(data.plan), bundled_prices())


def findings_without(charge: str, one: ResolvedBucket) -> dict[str, Finding]:
    """Return rule → the finding of a bucket, if the price list does not have a charge."""
    charges = {
        region: {name: price for name, price in prices.items() if name.partition(":")[0] != charge}
        for region, prices in bundled_prices().charges.items()
    }
    data, book = merged([one]), msgspec.structs.replace(bundled_prices(), charges=charges)
    usage = {(one.account, one.region): dict(one.lines)}
    found = build_findings(data, MarginalPrices(usage, billing_families(data.plan), book), book)
    return {finding.id: finding for finding in found}


def findings(*buckets: ResolvedBucket, **fields: Any) -> list[Finding]:
    """Return the findings of an account with these buckets only."""
    data = merged(buckets, **fields)
    return build_findings(data, prices_of(data), bundled_prices())


def finding(id_: str, *buckets: ResolvedBucket, **fields: Any) -> Finding | None:
    """Return the only finding of a rule, or None."""
    found = [one for one in findings(*buckets, **fields) if one.id == id_]
    assert len(found) < 2
    return found[0] if found else None
