"""The exact difference between a listing and CloudWatch's bytes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.object_stats import DAY, RECENT_DAYS, Amount, ObjectStats
from s3_monitor.model.priced_object_stats import Difference
from s3_monitor.money.storage_types import overhead_types
from s3_monitor.objects.cloudwatch_difference import cloudwatch_difference

TODAY = 20_779  # days since 1970
AT = TODAY * DAY + 3 * 3600


def objects(current: int, **fields: Any) -> ObjectStats:
    plain = {"source": "listing", "at": AT, "complete": True, "classes": {}, "sizes": (), "ages": ()}
    return ObjectStats(**(plain | {"current": Amount(1, current), "recent": (Amount(),) * RECENT_DAYS} | fields))


@pytest.mark.parametrize(
    ("lines", "day", "found", "expected"),
    [
        ({"StandardStorage": 100}, TODAY - 1, objects(100), Difference(100, 100, None, None, 0, 0, 0)),
        (
            {
                "StandardStorage": 175.0,
                "GlacierStorage": 10,
                "GlacierObjectOverhead": 32768,
                "GlacierS3ObjectOverhead": 8192,
            },
            TODAY - 1,
            objects(110, noncurrent=Amount(3, 50), multipart=Amount(2, 25)),
            Difference(185 + 40960, 110, 50, 25, 40960, 0, 0),
        ),
        (  # written today and yesterday: CloudWatch's figure is of the day before
            {"StandardStorage": 100},
            TODAY - 2,
            objects(130, recent=(Amount(1, 10), Amount(1, 20), Amount(1, 500), Amount(9, 9))),
            Difference(100, 130, None, None, 0, 30, 0),
        ),
        ({"StandardStorage": 100}, TODAY - 9, objects(130), Difference(100, 130, None, None, 0, None, -30)),
        (
            {"StandardStorage": 100},
            TODAY - 1,
            objects(130, recent=None),
            Difference(100, 130, None, None, 0, None, -30),
        ),
        ({"TomorrowsStorage": 7}, TODAY, objects(0), Difference(7, 0, None, None, 0, 0, 7)),
        ({"GlacierStagingStorage": 7}, TODAY, objects(0, multipart=Amount(1, 7)), Difference(7, 0, None, 7, 0, 0, 0)),
    ],
)
def test_the_difference_has_the_parts_that_a_listing_does_not_include(
    lines: dict[str, float], day: int, found: ObjectStats, expected: Difference
) -> None:
    assert cloudwatch_difference(lines, day, found, overhead_types()) == expected


sizes = st.integers(0, 2**50)


@given(
    st.dictionaries(st.sampled_from(["StandardStorage", "StandardIASizeOverhead", "GlacierObjectOverhead"]), sizes),
    st.integers(TODAY - 9, TODAY),
    st.builds(
        objects,
        sizes,
        noncurrent=st.none() | st.builds(Amount, st.just(1), sizes),
        multipart=st.none() | st.builds(Amount, st.just(1), sizes),
        recent=st.tuples(*[st.builds(Amount, st.just(1), sizes)] * RECENT_DAYS),
    ),
)
def test_the_parts_add_up_to_cloudwatchs_bytes(lines: dict[str, float], day: int, found: ObjectStats) -> None:
    by = cloudwatch_difference(lines, day, found, overhead_types())
    parts = by.current + (by.noncurrent or 0) + (by.multipart or 0) + by.overhead - (by.written_since or 0)
    assert parts + by.unexplained == by.cloudwatch == sum(lines.values())
