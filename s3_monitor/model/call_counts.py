"""The requests to AWS, counted by operation, their list price, and counters that any thread may use."""

from __future__ import annotations

import threading
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


class CallCounter:
    """Counts the calls of one shard, or of a part of its work."""

    def __init__(self, parent: CallCounter | None = None) -> None:
        """``parent`` counts every call, too."""
        self.expected: CallCounts | None = None
        """The calls that the shard will make in total; ``None`` until they are known."""
        self._parent = parent
        self._calls = CallCounts()
        self._lock = threading.Lock()

    def add(self, calls: CallCounts) -> None:
        """Add calls, here and to the parent."""
        with self._lock:
            self._calls.add(calls)
        if self._parent is not None:
            self._parent.add(calls)

    def count(self, operation: str) -> None:
        """Count a request that was sent, retries included."""
        self.add(CallCounts({operation: 1}))

    def calls(self) -> CallCounts:
        """Return a copy of the counts, sorted by operation."""
        with self._lock:
            return msgspec.structs.replace(self._calls, requests=dict(sorted(self._calls.requests.items())))


class RequestBudget:
    """The list requests that a shard may still send, retries included."""

    def __init__(self, requests: int | None) -> None:
        """``None``: any number."""
        self.limit = requests
        self.exhausted = False
        """Whether a request was refused."""
        self._left = requests
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take one request from the budget. Return whether it may be sent."""
        with self._lock:
            if self._left is None:
                return True
            if self._left == 0:
                self.exhausted = True
                return False
            self._left -= 1
            return True
