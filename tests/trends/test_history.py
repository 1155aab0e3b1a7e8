"""Days without a point on which a bucket probably had bytes."""

from __future__ import annotations

import pytest

from s3_monitor.trends.history import BucketHistory, Row, Rows, Span, imputed_days

SPAN = Span(10, 30)
A, B = "StandardStorage", "GlacierStorage"


def row(first: int, last: int, size: int = 100, but: dict[int, int | None] | None = None) -> Row:
    values: list[int | None] = [(but or {}).get(day, size) for day in range(first, last + 1)]
    return Row(first, values, None in values)


def since(day: int) -> dict[int, int]:
    return dict.fromkeys(range(day, 31), 100)


@pytest.mark.parametrize(
    ("rows", "created", "expected"),
    [
        ({}, None, {}),
        ({A: row(10, 30)}, None, {}),
        # between two points, on the line between them
        ({A: row(10, 30, 100, {14: None, 15: None, 16: 160})}, None, {A: {14: 120, 15: 140}}),
        ({A: row(10, 30, 100, {11: None, 29: None, 30: 7})}, None, {A: {11: 100, 29: 53}}),
        # the last days, for three days
        ({A: row(10, 29, 100, {29: 5}), B: row(10, 30)}, None, {A: {30: 5}}),
        ({A: row(10, 28), B: row(10, 30)}, None, {A: {29: 100, 30: 100}}),
        ({A: row(10, 27), B: row(10, 30)}, None, {}),
        # of all types of a bucket, also after those of other buckets
        ({A: row(10, 20), B: row(10, 20)}, None, {A: since(21), B: since(21)}),
        ({A: row(10, 18), B: row(10, 20)}, None, {A: since(19), B: since(21)}),
        ({A: row(10, 17), B: row(10, 20)}, None, {B: since(21)}),
        # the first days, for three days
        ({A: row(11, 30, 100, {11: 7})}, None, {A: {10: 7}}),
        ({A: row(13, 30)}, None, {A: {10: 100, 11: 100, 12: 100}}),
        ({A: row(14, 30)}, None, {}),
        # unless the bucket was created then
        ({A: row(11, 30)}, 8, {A: {10: 100}}),
        ({A: row(11, 30)}, 9, {}),
        ({A: row(11, 30)}, 10, {}),
        # half of the bytes or more moved from or to another type
        ({A: row(10, 28), B: row(10, 30, 9, {29: 59, 30: 59})}, None, {}),
        ({A: row(10, 28), B: row(10, 30, 9, {29: 58, 30: 58})}, None, {A: {29: 100, 30: 100}}),
        ({A: row(10, 28), B: row(29, 30, 50)}, None, {}),
        ({A: row(12, 30), B: row(10, 30, 9, {10: 59, 11: 59})}, None, {}),
        ({A: row(12, 30), B: row(10, 30, 9, {10: 58, 11: 58})}, None, {A: {10: 100, 11: 100}}),
        # only the day next to the edge counts
        ({A: row(10, 28), B: row(10, 30, 9, {29: 59})}, None, {}),
        ({A: row(10, 28), B: row(10, 30, 9, {30: 59})}, None, {A: {29: 100, 30: 100}}),
        ({A: row(12, 30), B: row(10, 30, 9, {11: 59})}, None, {}),
        ({A: row(12, 30), B: row(10, 30, 9, {10: 59})}, None, {A: {10: 100, 11: 100}}),
        # nothing was there
        ({A: row(10, 29, 0), B: row(10, 30)}, None, {}),
    ],
)  # fmt: skip
def test_missing_days_are_estimated_from_their_neighbors(
    rows: Rows, created: int | None, expected: dict[str, dict[int, int]]
) -> None:
    assert imputed_days(rows, SPAN, created) == expected
    assert imputed_days(rows, SPAN, created, ended=True) == {
        name: found
        for name, days in expected.items()
        if (found := {day: size for day, size in days.items() if day <= rows[name].last})
    }


def test_a_history_has_the_bytes_of_each_day_and_unknown_days() -> None:
    rows = {A: row(12, 30, 5), B: row(10, 28, 7, {20: None})}
    history = BucketHistory(SPAN, rows, imputed_days(rows, SPAN, 0))
    assert history.on(0) == {A: 5, B: 7}
    assert history.on(2) == {A: 5, B: 7}
    assert history.on(10) == {A: 5, B: 7}
    assert history.on(20) == {A: 5, B: 7}
    assert history.daily() == [None, None, *[12] * 8, None, *[12] * 8, None, None]
    one = BucketHistory(SPAN, {A: row(12, 27, 5, {13: None})}, {})
    assert one.daily() == [0, 0, 5, None, *[5] * 14, 0, 0, 0]
    assert [one.on(day) for day in (0, 2, 3, 17, 18)] == [{A: size} for size in (0, 5, 0, 5, 0)]
    assert BucketHistory(SPAN, {}, {}).daily() == [0] * 21
    two = BucketHistory(SPAN, {A: row(12, 13, 5), B: row(15, 16, 7)}, {})
    assert two.daily() == [0, 0, 5, 5, 0, 7, 7, *[0] * 14]
    assert [two.on(day) for day in (1, 2, 6)] == [{A: 0, B: 0}, {A: 5, B: 0}, {A: 0, B: 7}]


@pytest.mark.parametrize(("day", "size"), [(9, None), (10, 1), (11, None), (12, 3), (13, None)])
def test_a_row_has_the_bytes_of_its_days(day: int, size: int | None) -> None:
    one = Row(10, [1, None, 3], True)
    assert (one.at(day), one.last) == (size, 12)
