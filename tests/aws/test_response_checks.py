"""A response with status 200 that AWS did not send is retried, then an error; it is never an empty response."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name

from s3_monitor.aws import api_calls, response_checks
from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.aws.role import connect
from s3_monitor.model.bucket_config import OPERATIONS
from s3_monitor.model.errors import AwsError
from s3_monitor.model.plan import Access
from tests.aws.replies import replying
from tests.collect.fixtures import Clients

PAGE = b"<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>Please log in<br></body></html>"
XML_PAGE = b'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>Please log in</p></body></html>'
BUCKET = {"Bucket": "b"}
WHEN = datetime(2026, 11, 21, tzinfo=UTC)
WINDOW = {"StartTime": WHEN, "EndTime": WHEN}
# service, operation, arguments, a response that is complete.
XML = [
    ("s3", "ListBuckets", {}, "<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"),
    ("s3", "ListDirectoryBuckets", {}, "<ListAllMyDirectoryBucketsResult><Buckets/></ListAllMyDirectoryBucketsResult>"),
    ("s3", "ListObjectsV2", BUCKET, "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"),
    ("s3", "ListObjectVersions", BUCKET, "<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>"),
    ("s3", "ListMultipartUploads", BUCKET, "<ListMultipartUploadsResult></ListMultipartUploadsResult>"),
    ("s3", "ListParts", {**BUCKET, "Key": "k", "UploadId": "u"}, "<ListPartsResult></ListPartsResult>"),
    ("s3", "GetBucketVersioning", BUCKET, "<VersioningConfiguration></VersioningConfiguration>"),
    ("s3", "GetBucketEncryption", BUCKET, "<ServerSideEncryptionConfiguration></ServerSideEncryptionConfiguration>"),
    ("s3", "GetBucketLifecycleConfiguration", BUCKET, "<LifecycleConfiguration></LifecycleConfiguration>"),
    ("s3", "GetBucketReplication", BUCKET, "<ReplicationConfiguration></ReplicationConfiguration>"),
    ("s3", "GetPublicAccessBlock", BUCKET, "<PublicAccessBlockConfiguration></PublicAccessBlockConfiguration>"),
    ("s3", "GetBucketPolicyStatus", BUCKET, "<PolicyStatus></PolicyStatus>"),
    ("s3", "GetBucketTagging", BUCKET, "<Tagging><TagSet></TagSet></Tagging>"),
    (
        *("s3", "ListBucketInventoryConfigurations", BUCKET),
        "<ListInventoryConfigurationsResult></ListInventoryConfigurationsResult>",
    ),
    (
        *("s3", "ListBucketMetricsConfigurations", BUCKET),
        "<ListMetricsConfigurationsResult></ListMetricsConfigurationsResult>",
    ),
    (
        *("sts", "GetCallerIdentity", {}),
        "<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>",
    ),
]
JSON = [
    ("cloudwatch", "ListMetrics", {}, {"Metrics": []}),
    ("cloudwatch", "GetMetricData", {"MetricDataQueries": [], **WINDOW}, {"MetricDataResults": []}),
    ("s3tables", "ListTableBuckets", {}, {"tableBuckets": []}),
    ("s3vectors", "ListVectorBuckets", {}, {"vectorBuckets": []}),
    ("pricing", "GetProducts", {"ServiceCode": "AmazonS3"}, {"PriceList": []}),
    ("athena", "GetQueryExecution", {"QueryExecutionId": "q"}, {"QueryExecution": {}}),
    ("ce", "ListCostAllocationTags", {}, {"CostAllocationTags": []}),
    ("dynamodb", "DescribeTable", {"TableName": "table"}, {"Table": {}}),
]
EVERY: list[tuple[str, str, dict[str, Any], bytes]] = [
    *((service, name, arguments, body.encode()) for service, name, arguments, body in XML),
    *((service, name, arguments, json.dumps(body).encode()) for service, name, arguments, body in JSON),
]
IDS = [operation for _, operation, _, _ in EVERY]


def call(url: str, service: str, operation: str, arguments: dict[str, Any], attempts: int = 2) -> dict[str, Any]:
    api = AwsApi(Clients(url, attempts))
    with api.call(operation):
        answer: dict[str, Any] = getattr(api.client(service), xform_name(operation))(**arguments)
    return answer


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)


@pytest.mark.parametrize(("service", "operation", "arguments", "body"), EVERY, ids=IDS)
def test_a_complete_response_is_read(service: str, operation: str, arguments: dict[str, Any], body: bytes) -> None:
    with replying(body) as replies:
        assert call(replies.url, service, operation, arguments)
    assert replies.count == 1


@pytest.mark.parametrize(("service", "operation", "arguments", "body"), EVERY, ids=IDS)
@pytest.mark.parametrize(
    "other",
    [
        PAGE,
        XML_PAGE,
        b"",
        b" \n",
        b"OK",
        b'{"message": "log in"}',
        b"<Other><Buckets/></Other>",
        b"[" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"\xff\xfe\x00\x01",
        b'{"Metrics": "\xff"}',
        None,
    ],
    ids=["page", "xhtml", "empty", "blank", "text", "json", "xml", "deep", "deeper", "binary", "latin", "half"],
)
def test_any_other_body_is_retried_and_then_an_error(
    service: str, operation: str, arguments: dict[str, Any], body: bytes, other: bytes | None
) -> None:
    with (
        replying(body[: len(body) * 2 // 3] if other is None else other) as replies,
        pytest.raises(AwsError) as caught,
    ):
        call(replies.url, service, operation, arguments)
    assert (caught.value.kind, replies.count) == ("broken", 2)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("service", "operation", "arguments", "body"), EVERY, ids=IDS)
def test_a_successful_retry_leaves_no_problem(
    service: str, operation: str, arguments: dict[str, Any], body: bytes
) -> None:
    with replying(body) as replies:
        once = call(replies.url, service, operation, arguments)
    with replying(PAGE, body) as replies:
        again = call(replies.url, service, operation, arguments)
    for answer in (once, again):
        answer.pop("ResponseMetadata")
    assert again == once


def test_a_web_page_is_named_with_the_settings_to_check() -> None:
    with replying(PAGE) as replies, pytest.raises(AwsError, match="web page") as caught:
        call(replies.url, "s3", "GetBucketVersioning", BUCKET)
    assert "HTTPS_PROXY" in caught.value.advice


@pytest.mark.parametrize("status", [302, 403, 407, 503])
@pytest.mark.parametrize(("service", "operation"), [("s3", "ListBuckets"), ("sts", "GetCallerIdentity")])
def test_a_web_page_in_place_of_an_error_is_not_a_denial(service: str, operation: str, status: int) -> None:
    with replying(PAGE, status=status) as replies, pytest.raises(AwsError, match="web page") as caught:
        call(replies.url, service, operation, {})
    assert (caught.value.kind, replies.count) == ("broken", 2 if status == 503 else 1)


def test_an_error_with_status_200_is_that_error_and_is_retried() -> None:
    error = b'<?xml version="1.0"?>\n<Error><Code>InternalError</Code><Message>try later</Message></Error>'
    with replying(error) as replies, pytest.raises(AwsError, match=r"try later \(InternalError\)") as caught:
        call(replies.url, "s3", "GetBucketTagging", BUCKET)
    assert (caught.value.kind, replies.count) == ("broken", 2)


@pytest.mark.parametrize("text", ["TRUE", " true ", "1", "yes", ""])
@pytest.mark.parametrize(
    ("operation", "root"),
    [
        ("ListMultipartUploads", "ListMultipartUploadsResult"),
        ("ListBucketInventoryConfigurations", "ListInventoryConfigurationsResult"),
        ("ListObjectsV2", "ListBucketResult"),
    ],
)
def test_a_page_that_may_be_truncated_is_never_the_last(operation: str, root: str, text: str) -> None:
    body = f"<{root}><IsTruncated>{text}</IsTruncated></{root}>".encode()
    with replying(body) as replies, pytest.raises(AwsError, match="boolean"):
        call(replies.url, "s3", operation, BUCKET)


_RULE = "<Rule><ApplyServerSideEncryptionByDefault>{}</ApplyServerSideEncryptionByDefault></Rule>"
_BLOCK = "<BlockPublicPolicy>true</BlockPublicPolicy>"
_TAG = "<Tag><Key>{}</Key><Value>v</Value></Tag>"


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("GetBucketVersioning", "<Status>Enabled</Status><Status>Suspended</Status>"),
        ("GetBucketVersioning", "<Status><X>Enabled</X></Status>"),
        ("GetBucketEncryption", _RULE.format("<SSEAlgorithm>aws:kms</SSEAlgorithm>" * 2)),
        ("GetPublicAccessBlock", _BLOCK * 2),
        ("GetBucketTagging", f"<TagSet>{_TAG.format('a')}</TagSet><TagSet>{_TAG.format('b')}</TagSet>"),
        ("GetBucketTagging", f"<TagSet>{_TAG.format('<X>a</X>')}</TagSet>"),
        ("ListMultipartUploads", "<IsTruncated>false</IsTruncated><IsTruncated>true</IsTruncated>"),
    ],
)
def test_an_element_that_occurs_twice_or_holds_elements_is_never_text(operation: str, body: str) -> None:
    root = response_checks._ROOTS[operation]
    with (
        replying(f"<{root}>{body}</{root}>".encode()) as replies,
        pytest.raises(AwsError, match="could not read the response"),
    ):
        call(replies.url, "s3", operation, BUCKET, attempts=1)


def test_the_response_of_assume_role_is_checked(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AWS_ACCESS_KEY_ID", "AKIASIMULATED00000001")
    environment.setenv("AWS_SECRET_ACCESS_KEY", "simulated")
    environment.setenv("AWS_MAX_ATTEMPTS", "2")
    with replying(PAGE) as replies:
        environment.setenv("AWS_ENDPOINT_URL", replies.url)
        with pytest.raises(AwsError, match="AssumeRole: got a web page") as caught:
            connect(Access(role_arn="arn:aws:iam::111122223333:role/reader"))
    assert (caught.value.kind, replies.count) == ("broken", 2)


def test_every_operation_of_the_package_has_a_response_check() -> None:
    """The check is a root element, a member, or a reason why none is needed."""
    needless = {
        "BatchWriteItem", "GetItem", "PutItem",  # an empty object is a response
        "GetObject", "HeadBucket",  # no document
        "StopQueryExecution",  # nothing is read
        "GetCallerIdentity", "SimulatePrincipalPolicy",  # reading requires their members
        "GetMetricData", "ListMetrics",  # records require their members
    }  # fmt: skip
    package = Path(api_calls.__file__).parent
    text = "".join(path.read_text(encoding="utf-8") for path in package.glob("*.py"))
    calls = re.findall(r'(?:[cC]all|pages|_items)\((?:[\w.]+, )*\s*"([A-Z]\w+)"', text)
    called = {name for name in calls if not name.endswith("Token")} | {"ListDirectoryBuckets", *OPERATIONS.values()}
    assert len(called) > 20
    assert called <= set(response_checks._ROOTS) | set(response_checks._MEMBERS) | needless
