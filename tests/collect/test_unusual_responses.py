"""Rare responses of AWS: no figure is invented, and no data is lost without a problem."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.model.part import Part
from s3_monitor.model.plan import ListingRule
from tests.collect.canned_responses import bucket_list, metric_list, object_list, s3_error, server
from tests.collect.fixtures import ACCOUNT, OFF, Clients, buckets, collected, facts, sizes, unit
from tests.problems import codes

DAY = 86_400
NOVEMBER_21 = 1_795_219_200  # midnight UTC
TYPES = ("StandardStorage", "GlacierStorage")
ALL = unit()
WHERE = f"{ACCOUNT}/us-east-1"


def result(place: int, points: dict[int, Any], status: str = "Complete", **more: Any) -> dict[str, Any]:
    """Return a result of GetMetricData; points by days before 21 November."""
    times = [NOVEMBER_21 - DAY * ago for ago in points]
    return {"Id": f"m{place}", "Timestamps": times, "Values": list(points.values()), "StatusCode": status, **more}


def asked_of(*answers: dict[str, Any], listing: ListingRule = OFF, **overrides: Any) -> tuple[Part, list[Any]]:
    """Collect a bucket with two byte series, m0 and m1; GetMetricData returns these responses in order."""
    left, questions = list(answers), []

    def script(operation: str, question: dict[str, Any]) -> tuple[int, Any]:
        if operation in overrides:
            override = overrides[operation]
            return override(question) if callable(override) else (200, override)
        if operation == "ListBuckets":
            return 200, bucket_list(("b", "us-east-1"))
        if operation == "ListMetrics":
            found = [("b", type_) for type_ in TYPES] if question["MetricName"] == "BucketSizeBytes" else []
            return 200, metric_list(question["MetricName"], *found)
        questions.append(question)
        return 200, left.pop(0) if len(left) > 1 else left[0]

    with server(script) as url:
        return collected(url, ALL, listing=listing), questions


def bytes_of(part: Part, type_: str = "StandardStorage") -> dict[int, float] | None:
    """Return {day of November: bytes}."""
    points = sizes(part, buckets(part, ALL)["b"]).get(type_)
    return None if points is None else {day.day: value for day, value in points.items()}


def test_requests_are_aligned_to_midnight_without_unit_or_recent_activity() -> None:
    part, (question,) = asked_of({"MetricDataResults": [result(0, {0: 5.0}), result(1, {0: 6.0})]})
    assert part.status == "complete"
    assert question["StartTime"] == NOVEMBER_21 - 3 * DAY
    assert question["EndTime"] == NOVEMBER_21 + 2 * DAY
    assert question["MetricDataQueries"][0] == {
        "Id": "m0",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/S3",
                "MetricName": "BucketSizeBytes",
                "Dimensions": [
                    # As in the response of ListMetrics.
                    {"Name": "StorageType", "Value": "StandardStorage"},
                    {"Name": "BucketName", "Value": "b"},
                ],
            },
            "Period": DAY,
            "Stat": "Average",
        },
    }


def test_results_are_mapped_by_id_in_any_order() -> None:
    part, _ = asked_of({"MetricDataResults": [result(1, {0: 6.0}), result(0, {0: 5.0})]})
    assert (bytes_of(part), bytes_of(part, "GlacierStorage")) == ({21: 5}, {21: 6})


def test_partial_data_continues_with_the_same_id_on_the_next_page() -> None:
    part, questions = asked_of(
        {"MetricDataResults": [result(0, {0: 5.0}, "PartialData"), result(1, {0: 6.0})], "NextToken": "more"},
        {"MetricDataResults": [result(0, {1: 4.0}), result(1, {})]},
    )
    assert bytes_of(part) == {21: 5, 20: 4}
    assert bytes_of(part, "GlacierStorage") == {21: 6}
    assert [question.get("NextToken") for question in questions] == [None, "more"]
    assert part.status == "complete"
    assert part.calls.metrics == 2


def test_partial_data_without_a_next_page_is_kept_with_a_gap() -> None:
    part, _ = asked_of({"MetricDataResults": [result(0, {0: 5.0}, "PartialData"), result(1, {0: 6.0})]})
    assert bytes_of(part) == {21: 5}
    assert facts(part, ALL).unanswered == [("b", "StandardStorage")]
    assert codes(part.problems) == [("size-unreadable", f"{WHERE}/b/StandardStorage")]


def test_a_series_with_an_internal_error_is_retried_a_few_times() -> None:
    part, questions = asked_of(
        {"MetricDataResults": [result(0, {}, "InternalError"), result(1, {0: 6.0})]},
        *[{"MetricDataResults": [result(0, {}, "InternalError")]}] * 3,
        {"MetricDataResults": [result(0, {0: 5.0})]},
    )
    assert part.status == "complete"
    assert bytes_of(part) == {21: 5}
    assert [len(question["MetricDataQueries"]) for question in questions] == [2, 1, 1, 1, 1]


@pytest.mark.parametrize("status", ["InternalError", "Forbidden"])
def test_a_series_that_never_succeeds_is_a_gap(status: str) -> None:
    why = [{"Code": "Why", "Value": "because"}]
    part, questions = asked_of({"MetricDataResults": [result(0, {}, status, Messages=why)]})
    assert part.status == "partial"
    assert len(questions) == (5 if status == "InternalError" else 1)
    assert ("b", "StandardStorage") in facts(part, ALL).unanswered
    assert f"GetMetricData: status {status}: Why: because" in " ".join(problem.message for problem in part.problems)


def test_a_series_that_is_missing_in_the_response_is_a_gap() -> None:
    part, _ = asked_of({"MetricDataResults": [result(1, {0: 6.0})]})
    assert facts(part, ALL).unanswered == [("b", "StandardStorage")]
    assert codes(part.problems) == [("size-unreadable", f"{WHERE}/b/StandardStorage")]


def test_a_message_about_the_complete_response_is_a_gap() -> None:
    whole = [result(0, {0: 5.0}), result(1, {0: 6.0})]
    part, _ = asked_of({"MetricDataResults": whole, "Messages": [{"Code": "Limit", "Value": "too many metrics"}]})
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("cloudwatch-message", WHERE)
    assert problem.message.endswith(": Limit: too many metrics")


def test_the_larger_of_two_values_for_a_day_is_kept_with_a_note() -> None:
    odd = result(0, {0: 5.0})
    odd["Timestamps"].append(NOVEMBER_21 + 3600)
    odd["Values"].append(7.0)
    part, _ = asked_of({"MetricDataResults": [odd, result(1, {0: 6.0})]})
    assert bytes_of(part) == {21: 7}
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("datapoints-conflict", f"{WHERE}/b/StandardStorage")
    assert part.status == "complete"


@pytest.mark.parametrize("value", ["NaN", "Infinity", -1])
def test_an_invalid_value_is_a_gap_and_not_a_figure(value: Any) -> None:
    part, _ = asked_of({"MetricDataResults": [result(0, {0: value, 1: 4.0}), result(1, {0: 6.0})]})
    assert bytes_of(part) == {20: 4}
    assert codes(part.problems) == [("newest-size-invalid", f"{WHERE}/b/StandardStorage")]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"MetricDataResults": None},
        {"MetricDataResults": [{"Id": "m7", "Timestamps": [], "Values": []}]},
        {"MetricDataResults": [{"Id": "other"}]},
        {"MetricDataResults": [{"Id": "m0", "Timestamps": [1], "Values": []}]},
        {"MetricDataResults": [{"Id": "m0", "Timestamps": ["soon"], "Values": [1]}]},
        "nonsense",
        [],
    ],
    ids=str,
)
def test_a_response_of_another_form_is_a_gap(answer: Any) -> None:
    part, _ = asked_of(answer)
    assert part.status == "partial"
    assert len(facts(part, ALL).unanswered) == 2
    assert any("GetMetricData" in problem.message for problem in part.problems)
    assert not any("report this" in (problem.advice or "") for problem in part.problems)


def test_pages_of_points_with_a_repeated_token_end() -> None:
    whole = [result(0, {0: 5.0}), result(1, {0: 6.0})]
    part, questions = asked_of({"MetricDataResults": whole, "NextToken": "same"})
    assert len(questions) == 2
    assert bytes_of(part) == {21: 5}
    assert part.status == "complete"  # every series had a result


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("ListBuckets", bucket_list(("b", "us-east-1"), token="same")),
        ("ListMetrics", metric_list("BucketSizeBytes", ("b", "StandardStorage"), token="same")),
    ],
)
def test_lists_with_a_repeated_token_end_with_a_gap(operation: str, answer: Any) -> None:
    part, _ = asked_of({"MetricDataResults": [result(0, {0: 5.0})]}, **{operation: answer})
    assert part.status == "partial"
    assert any(
        f": {operation}: " in problem.message and "the pages repeat" in problem.message for problem in part.problems
    )
    assert bytes_of(part) == {21: 5}


@pytest.mark.parametrize(
    "code", ["Throttling", "ThrottlingException", "RequestLimitExceeded", "LimitExceededException", "LimitExceeded"]
)
def test_every_throttling_code_is_retried_at_a_lower_rate(code: str) -> None:
    throttled: list[str] = []
    limiter: Any = SimpleNamespace(wait=lambda amount: None, slow_down=lambda: throttled.append(code))
    answers = [(400, {"__type": code, "message": "Rate exceeded"}), (200, metric_list("NumberOfObjects"))]
    with server(lambda operation, question: answers.pop(0)) as url:
        api = AwsApi(Clients(url, attempts=2))
        with api.call("ListMetrics", limiter):
            api.client("cloudwatch").list_metrics()
    assert (api.calls.calls().total, len(throttled)) == (2, 1)


def test_series_with_other_dimensions_are_not_storage_metrics() -> None:
    def metrics(question: dict[str, Any]) -> tuple[int, Any]:
        name = question["MetricName"]
        answer = metric_list(name, ("b", "StandardStorage"), ("b", "AllStorageTypes"))
        other = {"Namespace": "AWS/S3", "MetricName": name}
        answer["Metrics"] += [
            {**other, "Dimensions": [{"Name": "BucketName", "Value": "b"}]},
            {**other, "Dimensions": [{"Name": "BucketName", "Value": "b"}, {"Name": "FilterId", "Value": "all"}]},
        ]
        return 200, answer

    part, (question,) = asked_of({"MetricDataResults": [result(0, {0: 5.0}), result(1, {0: 5.0})]}, ListMetrics=metrics)
    assert part.types == ["StandardStorage"]
    assert len(question["MetricDataQueries"]) == 2  # the bytes of one type, and the count of all of them
    assert part.status == "complete"


WHOLE = {"MetricDataResults": [result(0, {0: 5.0}), result(1, {0: 6.0})]}


def test_the_list_of_buckets_is_read_page_by_page() -> None:
    requests = []

    def pages(question: dict[str, Any]) -> tuple[int, Any]:
        requests.append((question["max-buckets"], question["bucket-region"], question.get("continuation-token")))
        if "continuation-token" in question:
            return 200, bucket_list(("c", "us-east-1"))
        return 200, bucket_list(("a", "us-east-1"), ("b", "us-east-1"), token="next")

    part, _ = asked_of(WHOLE, ListBuckets=pages)
    assert list(buckets(part, ALL)) == ["a", "b", "c"]
    assert requests == [("10000", "us-east-1", None), ("10000", "us-east-1", "next")]


def test_a_list_of_buckets_that_fails_keeps_the_pages_received() -> None:
    def pages(question: dict[str, Any]) -> tuple[int, Any]:
        if "continuation-token" in question:
            return 403, s3_error("AccessDenied")
        return 200, bucket_list(("a", "us-east-1"), token="next")

    part, _ = asked_of(WHOLE, ListBuckets=pages)
    assert not facts(part, ALL).listed
    assert {name: bucket.listed for name, bucket in buckets(part, ALL).items()} == {"a": True, "b": False}
    assert part.status == "partial"


def test_a_malformed_entry_in_the_list_of_buckets_is_a_gap_and_the_others_are_collected() -> None:
    listed = bucket_list(("b", "us-east-1"), ("c", "us-east-1")).replace("<Name>c</Name>", "<Name>c</Name><Name/>")
    part, _ = asked_of(WHOLE, ListBuckets=listed)
    assert (part.status, list(buckets(part, ALL)), facts(part, ALL).listed) == ("partial", ["b"], False)
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("bucket-list-incomplete", WHERE)
    assert problem.message.endswith("ListBuckets: could not read 1 entry of the response")


def test_missing_regions_are_read_from_the_buckets_even_if_they_deny_access() -> None:
    def head(question: dict[str, Any]) -> tuple[int, Any]:
        name = question["bucket"]
        if name == "silent":
            return 403, ""
        region = {"b": "us-east-1", "denied": "us-east-1", "far": "eu-west-1"}[name]
        return (403 if name == "denied" else 200), ("", {"x-amz-bucket-region": region})

    listed = bucket_list(("b", None), ("denied", None), ("far", None), ("silent", None))
    part, _ = asked_of(WHOLE, ListBuckets=listed, HeadBucket=head)
    assert list(buckets(part, ALL)) == ["b", "denied"]
    assert part.calls.requests["HeadBucket"] == 4
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("bucket-region-unknown", f"{ACCOUNT}/silent")


def test_buckets_of_other_regions_are_filtered_if_a_server_ignores_the_region() -> None:
    part, _ = asked_of(WHOLE, ListBuckets=bucket_list(("b", "us-east-1"), ("far", "eu-west-1")))
    assert list(buckets(part, ALL)) == ["b"]


def test_a_bucket_deleted_between_two_requests_is_kept_with_a_note() -> None:
    part, _ = asked_of(
        WHOLE, listing=ListingRule("all"), ListObjectsV2=lambda question: (404, s3_error("NoSuchBucket"))
    )
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("bucket-deleted", f"{WHERE}/b")
    assert buckets(part, ALL)["b"].listed
    assert buckets(part, ALL)["b"].listing is None
    assert part.status == "complete"


def test_the_newest_object_may_be_on_any_page() -> None:
    def pages(question: dict[str, Any]) -> tuple[int, Any]:
        if "continuation-token" in question:
            return 200, object_list("2021-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z")
        return 200, object_list("2019-01-01T00:00:00.000Z", token="next")

    part, _ = asked_of(WHOLE, listing=ListingRule("all"), ListObjectsV2=pages)
    listing = buckets(part, ALL)["b"].listing
    assert listing is not None
    assert (listing.newest, listing.objects) == (1609459200, 3)


def test_a_listing_that_fails_has_no_result() -> None:
    def pages(question: dict[str, Any]) -> tuple[int, Any]:
        if "continuation-token" in question:
            return 403, s3_error("AccessDenied")
        return 200, object_list("2019-01-01T00:00:00.000Z", token="next")

    part, _ = asked_of(WHOLE, listing=ListingRule("all"), ListObjectsV2=pages)
    assert buckets(part, ALL)["b"].listing is None
    assert part.status == "partial"


@pytest.mark.parametrize("body", ["<ListBucketResult", "<Other/>", "", object_list("yesterday")])
def test_a_listing_that_cannot_be_read_is_a_gap_or_nothing(body: str) -> None:
    part, _ = asked_of(WHOLE, listing=ListingRule("all"), ListObjectsV2=body)
    listing = buckets(part, ALL)["b"].listing
    assert listing is None
    assert part.status == "partial"


@pytest.mark.parametrize("status", [301, 302, 307])
@pytest.mark.parametrize("body", ["", s3_error("PermanentRedirect")])
def test_a_redirect_without_a_region_leaves_the_region_unknown(status: int, body: str) -> None:
    """AWS emulators send these. botocore requests the bucket's region, is redirected, and repeats the request."""

    def redirect(question: dict[str, Any]) -> tuple[int, Any]:
        return status, body

    part, _ = asked_of(WHOLE, ListBuckets=bucket_list(("b", "us-east-1"), ("lost", None)), HeadBucket=redirect)
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("bucket-region-unknown", f"{ACCOUNT}/lost")


@pytest.mark.parametrize("status", [301, 307])
def test_a_listing_that_is_redirected_to_nowhere_is_a_gap(status: int) -> None:
    part, _ = asked_of(
        WHOLE,
        listing=ListingRule("all"),
        ListObjectsV2=lambda question: (status, s3_error("PermanentRedirect")),
        HeadBucket=lambda question: (status, ""),
    )
    assert part.status == "partial"
    assert all("Recursion" not in problem.message for problem in part.problems)
    assert buckets(part, ALL)["b"].listing is None
