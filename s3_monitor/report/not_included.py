"""Estimates of charges that the cost does not include. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from math import ceil

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.request_metrics import RequestTotals
from s3_monitor.model.summary import Estimate
from s3_monitor.money.list_pricing import DECIMALS
from s3_monitor.money.other_prices import FREE_BUCKETS, bucket_fee
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.storage_types import types_of_class
from s3_monitor.money.usage_types import MONITORING
from s3_monitor.report.totals import UNKNOWN_STATES

# AWS: Intelligent-Tiering monitors objects of at least 128 KB, for a fee per object.
_MONITORED = 128 * 1024
_TIERS = frozenset(types_of_class("INTELLIGENT_TIERING"))


def not_included(
    records: Iterable[ResolvedBucket], requests: RequestTotals | None, price_book: PriceBook, *, complete: bool
) -> list[Estimate]:
    """Return an estimate of each charge. ``requests``: None where request metrics were not requested.

    ``complete``: all data was received; otherwise there may be buckets that no estimate covers.
    """
    listed = list(records)
    totals = requests or RequestTotals(0, len(listed), None, 0, None, 0)
    priced, bounded = totals.buckets - totals.unpriced_buckets, totals.buckets - totals.egress_unpriced_buckets
    return [
        Estimate("requests", "estimate", totals.cost, priced, len(listed) - priced, complete),
        Estimate("egress", "at-most", totals.egress_at_most, bounded, len(listed) - bounded, complete),
        _monitoring(listed, price_book, complete),
        _bucket_fee(listed, price_book, complete),
    ]


def _monitoring(records: Iterable[ResolvedBucket], price_book: PriceBook, complete: bool) -> Estimate:
    """Bound the monitored objects of each bucket by its object count, and by its bytes in objects of 128 KB.

    A bucket in a region without a known fee is not covered.
    """
    total, covered, unknown = Fraction(0), 0, 0
    for record in records:
        if record.state == "unmeasured":  # buckets of that kind have no storage classes
            continue
        if record.state in UNKNOWN_STATES:
            unknown += 1
        elif not _TIERS.isdisjoint(record.types):
            fee = price_book.charge(record.region, MONITORING)
            if fee is None:
                unknown += 1
            else:
                covered += 1
                total += _most_monitored(record) * Fraction(max(tier.price for tier in fee.tiers))
    is_known = covered or not unknown
    return Estimate("monitoring", "at-most", _rounded(total) if is_known else None, covered, unknown, complete)


def _most_monitored(record: ResolvedBucket) -> int:
    """Return the largest possible number of monitored objects."""
    size = sum(Fraction(size) for name, size in record.lines.items() if name in _TIERS)
    by_size = int(size // _MONITORED)
    return by_size if record.objects is None else min(by_size, ceil(record.objects))


def _bucket_fee(records: Iterable[ResolvedBucket], price_book: PriceBook, complete: bool) -> Estimate:
    """Count the general purpose buckets of the report, account by account."""
    counts = Counter(record.account for record in records if record.kind == "general-purpose")
    above = sum(max(0, count - FREE_BUCKETS) for count in counts.values())
    fee = bucket_fee(price_book)
    if above and fee is None:
        return Estimate("buckets", "estimate", None, 0, counts.total(), complete)
    return Estimate("buckets", "estimate", _rounded(above * Fraction(fee or 0)), counts.total(), 0, complete)


def _rounded(amount: Fraction) -> float:
    return float(round(amount, DECIMALS))
