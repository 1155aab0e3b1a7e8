"""What could not be had, by cause."""

from __future__ import annotations

import logging

import pytest

from s3_monitor.collect.problem_log import ProblemLog, cause_of
from s3_monitor.model.errors import AwsError, MissingCredentialsError
from s3_monitor.model.problem import Problem


def lost(names: int) -> list[Problem]:
    losses = ProblemLog()
    for number in range(names):
        losses.lose("1/r", [f"b{number:04d}"], alone="unknown: no", together="are unknown: no", advice="do")
    return losses.problems()


def test_few_are_named_one_by_one() -> None:
    assert lost(2) == [Problem("gap", f"1/r/b{number:04d}", "unknown: no", "do") for number in range(2)]


def test_many_of_one_cause_are_one_problem() -> None:
    assert lost(1200) == [Problem("gap", "1/r", "1,200 are unknown: no (b0000, b0001, b0002, …)", "do")]


def test_the_same_loss_twice_is_one() -> None:
    losses = ProblemLog()
    losses.lose("1/r", ["b", "b"], alone="no", together="no")
    losses.add(Problem("gap", "1", "no"))
    losses.add(Problem("gap", "1", "no"))
    assert [problem.where for problem in losses.problems()] == ["1", "1/r/b"]


@pytest.mark.parametrize(
    ("error", "text", "hopeless"),
    [
        (AwsError("denied", "ListMetrics", "no", advice="ask"), "ListMetrics: no", True),
        (AwsError("expired", "ListMetrics", "no"), "ListMetrics: no", True),
        (AwsError("unreachable", "ListMetrics", "no"), "ListMetrics: no", True),
        (AwsError("throttled", "ListMetrics", "no"), "ListMetrics: no", False),
        (AwsError("broken", "ListMetrics", "no"), "ListMetrics: no", False),
        (MissingCredentialsError("gone", "log in"), "gone", True),
    ],
)
def test_failures_say_why_and_whether_to_ask_on(error: Exception, text: str, hopeless: bool) -> None:
    cause = cause_of(error)
    assert (cause.text, cause.advice, cause.hopeless) == (text, getattr(error, "advice", ""), hopeless)


def test_a_defect_of_the_program_is_a_gap_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert cause_of(ZeroDivisionError("oh")).text == "unexpected ZeroDivisionError: oh"
    assert "ZeroDivisionError" in caplog.text
