"""The fast parsers of long responses return what botocore's parsers return."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import botocore.session
import msgspec
import pytest
from botocore.exceptions import ClientError

from s3_monitor.aws.timestamps import seconds
from s3_monitor.simulator import Simulator, random_account
from tests.collect.canned_responses import bucket_list, object_list, server
from tests.collect.fixtures import TODAY, Clients

QUERY = {
    "Id": "m0",
    "MetricStat": {
        "Metric": {
            "Namespace": "AWS/S3",
            "MetricName": "NumberOfObjects",
            "Dimensions": [{"Name": "StorageType", "Value": "AllStorageTypes"}],
        },
        "Period": 86_400,
        "Stat": "Average",
    },
}


@pytest.fixture(scope="module")
def answers() -> dict[str, tuple[Any, Any]]:
    """Return {operation: (botocore's response, ours)} of a simulated account."""
    account = random_account(3, buckets=30, regions=("us-east-1",), today=TODAY)
    plain, quick, found = None, None, {}
    with Simulator(account, today=TODAY) as simulator:
        for service in ("cloudwatch", "s3"):
            plain = botocore_client(simulator.url, service)
            quick = Clients(simulator.url).client(service)
            for operation, question in _questions(simulator).items():
                if hasattr(plain, operation):
                    found[operation] = (getattr(plain, operation)(**question), getattr(quick, operation)(**question))
    return found


def botocore_client(url: str, service: str) -> Any:
    keys = {"aws_access_key_id": "AKIASIMULATED00000001", "aws_secret_access_key": "simulated"}
    return botocore.session.Session().create_client(service, "us-east-1", endpoint_url=url, **keys)


def _questions(simulator: Simulator) -> dict[str, dict[str, Any]]:
    counted = [b for b in simulator.accounts[0].listed if b.count and b.objects.count]
    queries = []
    for index, bucket in enumerate(counted):
        query = {**QUERY, "Id": f"m{index}", "MetricStat": {**QUERY["MetricStat"]}}  # type: ignore[dict-item]
        metric = query["MetricStat"]["Metric"]  # type: ignore[index]
        dimensions = [*metric["Dimensions"], {"Name": "BucketName", "Value": bucket.name}]
        query["MetricStat"]["Metric"] = {**metric, "Dimensions": dimensions}  # type: ignore[index]
        queries.append(query)
    window = {"StartTime": datetime(2026, 11, 1, tzinfo=UTC), "EndTime": datetime(2026, 11, 22, tzinfo=UTC)}
    return {
        "list_metrics": {"Namespace": "AWS/S3"},
        "get_metric_data": {"MetricDataQueries": queries, **window},
        "list_buckets": {"MaxBuckets": 10},
        "list_objects_v2": {"Bucket": counted[0].name},
    }


@pytest.mark.parametrize(
    ("operation", "things", "fields", "token"),
    [
        ("list_metrics", "Metrics", ("Dimensions",), "NextToken"),
        ("get_metric_data", "MetricDataResults", ("Id", "StatusCode", "Timestamps", "Values"), "NextToken"),
        ("list_buckets", "Buckets", ("Name", "CreationDate", "BucketRegion"), "ContinuationToken"),
    ],
)
def test_the_fast_parser_gives_the_response_of_botocore(
    answers: dict[str, tuple[Any, Any]], operation: str, things: str, fields: tuple[str, ...], token: str
) -> None:
    plain, quick = answers[operation]
    assert plain[things]
    assert quick["ResponseMetadata"]["HTTPStatusCode"] == 200
    if "Page" in quick:
        quick = msgspec.json.decode(msgspec.json.encode(quick["Page"]))
    assert [[_timeless(thing.get(field)) for field in fields] for thing in quick[things]] == [
        [_timeless(thing.get(field)) for field in fields] for thing in plain[things]
    ]
    assert quick.get(token) == plain.get(token)


def _timeless(value: Any) -> Any:
    if isinstance(value, datetime):
        return seconds(value)
    if isinstance(value, str) and value[:2] == "20" and "T" in value:
        return seconds(value)
    if isinstance(value, list) and value and isinstance(value[0], datetime):
        return [seconds(time) for time in value]
    return value


@pytest.mark.parametrize(
    "time",
    [
        1588605188,
        1588605188.0,
        "1588605188",
        "2020-05-04T15:13:08Z",
        "2020-05-04T15:13:08.000Z",
        "2020-05-04T17:13:08+02:00",
        datetime(2020, 5, 4, 15, 13, 8, tzinfo=UTC),
    ],
)
def test_times_come_in_several_forms(time: Any) -> None:
    assert seconds(time) == 1588605188


def test_names_are_unescaped_and_markup_in_them_is_text() -> None:
    answer = bucket_list(("a&amp;b&lt;LastModified&gt;", "us-east-1"))
    with server(lambda operation, asked: (200, answer)) as url:
        client = Clients(url).client("s3")
        assert client.list_buckets()["Buckets"][0]["Name"] == "a&b<LastModified>"


def test_a_response_without_a_namespace_is_read() -> None:
    answer = object_list("2020-05-04T15:13:08.000Z").replace(' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', "")
    with server(lambda operation, asked: (200, answer)) as url:
        client = Clients(url).client("s3")
        assert client.list_objects_v2(Bucket="b")["Page"].times == ["2020-05-04T15:13:08.000Z"]


@pytest.mark.parametrize("objects", ["", "behind", "before"])
def test_folders_next_to_objects_are_read_as_botocore_reads_them(objects: str) -> None:
    folder = "<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>"
    answer = object_list("2020-05-04T15:13:08.000Z")
    place = answer.index("<Contents>") if objects == "behind" else answer.rindex("</ListBucketResult>")
    answer = answer[:place] + folder + answer[place:]
    if not objects:
        answer = answer[: answer.index("<Contents>")] + answer[answer.index(folder) :]
    with server(lambda operation, asked: (200, answer)) as url:
        found = Clients(url).client("s3").list_objects_v2(Bucket="b", Delimiter="/")
    assert [one["Prefix"] for one in found["CommonPrefixes"]] == ["a/"]
    assert len(found.get("Contents", ())) == bool(objects)


def test_an_error_in_a_response_with_status_200_is_an_error() -> None:
    answer = "<Error><Code>InternalError</Code><Message>sorry</Message></Error>"
    with server(lambda operation, asked: (200, answer)) as url:
        client = Clients(url).client("s3")
        with pytest.raises(ClientError, match="sorry"):
            client.list_objects_v2(Bucket="b")
