"""The choice among a bucket's S3 Inventory configurations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s3_monitor.model.bucket_config import InventoryConfig
from s3_monitor.objects.inventory_result import REQUIRED_COLUMNS

_FORMATS = {"Parquet": 0, "CSV": 1, "ORC": 2}  # DuckDB reads Parquet fastest, and ORC only with another library


class InventoryLocation(NamedTuple):
    """Where the reports of a configuration are: one folder per report."""

    bucket: str
    prefix: str
    """Empty, or ends with "/"."""

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


def location_of(inventory: InventoryConfig, bucket: str) -> InventoryLocation:
    """Return the location of reports. AWS: DESTINATION-PREFIX/SOURCE-BUCKET/ID/ in the destination bucket."""
    parent = f"{inventory.prefix.rstrip('/')}/" if inventory.prefix else ""
    return InventoryLocation(inventory.bucket, f"{parent}{bucket}/{inventory.id}/")


def sort_by_preference(inventories: Sequence[InventoryConfig], *, versions: bool) -> list[InventoryConfig]:
    """Return the configurations that cover all keys of the bucket, the best first.

    With ``versions``, configurations with all versions come first, otherwise the smaller ones without. Disabled
    configurations and those without a required field come last, since they may have usable earlier reports.
    """

    def order(inventory: InventoryConfig) -> tuple[object, ...]:
        return (
            not {*REQUIRED_COLUMNS.values()} <= {*inventory.fields},
            not inventory.enabled,
            (inventory.versions == "All") != versions,
            "LastModifiedDate" not in inventory.fields,
            _FORMATS.get(inventory.format, len(_FORMATS)),
            inventory.frequency != "Daily",
            -len(inventory.fields),
            inventory.id,
        )

    return sorted((inventory for inventory in inventories if not unusable_reason(inventory)), key=order)


def unusable_reason(inventory: InventoryConfig) -> str:
    """Return why a configuration does not cover the bucket, or an empty text if it does."""
    if inventory.filter:
        return f"inventory {inventory.id} contains only keys that begin with {inventory.filter!r}"
    return ""
