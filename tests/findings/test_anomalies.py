"""Unusual changes: relative to the noise of the bucket, few, and not what the bucket does regularly."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.findings.anomalies import MAX_ANOMALIES, deviation_of, find_anomalies
from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.change import Anomaly
from s3_monitor.model.series import pack
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.trends import Trends, compute_trends
from s3_monitor.trends.periods import BucketChange
from tests.findings.fixtures import ACCOUNT, AS_OF, GB, NEWEST, REGION, TB, bucket, merged


def noisy(seed: int, growth: int, noise: int, days: int = 30) -> list[float]:
    random_ = random.Random(seed)
    values = [1000.0 * GB]
    for _ in range(days):
        values.append(values[-1] + growth + random_.uniform(-noise, noise))
    return values


@given(st.integers(0, 10_000), st.integers(0, 5), st.integers(1, 50))
def test_a_change_within_the_noise_of_a_bucket_is_usual(seed: int, growth: int, noise: int) -> None:
    assert deviation_of("bytes", noisy(seed, growth * GB, noise * GB)) is None


@given(st.integers(0, 10_000), st.sampled_from([-1, 1]))
def test_a_change_of_many_times_the_noise_is_unusual(seed: int, sign: int) -> None:
    values = noisy(seed, GB, 5 * GB)
    values.append(values[-1] + sign * 500 * GB)
    found = deviation_of("bytes", values)
    assert found is not None
    assert abs(found.usual) < 6 * GB
    assert found.noise < 10 * GB


@pytest.mark.parametrize(
    ("reason", "values"),
    [
        ("a cleanup that repeats every week", [1000 + 60 * (day % 7) for day in range(36)]),
        ("constant growth", [1000 + 50 * day for day in range(30)]),
        ("too few days to compare with", [1000] * 14 + [5000]),
        ("less than 1% of the bucket", [1000] * 30 + [1009]),
        ("no figure on the newest day", [1000] * 30 + [5000, None]),
        ("no figure on the day before", [1000] * 30 + [None, 5000]),
        ("1% of the bucket", [1000] * 30 + [1010]),
        ("1.5 times an earlier step", [1000] * 15 + [1800] * 15 + [3000]),
        ("1.5 times an earlier step of less than a dollar", [10] * 15 + [10.5] * 15 + [11.25]),
        ("8 times the usual deviation", [*[1000, 900, 800, 800, 900] * 6, 1000, 2186]),
        ("too few days with a figure", [1000, None] * 20 + [1000, 1000, 5000]),
        ("no figures", []),
        ("one figure", [1000]),
        ("a smaller step than an earlier one", [1000] * 15 + [1800] * 15 + [2500]),
    ],
)
def test_these_changes_are_usual(reason: str, values: Sequence[float | None]) -> None:
    assert deviation_of("bytes", values) is None, reason


def test_a_cleanup_that_is_missing_once_is_no_anomaly_but_a_larger_one_is() -> None:
    weekly = [1000 + 60 * (day % 7) for day in range(35)]
    assert deviation_of("bytes", [*weekly, weekly[-1] + 60]) is None
    assert deviation_of("bytes", [*weekly, 100]) is not None


@pytest.mark.parametrize(
    ("values", "usual", "noise", "days"),
    [
        ([1000] * 15 + [5000], 0, 0, 14),
        ([1000] * 30 + [1010.05], 0, 0, 29),
        ([1000] * 29 + [900, 909.5], 0, 0, 29),  # 1% of the day before is 9
        ([1000] * 30 + [None, 1000, 5000], 0, 0, 29),
        ([1000] * 15 + [1800] * 15 + [3001], 0, 0, 29),
        ([1000] * 15 + [200] * 15 + [300], 0, 0, 29),  # the earlier step was in the other direction
        ([10 * day for day in range(30)] + [1000], 10, 0, 29),
        ([1000, *[None, 1000, 1000] * 14, 5000], 0, 0, 14),
        ([*[1000, 900, 800, 800, 900] * 6, 1000, 2187], 0, pytest.approx(148.26), 30),
    ],
)
def test_a_deviation_states_the_usual_change_its_noise_and_the_days_compared(
    values: Sequence[float | None], usual: float, noise: float, days: int
) -> None:
    assert deviation_of("cost", values) == ("cost", usual, noise, days)


@pytest.mark.parametrize(
    ("size", "cost", "is_found"),
    [
        (0.0, 1.0, True),
        (0.0, -1.0, True),
        (9e15, 0.99, False),
        (float(GB), None, True),
        (-float(GB), None, True),
        (GB - 1.0, None, False),
    ],
)
def test_a_change_counts_from_a_dollar_or_from_a_gib_without_a_price(
    size: float, cost: float | None, is_found: bool
) -> None:
    trends = trends_of(history("import", lambda day: TB + (TB if day == NEWEST else 0)))
    (change,) = trends.movers["1d"]

    class Changed(BucketChange):
        mover = msgspec.structs.replace(change.mover, size=size, cost=cost)

    trends.movers["1d"] = [Changed(*change)]
    found = find_anomalies(trends)
    assert [(one.size, one.cost) for one in found] == ([(size, cost)] if is_found else [])


def test_an_anomaly_has_the_place_and_day_and_is_compared_with_the_days_since_the_creation() -> None:
    def found(**fields: object) -> Anomaly:
        start = 0 if "created" not in fields else NEWEST - 19
        first = 3 * TB if start else TB  # the days before the creation do not count
        (one,) = anomalies(
            history("b", lambda day: first if day < start else 2 * TB if day == NEWEST else GB, **fields)
        )
        return one

    assert msgspec.structs.astuple(found()) == (
        "b", ACCOUNT, REGION, date(2026, 11, 21), "grew", 2 * TB - GB, pytest.approx(2047 * 0.023), "bytes", 0, 0, 32,
    )  # fmt: skip
    created = int((AS_OF - timedelta(days=20)).timestamp())
    assert found(created=created).days == 18
    recent = history("b", lambda day: 2 * TB if day == NEWEST else GB, created=created)
    points = {day: 2 * TB if day == NEWEST else GB for day in range(5, NEWEST + 1)}  # the history begins later
    (later,) = anomalies(msgspec.structs.replace(recent, sizes={"StandardStorage": pack(points)}))
    assert later.days == 18
    (unknown,) = anomalies(history("b", lambda day: 2 * TB if day == NEWEST else GB, created=None))
    assert unknown.days == 32


def history(name: str, size: Callable[[int], int], **fields: object) -> ResolvedBucket:
    """Return a bucket with ``size(day)`` bytes in Standard."""
    points = {day: size(day) for day in range(NEWEST + 1)}
    one = bucket(name, {"StandardStorage": points[NEWEST]}, **fields)
    return msgspec.structs.replace(one, sizes={"StandardStorage": pack(points)})


def anomalies(*buckets: ResolvedBucket) -> list[Anomaly]:
    return find_anomalies(trends_of(*buckets))


def trends_of(*buckets: ResolvedBucket) -> Trends:
    data = merged(buckets)
    trends = compute_trends(data, bundled_prices())
    assert trends is not None
    return trends


def test_an_import_into_a_quiet_bucket_is_an_anomaly_with_its_cause() -> None:
    (found,) = anomalies(
        history("quiet", lambda day: TB + day * GB),
        history("import", lambda day: TB + day * GB + (TB if day == NEWEST else 0)),
    )
    assert (found.bucket, found.cause, found.measure) == ("import", "grew", "bytes")
    assert found.size == TB + GB
    assert found.cost == pytest.approx(1025 * 0.023)
    assert found.usual == GB


def test_bytes_that_move_to_another_class_are_an_anomaly_of_the_cost() -> None:
    moving = bucket("moving", {"GlacierInstantRetrievalStorage": TB})
    points = {name: dict.fromkeys(days, TB) for name, days in (
        ("StandardStorage", range(NEWEST)), ("GlacierInstantRetrievalStorage", range(NEWEST, NEWEST + 1)),
    )}  # fmt: skip
    (found,) = anomalies(msgspec.structs.replace(moving, sizes={name: pack(of) for name, of in points.items()}))
    assert (found.cause, found.measure, found.size) == ("moved", "cost", 0)
    assert found.cost == pytest.approx(1024 * (0.004 - 0.023))


def test_a_change_of_less_than_a_dollar_is_no_anomaly() -> None:
    assert anomalies(history("small", lambda day: GB + (40 * GB if day == NEWEST else 0))) == []


def test_at_most_five_anomalies_are_reported_the_largest_first() -> None:
    found = anomalies(
        *[history(f"b{n}", lambda day, n=n: TB + (n * TB if day == NEWEST else 0)) for n in range(1, 9)]  # type: ignore[misc]
    )
    assert [one.bucket for one in found] == ["b8", "b7", "b6", "b5", "b4"]
    assert len(found) == MAX_ANOMALIES


def test_a_bucket_that_was_created_recently_has_no_usual_change() -> None:
    created = int((AS_OF - timedelta(days=10)).timestamp())
    assert anomalies(history("new", lambda day: 2 * TB if day == NEWEST else GB, created=created)) == []
