"""The formulas of what a night costs, at points that can be counted by hand."""

from __future__ import annotations

import pytest

from bench import scaling
from bench.scaling import Case


@pytest.mark.parametrize(
    ("byte_series", "count_series", "days", "lists", "data"),
    [
        (0, 0, 4, 2, 0),  # an empty region takes one request per metric
        (1, 1, 4, 2, 1),
        (500, 500, 4, 2, 2),
        (501, 500, 4, 3, 3),
        (20_000, 10_000, 30, 60, 60),
        (200_000, 100_000, 30, 600, 600),
        (500, 0, 200, 2, 1),  # 500 × 201 days fit in a page of 100,800 points
        (500, 0, 201, 2, 2),  # 500 × 202 do not
        (500, 0, 455, 2, 3),
        (500, 0, 9999, 2, 3),  # CloudWatch keeps no more
    ],
)
def test_calls_of_one_account_and_region(byte_series: int, count_series: int, days: int, lists: int, data: int) -> None:
    assert scaling.list_calls(byte_series, count_series) == lists
    assert scaling.data_calls(byte_series, count_series, days) == data
    assert scaling.cloudwatch_calls(byte_series, count_series, days) == lists + data


@pytest.mark.parametrize(
    ("byte_series", "count_series", "days", "seconds"),
    [
        (20_000, 10_000, 4, 2.4),  # 60 ListMetrics at 25 a second
        (200_000, 100_000, 4, 24),
        (200_000, 100_000, 30, 24),  # the data points take 300,000 × 31 / 396,000 = 23.5 s
        (200_000, 100_000, 60, 300_000 * 61 / 396_000),
    ],
)
def test_the_quotas_bound_is_the_slowest_of_three(
    byte_series: int, count_series: int, days: int, seconds: float
) -> None:
    assert scaling.bound_seconds(byte_series, count_series, days) == pytest.approx(seconds)


def test_at_least_four_days_and_today_are_read() -> None:
    assert [scaling.window_days(days) for days in (0, 4, 5, 30, 455, 500)] == [5, 5, 6, 31, 456, 456]


@pytest.mark.parametrize(
    ("calls", "metrics", "dollars"),
    [
        ({}, 1_000, 0.01),
        ({"ListMetrics": 1_000}, 0, 0.01),
        ({"GetMetricStatistics": 1_000}, 0, 0.01),
        ({"GetMetricData": 1_000, "GetCallerIdentity": 5}, 0, 0),  # billed by the metric; free
        ({"ListObjectsV2": 1_000, "ListBuckets": 1_000}, 0, 0.01),
    ],
)
def test_dollars_at_list_price(calls: dict[str, int], metrics: int, dollars: float) -> None:
    assert scaling.usd(calls, metrics) == pytest.approx(dollars)


def test_a_night_of_one_region_counted_by_hand() -> None:
    assert scaling.run_calls(Case(1, 10_000, 1)) == {
        "AssumeRole": 0,
        "GetCallerIdentity": 2,  # of the plan, of the worker
        "ListBuckets": 2,
        "ListMetrics": 60,
        "GetMetricData": 60,
    }
    assert scaling.run_metrics(Case(1, 10_000, 1)) == 30_000
    assert scaling.run_usd(Case(1, 10_000, 1)) == pytest.approx(0.3 + 0.0006 + 0.00001)


def test_a_night_of_many_accounts_packed_into_few_workers() -> None:
    case = Case(accounts=100, buckets=20, regions=4, shards=10)
    # Each account is opened for the plan, and by one worker.
    assert scaling.run_calls(case) == {
        "AssumeRole": 100 + 100,
        "GetCallerIdentity": 100 + 100,
        "ListBuckets": 100 + 100,
        "ListMetrics": 800,
        "GetMetricData": 400,
    }
    assert scaling.shards(case) == 10
    assert scaling.shards(case._replace(shards=None)) == 400


def test_ten_times_the_buckets_are_ten_times_the_dollars_and_the_bytes() -> None:
    small, large = Case(1, 10_000, 1), Case(1, 100_000, 1)
    assert scaling.run_usd(large) == pytest.approx(10 * scaling.run_usd(small), rel=1e-3)
    assert scaling.part_bytes(large) == pytest.approx(10 * scaling.part_bytes(small))


def test_more_agents_than_workers_are_no_faster() -> None:
    case = Case(1, 100_000, 17)
    assert scaling.run_seconds(case, 17) == scaling.run_seconds(case, 100) == scaling.worker_seconds(case)
    assert scaling.run_seconds(case, 10) == 2 * scaling.worker_seconds(case)


def test_the_document_shows_the_results_of_the_formulas() -> None:
    document = scaling.DOCUMENT.read_text(encoding="utf-8")
    assert scaling.tables() in document, "write it again: python -m bench.scaling --write"
    known = scaling.MEASURED
    assert f"{known.mb_per_account:g} MB of memory and {known.cpu_per_account:g} s of CPU each" in document
    assert f"{known.cpu_per_place:g} s for each of their regions" in document
