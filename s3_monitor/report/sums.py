"""Sums as text, marked where they leave something out."""

from __future__ import annotations

from collections.abc import Callable

from s3_monitor.model.summary import Group
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
