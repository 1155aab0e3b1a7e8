"""DynamoDB: items of one table, written in batches and read by key. What they mean is not known here."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from s3_monitor.aws.asking import Clients, asked, watched_client
from s3_monitor.model.failure import AwsFailure, UserError

Item = dict[str, Any]  # str, int, Decimal, None, lists and dicts of them

_BATCH = 25  # AWS: the most that a BatchWriteItem takes
_TRIES = 12
_LONGEST_PAUSE = 20.0
_TABLE_TRIES = 60
_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class Table:
    """A table with a partition key ``pk`` and a sort key ``sk``, both texts. Every method: AwsFailure."""

    def __init__(
        self,
        clients: Clients,
        name: str,
        region: str | None = None,
        *,
        sleep: Callable[[float], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self._client = watched_client(clients, "dynamodb", region)
        self._sleep = sleep
        self._jitter = jitter

    def get(self, pk: str, sk: str) -> Item | None:
        """As it is now, not as it was a moment ago. UserError where there is no such table."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        try:
            with self._asked("GetItem"):
                answer = self._client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
                found = answer.get("Item")
                return None if found is None else _from_wire(found)
        except AwsFailure as failure:
            if failure.code != "ResourceNotFoundException":
                raise
            what = f"there is no table {self.name} in {self._client.meta.region_name}"
            advice = f"make it: s3-monitor prices table create {self.name}; or set AWS_DEFAULT_REGION to where it is"
            raise UserError(what, advice) from failure

    def query(self, pk: str) -> Iterator[Item]:
        """The items of a partition, by sort key; as they are now."""
        question: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": pk}},
            "ConsistentRead": True,
        }
        while True:
            with self._asked("Query"):
                answer = self._client.query(**question)
                page = [_from_wire(item) for item in answer["Items"]]
                more = answer.get("LastEvaluatedKey")
            yield from page
            if not more:
                return
            question["ExclusiveStartKey"] = more

    def put_all(self, items: Iterable[Item]) -> None:
        """Write them all, in any order. Keys must differ. AWS may take a batch in part: the rest is given again."""
        waiting = iter(items)
        while batch := list(islice(waiting, _BATCH)):
            self._put_batch([{"PutRequest": {"Item": _to_wire(item)}} for item in batch])

    def put_if(self, item: Item, attribute: str, expected: Decimal | None) -> bool:
        """Write an item if what stands in its place has this attribute so; None: if nothing stands there. False, and
        nothing written, where that is not so."""
        if expected is None:
            condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        else:
            condition = {
                "ConditionExpression": "#a = :expected",
                "ExpressionAttributeNames": {"#a": attribute},
                "ExpressionAttributeValues": {":expected": _serialize(expected)},
            }
        try:
            with self._asked("PutItem"):
                self._client.put_item(TableName=self.name, Item=_to_wire(item), **condition)
        except AwsFailure as failure:
            if failure.code != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def create(self) -> bool:
        """Make the table, billed by the request, and wait until it can be used. False where there is one already."""
        keys = [("pk", "HASH"), ("sk", "RANGE")]
        try:
            with self._asked("CreateTable"):
                self._client.create_table(
                    TableName=self.name,
                    KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
                    AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
                    BillingMode="PAY_PER_REQUEST",
                )
        except AwsFailure as failure:
            if failure.code != "ResourceInUseException":
                raise
            return False
        for _ in range(_TABLE_TRIES):
            about = self.describe()
            if about is not None and about["TableStatus"] == "ACTIVE":
                return True
            self._sleep(1.0)
        raise AwsFailure("broken", "CreateTable", f"table {self.name} is not ready", advice="see it again in a minute")

    def describe(self) -> Mapping[str, Any] | None:
        """What AWS says of the table; None where there is none."""
        try:
            with self._asked("DescribeTable"):
                table: Mapping[str, Any] = self._client.describe_table(TableName=self.name)["Table"]
                return table
        except AwsFailure as failure:
            if failure.code != "ResourceNotFoundException":
                raise
            return None

    def _put_batch(self, requests: list[dict[str, Any]]) -> None:
        for attempt in range(_TRIES):
            if attempt:  # AWS: retry what was not taken, with exponential backoff
                self._sleep(min(0.05 * 2**attempt, _LONGEST_PAUSE) * (0.5 + self._jitter() / 2))
            with self._asked("BatchWriteItem"):
                answer = self._client.batch_write_item(RequestItems={self.name: requests})
                requests = answer.get("UnprocessedItems", {}).get(self.name, [])
            if not requests:
                return
        what = f"{len(requests)} items were not taken in {_TRIES} attempts"
        raise AwsFailure("throttled", "BatchWriteItem", what, advice="try again later")

    def _asked(self, operation: str) -> Any:
        return asked(operation, _uncounted)


def _to_wire(item: Item) -> dict[str, Any]:
    return {name: _serialize(value) for name, value in item.items()}


def _from_wire(item: Mapping[str, Any]) -> Item:
    return {name: _deserialize(value) for name, value in item.items()}


def _uncounted(operation: str) -> None:
    """These calls are of the price table, not of the accounts that a report is about."""
