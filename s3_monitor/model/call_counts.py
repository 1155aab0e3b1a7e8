"""The requests to AWS, counted by operation, and their list price."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType

from s3_monitor.model.bounds import Count
from s3_monitor.model.bucket_config import OPERATIONS

# USD per request, in us-east-1. AWS: CloudWatch bills GetMetricData by metric and other operations by request;
# S3 bills LIST and GET requests; STS is free; Cost Explorer bills by page.
_GET, _LIST = Decimal("0.0000004"), Decimal("0.000005")
_PRICE = {
    "ListMetrics": Decimal("0.00001"),
    "ListBuckets": _LIST,
    "ListObjectsV2": _LIST,
    "ListObjectVersions": _LIST,
    "ListMultipartUploads": _LIST,
    "ListParts": _LIST,
    "HeadBucket": _GET,
    "GetObject": _GET,
    "ListDirectoryBuckets": _LIST,
    "ListTableBuckets": _LIST,
    "ListVectorBuckets": _LIST,
    # AWS does not document which price applies to lists of bucket configurations: the higher is used.
    **{name: _LIST if name.startswith("List") else _GET for name in OPERATIONS.values()},
    "GetCostAndUsage": Decimal("0.01"),
    "ListCostAllocationTags": Decimal("0.01"),
}
METRIC_PRICE = Decimal("0.00001")
# USD per MB scanned by Athena. AWS: 5 USD per TB, rounded up to MB, at least 10 MB per statement.
ATHENA_MB_PRICE = Decimal(5) / (1 << 20)


class CallCounts(msgspec.Struct):
    """Requests to AWS."""

    requests: dict[str, Count] = msgspec.field(default_factory=dict)
    """Operation → number of requests."""
    metrics: Count = 0
    """Number of CloudWatch metrics requested, the billing unit of GetMetricData."""
    athena_mb: Count | UnsetType = UNSET
    """MB that Athena scanned; absent if it was not used."""

    def count(self, operation: str, requests: int = 1) -> None:
        """Add requests of an operation."""
        self.requests[operation] = self.requests.get(operation, 0) + requests

    def add(self, other: CallCounts) -> None:
        """Add the counts of another record."""
        for operation, requests in other.requests.items():
            self.count(operation, requests)
        self.metrics += other.metrics
        if other.athena_mb is not UNSET:
            self.athena_mb = other.athena_mb + (0 if self.athena_mb is UNSET else self.athena_mb)

    @property
    def total(self) -> int:
        """The number of requests."""
        return sum(self.requests.values())

    @property
    def usd(self) -> Decimal:
        """The list price in USD, at the rates of us-east-1 and without free tiers."""
        requests: Mapping[str, int] = self.requests
        return sum(
            (_PRICE.get(operation, Decimal(0)) * count for operation, count in requests.items()),
            METRIC_PRICE * self.metrics + ATHENA_MB_PRICE * (0 if self.athena_mb is UNSET else self.athena_mb),
        )
