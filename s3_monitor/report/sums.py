"""Sums as text, marked where they leave something out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from s3_monitor.model.bucket import LastKnown
from s3_monitor.model.summary import Charge, Estimate, Group
from s3_monitor.report import formats
from s3_monitor.trends import DailyTotals

UNKNOWN = "unknown"


def sum_text(value: float | None, lower_bound: bool, form: Callable[[float], str], *, upper_bound: bool = False) -> str:
    """Format a sum: ``$12.72``, ``≥ $12.72``, ``at most $12.72``, ``about $12.72`` or ``unknown``."""
    return UNKNOWN if value is None else formats.bounded(form(value), lower_bound, upper_bound)


def cost_text(group: Group, currency: str, amount: float | None = None) -> str:
    """Format the cost of a group, or another ``amount`` with the same bounds."""
    return sum_text(
        group.cost if amount is None else amount,
        group.cost_is_lower_bound,
        lambda value: formats.money(value, currency),
        upper_bound=group.cost_is_upper_bound,
    )


def last_known_text(last: Iterable[LastKnown], currency: str) -> str:
    """Format the last known cost of emptied buckets."""
    lines = [line for one in last for line in one.storage.values()]
    known = [line.cost for line in lines if line.cost is not None]
    return sum_text(
        math.fsum(known) if known or not lines else None,
        len(known) < len(lines),
        lambda value: formats.money(value, currency),
        upper_bound=any(line.cost_is_upper_bound is True for line in lines),
    )


def size_text(group: Group, form: Callable[[float], str] = formats.size) -> str:
    """Format the size of a group."""
    return sum_text(group.size, group.size_is_lower_bound, form)


def objects_text(group: Group, form: Callable[[float], str] = formats.count) -> str:
    """Format the number of objects of a group."""
    return sum_text(group.objects, group.objects_is_lower_bound, form)


def left_out_of_size(group: Group) -> list[str]:
    """Return what the size of a group does not include."""
    return _left_out(group, group.unknown_buckets, "with unknown size")


def left_out_of_cost(group: Group) -> list[str]:
    """Return what the cost of a group does not include."""
    if group.unpriced_size <= 0:
        return left_out_of_size(group)
    return [f"{formats.size(group.unpriced_size)} with no known price", *left_out_of_size(group)]


def left_out_of_objects(group: Group) -> list[str]:
    """Return what the number of objects of a group does not include."""
    return _left_out(group, group.unknown_objects, "without a known count")


def _left_out(group: Group, buckets: int, why: str) -> list[str]:
    found = [f"{formats.plural(buckets, 'bucket')} {why}"] if buckets else []
    return found if group.complete else [*found, "data that was not received"]


def excludes(parts: list[str]) -> str:
    """Return ``excludes A and B``; empty where nothing is left out."""
    if not parts:
        return ""
    head, last = ", ".join(parts[:-1]), parts[-1]
    return f"excludes {head} and {last}" if head else f"excludes {last}"


def cost_remark(group: Group) -> str:
    """Return what the cost of a group excludes, and what of it is an upper bound; empty where it is exact."""
    if group.cost is None:
        return ""
    left_out = excludes(left_out_of_cost(group))
    if not group.cost_is_upper_bound:
        return left_out
    upper = f"includes {formats.size(group.upper_bound_size)} at the price of the first volume tier, an upper bound"
    return f"{left_out}; {upper}" if left_out else upper


def trend_remark(group: Group, daily: DailyTotals) -> str:
    """Return what the cost of the complete days excludes; ``group``: the sum of ``as_of``, which may exclude less."""
    days = [bytes_ for bytes_, size in zip(daily.unpriced, daily.sizes, strict=False) if size is not None]
    least, most = formats.size(min(days, default=0)), formats.size(max(days, default=0))
    left_out = []
    if any(days) and least == most:
        left_out.append(f"{most} with no known price")
    elif any(days):
        left_out.append(f"{least} to {most} with no known price (depending on the day)")
    if group.unknown_buckets:
        left_out.append(f"{formats.plural(group.unknown_buckets, 'bucket')} with unknown size")
    if not group.complete:
        left_out.append("data that was not received")
    upper = "include prices of first volume tiers, which are upper bounds" if group.cost_is_upper_bound else ""
    return "; ".join(text for text in (excludes(left_out).replace("excludes", "exclude", 1), upper) if text)


def size_remark(group: Group) -> str:
    """Return what the size of a group excludes; empty where it is exact."""
    return "" if group.size is None else excludes(left_out_of_size(group))


def objects_remark(group: Group) -> str:
    """Return what the number of objects of a group excludes; empty where it is exact."""
    return "" if group.objects is None else excludes(left_out_of_objects(group))


_CHARGES: dict[Charge, str] = {
    "requests": "requests",
    "egress": "egress",
    "monitoring": "Intelligent-Tiering monitoring",
    "buckets": "fee for buckets above 2,000",
}


def estimate_text(estimate: Estimate, currency: str) -> str:
    """Return ``requests $0.30 (2 of 5 buckets)`` or ``egress unknown``."""
    name = _CHARGES[estimate.charge]
    if estimate.cost is None:
        return f"{name} {UNKNOWN}"
    bound = "at most " if estimate.kind == "at-most" and estimate.cost else ""
    covered = ""
    if estimate.unknown_buckets:
        every = formats.count(estimate.buckets + estimate.unknown_buckets)
        covered = f" ({formats.count(estimate.buckets)} of {every} buckets)"
    elif not estimate.complete:
        covered = f" ({formats.plural(estimate.buckets, 'received bucket')})"
    return f"{name} {bound}{formats.money(estimate.cost, currency)}{covered}"


def not_included_text(estimates: list[Estimate], currency: str) -> str:
    """Return the estimates in a line, without those that are known to be 0."""
    shown = [one for one in estimates if one.cost != 0 or one.unknown_buckets or not one.complete]
    return ", ".join(estimate_text(one, currency) for one in shown)
