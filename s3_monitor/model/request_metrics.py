"""What a bucket's request metrics counted: requests and bytes over some days."""

from __future__ import annotations

from typing import Final

import msgspec

from s3_monitor.model.bounds import Amount, FractionalAmount, WindowDays

# AWS: the request metrics that are billed by number, and those of bytes sent and received; summed over a day each.
REQUESTS: Final = (
    "GetRequests", "HeadRequests", "SelectRequests",
    "PutRequests", "PostRequests", "ListRequests",
    "DeleteRequests",
)  # fmt: skip
DOWNLOADED: Final = "BytesDownloaded"
METRICS: Final = (*REQUESTS, DOWNLOADED, "BytesUploaded")


class RequestMetrics(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What request metrics counted, as `[days, sums]`."""

    days: WindowDays
    """Number of full days, from the first with a count."""
    sums: dict[str, Amount | FractionalAmount]
    """Request metric → its sum over these days: a number of requests, or bytes. A metric that is not present counted
    nothing."""


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
    """Upper bound of what sending the bytes of 30 days costs, in the currency of the price list per month: all of them
    to the internet, from the first tier on; null: no known price."""


class RequestTotals(msgspec.Struct, frozen=True):
    """The requests of all buckets. Not included in any cost of storage."""

    buckets: int
    """Number of buckets with known requests: the figures below are theirs."""
    unknown_buckets: int
    """Number of buckets with unknown requests, in no figure here."""
    cost: float | None
    """List price of the requests in 30 days, in the currency of the price list per month, without those of
    unpriced_buckets; null: no known price."""
    unpriced_buckets: int
    """Number of buckets whose requests have no known price."""
    egress_at_most: float | None
    """Upper bound of what sending their data costs, in the currency of the price list per month; null: no known price
    for one of them."""
    egress_unpriced_buckets: int
    """Number of buckets whose sent data has no known price."""


def merge_request_metrics(one: RequestMetrics | None, other: RequestMetrics) -> RequestMetrics:
    """Of two answers about one bucket: the same whatever their order."""
    return other if one is None else max(one, other, key=_rank)


def _rank(traffic: RequestMetrics) -> tuple[int, bytes]:
    return traffic.days, msgspec.json.encode(traffic.sums, order="sorted")
