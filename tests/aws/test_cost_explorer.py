"""Cost Explorer over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from s3_monitor.aws import cost_explorer
from s3_monitor.aws.cost_explorer import CostExplorerApi
from s3_monitor.model.bill import CostGroup, CostQuery
from s3_monitor.model.errors import AwsError
from s3_monitor.simulator import Billing, Charge, Fault, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.collect.canned_responses import server
from tests.collect.fixtures import Clients

TODAY = date(2026, 11, 22)
ONE, OTHER = "123456789012", "444455556666"
CHARGES = tuple(
    Charge(account, f"EU-Requests-Tier{tier}", Decimal("1.5") * tier, Decimal(tier), "Requests")
    for account in (ONE, OTHER)
    for tier in (1, 2, 3)
)


def question(*accounts: str, start: date = date(2026, 10, 1), tag: str = "") -> CostQuery:
    return CostQuery(0, "aws", accounts or (ONE, OTHER), start, date(2026, 11, 22), tag)


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    owners = [make_account(ONE, []), make_account(OTHER, [], access_key="AKIASIMULATED00000002")]
    with Simulator(owners, today=TODAY, billing=Billing(charges=CHARGES, page=4)) as running:
        yield running


def groups(simulator: Simulator, asked: CostQuery, **options: Any) -> list[CostGroup]:
    attempts = options.pop("attempts", 1)
    clients = Clients(simulator.url, attempts)
    pages = CostExplorerApi(clients).cost_pages(asked, bool(asked.tag))
    return [group for page in pages for group in page.groups]


def test_every_page_of_both_months_is_read_and_counted(simulator: Simulator) -> None:
    api = CostExplorerApi(Clients(simulator.url))
    pages = list(api.cost_pages(question(), by_tag=False))
    assert api.calls.calls().requests == {"GetCostAndUsage": 3}
    assert pages[0].estimated == {date(2026, 10, 1): False, date(2026, 11, 1): True}
    found = [group for page in pages for group in page.groups]
    assert len(found) == 12
    assert found[0] == CostGroup(
        date(2026, 10, 1), ONE, "EU-Requests-Tier1", Decimal("1.5"), "USD", Decimal(1), "Requests"
    )


def test_only_requested_accounts_are_in_the_result(simulator: Simulator) -> None:
    assert {group.key for group in groups(simulator, question(OTHER))} == {OTHER}


def test_more_accounts_than_fit_one_query_take_several_queries(simulator: Simulator) -> None:
    many = [f"{number:012d}" for number in range(250)]
    found = groups(simulator, question(*many, ONE, OTHER))
    assert {group.key for group in found} == {ONE, OTHER}
    assert simulator.counters.total("GetCostAndUsage").calls == 1 + 3


def test_by_tag_the_key_is_the_value_without_the_tags_name(simulator: Simulator) -> None:
    assert {group.key for group in groups(simulator, question(tag="bucket_name"))} == {""}


@pytest.mark.parametrize(
    ("fault", "kind", "advice"),
    [
        (Fault("deny"), "denied", "allow ce:GetCostAndUsage to the role or user"),
        (Fault("throttle"), "throttled", "in a few minutes"),
        (Fault("error"), "broken", "try again later"),
        (Fault("malformed"), "broken", ""),
        (Fault("reset"), "unreachable", "check the network"),
        (Fault("deny", after=1), "denied", "ce:GetCostAndUsage"),
    ],
)
def test_an_error_has_advice(simulator: Simulator, fault: Fault, kind: str, advice: str) -> None:
    simulator.faults.add(fault)
    with pytest.raises(AwsError) as caught:
        groups(simulator, question())
    assert caught.value.kind == kind
    assert advice in caught.value.advice


def test_a_throttled_request_is_retried(simulator: Simulator) -> None:
    simulator.faults.add(Fault("throttle", first=1))
    assert len(groups(simulator, question(), attempts=3)) == 12


def test_a_month_that_is_too_old_is_rejected(simulator: Simulator) -> None:
    with pytest.raises(AwsError, match="beyond 14 months") as caught:
        groups(simulator, question(start=date(2024, 1, 1)))
    assert caught.value.kind == "refused"


def result(**changes: Any) -> dict[str, Any]:
    metrics = {
        "UnblendedCost": {"Amount": "1", "Unit": "USD"},
        "UsageQuantity": {"Amount": "2", "Unit": "GB-Mo"},
    } | changes.pop("metrics", {})
    group = {"Keys": [ONE, "X"], "Metrics": metrics} | changes
    return {"ResultsByTime": [{"TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"}, "Groups": [group]}]}


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"ResultsByTime": [{"TimePeriod": {"Start": "x"}}]},
        result(Keys=[ONE]),
        result(Metrics={}),
    ],
)
def test_an_invalid_response_is_an_error_and_never_an_amount(answer: dict[str, Any]) -> None:
    with server(lambda operation, sent: (200, answer)) as url, pytest.raises(AwsError, match="could not read"):
        list(CostExplorerApi(Clients(url)).cost_pages(question(ONE), by_tag=False))


@pytest.mark.parametrize("metric", ["UnblendedCost", "UsageQuantity"])
@pytest.mark.parametrize("amount", ["NaN", "many", "Infinity", "1e15", "1e999999999", "1e-999999999", "9" * 5000, None])
def test_an_invalid_amount_invalidates_only_its_usage_type(metric: str, amount: object) -> None:
    answer = result(metrics={metric: {"Amount": amount, "Unit": "X"}})
    (month,) = answer["ResultsByTime"]
    month["Groups"] += result(Keys=[ONE, "Y"])["ResultsByTime"][0]["Groups"]
    page = cost_explorer._page("", answer)
    assert ([group.usage_type for group in page.groups], page.invalid) == (["Y"], ("X",))


@pytest.mark.parametrize(
    ("tags", "active"), [({"bucket_name": "Active"}, True), ({"bucket_name": "Inactive"}, False), ({}, None)]
)
def test_a_cost_allocation_tag_is_active_or_not(tags: dict[str, str], active: bool | None) -> None:
    with Simulator(make_account(ONE, []), today=TODAY, billing=Billing(tags=tags)) as running:
        found = CostExplorerApi(Clients(running.url)).tag_is_active("aws", "bucket_name")
        assert found is active


GROUP = {
    "Keys": [ONE, "EU-Requests-Tier1"],
    "Metrics": {"UnblendedCost": {"Amount": "1", "Unit": "USD"}, "UsageQuantity": {"Amount": "2", "Unit": "Requests"}},
}


@pytest.mark.parametrize(
    "odd",
    [
        {"Keys": [ONE, None]},
        {"Keys": [ONE, 1.5]},
        {"Keys": [5, "x"]},
        {"Keys": [ONE, "\ud800"]},
        {"Keys": [ONE]},
        {"Metrics": {**GROUP["Metrics"], "UnblendedCost": {"Amount": "1", "Unit": None}}},
        {"Metrics": {**GROUP["Metrics"], "UsageQuantity": {"Amount": "1", "Unit": 5}}},
        {"Metrics": None},
    ],
    ids=str,
)
def test_a_malformed_group_is_an_error_of_one_line(odd: dict[str, Any]) -> None:
    month = {"TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"}, "Groups": [GROUP, {**GROUP, **odd}]}

    def script(operation: str, question: dict[str, Any]) -> tuple[int, Any]:
        return 200, {"ResultsByTime": [month]}

    with server(script) as url, pytest.raises(AwsError, match="could not read the response") as raised:
        list(CostExplorerApi(Clients(url)).cost_pages(question(), by_tag=False))
    assert raised.value.kind == "broken"
