"""Requests are counted once, by the counter and by its parents; a budget limits their number."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from s3_monitor.model.call_counts import CallCounter, CallCounts, RequestBudget


def test_a_counter_passes_every_call_to_its_parent() -> None:
    shard = CallCounter()
    for inventory in (CallCounter(parent=shard), CallCounter(parent=shard)):
        inventory.count("GetObject")
        inventory.add(CallCounts(metrics=500))
        inventory.add(CallCounts(athena_mb=20))
        calls = inventory.calls()
        assert (calls.requests, calls.metrics, calls.athena_mb) == ({"GetObject": 1}, 500, 20)
    calls = shard.calls()
    assert (calls.requests, calls.metrics, calls.athena_mb) == ({"GetObject": 2}, 1000, 40)


def test_calls_are_sorted_by_operation_and_do_not_change_afterwards() -> None:
    counter = CallCounter()
    for operation in ("ListMetrics", "GetObject", "ListBuckets"):
        counter.count(operation)
    calls = counter.calls()
    counter.count("A")
    assert list(calls.requests) == ["GetObject", "ListBuckets", "ListMetrics"]


def test_calls_of_many_threads_are_all_counted() -> None:
    counter = CallCounter(parent=CallCounter())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(counter.count, ["ListObjectsV2"] * 4000))
    assert counter.calls().total == 4000


@pytest.mark.parametrize(
    ("limit", "taken", "exhausted"),
    [(None, [True] * 4, False), (0, [False] * 4, True), (3, [True, True, True, False], True), (4, [True] * 4, False)],
)
def test_a_budget_allows_as_many_requests_as_its_limit(limit: int | None, taken: list[bool], exhausted: bool) -> None:
    budget = RequestBudget(limit)
    assert [budget.take() for _ in range(4)] == taken
    assert (budget.exhausted, budget.limit) == (exhausted, limit)
