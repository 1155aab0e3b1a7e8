"""The bounds of prices and tier limits in AWS's price lists, price files and the price table."""

from __future__ import annotations

from decimal import Decimal

from s3_monitor.model.bounds import is_money

# AWS publishes ten decimals. DynamoDB keeps 38 digits: 15 before the point and 20 after it fit.
_MAX_DECIMALS = 20

RULE = f"a number from 0 to below 10^15 with at most {_MAX_DECIMALS} decimals"


def is_amount(value: Decimal) -> bool:
    """Return whether a price or a tier limit is within the bounds."""
    return is_money(value) and not value.is_signed() and int(value.as_tuple().exponent) >= -_MAX_DECIMALS
