"""What a bucket's request metrics counted: requests and bytes over some days."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from s3_monitor.model.bounds import Amount, FractionalAmount, WindowDays

# AWS: the request metrics that are billed by number, and those of bytes sent and received; summed over a day each.
REQUESTS: Final = (
    "GetRequests", "HeadRequests", "SelectRequests",
    "PutRequests", "PostRequests", "ListRequests",
    "DeleteRequests",
)  # fmt: skip
DOWNLOADED: Final = "BytesDownloaded"
METRICS: Final = (*REQUESTS, DOWNLOADED, "BytesUploaded")


class Traffic(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """``[days, sums]``: whole days from the first on which anything was counted, and what each metric came to in them;
    a metric that is not there counted nothing."""

    days: WindowDays
    sums: dict[str, Amount | FractionalAmount]


class Requests(msgspec.Struct, frozen=True):
    """A bucket's requests, as counted over ``days`` whole days; bytes sent and received.

    ``cost``: the list price of as many requests in 30 days, USD a month. ``egress_at_most``: that of sending the bytes
    of 30 days to the internet, from the first tier on: an upper bound, as what stays within AWS may cost less or
    nothing. Null: no price is known. Neither is in the bucket's cost.
    """

    days: int
    counts: dict[str, float]
    bytes_downloaded: float
    bytes_uploaded: float
    cost: float | None
    egress_at_most: float | None


class RequestTotals(msgspec.Struct, frozen=True):
    """The requests of all buckets. Not in any bucket's cost."""

    buckets: Annotated[int, Meta(description="Buckets whose requests are known: the figures below are theirs.")]
    unknown_buckets: Annotated[int, Meta(description="Buckets whose requests are not known, in no figure here.")]
    cost: Annotated[
        float | None,
        Meta(
            description="List price of their requests in 30 days, in the report's currency per month, without those "
            "of unpriced_buckets; null: no price is known for any."
        ),
    ]
    unpriced_buckets: Annotated[int, Meta(description="Buckets in `buckets` whose requests have no known price.")]
    egress_at_most: Annotated[
        float | None,
        Meta(
            description="Upper bound of what sending their data to the internet costs, in the report's currency per "
            "month; null where it has no known price for one of them."
        ),
    ]
    egress_unpriced_buckets: Annotated[
        int, Meta(description="Buckets in `buckets` whose sent data has no known price.")
    ]


def larger(one: Traffic | None, other: Traffic) -> Traffic:
    """Of two answers about one bucket: the same whatever their order."""
    return other if one is None else max(one, other, key=_rank)


def _rank(traffic: Traffic) -> tuple[int, bytes]:
    return traffic.days, msgspec.json.encode(traffic.sums, order="sorted")
