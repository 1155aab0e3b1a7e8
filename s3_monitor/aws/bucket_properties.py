"""S3: how a bucket is configured, a function a property. Each raises AwsFailure; "none configured" is an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from s3_monitor.aws.asking import Clients, Count, asked, watched_client
from s3_monitor.model.details import Inventory


def inventory_configurations(clients: Clients, bucket: str, region: str, count: Count) -> tuple[Inventory, ...]:
    """Where inventories of a bucket are delivered, by id; none configured: empty. AwsFailure.

    AWS: ListBucketInventoryConfigurations, 100 a page; the permission is s3:GetInventoryConfiguration.
    """
    client = watched_client(clients, "s3", region)
    found = _configurations(
        client.list_bucket_inventory_configurations, "ListBucketInventoryConfigurations",
        "InventoryConfigurationList", bucket, count, _inventory,
    )  # fmt: skip
    return tuple(sorted(found, key=lambda inventory: inventory.id))


def _configurations(call: Any, operation: str, member: str, bucket: str, count: Count, read: Any) -> Iterator[Any]:
    """Every item of a list of configurations, page by page."""
    question = {"Bucket": bucket}
    while True:
        with asked(operation, count):
            answer = call(**question)
            found = [read(item) for item in answer.get(member) or ()]
            more, token = answer.get("IsTruncated", False), answer.get("NextContinuationToken")
        yield from found
        if not more or not token:
            return
        question["ContinuationToken"] = token


def _inventory(item: dict[str, Any]) -> Inventory:
    destination = item["Destination"]["S3BucketDestination"]
    return Inventory(
        id=item["Id"],
        enabled=bool(item["IsEnabled"]),
        format=destination["Format"],
        bucket=_name(destination["Bucket"]),
        versions=item["IncludedObjectVersions"],
        frequency=item["Schedule"]["Frequency"],
        prefix=destination.get("Prefix") or "",
        account=destination.get("AccountId") or "",
        fields=tuple(item.get("OptionalFields") or ()),
        filter=(item.get("Filter") or {}).get("Prefix") or "",
    )


def _name(arn: str) -> str:
    """A bucket's name, from its ARN."""
    return arn.rpartition(":")[2]
