"""Which of a bucket's inventories answers best, and why others cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s3_monitor.model.bucket_config import InventoryConfig

# DuckDB reads Parquet fastest; ORC needs a library more.
_FORMATS = {"Parquet": 0, "CSV": 1, "ORC": 2}
_NEEDED = ("Size", "StorageClass")


class InventoryLocation(NamedTuple):
    """Where reports lie: ``prefix`` ends with "/" (or is empty) and holds a folder a report."""

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


def location_of(inventory: InventoryConfig, bucket: str) -> InventoryLocation:
    """AWS: DESTINATION-PREFIX/SOURCE-BUCKET/ID/ in the destination bucket."""
    above = f"{inventory.prefix.rstrip('/')}/" if inventory.prefix else ""
    return InventoryLocation(inventory.bucket, f"{above}{bucket}/{inventory.id}/")


def sort_by_preference(inventories: Sequence[InventoryConfig], *, versions: bool) -> list[InventoryConfig]:
    """Those that answer for all of a bucket's keys; with ``versions`` those of all versions first, otherwise the
    smaller ones without. The last resorts are one that is switched off, for its last report may still be young, and
    one without a field that is needed, for its reports may be from before that was taken out: their manifests say."""

    def order(inventory: InventoryConfig) -> tuple[object, ...]:
        return (
            not set(_NEEDED) <= set(inventory.fields),
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
    """Why an inventory cannot answer for a bucket; empty where it can."""
    if inventory.filter:
        return f"inventory {inventory.id} is only of the keys that begin with {inventory.filter!r}"
    return ""
