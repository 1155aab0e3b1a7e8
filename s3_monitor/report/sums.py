"""Sums as text, marked where they leave something out."""

from __future__ import annotations

from collections.abc import Callable

from s3_monitor.model.summary import Charge, Estimate, Group
from s3_monitor.report import formats

UNKNOWN = "unknown"


def sum_text(value: float | None, lower_bound: bool, form: Callable[[float], str]) -> str:
    """Format a sum: ``$12.72``, ``≥ $12.72``, or ``unknown``."""
    return UNKNOWN if value is None else formats.at_least(form(value), lower_bound)


def cost_text(group: Group, currency: str) -> str:
    return sum_text(group.cost, group.cost_is_lower_bound, lambda amount: formats.money(amount, currency))


def size_text(group: Group, form: Callable[[float], str] = formats.size) -> str:
    return sum_text(group.size, group.size_is_lower_bound, form)


def objects_text(group: Group, form: Callable[[float], str] = formats.count) -> str:
    return sum_text(group.objects, group.objects_is_lower_bound, form)


def left_out_of_size(group: Group) -> list[str]:
    """Return what the size of a group does not include."""
    found = []
    if group.unknown_buckets:
        found.append(f"{formats.plural(group.unknown_buckets, 'bucket')} with unknown size")
    if not group.complete:
        found.append("data that was not received")
    return found


def left_out_of_cost(group: Group) -> list[str]:
    """Return what the cost of a group does not include."""
    if group.unpriced_size <= 0:
        return left_out_of_size(group)
    return [f"{formats.size(group.unpriced_size)} with no known price", *left_out_of_size(group)]


def left_out_of_objects(group: Group) -> list[str]:
    """Return what the number of objects of a group does not include."""
    found = []
    if group.unknown_objects:
        found.append(f"{formats.plural(group.unknown_objects, 'bucket')} without a known count")
    if not group.complete:
        found.append("data that was not received")
    return found


def excludes(parts: list[str]) -> str:
    """Return ``excludes A and B``; empty where nothing is left out."""
    if not parts:
        return ""
    head, last = ", ".join(parts[:-1]), parts[-1]
    return f"excludes {head} and {last}" if head else f"excludes {last}"


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
