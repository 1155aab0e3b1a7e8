"""Prices that lists of S3 do not have: of other AWS services, and the fee for general purpose buckets."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.regions import GLOBAL
from s3_monitor.money.usage_types import BUCKETS

# AWS KMS: per request, by currency.
KMS_REQUEST: Final = {"USD": Decimal("0.000003")}
# CloudWatch: a custom metric per month, in USD; S3 publishes 16 request metrics for each metrics configuration.
CUSTOM_METRIC: Final = Decimal("0.30")
REQUEST_METRICS: Final = 16
FREE_BUCKETS: Final = 2000  # AWS: general purpose buckets of an account without a fee
_FEE: Final = {"USD": Decimal("0.02")}  # where the price list has none


def bucket_fee(price_book: PriceBook) -> Decimal | None:
    """Return the fee of a bucket above the free ones; None: unknown."""
    charge = price_book.charge(GLOBAL, BUCKETS)
    return charge.tiers[-1].price if charge is not None else _FEE.get(price_book.currency)
