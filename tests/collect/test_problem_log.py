"""Problems of many buckets with the same cause are one problem."""

from __future__ import annotations

import logging

import pytest

from s3_monitor.collect.problem_log import ENDS_REGION, Cause, ProblemLog, cause_of
from s3_monitor.model.errors import AwsError, MissingCredentialsError
from s3_monitor.model.problem import Problem
from tests.problems import codes, gap

PLACE = ("1", "r")
DENIED = Cause("GetBucketTagging: no", "allow it", "denied")


def logged(buckets: int) -> list[Problem]:
    log = ProblemLog()
    for number in range(buckets):
        log.add_for_bucket("tags-unreadable", PLACE, f"b{number:04d}", cause=DENIED)
    return log.problems()


def test_up_to_ten_buckets_with_the_same_problem_are_a_problem_each() -> None:
    for count in (2, 10):
        assert codes(logged(count)) == [("tags-unreadable", f"1/r/b{number:04d}") for number in range(count)]


def test_more_buckets_with_the_same_problem_are_one_problem() -> None:
    (problem,) = logged(1200)
    assert (problem.place, problem.count, problem.advice) == ("1/r", 1200, "allow it")
    assert "1,200 buckets (b0000, b0001, b0002, …): GetBucketTagging: no" in problem.message


def test_another_cause_is_another_problem() -> None:
    log = ProblemLog()
    for number in range(30):
        cause = DENIED if number % 2 else Cause("GetBucketTagging: slow", "", "throttled")
        log.add_for_bucket("tags-unreadable", PLACE, f"b{number}", cause=cause)
    assert [problem.count for problem in log.problems()] == [15, 15]


def test_series_are_named_with_their_storage_types() -> None:
    log = ProblemLog()
    for number in range(11):
        log.add_for_bucket("size-unreadable", PLACE, f"b{number:02}", "StandardStorage", cause=DENIED)
    (problem,) = log.problems()
    assert "11 series (b00/StandardStorage, b01/StandardStorage, b02/StandardStorage, …)" in problem.message
    log = ProblemLog()
    log.add_for_bucket("size-unreadable", PLACE, "b", "StandardStorage", cause=DENIED)
    assert codes(log.problems()) == [("size-unreadable", "1/r/b/StandardStorage")]


def test_the_same_problem_twice_is_one() -> None:
    log = ProblemLog()
    for _ in range(2):
        log.add_for_bucket("bucket-deleted", PLACE, "b")
        log.add(gap("1", "no"))
    assert codes(log.problems()) == [("no", "1"), ("bucket-deleted", "1/r/b")]


@pytest.mark.parametrize(
    ("error", "text", "ends"),
    [
        (AwsError("denied", "ListMetrics", "no", advice="ask"), "ListMetrics: no", False),
        (AwsError("expired", "ListMetrics", "no"), "ListMetrics: no", True),
        (AwsError("unreachable", "ListMetrics", "no"), "ListMetrics: no", True),
        (AwsError("throttled", "ListMetrics", "no"), "ListMetrics: no", False),
        (AwsError("broken", "ListMetrics", "no"), "ListMetrics: no", False),
        (MissingCredentialsError("gone", "log in"), "gone", True),
    ],
)
def test_a_cause_has_the_text_and_advice_of_its_error_and_ends_the_region_or_not(
    error: Exception, text: str, ends: bool
) -> None:
    cause = cause_of(error)
    assert (cause.text, cause.advice, cause.kind in ENDS_REGION) == (text, getattr(error, "advice", ""), ends)


def test_a_defect_of_the_program_is_a_gap_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert cause_of(ZeroDivisionError("oh")).text == "unexpected ZeroDivisionError: oh"
    assert "ZeroDivisionError" in caplog.text
