"""Accounts of an organization, costs, and simulated permissions, with canned responses."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from s3_monitor.aws.cost_explorer import CostExplorerApi
from s3_monitor.aws.diagnostics import DiagnosticsApi, rejected_at
from s3_monitor.aws.organizations import OrganizationsApi
from s3_monitor.model.bill import CostGroup, CostPage, CostQuery
from s3_monitor.model.errors import AwsError
from tests.aws.canned_client import CannedClients

CREATED = datetime(2026, 1, 2, tzinfo=UTC)


def denied(**metadata: Any) -> ClientError:
    response: Any = {"Error": {"Code": "403"}, "ResponseMetadata": {"HTTPStatusCode": 403, **metadata}}
    return ClientError(response, "HeadBucket")


def account(**fields: Any) -> dict[str, Any]:
    return {"Id": "111122223333", "Name": "n", "State": "ACTIVE", **fields}


def accounts(*sent: dict[str, Any]) -> Any:
    clients = CannedClients({"list_accounts": [{"Accounts": list(sent)}]})
    (page,) = OrganizationsApi(clients).organization_pages()
    assert clients.requests == [("list_accounts", {"MaxResults": 20})]
    return page


def test_the_name_of_an_account_has_at_most_128_characters() -> None:
    (found,) = accounts(account(Name="x" * 129))
    assert found.name == "x" * 128
    api = OrganizationsApi(
        CannedClients({"describe_organizational_unit": [{"OrganizationalUnit": {"Name": "y" * 129}}]})
    )
    assert api.unit_name("ou-ab12-11111111") == "y" * 128


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, ("aws", "", None, None, "ACTIVE")),
        ({"State": None, "Status": "SUSPENDED"}, ("aws", "", None, None, "SUSPENDED")),
        ({"State": None, "Name": None}, ("aws", "", None, None, "")),
        (
            {"Arn": "arn:aws-cn:organizations::999900001111:account/o-abcdefghij/111122223333"},
            ("aws-cn", "999900001111", None, None, "ACTIVE"),
        ),
        ({"Paths": ["o-abcdefghij/r-ab12/"]}, ("aws", "", ("r-ab12",), None, "ACTIVE")),
        (
            {"Paths": ["bad", "o-abcdefghij/r-ab12/ou-ab12-11111111/111122223333/"]},
            ("aws", "", ("r-ab12", "ou-ab12-11111111"), None, "ACTIVE"),
        ),
        ({"JoinedTimestamp": CREATED}, ("aws", "", None, int(CREATED.timestamp()), "ACTIVE")),
        ({"JoinedTimestamp": "never"}, ("aws", "", None, None, "ACTIVE")),
    ],
)
def test_what_an_account_does_not_state_has_a_default(fields: dict[str, Any], expected: Any) -> None:
    (found,) = accounts(account(**fields))
    assert (found.partition, found.management_account, found.units, found.joined, found.state) == expected


def test_an_account_without_a_valid_id_is_an_error() -> None:
    with pytest.raises(AwsError, match="an account has no valid id"):
        accounts(account(Id="../x"))


def cost_query(count: int, tag: str = "") -> CostQuery:
    numbers = tuple(f"{number:012}" for number in range(count))
    return CostQuery(0, "aws", numbers, date(2026, 10, 1), date(2026, 11, 22), tag=tag)


def group(*keys: str, usd: str = "1.5", **usage: Any) -> dict[str, Any]:
    metrics = {"UnblendedCost": {"Amount": usd, "Unit": "USD"}, "UsageQuantity": {"Amount": "2", **usage}}
    return {"Keys": list(keys), "Metrics": metrics}


def month(*groups: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"TimePeriod": {"Start": "2026-10-01"}, "Groups": list(groups), **fields}


def costs(response: dict[str, Any], by_tag: bool = False, tag: str = "") -> CostPage:
    api = CostExplorerApi(CannedClients({"get_cost_and_usage": [response]}))
    (page,) = api.cost_pages(cost_query(1, tag), by_tag)
    return page


@pytest.mark.parametrize(("count", "sizes"), [(1, [1]), (200, [200]), (201, [200, 1]), (400, [200, 200])])
def test_200_accounts_are_in_a_request(count: int, sizes: list[int]) -> None:
    clients = CannedClients({"get_cost_and_usage": [{"ResultsByTime": []}]})
    assert len(list(CostExplorerApi(clients).cost_pages(cost_query(count), False))) == len(sizes)
    sent = [request["Filter"]["And"][1]["Dimensions"]["Values"] for _, request in clients.requests]
    assert [len(values) for values in sent] == sizes
    assert [value for values in sent for value in values] == list(cost_query(count).accounts)
    assert clients.requests[0][1]["TimePeriod"] == {"Start": "2026-10-01", "End": "2026-11-22"}
    assert clients.regions == [("ce", "us-east-1")] * len(sizes)


def test_costs_are_grouped_by_account_or_by_tag_and_by_usage_type() -> None:
    for by_tag, key in ((False, ("DIMENSION", "LINKED_ACCOUNT")), (True, ("TAG", "team"))):
        clients = CannedClients({"get_cost_and_usage": [{"ResultsByTime": []}]})
        list(CostExplorerApi(clients).cost_pages(cost_query(1, "team"), by_tag))
        assert [(one["Type"], one["Key"]) for one in clients.requests[0][1]["GroupBy"]] == [
            key,
            ("DIMENSION", "USAGE_TYPE"),
        ]


def test_a_group_has_its_amounts_and_a_month_whether_it_is_an_estimate() -> None:
    page = costs({"ResultsByTime": [month(group("1", "Requests-Tier1", Unit="N/A"), Estimated=True)]})
    first = date(2026, 10, 1)
    assert page == CostPage(
        {first: True}, [CostGroup(first, "1", "Requests-Tier1", Decimal("1.5"), "USD", Decimal(2), "N/A")], ()
    )
    assert costs({"ResultsByTime": [month(group("1", "x"))]}).estimated == {first: False}
    (unnamed,) = costs({"ResultsByTime": [month(group("1", "x"))]}).groups
    assert unnamed.unit == ""


@pytest.mark.parametrize("usd", ["NaN", "Infinity", "x", "1e999", ""])
def test_a_group_without_an_amount_is_left_out_and_its_usage_type_named(usd: str) -> None:
    sent = [group("1", "b", usd=usd), group("1", "a", usd=usd), group("1", "ok")]
    page = costs({"ResultsByTime": [month(*sent)]})
    assert [one.usage_type for one in page.groups] == ["ok"]
    assert page.invalid == ("a", "b")


def test_the_value_of_a_tag_follows_its_key() -> None:
    (found,) = costs({"ResultsByTime": [month(group("team$data$x", "u"))]}, True, "team").groups
    assert found.key == "data$x"
    with pytest.raises(AwsError, match="could not read the response"):
        costs({"ResultsByTime": [month(group("other$data", "u"))]}, True, "team")


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ([], None),
        ([{"TagKey": "x", "Status": "Active"}], None),
        ([{"TagKey": "t", "Status": "Active"}], True),
        ([{"TagKey": "t", "Status": "Inactive"}], False),
        ([{"TagKey": "t", "Status": "Inactive"}, {"TagKey": "t", "Status": "Active"}], True),
    ],
)
def test_a_tag_is_active_by_its_last_status(tags: list[dict[str, str]], expected: bool | None) -> None:
    clients = CannedClients({"list_cost_allocation_tags": [{"CostAllocationTags": tags}]})
    assert CostExplorerApi(clients).tag_is_active("aws", "t") is expected
    assert clients.requests[0][1] == {"TagKeys": ["t"], "Type": "UserDefined", "MaxResults": 100}


def test_an_action_is_allowed_if_it_is_for_each_resource() -> None:
    results = [
        {"EvalActionName": "a", "EvalDecision": "allowed"},
        {"EvalActionName": "a", "EvalDecision": "implicitDeny"},
        {"EvalActionName": "b", "EvalDecision": "allowed"},
        {"EvalActionName": "c", "EvalDecision": "explicitDeny"},
        {"EvalActionName": "c", "EvalDecision": "allowed"},
    ]
    clients = CannedClients({"simulate_principal_policy": [{"EvaluationResults": results}]})
    assert DiagnosticsApi(clients).simulated("arn", ("a", "b", "c"), ("r",)) == {"a": False, "b": True, "c": False}


@pytest.mark.parametrize(
    ("headers", "expected"), [({"date": format_datetime(CREATED)}, CREATED), ({"date": "x"}, None), ({}, None)]
)
def test_a_rejected_request_has_the_time_of_the_server(headers: dict[str, str], expected: datetime | None) -> None:
    error = AwsError("denied", "x", "no")
    assert rejected_at(error) is None
    error.__cause__ = denied(HTTPHeaders=headers)
    assert rejected_at(error) == expected
    metadata = {"ResponseMetadata": {"HTTPHeaders": headers}}
    clients = CannedClients({"get_caller_identity": [{"Arn": "arn:aws:iam::1:user/u", **metadata}]})
    caller = DiagnosticsApi(clients).caller("eu-west-1")
    assert (caller.arn, caller.server_time) == ("arn:aws:iam::1:user/u", expected)
    assert clients.regions == [("sts", "eu-west-1")]
