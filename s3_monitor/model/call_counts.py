"""What was asked of AWS and what that costs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bounds import Count
from s3_monitor.model.bucket_config import OPERATIONS

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
    "GetObject": _GET,
    "ListDirectoryBuckets": _LIST,
    "ListTableBuckets": _LIST,
    "ListVectorBuckets": _LIST,
    # Which of both prices a list of a bucket's configurations has is not said: the dearer.
    **{name: _LIST if name.startswith("List") else _GET for name in OPERATIONS.values()},
    "GetCostAndUsage": Decimal("0.01"),
    "ListCostAllocationTags": Decimal("0.01"),
}
METRIC_PRICE = Decimal("0.00001")
# USD for a MB that Athena scans. AWS: 5 USD a TB, in whole MB, at least 10 MB a statement.
ATHENA_MB_PRICE = Decimal(5) / (1 << 20)


class CallCounts(msgspec.Struct):
    """Requests to AWS."""

    requests: dict[str, Count] = msgspec.field(default_factory=dict)
    """Operation → number of requests."""
    metrics: Count = 0
    """Number of CloudWatch metrics requested, the unit that GetMetricData is billed by."""
    athena_mb: Count | UnsetType = UNSET
    """MB that Athena scanned; absent where it was not used."""

    def count(self, operation: str, requests: int = 1) -> None:
        self.requests[operation] = self.requests.get(operation, 0) + requests

    def add(self, other: CallCounts) -> None:
        for operation, requests in other.requests.items():
            self.count(operation, requests)
        self.metrics += other.metrics
        if other.athena_mb is not UNSET:
            self.scanned(other.athena_mb)

    def scanned(self, megabytes: int) -> None:
        """By Athena."""
        self.athena_mb = (0 if self.athena_mb is UNSET else self.athena_mb) + megabytes

    @property
    def total(self) -> int:
        return sum(self.requests.values())

    @property
    def usd(self) -> Decimal:
        """Dollars at us-east-1's list prices, without any free tier."""
        requests: Mapping[str, int] = self.requests
        return sum(
            (_PRICE.get(operation, Decimal(0)) * count for operation, count in requests.items()),
            METRIC_PRICE * self.metrics + ATHENA_MB_PRICE * (0 if self.athena_mb is UNSET else self.athena_mb),
        )
