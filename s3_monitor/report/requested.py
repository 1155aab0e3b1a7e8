"""The requests of buckets with what they cost, beside the buckets' own money."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from s3_monitor.merge import BucketRecord
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.traffic import Traffic
from s3_monitor.money.prices import Matrix
from s3_monitor.money.traffic import PricedRequests, priced


def requested(records: Iterable[BucketRecord], matrix: Matrix) -> list[PricedRequests | None]:
    """Of each record, null where they are not known."""
    return [
        priced(record.traffic, record.region, record.lines, matrix) if isinstance(record.traffic, Traffic) else None
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
