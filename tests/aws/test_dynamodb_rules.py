"""The table of prices: batches, conditions, waiting and errors."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from s3_monitor.aws.dynamodb import Table
from s3_monitor.model.errors import AwsError, UserError
from tests.aws.canned_client import CannedClients, failure

RIGHT = {
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "S"},
    ],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "TableStatus": "ACTIVE",
}
WRONG = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "TableStatus": "ACTIVE",
}
MISSING = failure("ResourceNotFoundException")
INVALID = failure("ValidationException")


class Prices:
    """A table with canned responses, and the pauses that it made."""

    def __init__(self, **responses: list[Any]) -> None:
        self.clients = CannedClients(responses)
        self.pauses: list[float] = []
        self.table = Table(self.clients, "prices", "eu-west-1", sleep=self.pauses.append, jitter=lambda: 0.5)

    @property
    def requests(self) -> list[tuple[str, dict[str, Any]]]:
        return self.clients.requests

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.requests]


def item(number: int) -> dict[str, Any]:
    return {"pk": "p", "sk": f"{number}", "size": number}


@pytest.mark.parametrize(("count", "batches"), [(0, []), (1, [1]), (25, [25]), (26, [25, 1]), (50, [25, 25])])
def test_items_are_written_in_batches_of_25(count: int, batches: list[int]) -> None:
    prices = Prices(batch_write_item=[{}])
    prices.table.put_all(map(item, range(count)))
    sent = [request["RequestItems"]["prices"] for _, request in prices.requests]
    assert [len(batch) for batch in sent] == batches
    assert [one["PutRequest"]["Item"]["sk"]["S"] for batch in sent for one in batch] == [*map(str, range(count))]
    assert prices.pauses == []


def test_items_that_were_not_accepted_are_written_again_after_growing_pauses() -> None:
    rest = [{"PutRequest": {"Item": {"pk": {"S": "x"}}}}]
    left = {"UnprocessedItems": {"prices": rest}}
    prices = Prices(batch_write_item=[left, left, left, {"UnprocessedItems": {}}])
    prices.table.put_all([item(1)])
    assert prices.pauses == pytest.approx([0.05 * 2**attempt * 0.75 for attempt in (1, 2, 3)])
    assert [request["RequestItems"]["prices"] for _, request in prices.requests][1:] == [rest] * 3


def test_writing_ends_after_twelve_attempts_with_pauses_of_at_most_20_seconds() -> None:
    prices = Prices(batch_write_item=[{"UnprocessedItems": {"prices": [{}, {}]}}])
    with pytest.raises(AwsError, match="2 items were not taken in 12 attempts") as caught:
        prices.table.put_all([item(1)])
    assert caught.value.kind == "throttled"
    assert (len(prices.requests), len(prices.pauses)) == (12, 11)
    assert max(prices.pauses) == prices.pauses[-1] == 15.0


def test_an_item_is_read_strongly_consistent() -> None:
    prices = Prices(get_item=[{"Item": {"pk": {"S": "p"}, "n": {"N": "1.5"}}}])
    assert prices.table.get("p", "s") == {"pk": "p", "n": Decimal("1.5")}
    key = {"pk": {"S": "p"}, "sk": {"S": "s"}}
    assert prices.requests == [("get_item", {"TableName": "prices", "Key": key, "ConsistentRead": True})]


def test_an_absent_item_is_none_in_a_table_with_the_right_keys() -> None:
    assert Prices(get_item=[{}], describe_table=[{"Table": RIGHT}]).table.get("p", "s") is None
    assert Prices(get_item=[{}], describe_table=[failure("AccessDenied")]).table.get("p", "s") is None
    assert Prices(get_item=[{}], describe_table=[MISSING]).table.get("p", "s") is None
    wrong = r"must have partition key pk \(S\), sort key sk \(S\), got partition key id \(N\)"
    with pytest.raises(UserError, match=wrong):
        Prices(get_item=[{}], describe_table=[{"Table": WRONG}]).table.get("p", "s")


def test_a_table_that_does_not_exist_is_an_error_of_usage() -> None:
    with pytest.raises(UserError, match="there is no table prices in eu-west-1"):
        Prices(get_item=[MISSING]).table.get("p", "s")


@pytest.mark.parametrize("error", [INVALID, failure("AccessDenied")])
def test_only_an_invalid_request_may_be_caused_by_other_keys(error: Exception) -> None:
    is_invalid = error is INVALID
    for read in (lambda table: table.get("p", "s"), lambda table: list(table.query("p"))):
        with pytest.raises(UserError if is_invalid else AwsError):
            read(Prices(get_item=[error], query=[error], describe_table=[{"Table": WRONG}]).table)
        with pytest.raises(AwsError):
            read(Prices(get_item=[error], query=[error], describe_table=[{"Table": RIGHT}]).table)


def test_all_pages_of_a_partition_are_read() -> None:
    pages = [{"Items": [{"sk": {"S": "1"}}], "LastEvaluatedKey": {"sk": {"S": "1"}}}, {"Items": [{"sk": {"S": "2"}}]}]
    prices = Prices(query=pages)
    assert [found["sk"] for found in prices.table.query("p")] == ["1", "2"]
    first, second = (request for _, request in prices.requests)
    assert first["ConsistentRead"] is True
    assert first["ExpressionAttributeValues"] == {":pk": {"S": "p"}}
    assert second == {**first, "ExclusiveStartKey": {"sk": {"S": "1"}}}


def test_partitions_are_found_by_their_sort_key() -> None:
    prices = Prices(scan=[{"Items": [{"pk": {"S": "a"}}, {"pk": {"S": "b"}}]}])
    assert list(prices.table.partitions("s")) == ["a", "b"]
    assert prices.requests[0][1]["ExpressionAttributeValues"] == {":sk": {"S": "s"}}


@pytest.mark.parametrize(
    ("expected", "condition"),
    [
        (None, {"ConditionExpression": "attribute_not_exists(#a)"}),
        (
            "v1",
            {"ConditionExpression": "#a = :expected", "ExpressionAttributeValues": {":expected": {"S": "v1"}}},
        ),
    ],
)
def test_an_item_is_replaced_if_an_attribute_is_as_expected(expected: Any, condition: dict[str, Any]) -> None:
    prices = Prices(put_item=[{}])
    assert prices.table.put_if(item(1), "version", expected)
    _, request = prices.requests[0]
    assert {name: request[name] for name in condition} == condition
    assert request["ExpressionAttributeNames"] == {"#a": "version"}
    assert set(request) == {"TableName", "Item", "ExpressionAttributeNames", *condition}


def test_an_item_that_has_changed_is_not_replaced() -> None:
    assert not Prices(put_item=[failure("ConditionalCheckFailedException")]).table.put_if(item(1), "version", "v1")
    with pytest.raises(AwsError):
        Prices(put_item=[failure("AccessDenied")]).table.put_if(item(1), "version", "v1")


def test_a_new_table_is_awaited_for_up_to_a_minute() -> None:
    creating = {"Table": {**RIGHT, "TableStatus": "CREATING"}}
    prices = Prices(create_table=[{}], describe_table=[MISSING, creating, {"Table": RIGHT}])
    assert prices.table.create()
    assert prices.pauses == [1.0, 1.0]
    _, request = prices.requests[0]
    assert request["BillingMode"] == "PAY_PER_REQUEST"
    assert (request["KeySchema"], request["AttributeDefinitions"]) == (
        RIGHT["KeySchema"], RIGHT["AttributeDefinitions"],
    )  # fmt: skip
    slow = Prices(create_table=[{}], describe_table=[creating])
    with pytest.raises(AwsError, match="table prices is not ready"):
        slow.table.create()
    assert slow.pauses == [1.0] * 60


def test_an_existing_table_is_kept_if_it_has_the_right_keys() -> None:
    exists = failure("ResourceInUseException")
    assert not Prices(create_table=[exists], describe_table=[{"Table": RIGHT}]).table.create()
    with pytest.raises(UserError, match="wrong keys"):
        Prices(create_table=[exists], describe_table=[{"Table": WRONG}]).table.create()
    with pytest.raises(AwsError):
        Prices(create_table=[failure("AccessDenied")]).table.create()


def test_a_table_is_described_unless_it_does_not_exist() -> None:
    assert Prices(describe_table=[{"Table": RIGHT}]).table.describe() == RIGHT
    assert Prices(describe_table=[MISSING]).table.describe() is None
    with pytest.raises(AwsError):
        Prices(describe_table=[failure("AccessDenied")]).table.describe()
