"""The request metrics of a bucket: requests and transferred bytes over a number of days, and their costs."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from s3_monitor.model.bounds import Amount, FractionalAmount, WindowDays

# AWS: the request metrics that are billed by number, and those of transferred bytes; each a sum per day.
REQUESTS: Final = (
    "GetRequests", "HeadRequests", "SelectRequests",
    "PutRequests", "PostRequests", "ListRequests",
    "DeleteRequests",
)  # fmt: skip
DOWNLOADED: Final = "BytesDownloaded"
METRICS: Final = (*REQUESTS, DOWNLOADED, "BytesUploaded")


RequestSource = Literal["cloudwatch", "storage-lens"]


class RequestMetrics(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """The sums of request metrics, as `[days, sums, source]`."""

    days: WindowDays
    """Number of full days, from the first with a count."""
    sums: dict[str, Amount | FractionalAmount]
    """Request metric → its sum over these days: a number of requests, or bytes. A metric that is not present is 0."""
    source: RequestSource = "cloudwatch"
    """Source of the metrics."""


class RequestCosts(msgspec.Struct, frozen=True):
    """The requests of a bucket. Their costs are not included in the bucket's cost."""

    days: int
    """Number of full days that were counted."""
    counts: dict[str, float]
    """Request metric → number of requests in these days."""
    bytes_downloaded: float
    """Bytes sent in these days."""
    bytes_uploaded: float
    """Bytes received in these days."""
    cost: float | None
    """List price of as many requests in 30 days, in the currency of the price list per month; null: no known price."""
    egress_at_most: float | None
    """Upper bound of the cost of sending the bytes of 30 days, in the currency of the price list per month: all to the
    internet, starting with the first tier; null: no known price."""
    source: RequestSource = "cloudwatch"
    """Source of the metrics: request metrics of CloudWatch, or the day of an export of Storage Lens."""


class RequestTotals(msgspec.Struct, frozen=True):
    """The requests of all buckets. Not included in any cost of storage."""

    buckets: int
    """Number of buckets with known requests, which the figures below cover."""
    unknown_buckets: int
    """Number of buckets with unknown requests, which the figures below do not cover."""
    cost: float | None
    """List price of the requests in 30 days, in the currency of the price list per month, without those of
    unpriced_buckets; null: no known price."""
    unpriced_buckets: int
    """Number of buckets whose requests have no known price."""
    egress_at_most: float | None
    """Upper bound of the cost of sending their data, in the currency of the price list per month; null: a bucket has no
    known price."""
    egress_unpriced_buckets: int
    """Number of buckets whose sent data has no known price."""


def merge_request_metrics(left: RequestMetrics | None, right: RequestMetrics) -> RequestMetrics:
    """Return those of CloudWatch, else those of more days, else the larger by their JSON. Commutative."""
    return right if left is None else max(left, right, key=_rank)


def _rank(metrics: RequestMetrics) -> tuple[bool, int, bytes]:
    return metrics.source == "cloudwatch", metrics.days, msgspec.json.encode(metrics.sums, order="sorted")
