"""Allocate a bill to the buckets of a report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.model.bill import CostQuery
from s3_monitor.model.bill_summary import BillSummary
from s3_monitor.model.bucket import SEPARATE_NAMESPACE_KINDS
from s3_monitor.model.problem import Problem
from s3_monitor.money.attribution import Attribution, BucketShare
from s3_monitor.money.export_attribution import ExportAttribution, last_requests
from s3_monitor.money.list_pricing import Exact
from s3_monitor.money.price_book import PriceBook
from s3_monitor.report.bill_export import BilledBucket, apportion_usd, export_summary, with_charges
from s3_monitor.report.bill_lines import BillLines, whole_bill
from s3_monitor.report.totals import UNKNOWN_STATES


class BillAllocation(NamedTuple):
    """A bill, allocated to the buckets of a report."""

    buckets: list[BilledBucket]
    """In the order of ``MergedData.buckets``."""
    bill: BillSummary
    problems: list[Problem]


def allocate_bill(facts: MergedData, query: CostQuery, price_book: PriceBook, *, narrowed: bool) -> BillAllocation:
    """Allocate the bill to the buckets. ``narrowed``: only some buckets or storage types are selected."""
    bill = whole_bill(facts)
    month = bill.month(query.start) if bill else None
    is_exported = query.export is not None
    attribution = (ExportAttribution if is_exported else Attribution)(query, month, facts.plan.window)
    records = facts.buckets if facts.all_keys is None else facts.all_keys
    shares = [_share(record, attribution) for record in records]
    if facts.all_keys is not None:  # the amounts are those of all keys, not of the selected ones
        shares = [BucketShare(None, {})] * len(shares)
    for record in facts.deleted:
        attribution.add_deleted(record.account, record.region, record.name, record.sizes)
    lines = BillLines(facts, query, attribution, price_book, narrowed=narrowed)
    summary, buckets = lines.bill(), list(_round(shares))
    if isinstance(attribution, ExportAttribution):
        export = export_summary(summary, attribution, query, month, facts) if month is not None else None
        summary = msgspec.structs.replace(summary, export=export)
        buckets = list(with_charges(records, buckets, shares, last_requests(bill) if bill else None))
    return BillAllocation(buckets, summary, lines.problems())


def _share(record: ResolvedBucket, attribution: Attribution) -> BucketShare:
    """Return the share of a bucket, without the total if the bucket may have more than its lines."""
    is_exported = isinstance(attribution, ExportAttribution)
    if is_exported and record.kind in SEPARATE_NAMESPACE_KINDS:  # the export has the ARNs of these buckets
        return BucketShare(None, {})
    share = attribution.add(record.account, record.region, record.name, record.sizes)
    return BucketShare(None, share.lines) if record.state in UNKNOWN_STATES and not is_exported else share


def _round(shares: Sequence[BucketShare]) -> Iterator[BilledBucket]:
    """Round to millionths that add up: the buckets to the attributed amount, and the lines to their bucket."""
    totals = iter(apportion_usd([share.total for share in shares if share.total is not None]))
    for share in shares:
        total = None if share.total is None else next(totals)
        yield BilledBucket(total, _lines(share, total))


def _lines(share: BucketShare, total: float | None) -> dict[str, float]:
    """Return storage type → amount, of the lines that are known."""
    known = {name: amount for name, amount in share.lines.items() if amount is not None}
    amounts: list[Exact] = list(known.values())
    if share.total is not None:  # the rest is not storage: requests and transfer, by tag
        amounts.append(share.total - sum(amounts))
    return dict(zip(known, apportion_usd(amounts, total), strict=False))
