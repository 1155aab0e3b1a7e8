"""The requests of buckets with what they cost, beside the buckets' own money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from s3_monitor.merge.merged_data import BucketRecord
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.money.price_book import PriceBook
from s3_monitor.money.request_costs import PricedRequests, price_requests


def request_costs(records: Iterable[BucketRecord], price_book: PriceBook) -> list[PricedRequests | None]:
    """Of each record, null where they are not known."""
    return [
        price_requests(record.traffic, record.region, record.lines, price_book)
        if isinstance(record.traffic, RequestMetrics)
        else None
        for record in records
    ]


def with_requests(
    chunks: Iterable[Sequence[Bucket]], requests: Sequence[PricedRequests | None]
) -> Iterator[Sequence[Bucket]]:
    """The same buckets; ``requests`` are in their order."""
    rest = iter(requests)
    for chunk in chunks:
        found = [next(rest) for _ in chunk]
        yield [
            msgspec.structs.replace(bucket, requests=None if one is None else one.record)
            for bucket, one in zip(chunk, found, strict=True)
        ]
