"""Facts and a bill become records: what each bucket was billed, and the bill beside list prices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from s3_monitor.merge.merged_data import BucketRecord, MergedData
from s3_monitor.model.bill import CostQuery
from s3_monitor.model.bill_summary import BillSummary
from s3_monitor.model.bucket import Bucket, StorageLine
from s3_monitor.model.problem import Problem
from s3_monitor.money.attribution import UNIT, Attribution, BucketShare
from s3_monitor.money.list_pricing import Exact
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.rounding import apportion
from s3_monitor.report.bill_lines import BillLines, whole_bill
from s3_monitor.report.totals import UNKNOWN_STATES

_MICRO = UNIT // 10**6  # the last place that is written


class WithBill(msgspec.Struct, frozen=True):
    buckets: list[Bucket]
    bill: BillSummary
    problems: list[Problem]


def with_bill(
    facts: MergedData, question: CostQuery, buckets: Sequence[Bucket], price_book: PriceBook, *, narrowed: bool
) -> WithBill:
    """The same buckets, in the order of ``facts.buckets``, with what they were billed; the section of summary.json;
    and what is to be said of it."""
    whole = whole_bill(facts)
    month = whole.month(question.start) if whole else None
    attribution = Attribution(question, month, facts.plan.window)
    shares = [
        _known(record, attribution.add(record.account, record.region, record.name, record.sizes))
        for record in (facts.buckets if facts.whole is None else facts.whole)
    ]
    if facts.whole is not None:  # what a bucket was billed says nothing of some of its keys
        shares = [BucketShare(None, {})] * len(shares)
    for record in facts.deleted:
        attribution.add_deleted(record.account, record.region, record.name, record.sizes)
    lines = BillLines(facts, question, attribution, price_book, narrowed=narrowed)
    return WithBill(list(_written(buckets, shares)), lines.bill(), lines.problems())


def _known(record: BucketRecord, share: BucketShare) -> BucketShare:
    """Of a bucket of which something did not arrive only the lines are known that did."""
    return BucketShare(None, share.lines) if record.state in UNKNOWN_STATES else share


def _written(buckets: Sequence[Bucket], shares: Sequence[BucketShare]) -> Iterable[Bucket]:
    """In millionths that add up: all buckets to what is attributed, and a bucket's lines to the bucket."""
    totals = iter(apportion([share.total for share in shares if share.total is not None], _MICRO))
    for bucket, share in zip(buckets, shares, strict=True):
        total = None if share.total is None else next(totals)
        billed = _line_micros(share, total)
        storage = {
            name: StorageLine(line.size, line.cost, line.num_objects, _usd(billed.get(name)), line.cost_is_upper_bound)
            for name, line in bucket.storage.items()
        }
        yield msgspec.structs.replace(bucket, storage=storage, billed_cost=_usd(total))


def _line_micros(share: BucketShare, total: int | None) -> dict[str, int]:
    """Storage type → millionths, of those that are known."""
    known = {name: amount for name, amount in share.lines.items() if amount is not None}
    amounts: list[Exact] = list(known.values())
    if share.total is not None:  # what is not storage of a type: requests and the like, by tag
        amounts.append(share.total - sum(amounts))
    return dict(zip(known, apportion(amounts, _MICRO, total), strict=False))


def _usd(micros: int | None) -> float | None:
    return None if micros is None else micros / 1_000_000
