"""A budget is violated only if that is certain, and a gap never passes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.bucket import Bucket, StorageLine
from s3_monitor.model.plan import Selection
from s3_monitor.model.policies import Budget
from s3_monitor.model.problem import create_problem
from tests.policies.fixtures import ACCOUNT, REGION, bucket, evaluate, result

UNKNOWN_SIZE = bucket("b", size=None)
UNPRICED = bucket("b", cost=None)
AT_MOST_10 = bucket("b", storage={"StandardStorage": StorageLine(1000.0, 10.0, cost_is_upper_bound=True)})
DENIED = create_problem("account-inaccessible", account="444455556666", detail="denied")


@pytest.mark.parametrize(
    ("limits", "buckets", "status", "value"),
    [
        ({"max_usd_month": 20}, [bucket(), bucket("b")], "pass", 20.0),
        ({"max_usd_month": 19.99}, [bucket(), bucket("b")], "fail", 20.0),
        ({"max_usd_month": 19.99, "severity": "warn"}, [bucket(), bucket("b")], "warn", 20.0),
        ({"max_usd_month": 20, "warn_at": 0.9}, [bucket(), bucket("b")], "warn", 20.0),
        ({"max_usd_month": 40, "warn_at": 0.9}, [bucket(), bucket("b")], "pass", 20.0),
        # unknown parts
        ({"max_usd_month": 9}, [bucket(), UNKNOWN_SIZE], "fail", None),
        ({"max_usd_month": 99}, [bucket(), UNKNOWN_SIZE], "unknown", None),
        ({"max_usd_month": 99}, [bucket(), UNPRICED], "unknown", None),
        ({"max_size": "10 KiB"}, [bucket(), UNPRICED], "pass", 2000.0),
        ({"max_usd_month": 20}, [bucket(), AT_MOST_10], "pass", None),
        ({"max_usd_month": 15}, [bucket(), AT_MOST_10], "unknown", None),
        ({"max_usd_month": 9}, [bucket(), AT_MOST_10], "fail", None),
        ({"max_size": 1500}, [bucket(), UNKNOWN_SIZE], "unknown", None),
        ({"max_usd_month": 0, "warn_at": 0.5}, [bucket(cost=0.0)], "pass", 0.0),
        ({"max_usd_month": 1, "warn_at": 0.5}, [bucket(cost=0.49)], "pass", 0.49),
        ({"max_usd_month": 1, "warn_at": 0.5}, [bucket(cost=0.5)], "warn", 0.5),
        # other limits
        ({"max_size": "1.5 KiB"}, [bucket(), bucket("b")], "fail", 2000.0),
        ({"max_size": 2000}, [bucket(), bucket("b")], "pass", 2000.0),
        ({"max_objects": 9}, [bucket(), bucket("b")], "fail", 10.0),
        ({"max_objects": 9}, [bucket(), bucket("b", num_objects=None)], "unknown", None),
        ({"max_growth_usd_30d": 3.5}, [bucket(), bucket("b")], "fail", 4.0),
        ({"max_growth_usd_30d": 4}, [bucket(), bucket("b")], "pass", 4.0),
        ({"max_growth_usd_30d": 1}, [bucket(), bucket("b", cost_change_30d=None)], "unknown", None),
        ({"max_growth_percent_30d": 24}, [bucket(), bucket("b")], "fail", 25.0),
        ({"max_growth_percent_30d": 25}, [bucket(), bucket("b")], "pass", 25.0),
        ({"max_growth_percent_30d": 25}, [bucket(cost_change_30d=-5.0)], "pass", pytest.approx(-33.333333)),
        ({"max_growth_percent_30d": 25}, [bucket(cost_change_30d=10.0)], "unknown", None),  # from 0
        ({"max_growth_percent_30d": 25}, [bucket(cost=0.5, cost_change_30d=0.5)], "unknown", None),
        ({"max_growth_percent_30d": 200}, [bucket(cost=1.5, cost_change_30d=1.0)], "pass", 200.0),
        ({"max_growth_percent_30d": 25}, [bucket(cost=0.0, cost_change_30d=0.0)], "pass", 0.0),
        # nothing selected; kinds without metrics
        ({"max_usd_month": 20, "account": "999"}, [bucket()], "unknown", None),
        ({"max_usd_month": 20}, [], "unknown", None),
        ({"max_usd_month": 20}, [bucket(), bucket("t", size=None, kind="table", state="unmeasured")], "pass", 10.0),
    ],
)
def test_a_limit_is_compared_with_the_sum(
    limits: dict[str, Any], buckets: list[Bucket], status: str, value: float | None
) -> None:
    found = result(Budget(name="x", **limits), buckets)
    assert (found.status, found.cases[0].value) == (status, value)
    assert (found.message == "") == (status == "pass")
    assert found.violated == (status == "fail" or limits.get("severity") == "warn")


@pytest.mark.parametrize(
    ("selectors", "cost"),
    [
        ({}, 111.0),
        ({"account": ACCOUNT}, 11.0),
        ({"account": (ACCOUNT, "2")}, 111.0),
        ({"region": "us-east-1"}, 10.0),
        ({"bucket": "log?-*"}, 1.0),
        ({"bucket": ("logs-*", "data")}, 101.0),
        ({"storage_type": "GlacierStorage"}, 100.0),
        ({"tag": {"team": "web"}}, 10.0),
        ({"tag": {"team": ("w*", "data"), "stage": "prod"}}, 1.0),
    ],
)
def test_selectors_choose_buckets_and_storage_types(selectors: dict[str, Any], cost: float) -> None:
    buckets = [
        bucket("data", account="2", storage={"GlacierStorage": StorageLine(9.0, 100.0)}, tags={}),
        bucket("logs-a", 1.0, tags={"team": "data", "stage": "prod"}),
        bucket("web", 10.0, region="us-east-1", tags={"team": "web"}),
    ]
    assert result(Budget(name="x", max_usd_month=1000, **selectors), buckets).cases[0].value == cost


@pytest.mark.parametrize("order", [("GlacierStorage", "StandardStorage"), ("StandardStorage", "GlacierStorage")])
def test_of_a_storage_type_only_its_own_bytes_count(order: tuple[str, str]) -> None:
    of_type = {"GlacierStorage": StorageLine(7.0, 3.0), "StandardStorage": StorageLine(9.0, 100.0)}
    lines = {name: of_type[name] for name in order}
    budget = Budget(name="x", storage_type=("GlacierStorage",), max_size="5 B", max_usd_month=3)
    found = result(budget, [bucket(storage=lines, total_size=16.0)])
    assert [(case.name, case.status, case.value) for case in found.cases] == [
        ("max_usd_month", "pass", 3.0),
        ("max_size", "fail", 7.0),
    ]


@pytest.mark.parametrize(("tags", "status"), [({"team": "data"}, "fail"), ({"team": "x"}, "pass"), (None, "unknown")])
def test_a_bucket_of_unknown_tags_may_belong_to_the_budget(tags: dict[str, str] | None, status: str) -> None:
    buckets = [bucket("a", 1.0, tags={"team": "data"}), bucket("b", 10.0, tags=tags)]
    found = result(Budget(name="x", max_usd_month=5, tag={"team": "data"}), buckets)
    assert found.status == status
    assert status != "unknown" or "b: tags" in found.message


@pytest.mark.parametrize(
    ("budget", "status"),
    [
        (Budget(name="x", max_usd_month=99), "unknown"),
        (Budget(name="x", max_usd_month=9), "fail"),
        (Budget(name="x", max_growth_usd_30d=1), "unknown"),
        (Budget(name="x", max_usd_month=99, account=ACCOUNT), "pass"),
        (Budget(name="x", max_usd_month=99, account="444455556666"), "unknown"),
    ],
)
def test_missing_accounts_and_regions_make_a_budget_unknown_unless_it_is_exceeded(budget: Budget, status: str) -> None:
    found = result(budget, [bucket()], (), [DENIED])
    assert found.status == status
    assert status != "unknown" or DENIED.text in found.message


@pytest.mark.parametrize(
    ("selection", "budget", "status"),
    [
        (Selection(regions=(REGION,)), Budget(name="x", max_usd_month=99), "unknown"),
        (Selection(regions=(REGION,)), Budget(name="x", max_usd_month=9), "fail"),
        (Selection(regions=(REGION, "us-east-1")), Budget(name="x", max_usd_month=99, region=REGION), "pass"),
        (Selection(buckets=("logs",)), Budget(name="x", max_usd_month=99, region=REGION), "unknown"),
    ],
)
def test_a_restricted_run_does_not_prove_that_a_budget_is_kept(
    selection: Selection, budget: Budget, status: str
) -> None:
    found = result(budget, [bucket()], selection=selection)
    assert found.status == status
    assert status != "unknown" or "the run selected only" in found.message


def test_a_limit_in_usd_is_unknown_for_prices_in_another_currency() -> None:
    found = result(Budget(name="x", max_usd_month=1, max_objects=9), [bucket()], currency="CNY")
    assert [case.status for case in found.cases] == ["unknown", "pass"]
    assert found.message == "max_usd_month: prices are in CNY"


def test_each_limit_is_a_case_with_its_value() -> None:
    evaluated = evaluate(Budget(name="x", max_usd_month=5, max_objects=4, max_size="1 TiB"), [bucket()])
    assert [case.name for case in evaluated.cases] == ["max_usd_month", "max_size", "max_objects"]
    assert evaluated.result.message == ("max_usd_month: 10.00 USD per month, limit 5.00 USD per month (and 1 more)")
    assert (evaluated.result.passed, evaluated.result.violated) == (1, 2)


@pytest.mark.parametrize(
    ("limits", "other", "message"),
    [
        (
            {"max_usd_month": 20},
            UNKNOWN_SIZE,
            "10.00 USD per month or more, limit 20.00 USD per month: b: size unknown",
        ),
        ({"max_usd_month": 20}, UNPRICED, "10.00 USD per month or more, {limit}: b: storage without a known price"),
        ({"max_usd_month": 15}, AT_MOST_10, "10.00 to 20.00 USD per month, {limit}: b: storage without a known price"),
        ({"max_usd_month": 20, "warn_at": 0.5}, bucket("b", 6.0), "16.00 USD per month, {limit} (warn_at 0.5)"),
        ({"max_growth_usd_30d": 20}, bucket("b", cost_change_30d=None), "unknown, {limit}: no value 30 days ago"),
        ({"max_growth_percent_30d": 10}, bucket("b"), "25.0%, limit 10.0%"),
        ({"max_size": 1999}, bucket("b"), "2,000 bytes, limit 1,999 bytes"),
        ({"max_objects": 9}, bucket("b"), "10 objects, limit 9 objects"),
    ],
)
def test_the_message_has_the_value_or_its_bounds_and_what_is_unknown(
    limits: dict[str, Any], other: Bucket, message: str
) -> None:
    (key, limit) = next(iter(limits.items()))
    found = result(Budget(name="x", **limits), [bucket(), other]).message
    assert found.startswith(f"{key}: " + message.format(limit=f"limit {limit}.00 USD per month"))


def test_the_message_names_the_first_bucket_with_unknown_data() -> None:
    buckets = [bucket("a"), bucket("b", size=None), bucket("c", cost=None), bucket("d")]
    assert result(Budget(name="x", max_usd_month=99), buckets).message.endswith(": b: size unknown (incomplete)")


def test_a_limit_that_is_almost_reached_counts_as_passed() -> None:
    found = result(Budget(name="x", max_usd_month=10, max_objects=99, warn_at=0.9), [bucket()])
    assert (found.kind, found.id, found.passed, found.violated, found.status) == ("budget", None, 2, 0, "warn")
    assert [case.status for case in found.cases] == ["near", "pass"]


amounts = st.sampled_from([0.0, 0.25, 1.0, 3.0, None])


@given(st.lists(amounts, max_size=6), st.floats(0, 10), st.lists(st.sampled_from([0.0, 0.5, 100.0]), max_size=6))
def test_a_known_result_is_right_for_all_values_of_the_unknown_costs(
    costs: list[float | None], limit: float, unknown: list[float]
) -> None:
    buckets = [bucket(f"b{number}", cost) for number, cost in enumerate(costs)]
    status = result(Budget(name="x", max_usd_month=limit), buckets).status
    total = sum(cost for cost in costs if cost is not None)
    total += sum((unknown + [0.0] * len(costs))[: costs.count(None)])
    if buckets:
        assert status == "unknown" or (status == "fail") == (total > limit)
        assert None in costs or status != "unknown"
