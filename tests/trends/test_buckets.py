"""The trend of single buckets: unknown and empty buckets, events, and transitions between storage classes."""

from __future__ import annotations

import pytest

from s3_monitor.model.change import ClassMove
from tests.merge.fixtures import ACCOUNT, AS_OF, GIB, REGION, Truth
from tests.trends.test_trends import BIG, GLACIER, IA, NEWEST, S, flat, known

DAY = 86_400


@pytest.mark.parametrize(
    ("truth", "size", "cost", "event"),
    [
        (Truth("empty"), 0, 0.0, (None, None)),
        (Truth("young", created=int(AS_OF.timestamp()) - DAY), None, None, ("created", NEWEST)),
    ],
)
def test_an_empty_bucket_has_size_0_and_a_young_one_an_unknown_size(
    truth: Truth, size: int | None, cost: float | None, event: tuple[str | None, int | None]
) -> None:
    found = known(BIG, truth).buckets[ACCOUNT, REGION, truth.name]
    assert (found.size, found.cost) == (size, cost)
    assert (found.event, found.day, found.is_swing) == (*event, False)


@pytest.mark.parametrize("day", [0, 1, 9])
def test_a_deleted_bucket_was_deleted_after_its_newest_point(day: int) -> None:
    (deleted,) = known(BIG, Truth("deleted", {S: flat(GIB, last=day)}, listed=False)).deleted
    assert (deleted.event, deleted.day, deleted.last_size) == ("deleted", day, GIB)


@pytest.mark.parametrize(
    ("sizes", "transitions"),
    [
        ({S: {**flat(2), NEWEST: 1}, IA: {**flat(1), NEWEST: 2}}, [ClassMove("STANDARD", "STANDARD_IA", 1, 1)]),
        ({S: {**flat(9), NEWEST: 1}, IA: {**flat(1), NEWEST: 2}}, [ClassMove("STANDARD", "STANDARD_IA", 1, 1)]),
        ({S: {**flat(2), NEWEST: 2}, IA: {**flat(1), NEWEST: 2}}, []),
        ({S: {**flat(2), NEWEST: 1}, IA: {**flat(1), NEWEST: 1}}, []),
        (
            {S: {**flat(90), NEWEST: 0}, IA: {**flat(1), NEWEST: 31}, GLACIER: {**flat(1), NEWEST: 61}},
            [ClassMove("STANDARD", "GLACIER", 60, 1), ClassMove("STANDARD", "STANDARD_IA", 30, 1)],
        ),
    ],
)
def test_a_decrease_moves_to_the_classes_that_increase_in_proportion(
    sizes: dict[str, dict[int, float]], transitions: list[ClassMove]
) -> None:
    assert known(BIG, Truth("b", sizes)).transitions == transitions
