"""Amounts rounded so that what is written adds up."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Amount = int | Fraction


def apportion(amounts: Sequence[Amount], unit: Amount, total: int | None = None) -> list[int]:
    """Each amount in whole units, which add up to ``total`` units; without one, to the rounded sum of all.

    By the largest remainder: each is rounded down, and those that lost most get one more. So none is a unit or more
    away from what it is, what is nothing stays nothing, and the same amounts in the same order give the same.
    """
    whole: list[int] = []
    rests: list[tuple[Amount, int]] = []
    for place, amount in enumerate(amounts):
        units, rest = divmod(amount, unit)
        whole.append(int(units))
        if rest:
            rests.append((-rest, place))
    if total is None:
        total = round_to_units(sum(amounts), unit)
    missing = total - sum(whole)
    for _, place in sorted(rests)[: max(0, missing)]:
        whole[place] += 1
        missing -= 1
    if missing and amounts:  # a total that was rounded another way: the largest bears it
        sizes = [abs(Fraction(amount)) for amount in amounts]
        whole[sizes.index(max(sizes))] += missing
    return whole


def round_to_units(amount: Amount, unit: Amount) -> int:
    """Whole units, rounded half-even."""
    units, rest = divmod(amount, unit)
    more = rest * 2 > unit or (rest * 2 == unit and int(units) % 2 == 1)
    return int(units) + more
