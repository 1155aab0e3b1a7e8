"""The regions of buckets, the hosts of special buckets, and the files of inventories, with canned responses."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from s3_monitor.aws.inventory_files import InventoryFilesApi
from s3_monitor.aws.s3 import S3Api
from s3_monitor.aws.special_buckets import is_offered
from s3_monitor.model.errors import AwsError, IncompleteList
from tests.aws.canned_client import CannedClients, failure

CREATED = datetime(2026, 1, 2, tzinfo=UTC)
PLACED = {"ResponseMetadata": {"HTTPHeaders": {"x-amz-bucket-region": "eu-west-2"}}}


def denied(**metadata: Any) -> ClientError:
    response: Any = {"Error": {"Code": "403"}, "ResponseMetadata": {"HTTPStatusCode": 403, **metadata}}
    return ClientError(response, "HeadBucket")


@pytest.mark.parametrize(
    ("sent", "head", "region"),
    [
        ("eu-west-1", None, "eu-west-1"),
        (None, {"BucketRegion": "eu-west-1"}, "eu-west-1"),
        (None, {"BucketRegion": "eu-west-1", **PLACED}, "eu-west-1"),
        (None, PLACED, "eu-west-2"),
        ("", PLACED, "eu-west-2"),
        ("not a region", PLACED, "eu-west-2"),
        (None, {"BucketRegion": "../x"}, None),
        (None, {}, None),
        (None, denied(HTTPHeaders={"x-amz-bucket-region": "eu-west-2"}), "eu-west-2"),
        (None, denied(), None),
        (None, TimeoutError("no"), None),
    ],
)
def test_the_region_of_a_bucket_is_that_of_the_list_else_that_of_head_bucket(
    sent: str | None, head: Any, region: str | None
) -> None:
    clients = CannedClients(
        {
            "list_buckets": [{"Buckets": [{"Name": "b", "CreationDate": CREATED, "BucketRegion": sent}]}],
            "head_bucket": [head],
        }
    )
    (bucket,) = S3Api(clients).list_buckets(None)
    assert (bucket.name, bucket.region, bucket.created, bucket.bad_date) == (
        "b", region, int(CREATED.timestamp()), False,
    )  # fmt: skip
    assert [operation for operation, _ in clients.requests] == ["list_buckets"] + ["head_bucket"] * (head is not None)


def bucket(name: str, region: str = "eu-west-1", **fields: Any) -> dict[str, Any]:
    return {"Name": name, "CreationDate": CREATED, "BucketRegion": region, **fields}


def test_all_pages_of_buckets_are_read_and_the_names_are_selected() -> None:
    pages = [{"Buckets": [bucket("a"), bucket("x")], "ContinuationToken": "t"}, {"Buckets": [bucket("b")]}]
    clients = CannedClients({"list_buckets": pages})
    found = list(S3Api(clients).bucket_pages(None, lambda name: name != "x"))
    assert [[one.name for one in page] for page in found] == [["a"], ["b"]]
    assert [request for _, request in clients.requests] == [
        {"MaxBuckets": 10_000},
        {"MaxBuckets": 10_000, "ContinuationToken": "t"},
    ]


def test_buckets_of_another_region_are_not_those_of_the_region() -> None:
    clients = CannedClients({"list_buckets": [{"Buckets": [bucket("a"), bucket("b", "us-east-1")]}]})
    assert [one.name for one in S3Api(clients).list_buckets("eu-west-1")] == ["a"]
    assert clients.requests[0][1] == {"MaxBuckets": 10_000, "BucketRegion": "eu-west-1"}
    assert clients.regions == [("s3", "eu-west-1")]


def test_invalid_entries_are_counted_over_all_pages() -> None:
    pages = [
        {"Buckets": [bucket("a")], "Unreadable": 2, "ContinuationToken": "t"},
        {"Buckets": [bucket("b", CreationDate="never")], "Unreadable": 1},
    ]
    with pytest.raises(IncompleteList) as caught:
        S3Api(CannedClients({"list_buckets": pages})).list_buckets(None)
    assert caught.value.unreadable == 3
    assert [(one.name, one.bad_date) for one in caught.value.buckets] == [("a", False), ("b", True)]


@pytest.mark.parametrize(
    ("host", "errno", "offered"),
    [
        ("s3tables.eu-west-1.amazonaws.com", None, True),
        ("s3tables.eu-west-1.amazonaws.com", socket.EAI_NONAME, False),
        ("s3tables.cn-north-1.amazonaws.com.cn", socket.EAI_NONAME, False),
        ("s3vectors.eu-west-1.api.aws", socket.EAI_NONAME, False),
        ("s3tables.eu-west-1.amazonaws.com", socket.EAI_AGAIN, True),
        ("localhost", socket.EAI_NONAME, True),
        ("amazonaws.com.example.org", socket.EAI_NONAME, True),
    ],
)
def test_a_service_is_not_offered_if_its_host_of_aws_does_not_exist(
    monkeypatch: pytest.MonkeyPatch, host: str, errno: int | None, offered: bool
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)

    def resolve(name: str) -> object:
        assert name == host
        if errno is not None:
            raise socket.gaierror(errno, "no")
        return []

    assert is_offered(f"https://{host}/x", resolve) is offered
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    assert is_offered(f"https://{host}/x", resolve)


class Body:
    """The body of a response, in the given chunks."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks

    def iter_chunks(self, size: int) -> Any:
        assert size == 1 << 20
        yield from self._chunks


