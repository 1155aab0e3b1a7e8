"""The buckets, accounts and regions that a policy is about."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from s3_monitor.model.bucket import StorageLine
from s3_monitor.model.plan import Selection
from s3_monitor.model.policies import Budget
from s3_monitor.policies.scope import Scope
from tests.policies.fixtures import ACCOUNT, REGION, bucket, evaluate, summary
from tests.problems import gap, note

GLACIER = {"GlacierStorage": StorageLine(1.0, 1.0)}


def scope(**selectors: Any) -> Scope:
    return Scope(Budget(name="x", **selectors))


@pytest.mark.parametrize(
    ("selectors", "fields", "belongs"),
    [
        ({}, {}, True),
        ({}, {"kind": "directory"}, True),
        ({}, {"kind": "table"}, False),
        ({}, {"kind": "vector"}, False),
        ({"account": ("1", ACCOUNT)}, {}, True),
        ({"account": "1"}, {}, False),
        ({"region": "eu-west-2"}, {}, False),
        ({"bucket": ("data", "log*")}, {}, True),
        ({"bucket": "log"}, {}, False),
        ({"storage_type": "GlacierStorage"}, {}, False),
        ({"storage_type": ("GlacierStorage", "StandardStorage")}, {}, True),
        ({"storage_type": "GlacierStorage"}, {"state": "incomplete"}, None),
        ({"storage_type": "GlacierStorage"}, {"state": "incomplete", "storage": GLACIER}, True),
        ({"tag": {"team": "web"}}, {"tags": {"team": "web", "stage": "prod"}}, True),
        ({"tag": {"team": "web"}}, {"tags": {"stage": "web"}}, False),
        ({"tag": {"team": "web"}}, {"tags": UNSET}, None),
        ({"tag": {"team": "web"}, "account": "1"}, {"tags": None}, False),
        ({"tag": {"team": "web"}, "storage_type": "GlacierStorage"}, {"tags": {}, "state": "incomplete"}, False),
        ({"tag": {"team": "web"}, "storage_type": "GlacierStorage"}, {"tags": None, "storage": GLACIER}, None),
        ({"tag": {"team": "web"}, "storage_type": "GlacierStorage"}, {"tags": {"team": "web"}}, False),
    ],
)
def test_a_bucket_belongs_to_a_policy_if_every_selector_matches(
    selectors: dict[str, Any], fields: dict[str, Any], belongs: bool | None
) -> None:
    assert scope(**selectors).has(bucket(**fields)) is belongs


@pytest.mark.parametrize(
    ("selectors", "account", "region", "belongs"),
    [
        ({}, "1", "r", True),
        ({}, None, None, True),
        ({"account": "1"}, "1", "r", True),
        ({"account": "1"}, "2", "r", False),
        ({"account": "1"}, None, None, True),
        ({"region": ("q", "r")}, "1", "r", True),
        ({"region": ("q", "r")}, "1", "s", False),
        ({"region": "r"}, "1", None, True),
        ({"account": "1", "region": "r"}, "1", "s", False),
        ({"account": "1", "region": "r"}, "2", "r", False),
    ],
)
def test_an_unknown_account_or_region_may_belong_to_every_policy(
    selectors: dict[str, Any], account: str | None, region: str | None, belongs: bool
) -> None:
    assert scope(**selectors).has_place(account, region) is belongs


@pytest.mark.parametrize(
    ("selectors", "account", "region"),
    [
        ({}, None, None),
        ({"account": ACCOUNT, "region": REGION}, ACCOUNT, REGION),
        ({"account": (ACCOUNT, "2"), "region": (REGION, "r")}, None, None),
    ],
)
def test_cases_of_a_budget_name_its_only_account_and_region(
    selectors: dict[str, Any], account: str | None, region: str | None
) -> None:
    (case,) = evaluate(Budget(name="x", max_objects=9, **selectors), [bucket()]).cases
    assert (case.account, case.region) == (account, region)


@pytest.mark.parametrize(
    ("problem", "is_gap"),
    [
        (gap("1/r", "denied"), True),
        (gap("1", "denied"), True),
        (gap("", "denied"), True),
        (gap("1/r", "denied", affects=("size",)), True),
        (gap("1/r", "denied", affects=("last_modified",)), False),
        (gap("2/r", "denied"), False),
        (gap("1/s", "denied"), False),
        (gap("1/r/logs", "denied"), False),
        (note("1/r", "denied"), False),
    ],
)
def test_gaps_of_the_accounts_and_regions_of_a_policy_concern_it(problem: Any, is_gap: bool) -> None:
    report = summary([note("1", "other"), problem])
    assert scope(account="1", region="r").gap(report, "cost", "size") == (problem.text if is_gap else "")


@pytest.mark.parametrize(
    ("selection", "regions", "message"),
    [
        (Selection(), (), ""),
        (Selection(regions=("a", "b")), ("a",), ""),
        (Selection(regions=("a", "b")), ("a", "b"), ""),
        (Selection(regions=("a",)), ("a", "b"), "the run selected only regions a"),
        (Selection(regions=("a",)), (), "the run selected only regions a"),
        (Selection(regions=("a",), buckets=("x",)), ("a",), "the run selected only buckets x"),
        (Selection(buckets=tuple("wxyz")), ("a",), "the run selected only buckets w, x, y"),
    ],
)
def test_a_restriction_of_the_run_is_named_unless_it_covers_the_policy(
    selection: Selection, regions: tuple[str, ...], message: str
) -> None:
    assert scope(region=regions).unselected(summary(selection=selection)) == message
