"""Buckets that S3's list of buckets leaves out: directory, table and vector buckets, each kind at its own endpoint."""

from __future__ import annotations

import re
import socket
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from s3_monitor.aws.asking import Clients, Count, asked, turned, watched_client
from s3_monitor.aws.timestamps import time_in_bounds
from s3_monitor.model.identity import FoundBucket, KindOfList
from s3_monitor.model.patterns import DIRECTORY_SUFFIX


class _Question(NamedTuple):
    """How a kind is listed, and what its answer's fields are called. ``host``: what its endpoint's name begins with."""

    service: str
    operation: str
    method: str
    page: Mapping[str, int]
    members: str
    name: str
    created: str
    token: str  # the same in answer and question, but for its first letter
    next: str
    host: str


# AWS: the largest page of each.
_QUESTIONS: dict[KindOfList, _Question] = {
    "directory": _Question(
        "s3", "ListDirectoryBuckets", "list_directory_buckets", {"MaxDirectoryBuckets": 1000},
        "Buckets", "Name", "CreationDate", "ContinuationToken", "ContinuationToken", "s3express-control",
    ),
    "table": _Question(
        "s3tables", "ListTableBuckets", "list_table_buckets", {"maxBuckets": 1000},
        "tableBuckets", "name", "createdAt", "continuationToken", "continuationToken", "s3tables",
    ),
    "vector": _Question(
        "s3vectors", "ListVectorBuckets", "list_vector_buckets", {"maxResults": 500},
        "vectorBuckets", "vectorBucketName", "creationTime", "nextToken", "nextToken", "s3vectors",
    ),
}  # fmt: skip


def listed_buckets(clients: Clients, kind: KindOfList, region: str, count: Count) -> Iterator[list[FoundBucket]]:
    """The account's buckets of a kind in a region, by page; none where AWS does not offer that there. AwsFailure."""
    asking = _QUESTIONS[kind]
    client = watched_client(clients, asking.service, region)
    if not is_offered(client.meta.endpoint_url, asking.host, region):
        return
    question: dict[str, Any] = dict(asking.page)
    while True:
        with asked(asking.operation, count):
            answer = getattr(client, asking.method)(**question)
            page = [_listed(asking, region, item) for item in answer.get(asking.members) or ()]
            more = turned(asking.operation, question, asking.token, answer.get(asking.next))
        # Some imitations of AWS answer with every bucket there is. AWS: the names of directory buckets end so.
        yield [one for one in page if kind != "directory" or one.name.endswith(DIRECTORY_SUFFIX)]
        if not more:
            return


def _listed(asking: _Question, region: str, item: dict[str, Any]) -> FoundBucket:
    sent = item.get(asking.created)
    created = time_in_bounds(sent)
    return FoundBucket(item[asking.name], created, region, bad_date=created is None and sent is not None)


def is_offered(
    endpoint: str, host: str, region: str, resolve: Callable[[str, int], object] = socket.getaddrinfo
) -> bool:
    """AWS's endpoints have names only where there is something behind them, and botocore does not know where that is.
    Asked of the resolver first: a client would try for minutes."""
    suffix = re.search(r"\.amazonaws\.com(\.cn)?$", urlsplit(endpoint).hostname or "")
    if suffix is None or urllib.request.getproxies().get("https"):
        return True  # another place than AWS, or a proxy that knows names which are not known here
    try:
        resolve(f"{host}.{region}{suffix[0]}", 443)
    except socket.gaierror as error:
        return error.errno not in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
    return True
