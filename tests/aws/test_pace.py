"""CloudWatch is asked below its quotas, and slower when somebody else uses them too."""

from __future__ import annotations

import pytest

from s3_monitor.aws.pace import Pace, Paces, RegionPace
from s3_monitor.model.answers import COUNTS, SIZES
from s3_monitor.model.plan import Quotas


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def pace(time: Time, a_second: float) -> Pace:
    return Pace(a_second, time.clock, time.sleep)


@pytest.mark.parametrize("quota", [1, 25, 50, 400])
def test_any_second_holds_no_more_calls_than_the_quota(time: Time, quota: float) -> None:
    paced = pace(time, quota)
    sent = []
    time.now += 3600  # a silence before
    for _ in range(int(quota) * 10):
        paced.wait()
        sent.append(time.now)
    for start in sent:
        assert sum(start <= at < start + 1 for at in sent) <= quota
    assert sent[-1] - sent[0] <= 10 * 1.05


def test_large_questions_wait_longer(time: Time) -> None:
    paced = pace(time, 396_000)
    start = time.now
    for _ in range(100):
        paced.wait(500 * 31)
    assert 100 * 500 * 31 / 396_000 * 0.9 < time.now - start < 100 * 500 * 31 / 396_000 * 1.1


def test_a_silence_is_not_saved_up(time: Time) -> None:
    paced = pace(time, 10)
    paced.wait()
    time.now += 3600
    start = time.now
    for _ in range(10):
        paced.wait()
    assert time.now - start > 0.7


def test_counts_are_listed_at_a_third_of_the_quota_while_bytes_are_and_then_at_all_of_it(time: Time) -> None:
    paced = RegionPace(Quotas(list_metrics=24), lambda a_second: pace(time, a_second))

    def seconds_of(metric: str) -> float:
        start = time.now
        for _ in range(240):
            paced.list_metrics(metric)
        return time.now - start

    with paced.listing(SIZES):
        assert seconds_of(COUNTS) == pytest.approx(30, rel=0.1)
        assert seconds_of(SIZES) == pytest.approx(10, rel=0.1)
    assert seconds_of(COUNTS) == pytest.approx(10, rel=0.1)


def test_a_throttle_slows_down_and_the_throttles_of_one_moment_are_one(time: Time) -> None:
    paced = pace(time, 25)
    full = paced.a_second
    for _ in range(5):
        paced.slow_down()
    assert paced.a_second == pytest.approx(full * 0.6)
    time.now += 2
    paced.slow_down()
    assert paced.a_second == pytest.approx(full * 0.36)


def test_it_never_stops_and_comes_back_in_time(time: Time) -> None:
    paced = pace(time, 25)
    full = paced.a_second
    for _ in range(100):
        paced.slow_down()
        time.now += 2
    assert paced.a_second > 0.1
    time.now += 200
    paced.wait()
    assert paced.a_second == full


def test_every_account_and_region_has_quotas_of_its_own() -> None:
    paces = Paces(Quotas())
    assert paces.of("1", "us-east-1") is paces.of("1", "us-east-1")
    assert paces.of("1", "us-east-1") is not paces.of("1", "eu-west-1")
    assert paces.of("1", "us-east-1") is not paces.of("2", "us-east-1")
