"""The comparison with an earlier report. Places that only one of the reports covers are not compared."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from s3_monitor.model.bucket import LastKnown
from s3_monitor.model.comparison import CostCauses, GroupChange, ReportComparison
from s3_monitor.model.plan import Selection
from s3_monitor.model.previous_summary import PreviousProblem, PreviousSummary, Sum
from s3_monitor.model.problem import Problem, hides_totals
from s3_monitor.model.summary import Group, Summary
from s3_monitor.report import formats

NAMED = 8  # names of regions or accounts per reason
_EMPTIED_ARE_ZERO = 2  # first format of summary.json in which emptied buckets count as 0
_DECIMALS = 9
_NOTHING = Sum(0.0, 0.0)


def compare(now: Summary, then: PreviousSummary) -> ReportComparison:
    """Compare a report with an earlier one by region, or by account if the accounts differ."""
    if refusal := _refusal(now, then):
        return ReportComparison(then.as_of, excluded=[refusal])
    dimension: Literal["region", "account"] = "region"
    current, earlier = now.by_region, then.by_region
    excluded = _unselected_regions(now.selection, then.selection, {*current, *earlier})
    gap_accounts, gap_regions, has_other_gaps = _places_with_gaps([*now.problems, *then.problems])
    accounts = set(now.by_account) ^ set(then.by_account)
    if accounts or gap_accounts:
        if excluded or has_other_gaps:
            return ReportComparison(then.as_of, excluded=["the reports cover different accounts and different regions"])
        dimension, current, earlier = "account", now.by_account, then.by_account
        excluded |= dict.fromkeys(accounts, "only in one of the reports")
        gap_accounts |= {account for account, _ in gap_regions}
        excluded |= dict.fromkeys(gap_accounts, "gaps in one of the reports")
    elif has_other_gaps:
        return ReportComparison(then.as_of, excluded=["one of the reports has gaps without an account or region"])
    else:
        excluded |= dict.fromkeys((region for _, region in gap_regions), "gaps in one of the reports")
    names = sorted({*current, *earlier} - excluded.keys())
    pairs = {name: (current.get(name, _NOTHING), earlier.get(name, _NOTHING)) for name in names}
    changes = [
        GroupChange(name, _difference(new.size, old.size), _difference(new.cost, old.cost))
        for name, (new, old) in pairs.items()
    ]
    return ReportComparison(
        as_of=then.as_of,
        cost=_sum(change.cost for change in changes),
        size=_sum(change.size for change in changes),
        cost_before=_sum(old.cost for _, old in pairs.values()),
        causes=None if excluded else _causes(now, then),
        changes=sorted(changes, key=lambda change: (-abs(change.cost or 0), change.name)),
        dimension=dimension,
        excluded=list(_by_reason(excluded)),
        excluded_count=len(excluded),
        remarks=list(_remarks(now, then)),
    )


def _remarks(now: Summary, then: PreviousSummary) -> Iterator[str]:
    """Yield what the sums of one of the reports exclude, so that the change excludes it too."""
    for name, sums in (("this report", now.totals), ("the earlier report", then.totals)):
        parts = []
        if sums.unpriced_size:
            parts.append(f"{formats.size(sums.unpriced_size)} with no known price")
        if sums.unknown_buckets:
            parts.append(f"{formats.plural(sums.unknown_buckets, 'bucket')} with unknown size")
        if parts:
            yield f"{name} excludes {' and '.join(parts)}"
        if sums.upper_bound_size:
            yield f"{name} includes {formats.size(sums.upper_bound_size)} at an upper bound"
    if then.format < _EMPTIED_ARE_ZERO:
        yield "the earlier report counts emptied buckets at their last known size"


def _by_reason(excluded: Mapping[str, str]) -> Iterator[str]:
    for reason in sorted(set(excluded.values())):
        names = sorted(name for name in excluded if excluded[name] == reason)
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield f"{', '.join(names[:NAMED])}{more} ({reason})"


def _refusal(now: Summary, then: PreviousSummary) -> str:
    """Return why nothing can be compared; empty if something can."""
    new, old = now.selection, then.selection
    if (new.buckets, new.storage_types) != (old.buckets, old.storage_types):
        return "the selections of buckets or storage types differ"
    if then.currency != now.currency:
        return f"the earlier report is in {then.currency}"
    return ""


def _unselected_regions(new: Selection, old: Selection, regions: Iterable[str]) -> dict[str, str]:
    """Return the regions that only one of the selections includes, with the reason."""
    return {
        region: "selected in only one of the reports"
        for region in regions
        if not all(not selection.regions or region in selection.regions for selection in (new, old))
    }


def _places_with_gaps(problems: Sequence[Problem | PreviousProblem]) -> tuple[set[str], set[tuple[str, str]], bool]:
    """Return the accounts and the (account, region) pairs with missing costs or sizes, and whether others may have."""
    places = [
        (problem.account, problem.region) for problem in problems if hides_totals(problem.severity, problem.affects)
    ]
    accounts = {account for account, region in places if account and not region}
    regions = {(account, region) for account, region in places if account and region}
    return accounts, regions, any(not account for account, _ in places)


def _causes(now: Summary, then: PreviousSummary) -> CostCauses | None:
    """Split the change in the priced cost into its causes; None if there were no priced bytes before.

    The other parts treat buckets emptied since then as if they still stored their bytes. The cost of a storage type
    that has a known price in only one of the reports counts as a change of prices.
    """
    emptied = _emptied_since(now, then)
    last_known = _sums_by_type(emptied)
    types = {*now.by_storage_type, *then.by_storage_type, *last_known}
    old = {name: then.by_storage_type.get(name, _NOTHING) for name in types}
    new = {name: _add(now.by_storage_type.get(name, _NOTHING), last_known.get(name, _NOTHING)) for name in types}
    priced = sorted(name for name in types if old[name].cost is not None and new[name].cost is not None)
    sizes = {name: (old[name].size or 0.0, new[name].size or 0.0) for name in priced}
    costs = {name: (old[name].cost or 0.0, new[name].cost or 0.0) for name in priced}
    size_then, size_now = (math.fsum(sizes[name][index] for name in priced) for index in (0, 1))
    cost_then, cost_now = (math.fsum(costs[name][index] for name in priced) for index in (0, 1))
    if not size_then:
        return None
    # At the earlier prices; types that are new since then have none and keep the present one.
    same_prices = math.fsum(
        sizes[name][1] * (costs[name][0] / sizes[name][0]) if sizes[name][0] else costs[name][1] for name in priced
    )
    by_bytes = (size_now - size_then) * cost_then / size_then
    half_priced = math.fsum((new[name].cost or 0.0) - (old[name].cost or 0.0) for name in sorted(types - {*priced}))
    emptied_cost = math.fsum(last_known[name].cost or 0.0 for name in sorted(last_known) if new[name].cost is not None)
    return CostCauses(
        bytes=_rounded(by_bytes),
        types=_rounded(same_prices - cost_then - by_bytes),
        prices=_rounded(cost_now - same_prices + half_priced),
        is_new_price_list=(now.prices.source, now.prices.published) != (then.prices.source, then.prices.published),
        emptied=_rounded(-emptied_cost),
        emptied_buckets=len(emptied),
    )


def _emptied_since(now: Summary, then: PreviousSummary) -> list[LastKnown]:
    """Return the last known figures of the buckets that were emptied since the earlier report."""
    before = {(bucket.account, bucket.region, bucket.name) for bucket in then.emptied}
    return [bucket.last_known for bucket in now.emptied if (bucket.account, bucket.region, bucket.name) not in before]


def _sums_by_type(emptied: Iterable[LastKnown]) -> dict[str, Sum]:
    """Return the bytes, and the cost of those with a known price."""
    sums: dict[str, Sum] = {}
    for last_known in emptied:
        for name, line in last_known.storage.items():
            sums[name] = _add(sums.get(name, _NOTHING), Sum(line.size, line.cost or 0.0))
    return sums


def _add(total: Sum | Group, part: Sum) -> Sum:
    """Return the sum; None in ``total`` stays None."""
    size = None if total.size is None else total.size + (part.size or 0.0)
    return Sum(size, None if total.cost is None else total.cost + (part.cost or 0.0))


def _difference(new: float | None, old: float | None) -> float | None:
    return None if new is None or old is None else _rounded(new - old)


def _rounded(amount: float) -> float:
    """Remove the error of float arithmetic, so that no change is exactly 0."""
    return round(amount, _DECIMALS) + 0.0


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _rounded(math.fsum(known)) if known else None
