"""S3 as real boto3 sees it: buckets by page and region, objects by page, errors of S3's own kind."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from s3_monitor.simulator import Account, Bucket, ObjectList, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.simulator.clients import MIDNIGHT, TODAY, ask, client

NEWEST = datetime(2026, 11, 21, 17, 0, 3, tzinfo=UTC)
FOLDERS = ("a & b/<c>/", "logs/2025/", "logs/2026/", "ümläut +%/")
REGIONS = ("us-east-1", "eu-west-1")
DENIED = frozenset({"ListObjects", "ListObjectsV2"})


def account(count: int = 30) -> Account:
    plain = [Bucket(f"plain-{n:05d}", REGIONS[n % 2], MIDNIGHT - timedelta(days=n + 1)) for n in range(count)]
    return make_account(
        "111122223333",
        [
            *plain,
            Bucket("full", "us-east-1", MIDNIGHT, objects=ObjectList(2500, NEWEST, folders=FOLDERS, seed=7)),
            Bucket("far", "eu-west-1", MIDNIGHT, objects=ObjectList(3, NEWEST)),
            Bucket("secret", "us-east-1", MIDNIGHT, objects=ObjectList(3, NEWEST), denied=DENIED),
            Bucket("gone", "us-east-1", MIDNIGHT, listed=False),
            Bucket("fast--use1-az4--x-s3", "us-east-1", MIDNIGHT, objects=ObjectList(12, NEWEST)),
        ],
    )


STRANGER = make_account("444455556666", [Bucket("theirs", "us-east-1", MIDNIGHT)], access_key="AKIASIMULATED00000002")


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator([account(), STRANGER], today=TODAY) as running:
        yield running


@pytest.fixture(scope="module")
def s3(simulator: Simulator) -> Any:
    return client(simulator, "s3")


def error_of(call: Any, **parameters: Any) -> tuple[str, int, dict[str, str]]:
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    metadata = caught.value.response["ResponseMetadata"]
    return caught.value.response["Error"]["Code"], metadata["HTTPStatusCode"], metadata["HTTPHeaders"]


@pytest.mark.parametrize("page", [1, 7, 33, 10_000])
def test_paged_buckets_are_all_there_once_with_region_and_arn(s3: Any, page: int) -> None:
    pages = s3.get_paginator("list_buckets").paginate(PaginationConfig={"PageSize": page})
    buckets = [bucket for page in pages for bucket in page["Buckets"]]
    assert [bucket["Name"] for bucket in buckets] == ["far", "full", *(f"plain-{n:05d}" for n in range(30)), "secret"]
    assert {bucket["Name"]: bucket["BucketRegion"] for bucket in buckets}["plain-00001"] == "eu-west-1"
    assert buckets[0]["BucketArn"] == "arn:aws:s3:::far"
    assert buckets[0]["CreationDate"] == MIDNIGHT


def test_unpaged_buckets_come_without_region(s3: Any) -> None:
    buckets = s3.list_buckets()["Buckets"]
    assert len(buckets) == 33
    assert not any("BucketRegion" in bucket for bucket in buckets)


def test_buckets_by_prefix_and_by_the_endpoints_own_region(s3: Any) -> None:
    assert [b["Name"] for b in s3.list_buckets(Prefix="plain-0001")["Buckets"]] == [
        f"plain-{n:05d}" for n in range(10, 20)
    ]
    answer = s3.list_buckets(BucketRegion="us-east-1", Prefix="plain-")
    assert len(answer["Buckets"]) == 15
    assert answer["Prefix"] == "plain-"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"BucketRegion": "eu-west-1"}, "InvalidArgument"),  # sent to the endpoint of us-east-1
        ({"MaxBuckets": 10_001}, "InvalidArgument"),
        ({"MaxBuckets": 5, "ContinuationToken": "%%%"}, "InvalidArgument"),
    ],
)
def test_a_bucket_listing_that_aws_refuses(s3: Any, parameters: dict[str, Any], code: str) -> None:
    assert error_of(s3.list_buckets, **parameters)[:2] == (code, 400)


def test_more_than_10000_buckets_are_listed_by_page_only() -> None:
    with Simulator(account(10_000), today=TODAY) as large:
        assert error_of(client(large, "s3").list_buckets)[:2] == ("InvalidRequest", 400)
        _, _, first = ask(large, "s3", "GET", "/?max-buckets=10000")
        token = first.partition(b"<ContinuationToken>")[2].partition(b"<")[0].decode()
        _, _, rest = ask(large, "s3", "GET", f"/?continuation-token={token}")
        assert [page.count(b"<Bucket>") for page in (first, rest)] == [10_000, 3]
        assert b"<ContinuationToken>" not in rest


def test_directory_buckets_are_listed_apart(s3: Any) -> None:
    assert [bucket["Name"] for bucket in s3.list_directory_buckets()["Buckets"]] == ["fast--use1-az4--x-s3"]


def test_a_directory_bucket_is_read_with_a_session_of_its_own(simulator: Simulator, s3: Any) -> None:
    assert s3.list_objects_v2(Bucket="fast--use1-az4--x-s3")["KeyCount"] == 12
    assert simulator.counters.total("CreateSession").calls == 1


def test_where_a_bucket_is(simulator: Simulator, s3: Any) -> None:
    assert s3.head_bucket(Bucket="full")["BucketRegion"] == "us-east-1"
    assert s3.get_bucket_location(Bucket="full")["LocationConstraint"] is None
    assert s3.get_bucket_location(Bucket="far")["LocationConstraint"] == "eu-west-1"


def test_the_wrong_region_redirects_and_boto3_follows(simulator: Simulator) -> None:
    s3 = client(simulator, "s3")
    before = simulator.counters.total("HeadBucket").errors["PermanentRedirect"]
    assert s3.head_bucket(Bucket="far")["BucketRegion"] == "eu-west-1"
    assert simulator.counters.total("HeadBucket").errors["PermanentRedirect"] == before + 1


@pytest.mark.parametrize("size", [1000, 999, 130])
def test_all_pages_of_a_listing_hold_every_object_once(s3: Any, size: int) -> None:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="full", PaginationConfig={"PageSize": size})
    objects = [found for page in pages for found in page["Contents"]]
    keys = [found["Key"] for found in objects]
    assert len(set(keys)) == len(keys) == 2500
    assert keys == sorted(keys)
    assert {key[: key.rindex("/") + 1] for key in keys} == set(FOLDERS)
    assert [found["LastModified"] for found in objects].count(NEWEST) == 1
    assert max(found["LastModified"] for found in objects) == NEWEST
    assert max(found["LastModified"] for found in objects[:1000]) < NEWEST, "the newest is past the first page"


def test_the_older_listing_goes_on_by_marker(s3: Any) -> None:
    pages = s3.get_paginator("list_objects").paginate(Bucket="full")
    assert [len(page["Contents"]) for page in pages] == [1000, 1000, 500]


def test_prefix_start_after_and_delimiter(s3: Any) -> None:
    logs = s3.list_objects_v2(Bucket="full", Prefix="logs/2025/")
    assert logs["KeyCount"] == 625
    rest = s3.list_objects_v2(Bucket="full", Prefix="logs/2025/", StartAfter=logs["Contents"][599]["Key"])
    assert [found["Key"] for found in rest["Contents"]] == [found["Key"] for found in logs["Contents"][600:]]
    top = s3.list_objects_v2(Bucket="full", Delimiter="/")
    assert [folder["Prefix"] for folder in top["CommonPrefixes"]] == ["a & b/", "logs/", "ümläut +%/"]
    assert "Contents" not in top
    paged = s3.get_paginator("list_objects_v2").paginate(
        Bucket="full", Delimiter="/", Prefix="logs/", PaginationConfig={"PageSize": 1}
    )
    assert [page["CommonPrefixes"][0]["Prefix"] for page in paged] == ["logs/2025/", "logs/2026/"]


def test_an_empty_listing(s3: Any) -> None:
    answer = s3.list_objects_v2(Bucket="plain-00000")
    assert (answer["KeyCount"], answer["IsTruncated"], answer.get("Contents")) == (0, False, None)


@pytest.mark.parametrize(
    ("bucket", "code", "status"),
    [
        ("nowhere", "NoSuchBucket", 404),
        ("gone", "NoSuchBucket", 404),
        ("secret", "AccessDenied", 403),
        ("theirs", "AccessDenied", 403),
    ],
)
def test_a_bucket_that_cannot_be_listed(s3: Any, bucket: str, code: str, status: int) -> None:
    assert error_of(s3.list_objects_v2, Bucket=bucket)[:2] == (code, status)


def test_an_error_of_head_bucket_has_the_status_and_the_region_but_no_body(s3: Any) -> None:
    code, status, headers = error_of(s3.head_bucket, Bucket="theirs")
    assert (code, status, headers["x-amz-bucket-region"]) == ("403", 403, "us-east-1")


def test_virtual_host_addressing(simulator: Simulator) -> None:
    """Use the simulator as a proxy of boto3, so that the bucket is in the host name."""
    hosts: list[str] = []
    aws = boto3.client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id=simulator.accounts[0].access_key,
        aws_secret_access_key="x",
        use_ssl=False,
        config=Config(proxies={"http": simulator.url}, s3={"addressing_style": "virtual"}),
    )
    aws.meta.events.register("before-send.s3", lambda request, **_: hosts.append(request.url))
    assert aws.list_objects_v2(Bucket="far")["KeyCount"] == 3
    assert hosts[0].startswith("http://far.s3.eu-west-1.amazonaws.com/")


def test_an_unsupported_operation_is_an_error_and_is_counted(simulator: Simulator, s3: Any) -> None:
    assert error_of(s3.get_bucket_acl, Bucket="full")[:2] == ("NotImplemented", 501)
    assert simulator.counters.total("GetBucketAcl", service="s3").failed == 1
