"""Build the findings of all buckets, accounts and regions of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime
from decimal import Decimal
from math import inf

from msgspec import UNSET

from s3_monitor.findings.bill_rules import bill_findings, monitoring_fees
from s3_monitor.findings.bucket_bill import BucketBill, bucket_bills
from s3_monitor.findings.catalogue import NEEDS, bucket_rules
from s3_monitor.findings.class_rules import tier_saving, tiered_size
from s3_monitor.findings.facts import BucketFacts
from s3_monitor.findings.finding import Dates, Finding, fee_scope
from s3_monitor.findings.leftover_rules import EMPTY_DAYS
from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.model.bill import BillMonth
from s3_monitor.model.bucket_config import BucketConfig, Replication
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.money.list_pricing import Exact, to_dollars, to_units
from s3_monitor.money.marginal_prices import MarginalPrices
from s3_monitor.money.other_prices import FREE_BUCKETS, bucket_fee
from s3_monitor.money.price_book import PriceBook

_DAY_SECONDS = 86_400
_STANDARD = "StandardStorage"
Place = tuple[str, str]


def build_findings(data: MergedData, prices: MarginalPrices, price_book: PriceBook) -> list[Finding]:
    """Return all findings, the largest first; those of unknown amount last."""
    records = data.buckets if data.all_keys is None else data.all_keys
    reader = _FactsReader(data, records, prices, price_book)
    findings: list[Finding] = []
    for record in records:
        if record.state != "incomplete":
            facts = reader.facts(record)
            known = frozenset([name for name in NEEDS if getattr(facts, name) is not None])
            found = [find(facts) for find in bucket_rules(record.types, known)]
            findings += [finding for finding in found if finding is not None]
    month = _bill_month(data, price_book)
    if month is not None:
        buckets = {record.name: (record.account, record.region) for record in records}
        uses_inventory = data.plan.objects.mode in ("inventory", "auto")
        findings += bill_findings(month, buckets, uses_inventory=uses_inventory)
        done = {(finding.account, finding.region) for finding in findings if finding.id == "int-fee"}
        findings += _int_fees(data, month, records, prices, done)
    # Stable: findings of equal amount remain in the order of the buckets and rules.
    findings.sort(key=lambda finding: inf if finding.high is None else -finding.high)
    return findings


class _FactsReader:
    """Reads the facts of buckets from the merged data."""

    def __init__(
        self, data: MergedData, records: Sequence[ResolvedBucket], prices: MarginalPrices, price_book: PriceBook
    ) -> None:
        plan = data.plan
        self._prices = prices
        self._window_days = plan.window.days
        self._now = int(plan.as_of.timestamp())
        self._days = [plan.window.day(offset) for offset in range(plan.window.days)]
        self._copies = _copies(records)
        self._fees = _bucket_fees(records, self._window_days, self._now, price_book)
        month = _bill_month(data, price_book)
        self._common_dates: Dates = {
            "configuration": plan.as_of.astimezone(UTC).date(),
            "request metrics": self._days[-2] if len(self._days) > 1 else None,
            "bill": None if month is None else month.first,
        }
        self._bills: Mapping[str, BucketBill] = {}
        if month is not None and data.bill is not None and plan.bill is not None:
            self._bills = bucket_bills(data.bill, plan.bill, self._now)
        self._dates: dict[tuple[date | None, int | None], Dates] = {}

    def facts(self, record: ResolvedBucket) -> BucketFacts:
        """Return the facts of a bucket."""
        stats, config, requests = record.object_stats, record.details, record.request_metrics
        if stats is not None and (stats.keys or not stats.complete):
            stats = None
        return BucketFacts(
            record,
            self._prices.of(record.account, record.region),
            record.lines,
            self._dates_of(record, stats),
            None if record.created is None else (self._now - record.created) // _DAY_SECONDS,
            sum(record.amounts),
            stats,
            config if isinstance(config, BucketConfig) else None,
            # One day of Storage Lens is not a sample of the access.
            requests if isinstance(requests, RequestMetrics) and requests.source == "cloudwatch" else None,
            self._bills.get(record.name),
            empty_days(record, self._window_days, self._now),
            self._fees.get((record.account, record.region, record.name)),
            self._copies.get(record.name, ()),
        )

    def _dates_of(self, record: ResolvedBucket, stats: ObjectStats | None) -> Dates:
        """Return the days of the facts. Most buckets have the same, so that they are one object."""
        day = None if record.day is None else self._days[record.day]
        of_objects = None if stats is None else stats.at // _DAY_SECONDS
        key = (day, of_objects)
        dates = self._dates.get(key)
        if dates is None:
            objects = None if of_objects is None else datetime.fromtimestamp(of_objects * _DAY_SECONDS, UTC).date()
            dates = self._dates[key] = {**self._common_dates, "CloudWatch": day, "objects": objects}
        return dates


def empty_days(record: ResolvedBucket, window_days: int, now: int) -> int | None:
    """Return the days for which a bucket has been empty, at least; None: it is not empty, or unknown."""
    if record.state == "empty" and record.created is not None:
        return (now - record.created) // _DAY_SECONDS
    if record.state == "emptied" and record.last is not None and record.last.day >= 0:
        return window_days - 1 - record.last.day
    return None


def _bucket_fees(
    records: Sequence[ResolvedBucket], window_days: int, now: int, price_book: PriceBook
) -> dict[tuple[str, str, str], Exact]:
    """Return the fee of each empty bucket whose deletion saves it: as many as the account has above the free ones."""
    counts = Counter(record.account for record in records if record.kind == "general-purpose")
    excess = {account: count - FREE_BUCKETS for account, count in counts.items() if count > FREE_BUCKETS}
    fee = bucket_fee(price_book)
    if not excess or fee is None:
        return {}
    fees: dict[tuple[str, str, str], Exact] = {}
    for record in records:
        if excess.get(record.account, 0) > 0 and (empty_days(record, window_days, now) or 0) >= EMPTY_DAYS:
            excess[record.account] -= 1
            fees[record.account, record.region, record.name] = to_units(fee)
    return fees


def _copies(records: Sequence[ResolvedBucket]) -> dict[str, tuple[tuple[str, int], ...]]:
    """Return destination → the buckets that replicate into it, with their bytes in Standard."""
    copies: dict[str, list[tuple[str, int]]] = {}
    for record in records:
        replication = record.details.replication if isinstance(record.details, BucketConfig) else None
        if isinstance(replication, Replication):
            for name in replication.to:
                copies.setdefault(name, []).append((record.name, int(record.lines.get(_STANDARD, 0))))
    return {name: tuple(sorted(sources)) for name, sources in copies.items()}


def _bill_month(data: MergedData, price_book: PriceBook) -> BillMonth | None:
    """Return the last complete month of the bill, if it is in the currency of the report."""
    query, bill = data.plan.bill, data.bill
    if query is None or bill is None or bill.currency != price_book.currency:
        return None
    return bill.month(query.start)


def _int_fees(
    data: MergedData,
    month: BillMonth,
    records: Sequence[ResolvedBucket],
    prices: MarginalPrices,
    done: AbstractSet[Place],
) -> Iterator[Finding]:
    """Yield the accounts and regions whose monitoring fee is larger than what the tiers save.

    Left out are those with missing buckets, which the fee includes, those that are ``done`` since the fee of one of
    their buckets is too large, and bills that state the fees of buckets.
    """
    if data.plan.selection.restrictions or month.exported is not UNSET:
        return
    fees: Mapping[Place, Decimal] = monitoring_fees(month)
    missing = (
        done | {(one.account, one.region) for one in records if one.state == "incomplete"} | data.incomplete_regions
    )
    tiers: dict[Place, Counter[str]] = {}
    for record in records:
        if (place := (record.account, record.region)) in fees and place not in missing:
            tiers.setdefault(place, Counter()).update(record.lines)
    dates: Dates = {"bill": month.first}
    for place, sizes in sorted(tiers.items()):
        saved = tier_saving(sizes, prices.of(*place))
        more = None if saved is None else to_units(fees[place]) - saved
        if more is not None and more > 0:
            amount = to_dollars(more)
            values = (float(fees[place]), None, tiered_size(sizes))
            yield Finding("int-fee", *place, None, "exact", amount, amount, fee_scope("monitoring"), values, dates)
