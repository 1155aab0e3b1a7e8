"""The bounds of prices and of tier limits, wherever they enter: AWS's lists, price files, the price table."""

from __future__ import annotations

from decimal import Decimal

from s3_monitor.model.bounds import is_money

_MOST_DECIMALS = 20  # AWS publishes ten. With the digits before the point fewer than the 38 that DynamoDB keeps.

RULE = f"a number from 0 to below 10^15 with at most {_MOST_DECIMALS} decimals"


def is_amount(value: Decimal) -> bool:
    """Return whether a price or a tier limit is within the bounds."""
    return is_money(value) and not value.is_signed() and int(value.as_tuple().exponent) >= -_MOST_DECIMALS
