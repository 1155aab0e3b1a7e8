"""A value that the reader of a part would reject is dropped alone, and its bucket is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from s3_monitor.collect.part_check import drop_unreadable
from s3_monitor.merge.merger import merge
from s3_monitor.model import part as parts
from s3_monitor.model.bucket_config import BucketConfig, Lifecycle
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.part import CollectedBucket, Listing, Part
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.series import Series
from tests.merge.fixtures import ACCOUNT, LAST, REGION, Truth, digest, part, plan, unit
from tests.problems import gap

PLAN = plan([unit("a")])
TRUTH = [
    Truth(name, {"StandardStorage": {LAST: 5}}, {LAST: 1}, details=BucketConfig(versioning="none")) for name in "xy"
]
SURROGATE = "\ud800"


def damaged(**changes: Any) -> Part:
    """Return a part with the changed bucket x and the unchanged bucket y."""
    made = part(PLAN, "s0", TRUTH)
    (facts,) = made.units
    details = changes.pop("details", facts.details[0][1])
    traffic = changes.pop("traffic", None)
    bucket = msgspec.structs.replace(facts.buckets[0], **changes)
    facts = msgspec.structs.replace(
        facts,
        buckets=[bucket, facts.buckets[1]],
        details=[("x", details), facts.details[1]],
        traffic=[("x", traffic)] if traffic else [],
    )
    return msgspec.structs.replace(made, units=[facts])


def test_a_valid_part_is_unchanged() -> None:
    made = part(PLAN, "s0", TRUTH)
    assert drop_unreadable(made, [unit("a")]) is made


@pytest.mark.parametrize(
    "changes",
    [
        {"created": -1},
        {"created": 2**70},
        {"sizes": ((0, Series(LAST, -1)),)},
        {"sizes": ((0, Series(LAST, 2**63)),)},
        {"sizes": ((0, Series(LAST, float("nan"))),)},
        {"sizes": ((0, Series(10**6, 1)),)},
        {"count": Series(LAST, 10**30)},
        {"listing": Listing(-1, 1)},
        {"listing": Listing(1, 2**64)},
        {"details": BucketConfig(versioning="sometimes")},  # type: ignore[arg-type]
        {"details": BucketConfig(lifecycle=Lifecycle(-1))},
        {"details": BucketConfig(tags={"team": SURROGATE})},
        {"traffic": RequestMetrics(10**6, {})},
        {"traffic": RequestMetrics(1, {"GetRequests": 1e308})},
    ],
    ids=str,
)
def test_an_invalid_value_is_a_gap_and_everything_else_is_reported(changes: dict[str, Any]) -> None:
    made = damaged(**changes)
    with pytest.raises((InvalidFileError, UnicodeEncodeError)):
        parts.decode(parts.encode(made), "s0.json")
    read = parts.decode(parts.encode(drop_unreadable(made, [unit("a")])), "s0.json")
    assert read.status == "partial"
    (problem,) = read.problems
    assert problem.code.endswith("-out-of-bounds")
    assert problem.place == f"{ACCOUNT}/{REGION}/x"
    facts = merge(PLAN, digest(PLAN), [read])
    by_name = {record.name: record for record in facts.buckets}
    assert by_name["y"].state == "measured"
    figures = "details" in changes or "traffic" in changes
    assert by_name["x"].state == ("measured" if figures else "incomplete")


def test_text_that_utf_8_cannot_encode_is_escaped() -> None:
    made = msgspec.structs.replace(part(PLAN, "s0", TRUTH), problems=[gap(f"a/{SURROGATE}", f"AWS: {SURROGATE}")])
    read = parts.decode(parts.encode(drop_unreadable(made, [unit("a")])), "s0.json")
    assert [(one.place, one.message) for one in read.problems] == [("a/\\ud800", "AWS: \\ud800")]
    assert len(read.units[0].buckets) == 2


def test_a_bucket_whose_name_cannot_be_encoded_is_reported_with_an_escaped_name() -> None:
    made = part(PLAN, "s0", TRUTH)
    (facts,) = made.units
    facts = msgspec.structs.replace(facts, buckets=[*facts.buckets, CollectedBucket(SURROGATE, None, True, ())])
    read = parts.decode(
        parts.encode(drop_unreadable(msgspec.structs.replace(made, units=[facts], usd=Decimal(0)), [unit("a")])),
        "s0.json",
    )
    assert [bucket.name for bucket in read.units[0].buckets] == ["x", "y"]
    assert [problem.place for problem in read.problems] == [f"{ACCOUNT}/{REGION}/\\ud800"]


@pytest.mark.parametrize("is_rest", [True, False])
def test_the_series_of_a_bucket_with_an_invalid_figure_are_unanswered_and_its_other_values_are_kept(
    is_rest: bool,
) -> None:
    made = damaged(count=Series(LAST, 10**30), traffic=RequestMetrics(1, {"GetRequests": 3}))
    (data,) = drop_unreadable(made, [msgspec.structs.replace(unit("a"), rest=is_rest)]).units
    assert data.unanswered == [("x", "")] * is_rest + [("x", "StandardStorage")]
    assert [(bucket.name, bucket.sizes, bucket.count is None) for bucket in data.buckets] == [
        ("x", (), True),
        ("y", ((0, Series(LAST, 5)),), False),
    ]
    assert [name for name, _ in data.details] == ["x", "y"]
    assert [name for name, _ in data.traffic] == ["x"]


def test_nothing_remains_of_a_bucket_whose_name_cannot_be_encoded() -> None:
    made = part(PLAN, "s0", TRUTH)
    (facts,) = made.units
    facts = msgspec.structs.replace(
        facts,
        buckets=[*facts.buckets, CollectedBucket(SURROGATE, None, True, ((0, Series(LAST, 5)),))],
        unanswered=[("y", "StandardStorage"), (SURROGATE, "StandardStorage")],
    )
    (data,) = drop_unreadable(msgspec.structs.replace(made, units=[facts]), [unit("a")]).units
    assert data.unanswered == [("y", "StandardStorage")]
