"""With selected keys, buckets have the figures of these keys."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from s3_monitor.merge.merged_data import MergedData
from s3_monitor.merge.merger import merge
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.plan import ObjectsRule
from tests.merge import fixtures
from tests.merge.fixtures import AS_OF, GIB, LAST, WINDOW, Truth, part, plan, unit

DAY = 86_400
NOW = int(AS_OF.timestamp())
STATS = ObjectStats("listing", NOW, True, Amount(3, 7), {"STANDARD": Amount(1, 2), "SNOW": Amount(2, 5)}, None, None)


def merged(stats: ObjectStats | None) -> MergedData:
    made = msgspec.structs.replace(plan([unit()]), objects=ObjectsRule(mode="listing", regex="x"))
    truth = Truth("b", {"StandardStorage": {LAST: GIB}}, {LAST: 9})
    objects = [] if stats is None else [("b", stats)]
    return merge(made, fixtures.digest(made), [part(made, "s0", [truth], objects=objects)])


@pytest.mark.parametrize(
    ("changes", "state", "lines", "objects", "modified"),
    [
        ({}, "measured", {"SNOW": 5, "StandardStorage": 2}, 3, None),
        ({"newest": 5}, "measured", {"SNOW": 5, "StandardStorage": 2}, 3, 5),
        ({"classes": {}, "current": Amount()}, "empty", {}, 0, None),
        ({"complete": False, "newest": 5}, "incomplete", {"SNOW": 5, "StandardStorage": 2}, None, None),
        (None, "incomplete", {}, None, None),
    ],
)
def test_a_bucket_has_the_figures_of_its_selected_keys(
    changes: dict[str, Any] | None, state: str, lines: dict[str, int], objects: int | None, modified: int | None
) -> None:
    found = merged(None if changes is None else msgspec.structs.replace(STATS, **changes))
    (record,) = found.buckets
    assert (record.state, record.lines, record.objects, record.modified) == (state, lines, objects, modified)
    assert (record.sizes, record.counts) == ({}, None)
    assert found.all_keys is not None
    (of_all_keys,) = found.all_keys
    assert (of_all_keys.state, of_all_keys.lines, of_all_keys.objects) == ("measured", {"StandardStorage": GIB}, 9)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (NOW, WINDOW.days - 1),
        (NOW - (WINDOW.days - 1) * DAY, 0),
        (NOW - WINDOW.days * DAY, None),
        (NOW + DAY, None),
    ],
)
def test_the_day_of_the_figures_is_that_of_the_listing_in_the_window(at: int, day: int | None) -> None:
    (record,) = merged(msgspec.structs.replace(STATS, at=at)).buckets
    assert record.day == day
