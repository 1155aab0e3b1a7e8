"""Facts and prices become the report's records: every bucket with its money, and the summary."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from s3_monitor.merge.merged_data import MergedData
from s3_monitor.merge.merger import paused_gc
from s3_monitor.merge.type_set import EVERYTHING, NOTHING, TypeSet, types_of_unit
from s3_monitor.model import bucket
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.plan import Plan
from s3_monitor.model.problem import Problem, has_gap, in_order, note
from s3_monitor.model.summary import Api, Group, Prices, Summary
from s3_monitor.money.billing_families import billing_families
from s3_monitor.money.list_pricing import DECIMALS, Exact, Rates, rates_for
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.price_notes import oldest_price, price_notes
from s3_monitor.money.request_costs import sum_requests
from s3_monitor.money.storage_types import storage_types
from s3_monitor.money.upper_bounds import UpperBounds, upper_bounds
from s3_monitor.report.bill_allocation import with_bill
from s3_monitor.report.bucket_costs import bucket_costs
from s3_monitor.report.last_known import emptied_buckets, last_known, with_last_known
from s3_monitor.report.not_included import not_included
from s3_monitor.report.request_costs import request_costs, with_requests
from s3_monitor.report.tag_groups import ENCRYPTION, by_tag, sums_by, tag_keys
from s3_monitor.report.totals import Missing, Place, RegionTotals, Sums, cells

# Some of the lines of buckets.json, made a few at a time as they are taken: of a million buckets not all at once.
BucketChunks = Callable[[slice], Iterable[Sequence[Bucket]]]
ALL = slice(None)


def records(facts: MergedData, price_book: PriceBook, generated: datetime) -> tuple[list[Bucket], Summary]:
    """The lines of buckets.json, and summary.json."""
    with paused_gc():
        found = build_report_data(facts, price_book, generated)
        return [*chain.from_iterable(found.lines(ALL))], found.summary


class ReportData(NamedTuple):
    """What facts come to."""

    lines: BucketChunks
    summary: Summary


def from_list(buckets: Sequence[Bucket]) -> BucketChunks:
    """Of buckets that are there already."""
    return lambda some: bucket.in_chunks(buckets[some])


def build_report_data(facts: MergedData, price_book: PriceBook, generated: datetime) -> ReportData:
    with paused_gc():
        plan, types = facts.plan, storage_types()
        sums = cells(facts)
        usage = _usage(facts, sums)
        rates = rates_for(usage, billing_families(plan), price_book, types)
        bounds = upper_bounds(usage, billing_families(plan), price_book, types)
        last_figures = last_known(facts, usage, price_book)
        requests = request_costs(facts.buckets, price_book) if plan.requests else []

        def lines(some: slice) -> Iterable[Sequence[Bucket]]:
            chunks = with_last_known(bucket_costs(facts.buckets[some], rates, bounds, plan), last_figures)
            return with_requests(chunks, requests[some]) if plan.requests else chunks

        narrowed = _narrowed(plan)
        billed = None
        if plan.bill is not None:
            billed = with_bill(
                facts, plan.bill, [*chain.from_iterable(lines(ALL))], price_book, narrowed=bool(narrowed)
            )
        notes = [
            *price_notes(usage, rates, billing_families(plan), price_book, types, plan.today),
            *narrowed,
            *(billed.problems if billed else ()),
        ]
        missing = _missing(facts)
        grouped = Sums(sums, rates, bounds, missing)
        request_totals = sum_requests(requests) if plan.requests else None
        summary = Summary(
            as_of=plan.as_of,
            generated=generated,
            complete=not has_gap(facts.problems),
            selection=plan.selection,
            currency=price_book.currency,
            prices=Prices(price_book.source, price_book.published, oldest_price(usage, price_book, types)),
            totals=grouped.total(),
            by_account=grouped.by_account(),
            by_region=grouped.by_region(),
            by_storage_type=grouped.by_storage_type(),
            by_encryption=sums_by(ENCRYPTION, facts.buckets, rates, bounds, missing) if plan.details else UNSET,
            by_tag=_by_tag(facts, rates, bounds, missing) if plan.details else UNSET,
            requests=request_totals or UNSET,
            not_included=not_included(facts.buckets, request_totals, price_book, complete=not missing.anywhere()),
            shards=facts.shards,
            problems=in_order([*facts.problems, *notes]),
            api=Api(facts.calls.total, round(float(facts.usd), DECIMALS)),
            tool=plan.tool,
            bill=billed.bill if billed else UNSET,
            emptied=emptied_buckets(last_figures),
        )
    return ReportData(from_list(billed.buckets) if billed else lines, summary)


def _usage(facts: MergedData, sums: Mapping[Place, RegionTotals]) -> dict[Place, dict[str, Exact]]:
    """Return what fills the tiers: the bytes of all keys, and with 0 bytes the storage types that only the past held.

    Where only some keys were requested, they have the rates of their buckets.
    """
    usage = {place: dict(cell.sizes) for place, cell in sums.items()}
    if facts.whole is not None:
        for place, cell in cells(msgspec.structs.replace(facts, buckets=facts.whole)).items():
            usage[place] |= cell.sizes
    for record in facts.buckets:
        if len(record.sizes) > len(record.types):
            sizes = usage[record.account, record.region]
            for name in record.sizes:
                sizes.setdefault(name, 0)
    return usage


def _missing(facts: MergedData) -> Missing:
    return Missing(facts.owed, tuple(problem.where for problem in facts.plan.problems if problem.severity == "gap"))


def _by_tag(facts: MergedData, rates: Rates, bounds: UpperBounds, missing: Missing) -> dict[str, dict[str, Group]]:
    keys = tag_keys(facts.buckets, facts.plan.report.group_by_tags)
    return {key: sums_by(by_tag(key), facts.buckets, rates, bounds, missing) for key in keys}


def _narrowed(plan: Plan) -> list[Problem]:
    """Notes where keys are left out, and where buckets or storage types are: these may fill tiers."""
    asked: dict[tuple[str, str], TypeSet] = {}
    for unit in plan.units:
        place = (unit.account, unit.region)
        of_all_buckets = NOTHING if unit.buckets else types_of_unit(unit)
        asked[place] = asked.get(place, NOTHING).union(of_all_buckets)
    notes = []
    if plan.objects.narrowed:
        what = "all figures are those of the keys asked about, not of whole buckets; there is no history"
        notes.append(note("selection", what))
    if all(types == EVERYTHING for types in asked.values()):
        return notes
    return [
        *notes,
        note("prices", "only the selected buckets and storage types fill the price tiers: the bill may be lower"),
    ]
