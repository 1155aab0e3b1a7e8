"""size_change_30d and cost_change_30d: the change over 30 days, at today's rates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.series import Window, pack
from s3_monitor.money.list_pricing import Exact, rates_for
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.trends.month_change import MonthChange, month_change

ACCOUNT, REGION, GIB = "111122223333", "us-east-1", 2**30
STANDARD, GLACIER, NEW = "StandardStorage", "GlacierStorage", "TomorrowsStorage"
NEWEST = 39
WINDOW = Window(date(2026, 10, 13), NEWEST + 2)


def flat(size: int, first: int = 0, last: int = NEWEST) -> dict[int, int]:
    return dict.fromkeys(range(first, last + 1), size)


def changes(
    sizes: Mapping[str, Mapping[int, float]], created: date | None = None, state: str = "measured"
) -> tuple[float | None, float | None]:
    """Return the changes of the only bucket of an account."""
    return change_of(sizes, created, state)[:2]


def change_of(
    sizes: Mapping[str, Mapping[int, float]],
    created: date | None = None,
    state: str = "measured",
) -> MonthChange:
    newest = max(max(points) for points in sizes.values()) if state == "measured" else None
    lines = {name: points[newest] for name, points in sorted(sizes.items()) if newest in points}
    seconds = (
        None if created is None else int(datetime(created.year, created.month, created.day, tzinfo=UTC).timestamp())
    )
    series = {name: pack(points) for name, points in sizes.items()}
    figures: Any = (newest, tuple(lines), tuple(lines.values()))
    record = ResolvedBucket(ACCOUNT, REGION, "b", seconds, "general-purpose", state, *figures, None, None, series, None)
    usage: dict[tuple[str, str], dict[str, Exact]] = {(ACCOUNT, REGION): dict.fromkeys(sizes, 0) | lines}  # type: ignore
    rates = rates_for(usage, {ACCOUNT: "aws"}, bundled_prices())
    return month_change(record, WINDOW, rates)


@pytest.mark.parametrize(
    ("sizes", "size", "cost"),
    [
        ({STANDARD: flat(GIB)}, 0.0, 0.0),
        ({STANDARD: flat(GIB) | {NEWEST: 3 * GIB}}, 2.0 * GIB, 0.046),
        ({STANDARD: flat(3 * GIB) | {NEWEST: GIB}}, -2.0 * GIB, -0.046),
        ({STANDARD: flat(GIB, 0, 20), GLACIER: flat(GIB, 20)}, 0.0, 0.0036 - 0.023),  # moved between classes
        ({STANDARD: flat(GIB) | {9: 7 * GIB}}, -6.0 * GIB, -0.138),  # exactly 30 days before
        ({STANDARD: flat(GIB), NEW: {NEWEST: 5}}, 5.0, None),  # no known price for a change
        ({STANDARD: flat(2 * GIB), NEW: flat(5)}, 0.0, 0.0),  # without a price, and without a change
        ({STANDARD: {NEWEST: GIB, 10: 3 * GIB, 5: GIB}}, -2.0 * GIB, -0.046),  # 29 days before: the nearest day
        ({STANDARD: {NEWEST: GIB, 5: 3 * GIB}}, -2.0 * GIB, -0.046),  # 34 days before: the furthest
        ({STANDARD: {NEWEST: GIB, 4: 3 * GIB}}, None, None),  # 35 days before
        ({STANDARD: flat(GIB, 14)}, None, None),  # the history is shorter
    ],
)
def test_the_change_is_since_the_day_30_days_before_or_the_nearest(
    sizes: Mapping[str, Mapping[int, float]], size: float | None, cost: float | None
) -> None:
    found = changes(sizes)
    assert found[0] == size
    assert found[1] == (None if cost is None else pytest.approx(cost, abs=1e-12))


@pytest.mark.parametrize(
    ("created", "size"),
    [(None, None), (date(2020, 1, 1), None), (WINDOW.day(9), None), (WINDOW.day(10), float(GIB))],
)
def test_a_bucket_created_since_had_0_bytes_before(created: date | None, size: float | None) -> None:
    assert changes({STANDARD: flat(GIB, 14)}, created)[0] == size


def test_a_day_without_a_point_of_one_series_is_not_compared() -> None:
    missing = {day: GIB for day in range(NEWEST + 1) if day != 9}
    assert changes({STANDARD: flat(GIB) | {10: 2 * GIB}, GLACIER: missing})[0] == -float(GIB)


@pytest.mark.parametrize(
    ("sizes", "change"),
    [
        ({STANDARD: flat(GIB, 0, 30)}, (-float(GIB), pytest.approx(-0.023, abs=1e-12))),
        ({STANDARD: flat(GIB, 0, 4)}, (0.0, 0.0)),  # before that day
        ({STANDARD: flat(GIB, 20, 30)}, (None, None)),  # the history is shorter
    ],
)
def test_an_emptied_bucket_decreased_by_its_bytes_of_30_days_before(sizes: Any, change: Any) -> None:
    assert changes(sizes, state="emptied") == change


@pytest.mark.parametrize(
    ("sizes", "size"),
    [
        ({STANDARD: flat(GIB), GLACIER: flat(GIB, 0, NEWEST - 1)}, None),
        ({STANDARD: flat(GIB), GLACIER: flat(GIB, 0, NEWEST - 2)}, None),
        ({STANDARD: flat(GIB), GLACIER: flat(GIB, 0, NEWEST - 3)}, -float(GIB)),  # removed
        ({STANDARD: flat(GIB), GLACIER: flat(0, 0, NEWEST - 1)}, 0.0),
        ({STANDARD: flat(GIB) | {NEWEST: 2 * GIB}, GLACIER: flat(GIB, 0, NEWEST - 1)}, 0.0),  # moved
    ],
)
def test_the_change_is_unknown_while_a_storage_type_is_late(sizes: Any, size: float | None) -> None:
    assert changes(sizes)[0] == size


@pytest.mark.parametrize(
    ("sizes", "created", "state", "cause"),
    [
        ({STANDARD: flat(GIB)}, None, "measured", None),
        ({STANDARD: flat(GIB) | {NEWEST: 2 * GIB}}, None, "measured", "grew"),
        ({STANDARD: flat(2 * GIB) | {NEWEST: GIB}}, None, "measured", "shrank"),
        ({STANDARD: flat(GIB, 0, 20), GLACIER: flat(GIB, 20)}, None, "measured", "moved"),
        ({STANDARD: flat(GIB, 14)}, WINDOW.day(10), "measured", "created"),
        ({STANDARD: flat(0, 0, 20) | flat(GIB, 21)}, WINDOW.day(9), "measured", "grew"),
        ({STANDARD: flat(0, 0, 20) | flat(GIB, 21)}, WINDOW.day(10), "measured", "created"),
        ({STANDARD: flat(0, 0, 20) | flat(GIB, 21)}, None, "measured", "grew"),
        ({STANDARD: flat(GIB, 0, 30)}, None, "emptied", "emptied"),
        ({STANDARD: flat(GIB, 14)}, None, "measured", None),
    ],
)
def test_a_change_has_its_main_cause(sizes: Any, created: date | None, state: str, cause: str | None) -> None:
    assert change_of(sizes, created, state).cause == cause


@pytest.mark.parametrize(
    ("last", "size"), [(0, -float(GIB)), (4, 0.0), (5, -float(GIB)), (9, -float(GIB)), (13, -float(GIB)), (14, None)]
)
def test_an_emptied_bucket_is_compared_with_26_to_34_days_before(last: int, size: float | None) -> None:
    points = {last: GIB} if last else {5: GIB}
    assert changes({STANDARD: points}, state="emptied")[0] == size


@pytest.mark.parametrize(("newest", "size"), [(25, None), (26, 1.0), (30, 1.0)])
def test_a_change_needs_26_days_of_history(newest: int, size: float | None) -> None:
    assert changes({STANDARD: flat(GIB, 0, newest) | {newest: GIB + 1}})[0] == size


@pytest.mark.parametrize("position", range(9))
def test_of_the_days_near_30_days_before_the_nearest_is_compared(position: int) -> None:
    days = (30, 29, 31, 28, 32, 27, 33, 26, 34)
    points = {NEWEST - before: GIB + before for before in days[position:]}
    assert changes({STANDARD: points | {NEWEST: GIB}})[0] == -days[position]
    assert changes({STANDARD: {NEWEST: GIB, NEWEST - 25: 1, NEWEST - 35: 1}})[0] is None
