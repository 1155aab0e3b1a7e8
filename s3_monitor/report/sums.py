"""Sums as text, marked where they leave something out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from s3_monitor.model.bucket import Bucket, LastKnown, StorageLine
from s3_monitor.model.summary import Charge, Estimate, Group
from s3_monitor.report import formats, glossary
from s3_monitor.trends.daily_totals import DailyTotals

UNKNOWN = "unknown"


def by_cost(groups: Mapping[str, Group]) -> list[str]:
    """Return the names of groups, the most expensive first, then the largest."""
    return sorted(groups, key=lambda name: (-(groups[name].cost or 0), -(groups[name].size or 0), name))


class Sum(NamedTuple):
    """A sum, and how far it is from exact."""

    value: float | None
    """None: unknown."""
    is_lower_bound: bool = False
    is_upper_bound: bool = False
    remark: str = ""
    """What it excludes, and what of it is an upper bound; empty where it is exact or unknown."""

    def text(self, form: Callable[[float], str]) -> str:
        """Format the sum: ``$12.72``, ``≥ $12.72``, ``at most $12.72``, ``about $12.72`` or ``unknown``."""
        if self.value is None:
            return UNKNOWN
        return formats.bounded(form(self.value), self.is_lower_bound, self.is_upper_bound)


def cost(group: Group) -> Sum:
    """Return the cost of a group."""
    unpriced = [f"{formats.size(group.unpriced_size)} with no known price"] if group.unpriced_size > 0 else []
    remarks = [excludes([*unpriced, *_unknown_sizes(group)])]
    if group.cost_is_upper_bound:
        size_ = formats.size(group.upper_bound_size)
        remarks.append(f"includes {size_} at the price of the first volume tier, an upper bound")
    remark = "; ".join(filter(None, remarks)) if group.cost is not None else ""
    return Sum(group.cost, group.cost_is_lower_bound, group.cost_is_upper_bound, remark)


def size(group: Group) -> Sum:
    """Return the size of a group."""
    remark = "" if group.size is None else excludes(_unknown_sizes(group))
    return Sum(group.size, group.size_is_lower_bound, remark=remark)


def objects(group: Group) -> Sum:
    """Return the number of objects of a group."""
    remark = "" if group.objects is None else excludes(_left_out(group, group.unknown_objects, "without a known count"))
    return Sum(group.objects, group.objects_is_lower_bound, remark=remark)


def bucket_cost(bucket: Bucket, why: str = "") -> Sum:
    """Return the cost of a bucket. ``why``: the reason if a part of it is unknown."""
    is_lower = bucket.total_cost is None
    return Sum(bucket.least_cost, is_lower, bucket.cost_is_upper_bound, why if is_lower else glossary.UPPER_BOUND)


def bucket_size(bucket: Bucket, why: str = "") -> Sum:
    """Return the size of a bucket. ``why``: the reason if a part of it is unknown."""
    return Sum(bucket.least_size, bucket.total_size is None, remark=why)


def line_cost(line: StorageLine) -> Sum:
    """Return the cost of a storage type of a bucket."""
    return Sum(line.cost, is_upper_bound=line.cost_is_upper_bound is True, remark=glossary.UPPER_BOUND)


def last_known_cost(last: Iterable[LastKnown]) -> Sum:
    """Return the last known cost of emptied buckets."""
    lines = [line for one in last for line in one.storage.values()]
    known = [line.cost for line in lines if line.cost is not None]
    return Sum(
        math.fsum(known) if known or not lines else None,
        is_lower_bound=len(known) < len(lines),
        is_upper_bound=any(line.cost_is_upper_bound is True for line in lines),
    )


def cost_text(group: Group, currency: str, amount: float | None = None) -> str:
    """Format the cost of a group, or another ``amount`` with the same bounds."""
    of_group = cost(group)
    shown = of_group if amount is None else of_group._replace(value=amount)
    return shown.text(partial(formats.money, currency=currency))


def _unknown_sizes(group: Group) -> list[str]:
    return _left_out(group, group.unknown_buckets, "with unknown size")


def _left_out(group: Group, buckets: int, why: str) -> list[str]:
    found = [f"{formats.plural(buckets, 'bucket')} {why}"] if buckets else []
    return found if group.complete else [*found, "data that was not received"]


def excludes(parts: Sequence[str]) -> str:
    """Return ``excludes A and B``; empty where nothing is left out."""
    if not parts:
        return ""
    head, last = ", ".join(parts[:-1]), parts[-1]
    return f"excludes {head} and {last}" if head else f"excludes {last}"


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
