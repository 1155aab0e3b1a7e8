"""CloudWatch's daily metrics as boto3 reads them."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from s3_monitor.simulator import Bucket, Series, Simulator, random_account
from s3_monitor.simulator.accounts import make_account
from s3_monitor.simulator.growth_curves import linear
from tests.simulator.clients import MIDNIGHT, TODAY, ask, client, metric, query, window

NEWEST = TODAY.toordinal() - 1


def series(newest: int, ended: int = 0, **rest: Any) -> Series:
    return Series(NEWEST - 200, NEWEST - ended, newest, **rest)


def bucket(name: str, region: str = "us-east-1", **rest: Any) -> Bucket:
    return Bucket(name, region, MIDNIGHT - timedelta(days=400), **rest)


ACCOUNT = make_account(
    "111122223333",
    [
        bucket(
            "two-types",
            sizes={"StandardStorage": series(1000, shape=linear(0.1)), "GlacierStorage": series(5)},
            count=series(42),
        ),
        bucket("holed", sizes={"StandardStorage": series(7, holes=frozenset({NEWEST - 1}))}),
        bucket("forgotten", sizes={"StandardStorage": series(7, ended=14)}),
        bucket("remembered", sizes={"StandardStorage": series(7, ended=13)}),
        bucket("empty"),
        bucket("irish", "eu-west-1", sizes={"StandardStorage": series(9)}, count=series(1)),
    ],
)
LARGE = random_account(3, 600, ("eu-central-1",), today=TODAY, account_id="444455556666", access_key="AKIALARGE")

DEEP = random_account(
    4, 500, ("eu-central-1",), today=TODAY, types_per_bucket=(1, 1), awkward=0, history_days=300,
    account_id="777788889999", access_key="AKIADEEP",
)  # fmt: skip


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator([ACCOUNT, LARGE, DEEP], today=TODAY) as running:
        yield running


@pytest.fixture(scope="module")
def cloudwatch(simulator: Simulator) -> Any:
    return client(simulator, "cloudwatch")


def names(metrics: list[dict[str, Any]]) -> set[tuple[str, ...]]:
    found = set()
    for one in metrics:
        dimensions = {d["Name"]: d["Value"] for d in one["Dimensions"]}
        assert one["Namespace"] == "AWS/S3"
        found.add((one["MetricName"], dimensions["BucketName"], dimensions["StorageType"]))
    assert len(found) == len(metrics)
    return found


def data(cloudwatch: Any, *queries: dict[str, Any], **rest: Any) -> dict[str, list[tuple[str, float]]]:
    """Values by id, with the day of each."""
    answer = cloudwatch.get_metric_data(MetricDataQueries=list(queries), **{**window(), **rest})
    assert all(result["StatusCode"] == "Complete" for result in answer["MetricDataResults"])
    return {
        result["Id"]: [
            (at.astimezone(UTC).strftime("%d %H:%M"), value)
            for at, value in zip(result["Timestamps"], result["Values"], strict=True)
        ]
        for result in answer["MetricDataResults"]
    }


def test_metrics_of_the_clients_region_that_had_data_in_two_weeks(cloudwatch: Any) -> None:
    assert names(cloudwatch.list_metrics(Namespace="AWS/S3")["Metrics"]) == {
        ("BucketSizeBytes", "two-types", "StandardStorage"),
        ("BucketSizeBytes", "two-types", "GlacierStorage"),
        ("NumberOfObjects", "two-types", "AllStorageTypes"),
        ("BucketSizeBytes", "holed", "StandardStorage"),
        ("BucketSizeBytes", "remembered", "StandardStorage"),
    }


def test_points_are_of_midnight_and_the_newest_comes_first(cloudwatch: Any) -> None:
    assert data(cloudwatch, query(0, metric("two-types", "StandardStorage"))) == {
        "m0": [("21 00:00", 1000), ("20 00:00", 900), ("19 00:00", 800), ("18 00:00", 700)]
    }


def test_an_error_has_cloudwatchs_own_code(cloudwatch: Any) -> None:
    queries = [query(1, metric("two-types", "StandardStorage"))] * 2
    with pytest.raises(ClientError, match="not unique") as caught:
        cloudwatch.get_metric_data(MetricDataQueries=queries, **window())
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_unknown_operation_is_an_error(cloudwatch: Any) -> None:
    with pytest.raises(ClientError) as caught:
        cloudwatch.describe_alarms()
    assert caught.value.response["Error"]["Code"] == "InvalidAction"


def test_pages_of_partial_data_add_up(cloudwatch: Any) -> None:
    queries = [query(0, metric("two-types", "StandardStorage")), query(1, metric("empty", "StandardStorage"))]
    queries += [query(2, metric("two-types", "GlacierStorage")), query(3, metric("holed", "StandardStorage"))]
    whole = {key: [value for _, value in points] for key, points in data(cloudwatch, *queries).items()}
    for size in range(1, 13):
        pages = cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, PaginationConfig={"PageSize": size}, **window()
        )
        appended: dict[str, list[float]] = {}
        status = {}
        for page in pages:
            assert sum(len(result["Values"]) for result in page["MetricDataResults"]) <= size
            for result in page["MetricDataResults"]:
                appended.setdefault(result["Id"], []).extend(result["Values"])
                status[result["Id"]] = result["StatusCode"]
        assert appended == whole
        assert set(status.values()) == {"Complete"}


# the rest in botocore's own choice


@pytest.fixture(scope="module")
def plain(simulator: Simulator) -> Any:
    return client(simulator, "cloudwatch")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"MetricName": "NumberOfObjects"}, {"two-types"}),
        ({"MetricName": "BucketSizeBytes"}, {"two-types", "holed", "remembered"}),
        ({"Dimensions": [{"Name": "StorageType", "Value": "GlacierStorage"}]}, {"two-types"}),
        ({"Dimensions": [{"Name": "StorageType"}]}, {"two-types", "holed", "remembered"}),
        ({"Dimensions": [{"Name": "BucketName", "Value": "holed"}, {"Name": "StorageType"}]}, {"holed"}),
        ({"Dimensions": [{"Name": "StorageType"}, {"Name": "BucketName", "Value": "holed"}]}, {"holed"}),
        ({"Dimensions": [{"Name": "BucketName", "Value": "irish"}]}, set()),  # of another region
        ({"Dimensions": [{"Name": "FilterId"}]}, set()),
        ({"Namespace": "AWS/EC2"}, set()),
        ({"RecentlyActive": "PT3H"}, set()),  # a daily point is older than that
    ],
)
def test_filters_of_list_metrics(plain: Any, asked: dict[str, Any], found: set[str]) -> None:
    metrics = plain.list_metrics(**{"Namespace": "AWS/S3", **asked})["Metrics"]
    assert {name for _, name, _ in names(metrics)} == found


def test_metrics_come_by_500_and_every_one_once(simulator: Simulator) -> None:
    cloudwatch = client(simulator, "cloudwatch", "eu-central-1", account=LARGE)
    pages = list(cloudwatch.get_paginator("list_metrics").paginate(Namespace="AWS/S3"))
    sizes = [len(page["Metrics"]) for page in pages]
    assert len(sizes) > 2
    assert set(sizes[:-1]) == {500}
    found = names(list(itertools.chain.from_iterable(page["Metrics"] for page in pages)))
    expected = {
        ("BucketSizeBytes", one.name, type_)
        for one in LARGE.buckets.values()
        for type_, line in one.sizes.items()
        if line.last >= TODAY.toordinal() - 14
    }
    assert {one for one in found if one[0] == "BucketSizeBytes"} == expected


def test_a_token_is_good_for_its_own_request_only(simulator: Simulator) -> None:
    cloudwatch = client(simulator, "cloudwatch", "eu-central-1", account=LARGE)
    token = cloudwatch.list_metrics(Namespace="AWS/S3")["NextToken"]
    for wrong in ({"MetricName": "NumberOfObjects", "NextToken": token}, {"NextToken": "!"}, {"NextToken": "MTox"}):
        with pytest.raises(ClientError, match="InvalidParameterValue"):
            cloudwatch.list_metrics(**{"Namespace": "AWS/S3", **wrong})


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"Stat": "Sum"}, "only Average is published"),
        ({"Stat": "Maximum"}, "only Average is published"),
        ({"Unit": "Count"}, "bytes are not counts"),
    ],
)
def test_what_gives_no_points_and_no_error(plain: Any, changes: dict[str, Any], why: str) -> None:
    assert data(plain, query(0, metric("two-types", "StandardStorage"), **changes)) == {"m0": []}, why


@pytest.mark.parametrize(
    "asked",
    [
        {"Namespace": "AWS/S3", "MetricName": "BucketSizeBytes"},
        {**metric("two-types", "StandardStorage"), "Dimensions": metric("two-types", "x")["Dimensions"][:1]},
        {**metric("two-types", "StandardStorage"), "Namespace": "AWS/EC2"},
        metric("two-types", "AllStorageTypes"),
        metric("two-types", "StandardStorage", "NumberOfObjects"),
        metric("irish", "StandardStorage"),
        metric("nobody", "StandardStorage"),
    ],
)
def test_a_metric_that_does_not_exist_gives_no_points_and_no_error(plain: Any, asked: dict[str, Any]) -> None:
    assert data(plain, query(0, asked)) == {"m0": []}


def test_the_right_unit_and_any_order_of_dimensions(plain: Any) -> None:
    asked = metric("two-types", "AllStorageTypes", "NumberOfObjects")
    turned = {**asked, "Dimensions": asked["Dimensions"][::-1]}
    found = data(plain, query(0, asked, Unit="Count"), query(1, turned))
    assert found["m0"] == found["m1"] == [(f"{day} 00:00", 42) for day in (21, 20, 19, 18)]


def test_a_day_without_a_point_is_left_out(plain: Any) -> None:
    found = data(plain, query(0, metric("holed", "StandardStorage")), ScanBy="TimestampAscending")
    assert [day for day, _ in found["m0"]] == ["18 00:00", "19 00:00", "21 00:00"]


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-11-19T00:00", "2026-11-21T00:00", ["19", "20"]),  # the end is excluded
        ("2026-11-19T13:30", "2026-11-21T00:01", ["19", "20", "21"]),  # the start is rounded down to the period
        ("2026-11-22T00:00", "2026-11-23T00:00", []),  # today's point is not there yet
    ],
)
def test_the_window(plain: Any, start: str, end: str, days: list[str]) -> None:
    times = {
        "StartTime": datetime.fromisoformat(start).replace(tzinfo=UTC),
        "EndTime": datetime.fromisoformat(end).replace(tzinfo=UTC),
    }
    asked = query(0, metric("two-types", "GlacierStorage"))
    assert [day[:2] for day, _ in data(plain, asked, **times, ScanBy="TimestampAscending")["m0"]] == days


def test_a_longer_period_averages_and_a_shorter_one_forgets_sooner(plain: Any) -> None:
    asked = metric("two-types", "StandardStorage")
    two_days = data(plain, query(0, asked, Period=2 * 86_400))["m0"]
    assert two_days == [("21 00:00", 1000), ("19 00:00", 850), ("17 00:00", 650)]
    hourly, minutes = query(0, asked, Period=3600), query(1, asked, Period=60)
    found = data(plain, hourly, minutes, **window(40))
    assert (len(found["m0"]), len(found["m1"])) == (40, 15)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"MetricDataQueries": [query(n, metric("a", "b")) for n in range(501)]}, "between 1 and 500"),
        ({"MetricDataQueries": []}, "between 1 and 500"),
        ({"MetricDataQueries": [{**query(0, metric("a", "b")), "Id": "M0"}]}, "not valid"),
        ({"MetricDataQueries": [{"Id": "e", "Expression": "SEARCH('{AWS/S3}', 'Average')"}]}, "no expressions"),
        ({"MetricDataQueries": [{"Id": "e"}]}, "either MetricStat or Expression"),
        ({"MetricDataQueries": [query(0, metric("a", "b"), Stat="Middle")]}, "not supported"),
        ({"MetricDataQueries": [query(0, metric("a", "b"), Period=61)]}, "Period"),
        ({"EndTime": window()["StartTime"]}, "must be less than"),
        ({"MaxDatapoints": 100_801}, "100800"),
        ({"ScanBy": "Sideways"}, "ScanBy"),
        ({"NextToken": "bm9uZTow"}, "of another request"),
    ],
)
def test_a_request_that_aws_refuses(plain: Any, change: dict[str, Any], message: str) -> None:
    asked = {"MetricDataQueries": [query(0, metric("two-types", "StandardStorage"))], **window(), **change}
    with pytest.raises(ClientError, match=message):
        plain.get_metric_data(**asked)


def test_500_metrics_of_200_days_fit_on_a_page_and_202_days_do_not(simulator: Simulator) -> None:
    cloudwatch = client(simulator, "cloudwatch", "eu-central-1", account=DEEP)
    metrics = cloudwatch.list_metrics(Namespace="AWS/S3", MetricName="BucketSizeBytes")["Metrics"]
    assert len(metrics) == 500
    asked = {"MetricDataQueries": [query(n, one) for n, one in enumerate(metrics)]}
    for days, expected in ((200, [100_000]), (202, [100_800, 200])):
        times = {name: moment.timestamp() for name, moment in window(days).items()}
        pages: list[dict[str, Any]] = []
        while not pages or "NextToken" in pages[-1]:
            token = {"NextToken": pages[-1]["NextToken"]} if pages else {}
            body = json.dumps({**asked, **times, **token}).encode()
            headers = {"X-Amz-Target": "GraniteServiceVersion20100801.GetMetricData"}
            _, _, answer = ask(
                simulator, "monitoring", "POST", "/", body, region="eu-central-1", account=DEEP, headers=headers
            )
            pages.append(json.loads(answer))
        assert [sum(len(r["Values"]) for r in page["MetricDataResults"]) for page in pages] == expected


def test_metrics_requested_are_counted_as_aws_bills_them() -> None:
    with Simulator(ACCOUNT, today=TODAY) as fresh:
        cloudwatch = client(fresh, "cloudwatch")
        data(cloudwatch, *(query(n, metric("nobody", "x")) for n in range(7)))
        assert fresh.counters.total("GetMetricData").metrics == 7


def test_statistics_of_one_metric(plain: Any) -> None:
    asked = metric("two-types", "StandardStorage")
    points = plain.get_metric_statistics(**asked, **window(), Period=86_400, Statistics=["Average"])["Datapoints"]
    values = [(point["Timestamp"].astimezone(UTC).day, point["Average"], point["Unit"]) for point in points]
    assert sorted(values) == [(18, 700, "Bytes"), (19, 800, "Bytes"), (20, 900, "Bytes"), (21, 1000, "Bytes")]
    with pytest.raises(ClientError, match="exceeds the limit of 1440"):
        plain.get_metric_statistics(**asked, **window(), Period=60, Statistics=["Average"])
