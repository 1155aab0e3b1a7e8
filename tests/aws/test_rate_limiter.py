"""Requests stay below the quotas of CloudWatch, and slow down if other programs use them too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from s3_monitor.aws.rate_limiter import RateLimiter, RateLimits, RegionLimits
from s3_monitor.model.plan import Quotas


class Time:
    """A clock that advances only by sleeping."""

    def __init__(self) -> None:
        self.now = 1000.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def pace(time: Time, a_second: float) -> RateLimiter:
    return RateLimiter(a_second, time.clock, time.sleep)


@pytest.mark.parametrize("quota", [1, 25, 50, 400])
def test_any_second_holds_no_more_calls_than_the_quota(time: Time, quota: float) -> None:
    paced = pace(time, quota)
    sent = []
    time.now += 3600  # a pause before
    for _ in range(int(quota) * 10):
        paced.wait()
        sent.append(time.now)
    for start in sent:
        assert sum(start <= at < start + 1 for at in sent) <= quota
    assert sent[-1] - sent[0] <= 10 * 1.05


def test_large_requests_wait_longer(time: Time) -> None:
    paced = pace(time, 396_000)
    start = time.now
    for _ in range(100):
        paced.wait(500 * 31)
    assert 100 * 500 * 31 / 396_000 * 0.9 < time.now - start < 100 * 500 * 31 / 396_000 * 1.1


def test_a_pause_does_not_accumulate_calls(time: Time) -> None:
    paced = pace(time, 10)
    paced.wait()
    time.now += 3600
    start = time.now
    for _ in range(10):
        paced.wait()
    assert time.now - start > 0.7


def test_a_throttle_reduces_the_rate_and_simultaneous_throttles_count_once(time: Time) -> None:
    paced = pace(time, 25)
    full = paced.a_second
    for _ in range(5):
        paced.slow_down()
    assert paced.a_second == pytest.approx(full * 0.6)
    time.now += 2
    paced.slow_down()
    assert paced.a_second == pytest.approx(full * 0.36)


def test_a_reduced_rate_stays_above_0_and_recovers(time: Time) -> None:
    paced = pace(time, 25)
    full = paced.a_second
    for _ in range(100):
        paced.slow_down()
        time.now += 2
    assert paced.a_second > 0.1
    time.now += 200
    paced.wait()
    assert paced.a_second == full


def test_every_account_and_region_has_separate_quotas() -> None:
    paces = RateLimits(Quotas())
    assert paces.of("1", "us-east-1") is paces.of("1", "us-east-1")
    assert paces.of("1", "us-east-1") is not paces.of("1", "eu-west-1")
    assert paces.of("1", "us-east-1") is not paces.of("2", "us-east-1")


def seconds(time: Time, call: Callable[[], object], times: int) -> float:
    start = time.now
    for _ in range(times):
        call()
    return time.now - start


RATES = Quotas(list_metrics=24, get_metric_data=40, datapoints=4000, configurations=80)
CALLS: list[tuple[str, Callable[[RegionLimits], object], int, float]] = [
    ("ListMetrics", lambda paced: paced.list_metrics.wait(), 240, 10),
    ("GetMetricData", lambda paced: paced.get_metric_data.wait(1), 400, 10),
    ("data points", lambda paced: paced.get_metric_data.wait(500), 80, 10),
    ("configurations", lambda paced: paced.configurations.wait(), 800, 10),
]


@pytest.mark.parametrize(("call", "times", "expected"), [one[1:] for one in CALLS], ids=[one[0] for one in CALLS])
def test_calls_wait_for_every_quota(
    time: Time, call: Callable[[RegionLimits], object], times: int, expected: float
) -> None:
    paced = RegionLimits(RATES, lambda a_second: pace(time, a_second))
    assert seconds(time, lambda: call(paced), times) == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize(("call", "times", "expected"), [one[1:] for one in CALLS], ids=[one[0] for one in CALLS])
def test_workers_that_share_the_quotas_begin_with_an_equal_part_of_each(
    time: Time, call: Callable[[RegionLimits], object], times: int, expected: float
) -> None:
    taken = {}
    for workers in (1, 5):
        paced = RegionLimits(RATES, lambda a_second: pace(time, a_second))
        time.now += 3600  # quota that was not used before is not added
        paced.share(workers)
        taken[workers] = seconds(time, lambda paced=paced: call(paced), times // 20)  # type: ignore[misc]
    assert 2 < taken[5] / taken[1] < 6
    assert seconds(time, lambda: call(paced), 20 * times) < 25 * expected, "more as it proves to be free"


@pytest.mark.parametrize(
    ("share", "calls", "expected"),
    [
        # The share of a quota of 24 per second grows by 0.1 per second: share * t + 0.05 * t * t = calls / 24.
        (1 / 100, 1, 0.818),
        (1 / 100, 12, 3.064),
        (1 / 2, 12, 0.916),
        (1 / 2, 90, 5.0),  # the complete quota is reached
        (1 / 2, 114, 6.0),
        (1, 24, 1.0),
    ],
)
def test_the_rate_grows_while_a_request_waits(time: Time, share: float, calls: int, expected: float) -> None:
    limiter = pace(time, 25)
    limiter.start_with(share)
    limiter.wait()  # the first is sent at once
    assert seconds(time, limiter.wait, calls) == pytest.approx(expected, abs=0.06)


THROTTLES: list[tuple[str, set[int]]] = [
    ("list_metrics", {0}),
    ("get_metric_data", {1, 2}),
    ("configurations", {3}),
]


@pytest.mark.parametrize(("limiter", "slower"), THROTTLES)
def test_a_throttle_reduces_only_the_rates_of_its_operation(time: Time, limiter: str, slower: set[int]) -> None:
    expected = {index: once_throttled(time, index, limiter) for index in range(len(CALLS))}
    assert {index for index, ratio in expected.items() if ratio > 1.3} == slower


def once_throttled(time: Time, index: int, limiter: str) -> float:
    """Return how many times longer the calls take after a throttle."""
    _, call, times, _ = CALLS[index]
    taken = []
    for is_throttled in (False, True):
        paced = RegionLimits(RATES, lambda a_second: pace(time, a_second))
        if is_throttled:
            getattr(paced, limiter).slow_down()
        taken.append(seconds(time, lambda paced=paced: call(paced), times // 5))  # type: ignore[misc]
    return taken[1] / taken[0]
