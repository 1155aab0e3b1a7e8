"""What was asked of AWS and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from s3_monitor.model.details import OPERATIONS

# USD for one, in us-east-1. AWS: CloudWatch bills GetMetricData by the metric requested and the rest by the
# request; S3 bills LIST requests; STS and HeadBucket-like reads are free or GET requests; Cost Explorer by the page.
_GET, _LIST = Decimal("0.0000004"), Decimal("0.000005")
_PRICE = {
    "ListMetrics": Decimal("0.00001"),
    "ListBuckets": Decimal("0.000005"),
    "ListObjectsV2": Decimal("0.000005"),
    "ListObjectVersions": Decimal("0.000005"),
    "ListMultipartUploads": Decimal("0.000005"),
    "ListParts": Decimal("0.000005"),
    "HeadBucket": Decimal("0.0000004"),
    "ListDirectoryBuckets": _LIST,
    "ListTableBuckets": _LIST,
    "ListVectorBuckets": _LIST,
    # Which of both prices a list of a bucket's configurations has is not said: the dearer.
    **{name: _LIST if name.startswith("List") else _GET for name in OPERATIONS.values()},
    "GetCostAndUsage": Decimal("0.01"),
    "ListCostAllocationTags": Decimal("0.01"),
}
METRIC_PRICE = Decimal("0.00001")


class Calls(msgspec.Struct):
    """Requests by operation, and CloudWatch metrics requested (the unit that GetMetricData is billed by)."""

    requests: dict[str, int] = msgspec.field(default_factory=dict)
    metrics: int = 0

    def count(self, operation: str, requests: int = 1) -> None:
        self.requests[operation] = self.requests.get(operation, 0) + requests

    def add(self, other: Calls) -> None:
        for operation, requests in other.requests.items():
            self.count(operation, requests)
        self.metrics += other.metrics

    @property
    def total(self) -> int:
        return sum(self.requests.values())

    @property
    def usd(self) -> Decimal:
        """Dollars at us-east-1's list prices, without any free tier."""
        requests: Mapping[str, int] = self.requests
        return sum(
            (_PRICE.get(operation, Decimal(0)) * count for operation, count in requests.items()),
            METRIC_PRICE * self.metrics,
        )
