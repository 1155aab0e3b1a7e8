"""Prices of AWS services that requests to S3, or knowing more about a bucket, use. They are in no price list of S3."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

# AWS KMS: per request, by currency.
KMS_REQUEST: Final = {"USD": Decimal("0.000003")}
# CloudWatch: a custom metric per month, in USD; S3 publishes 16 request metrics for each metrics configuration.
CUSTOM_METRIC: Final = Decimal("0.30")
REQUEST_METRICS: Final = 16
