"""A bucket is only marked as empty if it also has no earlier version, no delete marker and no unfinished upload."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from s3_monitor.model.part import Listing
from s3_monitor.model.plan import ListingRule, ObjectsRule
from s3_monitor.simulator import Bucket, Fault, ObjectList, Simulator
from s3_monitor.simulator.accounts import Series, make_account
from s3_monitor.simulator.faults import Action
from s3_monitor.simulator.versions import StoredVersion, Upload, VersionedObjects
from tests.collect import fixtures

OLD = datetime(2020, 5, 4, 15, 13, 8, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 21).toordinal()
COUNT = Series(DAY - 30, DAY, 40)
NOTHING = ObjectList()
UNIT = fixtures.unit()


def listed(
    objects: Any, count: Series | None = COUNT, /, *faults: Fault, **rules: Any
) -> tuple[Listing | None, list[str], list[str]]:
    """Return the listing of a bucket, the requests about versions and uploads, and the problems."""
    bucket = Bucket("one", "us-east-1", OLD, objects=objects, count=count)
    rules = {"listing": ListingRule("auto")} | rules
    with Simulator(make_account(fixtures.ACCOUNT, [bucket]), today=fixtures.TODAY, faults=faults) as simulator:
        part = fixtures.collected(simulator.url, UNIT, **rules)
        sent = simulator.counters.by_operation()
    more = [name for name in ("s3:ListObjectVersions", "s3:ListMultipartUploads") for _ in range(sent.get(name, 0))]
    return fixtures.buckets(part, UNIT)["one"].listing, more, [problem.message for problem in part.problems]


VERSIONS = ["s3:ListObjectVersions"]
BOTH = ["s3:ListObjectVersions", "s3:ListMultipartUploads"]
OF_NOTHING = Listing(None, 0, vacant=False)


@pytest.mark.parametrize(
    ("objects", "expected", "sent"),
    [
        pytest.param(NOTHING, Listing(None, 0, vacant=True), BOTH, id="nothing"),
        pytest.param(
            VersionedObjects.of([StoredVersion("a", 9, OLD), StoredVersion("a", None, NOON)]),
            OF_NOTHING, VERSIONS, id="an earlier version",
        ),
        pytest.param(
            VersionedObjects.of([StoredVersion("a", None, NOON)]), OF_NOTHING, VERSIONS, id="a delete marker"
        ),
        pytest.param(VersionedObjects.of([], [Upload("a", (5,), NOON)]), OF_NOTHING, BOTH, id="an unfinished upload"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"listing": ListingRule("all")},
        {"objects": ObjectsRule("listing")},
        {"objects": ObjectsRule("auto")},
    ],
)
def test_a_listing_without_objects_is_followed_by_a_check_of_versions_and_uploads(
    objects: Any, expected: Listing, sent: list[str], rules: dict[str, Any]
) -> None:
    assert listed(objects, **rules) == (expected, sent, [])


@pytest.mark.parametrize("count", [None, Series(DAY - 30, DAY, 0)])
def test_a_bucket_that_was_empty_before_is_not_checked(count: Series | None) -> None:
    assert listed(NOTHING, count) == (OF_NOTHING, [], [])


def test_a_bucket_whose_count_has_no_point_in_the_window_is_checked() -> None:
    assert listed(NOTHING, Series(DAY - 30, DAY - 9, 40))[0] == Listing(None, 0, vacant=True)


def test_a_bucket_with_objects_is_not_checked() -> None:
    listing, sent, _ = listed(ObjectList(3, NOON))
    assert (listing and listing.objects, sent) == (3, [])


@pytest.mark.parametrize("operation", BOTH)
@pytest.mark.parametrize("action", ["deny", "error"])
def test_a_check_that_fails_leaves_the_listing_unmarked_without_a_gap(operation: str, action: Action) -> None:
    listing, _, problems = listed(NOTHING, COUNT, Fault(action, operation=operation.removeprefix("s3:")))
    assert (listing, problems) == (OF_NOTHING, [])


def test_the_check_keeps_to_the_list_request_budget() -> None:
    listing, sent, _ = listed(NOTHING, listing=ListingRule("auto", 1000, 2))
    assert (listing, sent) == (OF_NOTHING, VERSIONS)


@pytest.mark.parametrize(("amount", "requests"), [(0, []), (1, BOTH)])
def test_a_count_of_at_least_one_object_is_checked(amount: int, requests: list[str]) -> None:
    assert listed(NOTHING, Series(DAY - 30, DAY, amount))[1] == requests


def test_a_count_with_only_the_first_day_of_the_window_is_checked_if_it_is_above_0() -> None:
    first = fixtures.plan_of([UNIT]).window.first.toordinal()
    assert listed(NOTHING, Series(first, first, 1))[1] == BOTH
    assert listed(NOTHING, Series(first, first, 0))[1] == []
