"""S3: the buckets of an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from botocore.exceptions import ClientError

from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.aws.timestamps import time_in_bounds
from s3_monitor.model.bounds import REGION
from s3_monitor.model.errors import AwsError, IncompleteList
from s3_monitor.model.identity import AccountBucket

_MOST_BUCKETS = 10_000  # AWS: the largest page, which is required beyond 10,000 buckets
_HEADS_AT_ONCE = 16


class S3Api(AwsApi):
    """The operations of S3 that list the buckets of the account."""

    def list_buckets(self, region: str | None) -> list[AccountBucket]:
        """Return the buckets of a region or of all regions.

        Raises AwsError; IncompleteList holds the buckets that could be read.
        """
        buckets: list[AccountBucket] = []
        try:
            for page in self.bucket_pages(region):
                buckets += page
        except IncompleteList as failure:
            raise IncompleteList(failure.operation, failure.unreadable, buckets) from failure
        return buckets

    def bucket_pages(
        self, region: str | None, matches: Callable[[str], bool] = lambda name: True
    ) -> Iterator[list[AccountBucket]]:
        """Yield the buckets whose names match in pages of up to 10,000; then raise IncompleteList if some are invalid.

        AWS: only the endpoint of a region accepts a request for the buckets of that region.
        """
        client = self.client("s3", region)
        request: dict[str, Any] = {"MaxBuckets": _MOST_BUCKETS}
        if region is not None:
            request["BucketRegion"] = region
        unreadable = 0

        def read(response: dict[str, Any]) -> tuple[list[AccountBucket], int]:
            page = [_bucket(sent) for sent in response["Buckets"] if matches(sent["Name"])]
            return page, response.get("Unreadable", 0)

        for page, invalid in self.pages(client, "ListBuckets", request, read, page_field="ContinuationToken"):
            unreadable += invalid
            placed = self._with_regions(client, page)
            yield [bucket for bucket in placed if region is None or bucket.region in (region, None)]
        if unreadable:
            raise IncompleteList("ListBuckets", unreadable)

    def _with_regions(self, client: Any, buckets: list[AccountBucket]) -> list[AccountBucket]:
        """Complete the regions. AWS: paged responses have them; HeadBucket returns those that are missing."""
        if all(bucket.region for bucket in buckets):
            return buckets
        with ThreadPoolExecutor(_HEADS_AT_ONCE) as pool:
            regions = pool.map(lambda bucket: bucket.region or self._head_bucket(client, bucket.name), buckets)
            return [
                msgspec.structs.replace(bucket, region=region) for bucket, region in zip(buckets, regions, strict=True)
            ]

    def _head_bucket(self, client: Any, bucket: str) -> str | None:
        """Return the region of a bucket. AWS: it is in a header even if the request is denied."""
        try:
            with self.call("HeadBucket"):
                response = client.head_bucket(Bucket=bucket)
                return _region(response.get("BucketRegion")) or _region_header(response)
        except AwsError as failure:
            refusal = failure.__cause__
            return _region_header(refusal.response) if isinstance(refusal, ClientError) else None


def _bucket(sent: dict[str, Any]) -> AccountBucket:
    created = time_in_bounds(sent.get("CreationDate"))
    return AccountBucket(
        name=sent["Name"],
        created=created,
        region=_region(sent.get("BucketRegion")),
        bad_date=created is None,
    )


def _region_header(answer: Any) -> str | None:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return _region(headers.get("x-amz-bucket-region"))


def _region(sent: Any) -> str | None:
    """Return the region; None if it is absent, or cannot be one: it would be part of host names and paths."""
    return sent if isinstance(sent, str) and REGION.fullmatch(sent) else None
