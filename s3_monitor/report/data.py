"""The data of a report: buckets with their costs, the summary and the totals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from s3_monitor.findings.anomalies import find_anomalies
from s3_monitor.findings.build import build_findings
from s3_monitor.findings.finding import Finding
from s3_monitor.merge.coverage import named_types, requested_types, units_by_place
from s3_monitor.merge.merged_data import MergedData, ResolvedBucket
from s3_monitor.merge.merger import paused_gc
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.plan import Plan, Unit
from s3_monitor.model.policies import Policies
from s3_monitor.model.previous_summary import PreviousSummary
from s3_monitor.model.problem import Problem, create_problem, has_gap, in_order
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.summary import Api, EmptiedBucket, Group, Prices, Summary
from s3_monitor.money.list_pricing import DECIMALS, Exact, billing_families, rates_for, upper_bounds
from s3_monitor.money.marginal_prices import MarginalPrices
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.price_notes import oldest_price, price_notes
from s3_monitor.money.request_costs import PricedRequests, price_requests, sum_requests
from s3_monitor.policies.evaluate import EvaluatedPolicy, evaluate_policies
from s3_monitor.policies.exceptions import with_exceptions
from s3_monitor.report.bill_allocation import allocate_bill
from s3_monitor.report.billed_groups import add_billed
from s3_monitor.report.bucket_builder import build_buckets
from s3_monitor.report.bucket_costs import BucketCosts, last_known
from s3_monitor.report.comparison import compare
from s3_monitor.report.finding_sums import finding_sums
from s3_monitor.report.not_included import not_included
from s3_monitor.report.tag_groups import ENCRYPTION, dimensions_of, label_totals, tag_key
from s3_monitor.report.totals import (
    Missing,
    Place,
    RegionTotals,
    ReportTotals,
    Totals,
    region_totals,
    totals_of_records,
)
from s3_monitor.report.trend_summary import add_trends
from s3_monitor.trends import Trends, compute_trends

BucketChunks = Callable[[], Iterable[Sequence[Bucket]]]


class ReportData(NamedTuple):
    """What the files and pages of a report show."""

    buckets: BucketChunks
    """Returns the buckets of buckets.json, built while they are iterated over: a million need not be in memory."""
    summary: Summary
    totals: ReportTotals
    trends: Trends | None
    """None: there is no history."""
    findings: Sequence[Finding] = ()
    """The largest first."""
    policies: Sequence[EvaluatedPolicy] = ()


def buckets_and_summary(facts: MergedData, price_book: PriceBook, generated: datetime) -> tuple[list[Bucket], Summary]:
    """Return the contents of buckets.json and summary.json."""
    with paused_gc():
        data = build_report_data(facts, price_book, generated)
        return [*chain.from_iterable(data.buckets())], data.summary


def build_report_data(
    facts: MergedData,
    price_book: PriceBook,
    generated: datetime,
    *,
    policies: Policies | None = None,
    previous: Sequence[PreviousSummary] = (),
    with_trends: bool = True,
) -> ReportData:
    """Price the merged data. ``generated``: the time of the report; ``previous``: earlier reports to compare with.

    ``with_trends``: compute changes and a forecast.
    """
    with paused_gc():
        plan, families = facts.plan, billing_families(facts.plan)
        regions = region_totals(facts)
        usage = _usage(facts, regions)
        rates = rates_for(usage, families, price_book)
        findings = build_findings(facts, MarginalPrices(usage, families, price_book), price_book)
        if policies is not None:
            findings = with_exceptions(findings, policies, plan.today)
        bounds = upper_bounds(usage, families, price_book)
        narrowed = _narrowed(plan)
        bill = allocate_bill(facts, plan.bill, price_book, narrowed=bool(narrowed)) if plan.bill is not None else None
        costs = BucketCosts(
            rates=rates,
            bounds=bounds,
            last_known=last_known(facts, usage, price_book),
            billed=bill.buckets if bill else None,
            exported=plan.bill is not None and plan.bill.export is not None,
            requests=_request_costs(facts.buckets, price_book) if _has_requests(facts) else None,
        )
        notes = [
            *price_notes(usage, rates, families, price_book, plan.today),
            *narrowed,
            *(bill.problems if bill else ()),
        ]
        missing = _missing(facts)
        totals = Totals(regions, rates, bounds, missing)
        trends = compute_trends(facts, price_book) if with_trends else None
        labels = {
            dimension: label_totals(dimension, facts.buckets, rates, bounds, missing)
            for dimension in (dimensions_of(facts.buckets, plan.report.group_by_tags) if plan.details else ())
        }
        request_totals = sum_requests(costs.requests) if costs.requests is not None else None
        summary = Summary(
            as_of=plan.as_of,
            generated=generated,
            complete=not has_gap(facts.problems),
            selection=plan.selection,
            currency=price_book.currency,
            prices=Prices(price_book.source, price_book.published, oldest_price(usage, price_book)),
            totals=totals.total(),
            by_account=totals.by_account(),
            by_region=totals.by_region(),
            by_storage_type=totals.by_storage_type(),
            by_ou=totals.by_unit(plan.organizational_units) if plan.organizational_units else UNSET,
            by_encryption=_groups(labels[ENCRYPTION]) if plan.details else UNSET,
            by_tag={tag_key(name): _groups(of_tag) for name, of_tag in labels.items() if name != ENCRYPTION}
            if plan.details
            else UNSET,
            requests=request_totals or UNSET,
            not_included=not_included(facts.buckets, request_totals, price_book, complete=not missing.anywhere()),
            shards=facts.shards,
            problems=in_order([*facts.problems, *notes]),
            api=Api(facts.calls.total, round(float(facts.usd), DECIMALS)),
            tool=plan.tool,
            bill=bill.bill if bill else UNSET,
            emptied=[
                EmptiedBucket(name, account, region, last) for (account, region, name), last in costs.last_known.items()
            ],
            findings=finding_sums(facts, findings),
            anomalies=find_anomalies(trends) if trends is not None else None,
        )
        if bill is not None:
            summary = add_billed(summary, facts.buckets, bill.buckets, [*labels], plan.organizational_units)
        if trends is not None:
            summary = add_trends(summary, trends)
        if previous:
            compared = [compare(summary, earlier) for earlier in previous]
            summary = msgspec.structs.replace(summary, compared=compared)
        data = ReportData(
            lambda: build_buckets(facts.buckets, costs, plan),
            summary,
            ReportTotals(totals, labels),
            trends,
            findings,
        )
        return data if policies is None else _with_policies(data, policies)


def _with_policies(data: ReportData, policies: Policies) -> ReportData:
    """Return the data with the results of the policies."""
    evaluated = evaluate_policies(policies, data.buckets(), data.findings, data.summary)
    summary = msgspec.structs.replace(data.summary, policies=[policy.result for policy in evaluated])
    return data._replace(summary=summary, policies=evaluated)


def _groups(labels: Mapping[str, Totals]) -> dict[str, Group]:
    return {name: totals.total() for name, totals in labels.items()}


def _has_requests(facts: MergedData) -> bool:
    """Return whether requests were requested, or Storage Lens has those of a bucket."""
    return facts.plan.requests or any(record.request_metrics is not UNSET for record in facts.buckets)


def _request_costs(records: Iterable[ResolvedBucket], price_book: PriceBook) -> list[PricedRequests | None]:
    return [
        price_requests(record.request_metrics, record.region, record.types, price_book)
        if isinstance(record.request_metrics, RequestMetrics)
        else None
        for record in records
    ]


def _usage(facts: MergedData, regions: Mapping[Place, RegionTotals]) -> dict[Place, dict[str, Exact]]:
    """Return the bytes that fill the price tiers, with 0 for storage types that buckets held in the past only.

    If only some keys are selected, the bytes of all keys fill the tiers.
    """
    usage = {place: dict(totals.sizes) for place, totals in regions.items()}
    if facts.all_keys is not None:
        for place, totals in totals_of_records(facts.all_keys).items():
            usage[place] |= totals.sizes
    for record in facts.buckets:
        if len(record.sizes) > len(record.types):
            sizes = usage[record.account, record.region]
            for name in record.sizes:
                sizes.setdefault(name, 0)
    return usage


def _missing(facts: MergedData) -> Missing:
    return Missing(
        facts.incomplete_regions, tuple(problem.account for problem in facts.plan.problems if problem.severity == "gap")
    )


def _narrowed(plan: Plan) -> list[Problem]:
    """Return the notes on selections of keys, and of buckets or storage types, which fill the price tiers alone."""
    notes = [create_problem("selection-of-keys")] if plan.objects.narrowed else []
    if all(map(_request_everything, units_by_place(plan.units).values())):
        return notes
    return [*notes, create_problem("selection-fills-tiers-alone")]


def _request_everything(units: Sequence[Unit]) -> bool:
    """Return whether the units of a region include all storage types of all buckets."""
    named = named_types(units)
    return named == frozenset().union(*(requested_types(unit, named) for unit in units if not unit.buckets))
