"""Units of storage, as AWS's price lists and bills name them."""

from __future__ import annotations

import re
from decimal import Decimal

MIXED = "mixed units"
_GB_MONTHS = frozenset({"gbmo", "gbmos", "gbmonth", "gbmonths"})


def is_gb_months(unit: str) -> bool:
    """Return whether a unit is GB-months, whatever its spelling: ``GB-Mo``, ``GB-Month``, ``GB-Months``."""
    return re.sub(r"[-_ ]", "", unit).casefold() in _GB_MONTHS


def shared_unit(one: tuple[Decimal, str], other: tuple[Decimal, str]) -> str:
    """Return the unit of the sum of two quantities; MIXED where they have none in common. A quantity of 0 has any."""
    (first, unit), (second, other_unit) = one, other
    if not first or not second:
        return unit if first else other_unit
    if unit == other_unit or (is_gb_months(unit) and is_gb_months(other_unit)):
        return min(unit, other_unit)
    return MIXED
