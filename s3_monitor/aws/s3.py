"""S3: which buckets there are and where, and when one was last written to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from s3_monitor.aws.api_calls import Clients, Count, RequestAllowed, api_call, checked_token, instrumented_client
from s3_monitor.aws.timestamps import time_in_bounds
from s3_monitor.model.bounds import REGION
from s3_monitor.model.errors import AwsError, IncompleteList
from s3_monitor.model.identity import AccountBucket
from s3_monitor.model.responses import KeysPage, ObjectsPage

_MOST_BUCKETS = 10_000  # AWS: the largest page, and beyond as many buckets an answer without pages is refused
_HEADS_AT_ONCE = 16


def list_buckets(clients: Clients, *, region: str | None, count: Count) -> list[AccountBucket]:
    """The account's buckets, those of one region or all. AwsFailure; IncompleteList holds those that were read."""
    buckets: list[AccountBucket] = []
    try:
        for page in bucket_pages(clients, region=region, count=count):
            buckets += page
    except IncompleteList as failure:
        raise IncompleteList(failure.operation, failure.unreadable, buckets) from failure
    return buckets


def bucket_pages(
    clients: Clients, *, region: str | None, count: Count, wanted: Callable[[str], bool] = lambda name: True
) -> Iterator[list[AccountBucket]]:
    """The same in pages of up to 10,000, of the ``wanted`` names only. AwsFailure, after the pages IncompleteList.

    AWS: a question narrowed to a region is answered by that region's endpoint alone.
    """
    client = instrumented_client(clients, "s3", region)
    question: dict[str, Any] = {"MaxBuckets": _MOST_BUCKETS}
    if region is not None:
        question["BucketRegion"] = region
    unreadable = 0
    while True:
        with api_call("ListBuckets", count):
            answer = client.list_buckets(**question)
            page = [_found(bucket) for bucket in answer["Buckets"] if wanted(bucket["Name"])]
            more = checked_token("ListBuckets", question, "ContinuationToken", answer.get("ContinuationToken"))
        unreadable += answer.get("Unreadable", 0)
        page = _with_regions(client, page, count)
        yield [bucket for bucket in page if region is None or bucket.region in (region, None)]
        if not more:
            break
    if unreadable:
        raise IncompleteList("ListBuckets", unreadable)


def object_pages(
    clients: Clients, bucket: str, region: str, *, count: Count, allowed: RequestAllowed | None = None
) -> Iterator[ObjectsPage]:
    """A bucket's current objects, page by page: the newest may be on any of them. AwsFailure; Spent."""
    client = instrumented_client(clients, "s3", region)
    question: dict[str, Any] = {"Bucket": bucket}
    while True:
        with api_call("ListObjectsV2", count, allowed=allowed):
            answer = client.list_objects_v2(**question)
            page: KeysPage = answer["Page"]
            newest = _newest(page.times)
            more = checked_token("ListObjectsV2", question, "ContinuationToken", page.token[0] if page.token else None)
        yield ObjectsPage(newest, len(page.times), more)
        if not more:
            return


def _newest(times: Sequence[str]) -> int | None:
    """Return the newest of the times of a page. ValueError if one is out of bounds: it may be the newest."""
    if not times:
        return None
    newest = time_in_bounds(max(times))
    if newest is None or time_in_bounds(min(times)) is None:
        raise ValueError("a last-modified date is not a time between 1970 and 2099")
    return newest


def _found(bucket: dict[str, Any]) -> AccountBucket:
    created = time_in_bounds(bucket.get("CreationDate"))
    return AccountBucket(
        name=bucket["Name"],
        created=created,
        region=_region(bucket.get("BucketRegion")),
        bad_date=created is None,
    )


def _with_regions(client: Any, buckets: list[AccountBucket], count: Count) -> list[AccountBucket]:
    """AWS: paged answers name each bucket's region; where one does not, the bucket itself is asked."""
    if all(bucket.region for bucket in buckets):
        return buckets
    with ThreadPoolExecutor(_HEADS_AT_ONCE) as pool:
        regions = pool.map(lambda bucket: bucket.region or _region_of(client, bucket.name, count), buckets)
        return [msgspec.structs.replace(bucket, region=region) for bucket, region in zip(buckets, regions, strict=True)]


def _region_of(client: Any, bucket: str, count: Count) -> str | None:
    """From HeadBucket: AWS says the region even where it refuses the rest."""
    try:
        with api_call("HeadBucket", count):
            answer = client.head_bucket(Bucket=bucket)
            return _region(answer.get("BucketRegion")) or _region_header(answer)
    except AwsError as failure:
        refusal = failure.__cause__
        return _region_header(refusal.response) if isinstance(refusal, ClientError) else None


def _region_header(answer: Any) -> str | None:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return _region(headers.get("x-amz-bucket-region"))


def _region(sent: Any) -> str | None:
    """Return the region; None if it is absent, or cannot be one: it would be part of host names and paths."""
    return sent if isinstance(sent, str) and REGION.fullmatch(sent) else None
