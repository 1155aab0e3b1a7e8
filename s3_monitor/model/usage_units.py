"""The units of usage types, as AWS's price lists and bills write them."""

from __future__ import annotations

import re
from decimal import Decimal

MIXED = "mixed units"
_GB_MONTHS = frozenset({"gbmo", "gbmos", "gbmonth", "gbmonths"})


def is_gb_months(unit: str) -> bool:
    """Return whether a unit is GB-months, in any spelling: ``GB-Mo``, ``GB-Month``, ``GB-Months``."""
    return re.sub(r"[-_ ]", "", unit).casefold() in _GB_MONTHS


def shared_unit(left: tuple[Decimal, str], right: tuple[Decimal, str]) -> str:
    """Return the unit of the sum of two (quantity, unit); MIXED if they differ. A quantity of 0 has any unit."""
    (left_quantity, left_unit), (right_quantity, right_unit) = left, right
    if not left_quantity or not right_quantity:
        return left_unit if left_quantity else right_unit
    if left_unit == right_unit or (is_gb_months(left_unit) and is_gb_months(right_unit)):
        return min(left_unit, right_unit)
    return MIXED
