"""DynamoDB: items of a table, written in batches and read by key, independent of their content."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from s3_monitor.aws.api_calls import AwsApi, Clients
from s3_monitor.model.errors import AwsError, UserError

Item = dict[str, Any]  # str, int, Decimal, None, lists and dicts of them

_BATCH = 25  # AWS: limit of BatchWriteItem
_TRIES = 12
_LONGEST_PAUSE = 20.0
_TABLE_TRIES = 60
_KEYS = (("pk", "HASH"), ("sk", "RANGE"))
_RIGHT_KEYS = "partition key pk (S), sort key sk (S)"
_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class Table(AwsApi):
    """A table with a partition key ``pk`` and a sort key ``sk``, both text. Every method raises AwsError."""

    def __init__(
        self,
        clients: Clients,
        name: str,
        region: str | None = None,
        *,
        sleep: Callable[[float], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(clients)
        self.name = name
        self._client = self.client("dynamodb", region)
        self._sleep = sleep
        self._jitter = jitter

    def get(self, pk: str, sk: str) -> Item | None:
        """Return an item, strongly consistent. Raises UserError if the table does not exist."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        try:
            with self.call("GetItem"):
                answer = self._client.get_item(TableName=self.name, Key=key, ConsistentRead=True)
                found = answer.get("Item")
                item = None if found is None else _from_wire(found)
        except AwsError as failure:
            self._check_keys(failure)
            if failure.code != "ResourceNotFoundException":
                raise
            what = f"there is no table {self.name} in {self._client.meta.region_name}"
            advice = f"make it: s3-monitor prices table create {self.name}; or set AWS_DEFAULT_REGION to where it is"
            raise UserError(what, advice) from failure
        if item is None:
            self._check_keys()
        return item

    def query(self, pk: str) -> Iterator[Item]:
        """Return the items of a partition by sort key, strongly consistent."""
        return self._items("Query", KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": pk}})

    def partitions(self, sk: str) -> Iterator[str]:
        """Yield the partition keys of all items with this sort key. Reads the complete table."""
        condition = {"FilterExpression": "sk = :sk", "ExpressionAttributeValues": {":sk": {"S": sk}}}
        return (str(item["pk"]) for item in self._items("Scan", ProjectionExpression="pk", **condition))

    def put_all(self, items: Iterable[Item]) -> None:
        """Write items with different keys in any order. AWS may accept a part of a batch: the rest is retried."""
        waiting = iter(items)
        while batch := list(islice(waiting, _BATCH)):
            self._put_batch([{"PutRequest": {"Item": _to_wire(item)}} for item in batch])

    def put_if(self, item: Item, attribute: str, expected: Any) -> bool:
        """Write an item if an attribute of the existing item has a value; None: the item or attribute must not exist.

        Return whether the item was written.
        """
        condition: dict[str, Any] = {"ExpressionAttributeNames": {"#a": attribute}}
        if expected is None:
            condition["ConditionExpression"] = "attribute_not_exists(#a)"
        else:
            condition["ConditionExpression"] = "#a = :expected"
            condition["ExpressionAttributeValues"] = {":expected": _serialize(expected)}
        try:
            with self.call("PutItem"):
                self._client.put_item(TableName=self.name, Item=_to_wire(item), **condition)
        except AwsError as failure:
            if failure.code != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def create(self) -> bool:
        """Create the table, billed by request, and wait until it is active. Return False if it exists.

        Raises UserError if an existing table has other keys.
        """
        try:
            with self.call("CreateTable"):
                self._client.create_table(
                    TableName=self.name,
                    KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in _KEYS],
                    AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in _KEYS],
                    BillingMode="PAY_PER_REQUEST",
                )
        except AwsError as failure:
            if failure.code != "ResourceInUseException":
                raise
            self._check_keys()
            return False
        for _ in range(_TABLE_TRIES):
            about = self.describe()
            if about is not None and about["TableStatus"] == "ACTIVE":
                return True
            self._sleep(1.0)
        raise AwsError("broken", "CreateTable", f"table {self.name} is not ready", advice="see it again in a minute")

    def describe(self) -> Mapping[str, Any] | None:
        """Return the description of the table; None if it does not exist."""
        try:
            with self.call("DescribeTable"):
                table: Mapping[str, Any] = self._client.describe_table(TableName=self.name)["Table"]
                return table
        except AwsError as failure:
            if failure.code != "ResourceNotFoundException":
                raise
            return None

    def _check_keys(self, failure: AwsError | None = None) -> None:
        """Raise UserError if the table has other keys. After a failed request, check only if that may be the cause."""
        if failure is not None and failure.code != "ValidationException":
            return
        try:
            about = self.describe()
        except AwsError:
            return
        if about is None or (found := _keys(about)) == _RIGHT_KEYS:
            return
        what = f"table {self.name} has the wrong keys: it must have {_RIGHT_KEYS}, got {found}"
        advice = (
            f"keys of a table cannot be changed: make another table with `s3-monitor prices table create NAME`, or "
            f"delete this table first (aws dynamodb delete-table --table-name {self.name})"
        )
        raise UserError(what, advice)

    def _items(self, operation: str, **question: Any) -> Iterator[Item]:
        """Yield the items of all pages, strongly consistent."""
        request = {"TableName": self.name, "ConsistentRead": True, **question}
        try:
            fields = "LastEvaluatedKey", "ExclusiveStartKey"
            yield from chain.from_iterable(self.pages(self._client, operation, request, _read_items, *fields))
        except AwsError as failure:
            self._check_keys(failure)
            raise

    def _put_batch(self, requests: list[dict[str, Any]]) -> None:
        for attempt in range(_TRIES):
            if attempt:  # AWS: retry unprocessed items with exponential backoff
                self._sleep(min(0.05 * 2**attempt, _LONGEST_PAUSE) * (0.5 + self._jitter() / 2))
            with self.call("BatchWriteItem"):
                answer = self._client.batch_write_item(RequestItems={self.name: requests})
                requests = answer.get("UnprocessedItems", {}).get(self.name, [])
            if not requests:
                return
        what = f"{len(requests)} items were not taken in {_TRIES} attempts"
        raise AwsError("throttled", "BatchWriteItem", what, advice="try again later")


def _read_items(response: dict[str, Any]) -> list[Item]:
    return [_from_wire(item) for item in response["Items"]]


def _keys(about: Mapping[str, Any]) -> str:
    """Return the keys of a table as text, like ``_RIGHT_KEYS``."""
    types = {one["AttributeName"]: one["AttributeType"] for one in about.get("AttributeDefinitions", ())}
    names = {one["KeyType"]: one["AttributeName"] for one in about["KeySchema"]}
    kinds = [("HASH", "partition key"), ("RANGE", "sort key")]
    return ", ".join(f"{what} {names[kind]} ({types.get(names[kind], '?')})" for kind, what in kinds if kind in names)


def _to_wire(item: Item) -> dict[str, Any]:
    return {name: _serialize(value) for name, value in item.items()}


def _from_wire(item: Mapping[str, Any]) -> Item:
    return {name: _deserialize(value) for name, value in item.items()}
