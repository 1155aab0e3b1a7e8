"""Rounding of exact amounts such that the rounded parts still add up to the rounded total."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

Amount = int | Fraction


def apportion(amounts: Sequence[Amount], unit: Amount, total: int | None = None) -> list[int]:
    """Round amounts to integral units that add up to ``total`` units (default: the rounded sum of the amounts).

    Uses the largest remainder method: each amount is rounded down, and those with the largest remainders get one more
    unit. Each result is less than a unit away from its amount, and 0 stays 0. If ``total`` differs from the sum by more
    than the remainders, the largest amount takes the difference.
    """
    units: list[int] = []
    remainders: list[tuple[Amount, int]] = []
    for index, amount in enumerate(amounts):
        quotient, remainder = divmod(amount, unit)
        units.append(int(quotient))
        if remainder:
            remainders.append((-remainder, index))
    if total is None:
        total = round_to_units(sum(amounts), unit)
    missing = total - sum(units)
    for _, index in sorted(remainders)[: max(0, missing)]:
        units[index] += 1
        missing -= 1
    if missing and amounts:
        sizes = [abs(Fraction(amount)) for amount in amounts]
        units[sizes.index(max(sizes))] += missing
    return units


def round_to_units(amount: Amount, unit: Amount) -> int:
    """Return the number of units in ``amount``, rounded half-even."""
    units, remainder = divmod(amount, unit)
    if remainder * 2 > unit or (remainder * 2 == unit and units % 2 == 1):
        units += 1
    return int(units)
