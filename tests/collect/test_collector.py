"""The error policy that all collectors share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from s3_monitor.collect.collector import AccountRegion, Collector
from s3_monitor.collect.problem_log import ProblemLog
from s3_monitor.collect.worker_pool import ConcurrencyLimit, WorkerPool
from s3_monitor.model.errors import AwsError, ErrorKind, MissingCredentialsError, RequestBudgetExhausted
from tests.problems import codes

PLACE = "123456789012/us-east-1"


class TagsCollector(Collector[str]):
    """Sends a request about each bucket."""

    _code: ClassVar = "tags-unreadable"

    def __init__(self, limit: int = 1) -> None:
        account: Any = None
        self.problems, self.pool = ProblemLog(), WorkerPool()
        super().__init__(
            AccountRegion(account, "123456789012", "us-east-1", self.problems), ConcurrencyLimit(self.pool, limit)
        )
        self.received: list[str] = []
        self.exhausted: list[str] = []

    def request(self, bucket: str, call: Callable[[], str]) -> None:
        self._request_one(bucket, call, self.received.append)

    def _on_budget_exhausted(self, subject: str) -> None:
        self.exhausted.append(subject)

    def run(self) -> list[tuple[str, str]]:
        self.pool.run(threading.Event())
        return codes(self.problems.problems())


def raising(error: Exception) -> Callable[[], str]:
    def call() -> str:
        raise error

    return call


@pytest.mark.parametrize("kind", ["denied", "throttled", "refused", "broken"])
def test_a_request_that_fails_is_a_gap_for_its_bucket_and_the_others_continue(kind: ErrorKind) -> None:
    collector = TagsCollector()
    collector.request("a", raising(AwsError(kind, "GetBucketTagging", "no")))
    collector.request("b", lambda: "b")
    assert collector.run() == [("tags-unreadable", f"{PLACE}/a")]
    assert collector.received == ["b"]


def test_a_defect_of_the_program_is_a_gap_for_its_bucket_and_the_others_continue() -> None:
    collector = TagsCollector()
    collector.request("a", raising(ZeroDivisionError("x")))
    collector.request("b", lambda: "b")
    assert collector.run() == [("tags-unreadable", f"{PLACE}/a")]
    assert collector.received == ["b"]


def test_a_bucket_that_no_longer_exists_is_a_note() -> None:
    collector = TagsCollector()
    collector.request("a", raising(AwsError("missing", "GetBucketTagging", "no")))
    collector.request("b", lambda: "b")
    assert collector.run() == [("bucket-deleted", f"{PLACE}/a")]
    assert collector.problems.problems()[0].severity == "note"
    assert collector.received == ["b"]


@pytest.mark.parametrize(
    "error",
    [
        AwsError("unreachable", "GetBucketTagging", "no", advice="check the network"),
        AwsError("expired", "GetBucketTagging", "no", advice="check the network"),
        AwsError("invalid-credentials", "GetBucketTagging", "no", advice="check the network"),
        MissingCredentialsError("no", "check the network"),
    ],
    ids=lambda error: getattr(error, "kind", "credentials"),
)
def test_after_an_error_that_every_request_would_have_the_rest_is_one_gap(error: Exception) -> None:
    collector, is_hanging = TagsCollector(limit=2), threading.Event()

    def hang() -> str:
        is_hanging.set()
        threading.Event().wait()
        return ""

    def fail() -> str:
        assert is_hanging.wait(30)
        raise error

    collector.request("a", hang)
    collector.request("b", fail)
    for name in ("c", "d"):
        collector.request(name, lambda: "sent")
    assert collector.run() == [("tags-unreadable", PLACE)]
    (problem,) = collector.problems.problems()
    assert (problem.count, problem.advice) == (4, "check the network")
    assert collector.received == []
    collector.request("e", lambda: "sent")
    assert collector.run() == [("tags-unreadable", PLACE)]


def test_two_errors_that_end_the_region_are_one_gap() -> None:
    collector, both = TagsCollector(limit=2), threading.Barrier(2)

    def fail() -> str:
        both.wait(30)
        raise AwsError("expired", "GetBucketTagging", "no")

    for name in ("a", "b"):
        collector.request(name, fail)
    assert len(collector.run()) == 1


def test_an_exhausted_budget_is_not_a_separate_problem() -> None:
    collector = TagsCollector()
    collector.request("a", raising(RequestBudgetExhausted("no more")))
    assert collector.run() == []
    assert collector.exhausted == ["a"]


def test_results_before_an_error_are_kept() -> None:
    def two_pages() -> Iterator[str]:
        yield "1"
        raise AwsError("broken", "ListBuckets", "no")

    collector = TagsCollector()
    collector._request("a", two_pages, collector.received.append)
    assert collector.run() == [("tags-unreadable", f"{PLACE}/a")]
    assert collector.received == ["1"]
