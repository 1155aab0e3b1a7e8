"""Values that records derive from their fields."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from s3_monitor.model.athena import StatementFailure
from s3_monitor.model.bill import MIXED, CostQuery, is_gb_months, last_month, shared_unit
from s3_monitor.model.bounds import check_storage_classes
from s3_monitor.model.bucket import Bucket, StorageLine, encode
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.errors import AwsError, IncompleteList, MissingCredentialsError, UserError
from s3_monitor.model.exports import BillingExport
from s3_monitor.model.identity import OrganizationAccount
from s3_monitor.model.object_stats import Amount, ObjectStats, merge_object_stats
from s3_monitor.model.patterns import is_glob
from s3_monitor.model.plan import KeyPattern, ObjectsRule, Selection
from s3_monitor.model.policies import to_bytes
from s3_monitor.model.problem_type import gap, note
from s3_monitor.model.responses import KeysPage
from s3_monitor.model.summary import Group
from tests.policies.fixtures import bucket


@pytest.mark.parametrize(
    ("fields", "size_from", "cost_from", "cost_to", "objects_from"),
    [
        ({}, False, False, False, False),
        ({"unknown_buckets": 1}, True, True, False, False),
        ({"unpriced_size": 0.5}, False, True, False, False),
        ({"unknown_objects": 1}, False, False, False, True),
        ({"complete": False}, True, True, False, True),
        ({"upper_bound_size": 0.5}, False, False, True, False),
    ],
)
def test_a_sum_is_a_bound_if_something_is_missing_from_it(
    fields: dict[str, Any], size_from: bool, cost_from: bool, cost_to: bool, objects_from: bool
) -> None:
    group = Group(1, 1.0, 1.0, 1.0, **fields)
    assert (group.size_is_lower_bound, group.cost_is_lower_bound) == (size_from, cost_from)
    assert (group.cost_is_upper_bound, group.objects_is_lower_bound) == (cost_to, objects_from)


LINES = {"A": StorageLine(3.0, 1.0), "B": StorageLine(4.0, None)}


@pytest.mark.parametrize(
    ("fields", "cost", "size", "is_upper_bound"),
    [
        ({"total_cost": 5.0, "known_cost": 1.0}, 5.0, 7.0, False),
        ({"total_cost": 0.0, "known_cost": 1.0}, 0.0, 7.0, False),
        ({"total_cost": None, "known_cost": 1.0}, 1.0, 7.0, False),
        ({"total_cost": None}, None, 7.0, False),
        ({"total_size": 9.0}, 10.0, 9.0, False),
        ({"total_size": 0.0}, 10.0, 0.0, False),
        ({"storage": {}}, 10.0, None, False),
        ({"storage": {}, "total_size": 0.0}, 10.0, 0.0, False),
        ({"storage": {"A": StorageLine(3.0, 1.0, cost_is_upper_bound=True)}}, 10.0, 3.0, True),
        ({"storage": LINES | {"C": StorageLine(1.0, 1.0, cost_is_upper_bound=True)}}, 10.0, 8.0, True),
    ],
)
def test_what_is_known_of_a_bucket_is_its_total_or_a_lower_bound(
    fields: dict[str, Any], cost: float | None, size: float | None, is_upper_bound: bool
) -> None:
    one = bucket(**{"storage": LINES, "total_size": None, **fields})
    assert (one.least_cost, one.least_size, one.cost_is_upper_bound) == (cost, size, is_upper_bound)


@pytest.mark.parametrize("count", [0, 1, 2, 301])
def test_buckets_are_written_like_a_list_with_an_indent_of_2(count: int) -> None:
    buckets = [bucket(f"b{number}") for number in range(count)]
    content = encode(buckets)
    assert msgspec.json.decode(content, type=list[Bucket]) == buckets
    assert content == (msgspec.json.format(msgspec.json.encode(buckets), indent=2) + b"\n")


EXPORT = BillingExport("cur2", "billing")


@pytest.mark.parametrize(
    ("fields", "costs"),
    [({}, "billed"), ({"tag": "name"}, "tagged"), ({"export": EXPORT}, "exported"),
     ({"tag": "name", "export": EXPORT}, "exported")],
)  # fmt: skip
def test_costs_are_attributed_by_export_tag_or_bytes(fields: dict[str, Any], costs: str) -> None:
    assert CostQuery(0, "aws", (), date(2026, 1, 1), date(2026, 2, 9), **fields).costs == costs


@pytest.mark.parametrize(
    ("start", "days", "current"),
    [
        (date(2026, 1, 1), 31, date(2026, 2, 1)),
        (date(2026, 2, 1), 28, date(2026, 3, 1)),
        (date(2028, 2, 1), 29, date(2028, 3, 1)),
        (date(2026, 12, 1), 31, date(2027, 1, 1)),
        (date(2026, 4, 1), 30, date(2026, 5, 1)),
    ],
)
def test_the_billed_month_ends_where_the_current_one_starts(start: date, days: int, current: date) -> None:
    query = CostQuery(0, "aws", (), start, current)
    assert (query.days, query.current) == (days, current)


@pytest.mark.parametrize(
    ("today", "start"),
    [
        (date(2026, 11, 22), date(2026, 10, 1)),
        (date(2026, 11, 1), date(2026, 10, 1)),
        (date(2027, 1, 31), date(2026, 12, 1)),
        (date(2026, 3, 1), date(2026, 2, 1)),
    ],
)
def test_the_bill_is_requested_from_the_last_complete_month_until_today(today: date, start: date) -> None:
    assert last_month(today) == (start, today)


@pytest.mark.parametrize(
    ("left", "right", "unit"),
    [
        ((1, "Requests"), (2, "Requests"), "Requests"),
        ((1, "GB-Mo"), (2, "GB-Month"), "GB-Mo"),
        ((1, "GB-Months"), (2, "GB-Mo"), "GB-Mo"),
        ((1, "GB-Mo"), (2, "Requests"), MIXED),
        ((1, "Requests"), (2, "GB-Mo"), MIXED),
        ((0, "Requests"), (2, "GB-Mo"), "GB-Mo"),
        ((1, "Requests"), (0, "GB-Mo"), "Requests"),
        ((0, "Requests"), (0, "GB-Mo"), "GB-Mo"),
        ((1, "GB"), (1, "GB-Mo"), MIXED),
    ],
)
def test_a_sum_has_the_unit_of_its_parts(left: tuple[int, str], right: tuple[int, str], unit: str) -> None:
    assert shared_unit((Decimal(left[0]), left[1]), (Decimal(right[0]), right[1])) == unit


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("GB-Mo", True), ("gb month", True), ("GB_Months", True), ("GB", False), ("GB-Hours", False), ("", False)],
)
def test_gb_months_have_several_spellings(unit: str, expected: bool) -> None:
    assert is_gb_months(unit) is expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [(7, 7.0), ("7B", 7.0), ("7 B", 7.0), ("1.5 KiB", 1536.0), ("2 MiB", 2.0 * 2**20), ("3GiB", 3.0 * 2**30),
     ("4 TiB", 4.0 * 2**40), ("5 PiB", 5.0 * 2**50)],
)  # fmt: skip
def test_units_of_sizes_are_powers_of_1024(size: str | float, expected: float) -> None:
    assert to_bytes(size) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"), [("logs", False), ("log*", True), ("log?", True), ("log[s]", True), ("log]", False)]
)
def test_globs_have_special_characters(pattern: str, expected: bool) -> None:
    assert is_glob(pattern) is expected


def test_errors_keep_their_message_advice_and_cause() -> None:
    error = MissingCredentialsError("no login", "log in", denied_by="boundary")
    assert (str(error), error.advice, error.denied_by) == ("no login", "log in", "boundary")
    assert (str(UserError("wrong")), UserError("wrong").advice) == ("wrong", "")
    cause = AwsError("denied", "StartQueryExecution", "no", code="X", advice="ask")
    failure = StatementFailure(cause, 7)
    assert (failure.kind, failure.operation, failure.message, failure.code, failure.advice, failure.scanned) == (
        "denied", "StartQueryExecution", "no", "X", "ask", 7,
    )  # fmt: skip
    assert str(failure) == "StartQueryExecution: no"


@pytest.mark.parametrize(
    ("count", "text"), [(1, "1 entry"), (2, "2 entries"), (0, "0 entries"), (1234, "1,234 entries")]
)
def test_an_incomplete_list_counts_its_unreadable_entries(count: int, text: str) -> None:
    error = IncompleteList("ListBuckets", count)
    assert str(error) == f"ListBuckets: could not read {text} of the response"
    assert (error.kind, error.unreadable, error.buckets, error.advice) == ("broken", count, [], "try again later")


@pytest.mark.parametrize(
    ("state", "is_open"),
    [("ACTIVE", True), ("PENDING_CLOSURE", True), ("SUSPENDED", False), ("CLOSED", False),
     ("PENDING_ACTIVATION", False)],
)  # fmt: skip
def test_requests_are_sent_to_open_accounts(state: str, is_open: bool) -> None:
    one = OrganizationAccount("1", "x", state, "aws", "2")
    assert (one.is_open, one.is_management) == (is_open, False)
    assert OrganizationAccount("2", "x", state, "aws", "2").is_management


@pytest.mark.parametrize(
    ("template", "singular", "plural"),
    [
        ("denied: {detail}", "denied: {detail}", ""),
        ("[1 bucket|{buckets}] of it", "1 bucket of it", "{buckets} of it"),
        ("the bucket[s] [is|are] late", "the bucket is late", "the buckets are late"),
    ],
)
def test_a_message_has_a_plural_where_its_forms_differ(template: str, singular: str, plural: str) -> None:
    for create, severity in ((gap, "gap"), (note, "note")):
        type_ = create(template, ("cost",), advice="try")
        assert (type_.severity, type_.message, type_.plural) == (severity, singular, plural)
        assert (type_.affects, type_.advice) == (("cost",), "try")
        assert type_.has_detail is singular.endswith("{detail}")


PAGE = KeysPage(["a", "b", "c"], [1, 2, 3], ["X", "Y", "Z"], ["t", "u", "v"], markers=["m", "n"], token=("next",))


def test_a_page_of_keys_is_narrowed_with_all_its_columns() -> None:
    assert PAGE.where([True, False, True]) == PAGE._replace(
        keys=["a", "c"], sizes=[1, 3], classes=["X", "Z"], times=["t", "v"]
    )
    assert PAGE.between(1, 2) == PAGE._replace(keys=["b"], sizes=[2], classes=["Y"], times=["u"])
    versions = PAGE._replace(latest=[True, False, False])
    assert versions.where([True, False, True]).latest == [True, False]
    assert versions.between(1, 3).latest == [False, False]


@pytest.mark.parametrize(
    ("keys", "markers", "is_ordered"),
    [("abc", "mn", True), ("abb", "mm", True), ("", "", True), ("ba", "mn", False), ("ab", "nm", False),
     ("acb", "", False)],
)  # fmt: skip
def test_keys_and_markers_are_ordered_each(keys: str, markers: str, is_ordered: bool) -> None:
    assert PAGE._replace(keys=list(keys), markers=list(markers)).is_ordered is is_ordered


def test_a_bucket_has_at_most_as_many_storage_classes_as_the_limit() -> None:
    names = [f"CLASS_{number}" for number in range(64)]
    check_storage_classes(names)
    with pytest.raises(ValueError, match="at most 64 storage classes, got 65"):
        check_storage_classes([*names, "MORE"])
    with pytest.raises(ValueError, match="must be a name in upper-case letters, got 'standard'"):
        check_storage_classes(["STANDARD", "standard"])


def test_calls_cost_their_list_price() -> None:
    calls = CallCounts({"ListObjectsV2": 2000, "ListBuckets": 1000, "DescribeRegions": 9}, 3_000, 2048)
    one = CallCounts({"ListObjectsV2": 1}).usd
    assert one > 0
    assert CallCounts({"ListObjectsV2": 2000}).usd == 2000 * one
    assert CallCounts({"DescribeRegions": 9}).usd == 0
    assert CallCounts(metrics=3_000).usd == Decimal("0.03")
    assert CallCounts(athena_mb=2048).usd == Decimal(5) * 2048 / 2**20
    assert calls.usd == sum(
        part.usd for part in (CallCounts(calls.requests), CallCounts(metrics=3_000), CallCounts(athena_mb=2048))
    )
    assert calls.total == 3009


def stats(complete: bool, at: int, objects: int) -> ObjectStats:
    amount = Amount(objects, 1)
    return ObjectStats("listing", at, complete, amount, {"STANDARD": amount}, None, None)


def test_of_two_statistics_the_complete_the_later_or_the_larger_one_is_kept() -> None:
    order = [stats(False, 1, 1), stats(False, 1, 2), stats(False, 2, 1), stats(True, 1, 1), stats(True, 2, 1)]
    for index, larger in enumerate(order):
        for smaller in order[: index + 1]:
            assert merge_object_stats(smaller, larger) == merge_object_stats(larger, smaller) == larger
    assert merge_object_stats(None, order[0]) == order[0]


@pytest.mark.parametrize(
    ("rule", "narrowed"),
    [
        (ObjectsRule(), False),
        (ObjectsRule(keys=(KeyPattern("b", "*"),)), True),
        (ObjectsRule(regex="x"), True),
    ],
)
def test_selected_keys_narrow_the_statistics(rule: ObjectsRule, narrowed: bool) -> None:
    assert rule.narrowed is narrowed


def test_every_restriction_of_a_selection_is_named() -> None:
    assert Selection(profile="dev").restrictions == {}
    assert Selection(regions=("r",), buckets=("b",), storage_types=("S",), regex="x").restrictions == {
        "Regions": ("r",), "Buckets": ("b",), "Storage types": ("S",), "Keys that match": ("x",),
    }  # fmt: skip
