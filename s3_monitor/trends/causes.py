"""The causes of a bucket's change between two days. Their effects add up to the change exactly."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from s3_monitor.model.change import Cause
from s3_monitor.money.list_pricing import Rate


class Effect(msgspec.Struct, frozen=True, gc=False):
    """A part of a change."""

    size: int = 0
    """Bytes."""
    cost: int = 0
    """In units of 10^-76 USD per month, without bytes that have no rate."""

    def __add__(self, other: Effect) -> Effect:
        return Effect(self.size + other.size, self.cost + other.cost)


def causes_of(
    now: Mapping[str, int], before: Mapping[str, int], rates: Mapping[str, Rate], *, created: bool, deleted: bool
) -> dict[Cause, Effect]:
    """Return the causes with their effects; both days are priced at the same rates.

    ``now``, ``before``: storage type → bytes. ``created``: the bucket was created between the two days; ``deleted``: it
    no longer exists. If some storage types decreased and others increased, the smaller of both amounts has moved, and
    the remainder is growth or shrinkage, in proportion to the changes of the types.
    """
    changes = {name: now.get(name, 0) - before.get(name, 0) for name in {**now, **before}}
    gained = sum([size for size in changes.values() if size > 0])
    lost = gained - sum(changes.values())
    if not gained and not lost:
        return {}
    total = Effect(gained - lost, _cost(changes, rates))
    if not any(now.values()):
        return {"deleted" if deleted else "emptied": total}
    if not any(before.values()):
        return {"created" if created else "grew": total}
    cause: Cause = "grew" if gained > lost else "shrank"
    if not gained or not lost:
        return {cause: total}
    if gained == lost:
        return {"moved": total}
    same_direction = {name: size for name, size in changes.items() if size and (size > 0) == (gained > lost)}
    # An integer, since sums of fractions with many denominators are slow; the other cause gets the rounding error.
    net = Effect(total.size, _cost(same_direction, rates) * abs(total.size) // max(gained, lost))
    return {cause: net, "moved": Effect(0, total.cost - net.cost)}


def main_cause(causes: Mapping[Cause, Effect]) -> Cause:
    """Return the cause with the largest effect on the cost, or on the bytes if none has an effect on the cost."""
    return max(causes, key=lambda cause: (abs(causes[cause].cost), abs(causes[cause].size), cause))


def _cost(sizes: Mapping[str, int], rates: Mapping[str, Rate]) -> int:
    return sum([(rates.get(name) or 0) * size for name, size in sizes.items()])
