"""This report beside an earlier one: what moved and why. What one of them does not cover is no change of usage."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from s3_monitor.model.bucket import LastKnown
from s3_monitor.model.plan import Selection
from s3_monitor.model.previous_summary import PreviousProblem, PreviousSummary, Sum
from s3_monitor.model.problem import Problem
from s3_monitor.model.summary import Group, Summary
from s3_monitor.report import formats

NAMED = 8  # regions or accounts that are not compared, by name
_EMPTIED_ARE_ZERO = 2  # the format of summary.json from which on emptied buckets count as 0
_DECIMALS = 9


class Moved(msgspec.Struct, frozen=True):
    """A region, or an account: bytes and USD a month more than before; null: not known in one of the two."""

    name: str
    size: float | None
    cost: float | None


class Why(msgspec.Struct, frozen=True):
    """Parts of a change of cost, in USD a month; they sum to it. ``bytes``: more or fewer of them, at the mix and the
    prices of before. ``types``: other storage types. ``prices``: what a byte of the same type costs otherwise,
    by ``new_list`` another price list, or else by tiers and regions. ``emptied``: the last known cost of so many
    buckets (``emptied_buckets``) emptied since the earlier report; the other parts do not include their bytes."""

    bytes: float
    types: float
    prices: float
    new_list: bool
    emptied: float = 0.0
    emptied_buckets: int = 0


class Comparison(msgspec.Struct, frozen=True):
    """``cost``, ``size``: what is more than at ``as_of``, of all that both cover; null: nothing can be compared.
    ``left_out``: what is not compared, and why; ``apart``: so many regions or accounts. ``why`` is null where only
    a part can be compared. ``remarks``: what the figures of one of the reports exclude."""

    as_of: datetime
    cost: float | None
    size: float | None
    before: float | None
    why: Why | None
    moved: list[Moved]
    by: str
    left_out: list[str]
    apart: int = 0
    remarks: list[str] = []


def compare(now: Summary, then: PreviousSummary) -> Comparison:
    refusal = _refusal(now, then)
    if refusal:
        return Comparison(then.as_of, None, None, None, None, [], "region", [refusal])
    current = {name: Sum(group.size, group.cost) for name, group in now.by_region.items()}
    earlier: Mapping[str, Sum] = then.by_region
    by, out = "region", _regions_outside(now.selection, then.selection, {*current, *earlier})
    lost_accounts, lost_regions, is_lost = _lost([*now.problems, *then.problems])
    accounts = set(now.by_account) ^ set(then.by_account)
    if accounts or lost_accounts:
        if out or is_lost:
            reason = "the reports cover different accounts and different regions"
            return Comparison(then.as_of, None, None, None, None, [], "region", [reason])
        current = {name: Sum(group.size, group.cost) for name, group in now.by_account.items()}
        by, earlier = "account", then.by_account
        out |= dict.fromkeys(accounts, "only in one of the reports")
        out |= dict.fromkeys(lost_accounts | {account for account, _ in lost_regions}, "gaps in one of the reports")
    elif is_lost:
        reason = "one of the reports has gaps without an account or region"
        return Comparison(then.as_of, None, None, None, None, [], "region", [reason])
    else:
        out |= dict.fromkeys((region for _, region in lost_regions), "gaps in one of the reports")
    names = sorted({*current, *earlier} - out.keys())
    nothing = Sum(0.0, 0.0)
    pairs = {name: (current.get(name, nothing), earlier.get(name, nothing)) for name in names}
    moved = [Moved(name, _less(new.size, old.size), _less(new.cost, old.cost)) for name, (new, old) in pairs.items()]
    return Comparison(
        as_of=then.as_of,
        cost=_sum(one.cost for one in moved),
        size=_sum(one.size for one in moved),
        before=_sum(old.cost for _, old in pairs.values()),
        why=None if out else _why(now, then),
        moved=sorted(moved, key=lambda one: (-abs(one.cost or 0), one.name)),
        by=by,
        left_out=list(_by_reason(out)),
        apart=len(out),
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


def _by_reason(out: Mapping[str, str]) -> Iterator[str]:
    for reason in sorted(set(out.values())):
        names = sorted(name for name, its in out.items() if its == reason)
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield f"{', '.join(names[:NAMED])}{more} ({reason})"


def _refusal(now: Summary, then: PreviousSummary) -> str:
    """Why nothing at all can be compared."""
    one, other = now.selection, then.selection
    if (one.buckets, one.storage_types) != (other.buckets, other.storage_types):
        return "the selections of buckets or storage types differ"
    if then.currency != now.currency:
        return f"the earlier report is in {then.currency}"
    return ""


def _regions_outside(one: Selection, other: Selection, regions: Iterable[str]) -> dict[str, str]:
    """Regions that only one of the selections holds."""
    found = {}
    for region in regions:
        selected = [not selection.regions or region in selection.regions for selection in (one, other)]
        if not all(selected):
            found[region] = "selected in only one of the reports"
    return found


def _lost(problems: Sequence[Problem | PreviousProblem]) -> tuple[set[str], set[tuple[str, str]], bool]:
    """Return the accounts and the (account, region) pairs with missing costs or sizes, and whether others may have."""
    lost = [(problem.account, problem.region) for problem in problems if problem.hides_totals]
    accounts = {account for account, region in lost if account and not region}
    regions = {(account, region) for account, region in lost if account and region}
    return accounts, regions, any(not account for account, _ in lost)


def _why(now: Summary, then: PreviousSummary) -> Why | None:
    """Split the change of the priced cost by emptied buckets, bytes, storage types and prices, or return None.

    Buckets emptied since then are a part of their own; the others follow as if these still held their bytes. The cost
    of a storage type that has a known price in only one of the reports counts as a change of prices.
    """
    emptied = _emptied_since(now, then)
    held = _sums_by_type(emptied)
    types = {*now.by_storage_type, *then.by_storage_type, *held}
    nothing = Sum(0.0, 0.0)
    old = {name: then.by_storage_type.get(name, nothing) for name in types}
    new = {name: _plus(now.by_storage_type.get(name, nothing), held.get(name, nothing)) for name in types}
    emptied_cost = math.fsum(one.cost or 0.0 for name, one in sorted(held.items()) if new[name].cost is not None)
    priced = sorted(name for name in types if old[name].cost is not None and new[name].cost is not None)
    sizes = {name: (old[name].size or 0.0, new[name].size or 0.0) for name in priced}
    costs = {name: (old[name].cost or 0.0, new[name].cost or 0.0) for name in priced}
    size_then, size_now = (math.fsum(sizes[name][index] for name in priced) for index in (0, 1))
    cost_then, cost_now = (math.fsum(costs[name][index] for name in priced) for index in (0, 1))
    if not size_then:
        return None
    # At the earlier prices; a type that did not exist then has none, and keeps its present one.
    same_prices = math.fsum(
        sizes[name][1] * (costs[name][0] / sizes[name][0]) if sizes[name][0] else costs[name][1] for name in priced
    )
    by_bytes = (size_now - size_then) * cost_then / size_then
    of_one = math.fsum((new[name].cost or 0.0) - (old[name].cost or 0.0) for name in sorted(types - {*priced}))
    return Why(
        bytes=_rounded(by_bytes),
        types=_rounded(same_prices - cost_then - by_bytes),
        prices=_rounded(cost_now - same_prices + of_one),
        new_list=(now.prices.source, now.prices.published) != (then.prices.source, then.prices.published),
        emptied=_rounded(-emptied_cost),
        emptied_buckets=len(emptied),
    )


def _emptied_since(now: Summary, then: PreviousSummary) -> list[LastKnown]:
    """The last known figures of the buckets that the earlier report does not name as emptied."""
    before = {(one.account, one.region, one.name) for one in then.emptied}
    return [one.last_known for one in now.emptied if (one.account, one.region, one.name) not in before]


def _sums_by_type(emptied: Iterable[LastKnown]) -> dict[str, Sum]:
    """Return the bytes, and the cost of those that have a known price."""
    sums: dict[str, Sum] = {}
    for one in emptied:
        for name, line in one.storage.items():
            sums[name] = _plus(sums.get(name, Sum(0.0, 0.0)), Sum(line.size, line.cost or 0.0))
    return sums


def _plus(one: Sum | Group, other: Sum) -> Sum:
    """Return the sum; what is unknown in ``one`` stays unknown."""
    size = None if one.size is None else one.size + (other.size or 0.0)
    return Sum(size, None if one.cost is None else one.cost + (other.cost or 0.0))


def _less(new: float | None, old: float | None) -> float | None:
    return None if new is None or old is None else _rounded(new - old)


def _rounded(amount: float) -> float:
    """Remove what float arithmetic adds, so that no change is exactly 0."""
    return round(amount, _DECIMALS) + 0.0


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _rounded(math.fsum(known)) if known else None
