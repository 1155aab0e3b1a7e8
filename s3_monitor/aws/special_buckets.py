"""Directory, table and vector buckets, which ListBuckets does not return."""

from __future__ import annotations

import re
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import cache, partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from botocore.exceptions import EndpointResolutionError

from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.aws.timestamps import time_in_bounds
from s3_monitor.model.errors import AwsError, IncompleteList, RequestBudgetExhausted
from s3_monitor.model.identity import AccountBucket, SpecialKind
from s3_monitor.model.patterns import DIRECTORY_SUFFIX


class _Listing(NamedTuple):
    """How a kind is listed, and the names of the fields in its response."""

    service: str
    operation: str
    page: Mapping[str, int]
    members: str
    name: str
    created: str
    token: str


# AWS: the largest page of each.
_LISTINGS: dict[SpecialKind, _Listing] = {
    "directory": _Listing(
        "s3", "ListDirectoryBuckets", {"MaxDirectoryBuckets": 1000},
        "Buckets", "Name", "CreationDate", "ContinuationToken",
    ),
    "table": _Listing(
        "s3tables", "ListTableBuckets", {"maxBuckets": 1000},
        "tableBuckets", "name", "createdAt", "continuationToken",
    ),
    "vector": _Listing(
        "s3vectors", "ListVectorBuckets", {"maxResults": 500},
        "vectorBuckets", "vectorBucketName", "creationTime", "nextToken",
    ),
}  # fmt: skip


# Host suffixes of AWS, for IPv4 and dual stack.
_OF_AWS = re.compile(r"\.(?:amazonaws\.[a-z.]+|api\.aws|api\.amazonwebservices\.[a-z.]+)$")
Resolve = Callable[[str], object]


@cache
def _ips(host: str) -> object:
    """Resolve a host. Cached if it succeeds."""
    return socket.getaddrinfo(host, 443)


class SpecialBucketsApi(AwsApi):
    """The operations that list directory, table and vector buckets."""

    def special_bucket_pages(
        self, kind: SpecialKind, region: str, attempts: int | None = None, resolve: Resolve = _ips
    ) -> Iterator[list[AccountBucket]]:
        """Yield the account's buckets of a kind in a region; none if AWS does not offer the service there.

        ``attempts``: limit per page; ``None``: that of the client. Raises AwsError; after the last page
        IncompleteList if entries are invalid.
        """
        listing = _LISTINGS[kind]
        client = self.client(listing.service, None if kind == "directory" else region)
        if kind == "directory":
            _register(client, "before-endpoint-resolution", "", _use_region)
        _register(client, "before-send", f".{listing.operation}", partial(_check_host, resolve=resolve))
        unreadable = 0

        def call() -> AbstractContextManager[None]:
            _current.region = region
            return self.call(listing.operation, allowed=_at_most(attempts))

        def read(response: dict[str, Any]) -> tuple[list[AccountBucket], int]:
            sent = response.get(listing.members) or ()
            page = [_bucket(listing, region, item) for item in sent if item.get(listing.name)]
            return page, len(sent) - len(page)

        try:
            pages = self.pages(client, listing.operation, {**listing.page}, read, page_field=listing.token, call=call)
            for page, invalid in pages:
                unreadable += invalid
                # AWS emulators may list all buckets. AWS: the names of directory buckets end with this suffix.
                yield [bucket for bucket in page if kind != "directory" or bucket.name.endswith(DIRECTORY_SUFFIX)]
        except _NotOffered:
            return
        except AwsError as failure:
            if isinstance(failure.__cause__, EndpointResolutionError):  # such as FIPS in a partition without it
                return
            raise
        except RequestBudgetExhausted as error:
            raise AwsError("unreachable", listing.operation, f"no response from {region}") from error
        if unreadable:
            raise IncompleteList(listing.operation, unreadable)


def _at_most(attempts: int | None) -> Callable[[], bool] | None:
    left = iter(range(attempts or 0))
    return None if attempts is None else lambda: next(left, None) is not None


class _Current(threading.local):
    """The region of the request that this thread is about to send."""

    region = ""


_current = _Current()


def _use_region(builtins: dict[str, Any], model: Any, **_: Any) -> None:
    """Send ListDirectoryBuckets to another region than the client's.

    A client per region would take most of the start-up time of a small account.
    """
    if model.name == _LISTINGS["directory"].operation:
        builtins["AWS::Region"] = _current.region


def _register(client: Any, event: str, operation: str, handler: Callable[..., None]) -> None:
    name = f"{event}.{client.meta.service_model.service_id.hyphenize()}{operation}"
    client.meta.events.register(name, handler, unique_id=f"s3-monitor-{name}")


def _bucket(listing: _Listing, region: str, item: dict[str, Any]) -> AccountBucket:
    created = time_in_bounds(item.get(listing.created))
    return AccountBucket(item[listing.name], created, region, bad_date=created is None)


class _NotOffered(RequestBudgetExhausted):
    """AWS does not offer the service in the region. No request was sent."""


def _check_host(request: Any, resolve: Resolve, **_: Any) -> None:
    if not is_offered(request.url, resolve):
        raise _NotOffered


def is_offered(url: str, resolve: Resolve = _ips) -> bool:
    """Return whether the endpoint that botocore has generated exists.

    AWS: host names exist only in regions with the service. botocore generates the others and would try them
    for minutes.
    """
    host = urlsplit(url).hostname or ""
    if not _OF_AWS.search(host) or urllib.request.getproxies().get("https"):
        return True  # not AWS, or a proxy that resolves names
    try:
        resolve(host)
    except socket.gaierror as error:
        return error.errno not in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
    return True