def files(*contents: Any) -> tuple[InventoryFilesApi, CannedClients]:
    sent = [content if isinstance(content, Exception) else {"Body": content} for content in contents]
    clients = CannedClients({"get_object": sent})
    return InventoryFilesApi(clients), clients


@pytest.mark.parametrize(("limit", "is_read"), [(5, True), (6, True), (4, False)])
def test_a_small_object_has_at_most_the_given_bytes(limit: int, is_read: bool) -> None:
    api, _ = files(Body(b"abc", b"de"))
    if is_read:
        assert api.read_small_object("b", "k", "r", limit) == b"abcde"
    else:
        with pytest.raises(AwsError, match=f"k: more than {limit} bytes") as caught:
            api.read_small_object("b", "k", "r", limit)
        assert caught.value.kind == "refused"


@pytest.mark.parametrize(("failures", "is_read"), [(0, True), (3, True), (4, False)])
def test_a_file_is_requested_up_to_four_times(failures: int, is_read: bool) -> None:
    api, clients = files(*[failure("InternalError", status=500)] * failures, Body(b"a"))
    if is_read:
        assert api.read_small_object("b", "k", "r", 9) == b"a"
    else:
        with pytest.raises(AwsError):
            api.read_small_object("b", "k", "r", 9)
    assert len(clients.requests) == min(failures + 1, 4)


@pytest.mark.parametrize("error", [failure("AccessDenied", status=403), failure("NoSuchKey", status=404)])
def test_a_file_that_is_denied_or_missing_is_requested_once(error: Exception) -> None:
    api, clients = files(error)
    with pytest.raises(AwsError):
        api.read_small_object("b", "k", "r", 9)
    assert len(clients.requests) == 1


MD5_OF_ABC = "900150983cd24fb0d6963f7d28e17f72"


@pytest.mark.parametrize(
    ("size", "md5", "is_valid"),
    [
        (3, MD5_OF_ABC, True),
        (3, "", True),
        (3, "0" * 32, False),
        (2, "", False),
        (4, "", False),
        (2, MD5_OF_ABC, False),
    ],
)
def test_a_file_has_the_size_and_the_md5_of_its_manifest(tmp_path: Path, size: int, md5: str, is_valid: bool) -> None:
    path = tmp_path / "file"
    api, _ = files(Body(b"ab", b"c"))
    if is_valid:
        assert api.download("b", "k", size, md5, "r", path) is bool(md5)
        assert path.read_bytes() == b"abc"
        return
    with pytest.raises(AwsError) as caught:
        api.download("b", "k", size, md5, "r", path)
    assert caught.value.kind == "broken"
    assert not path.exists()


def test_folders_of_all_pages_are_listed() -> None:
    pages = [
        {"CommonPrefixes": [{"Prefix": "p/a/"}], "IsTruncated": True, "NextContinuationToken": "t"},
        {"CommonPrefixes": [{"Prefix": "p/b/"}], "IsTruncated": False, "NextContinuationToken": "ignored"},
    ]
    clients = CannedClients({"list_objects_v2": pages})
    assert InventoryFilesApi(clients).list_folders("b", "p/", "r") == ["p/a/", "p/b/"]
    assert [request.get("ContinuationToken") for _, request in clients.requests] == [None, "t"]
    assert clients.requests[0][1] == {"Bucket": "b", "Prefix": "p/", "Delimiter": "/"}
