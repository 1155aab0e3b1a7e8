"""S3 Tables and S3 Vectors: lists of buckets."""

from typing import Any

import msgspec

from s3_monitor.simulator.accounts import TableOrVectorBucket
from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Request, Response
from s3_monitor.simulator.json_services import RestJson
from s3_monitor.simulator.protocols import rest_json
from s3_monitor.simulator.service import Call

TABLE_PAGE, VECTOR_PAGE = 1_000, 500  # AWS: maximum per page


class Tables(RestJson):
    """S3 Tables."""

    names = ("s3tables",)
    internal_error = "InternalServerErrorException"

    def operation(self, request: Request, name: str) -> str:
        return "ListTableBuckets" if request.path == "/buckets" else f"{request.method} {request.path}"

    def answer(self, call: Call) -> Response | None:
        if call.operation != "ListTableBuckets":
            return None
        query = call.request.query
        page, token = _page(call, "table", int(query.get("maxBuckets", TABLE_PAGE)), query.get("continuationToken"))
        buckets = [
            {
                "arn": f"arn:aws:s3tables:{one.region}:{call.account.id}:bucket/{one.name}",
                "name": one.name,
                "ownerAccountId": call.account.id,
                "createdAt": f"{one.created:%Y-%m-%dT%H:%M:%SZ}",
            }
            for one in page
        ]
        return rest_json({"tableBuckets": buckets} | ({"continuationToken": token} if token else {}))


class Vectors(RestJson):
    """S3 Vectors."""

    names = ("s3vectors",)

    def operation(self, request: Request, name: str) -> str:
        return request.path.strip("/")

    def answer(self, call: Call) -> Response | None:
        if call.operation != "ListVectorBuckets":
            return None
        query = msgspec.json.decode(call.request.body or b"{}", type=dict[str, Any])
        page, token = _page(call, "vector", query.get("maxResults", VECTOR_PAGE), query.get("nextToken"))
        buckets = [
            {
                "vectorBucketName": one.name,
                "vectorBucketArn": f"arn:aws:s3vectors:{one.region}:{call.account.id}:bucket/{one.name}",
                "creationTime": one.created.timestamp(),
            }
            for one in page
        ]
        return rest_json({"vectorBuckets": buckets} | ({"nextToken": token} if token else {}))


def _page(call: Call, kind: str, size: int, token: str | None) -> tuple[list[TableOrVectorBucket], str | None]:
    """Return a page of the buckets by name, and the token of the next; a token is an index."""
    own = [one for one in call.account.others if (one.kind, one.region) == (kind, call.region)]
    buckets = sorted(own, key=lambda one: one.name)
    if token is not None and not token.isdigit():
        raise AwsError("ValidationException", "the token is not valid")
    start = int(token or 0)
    end = start + size
    return buckets[start:end], str(end) if end < len(buckets) else None
