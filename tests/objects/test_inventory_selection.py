"""The choice among several inventories of a bucket."""

from __future__ import annotations

import pytest

from s3_monitor.model.bucket_config import InventoryConfig
from s3_monitor.objects.inventory_selection import InventoryLocation, location_of, sort_by_preference, unusable_reason

USUAL = ("Size", "LastModifiedDate", "StorageClass")


def inventory(id_: str, **fields: object) -> InventoryConfig:
    settings: dict[str, object] = {"enabled": True, "format": "Parquet", "bucket": "dest", "versions": "Current"}
    return InventoryConfig(**{"id": id_, "frequency": "Daily", "fields": USUAL, **settings, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({}, {"enabled": False}),
        ({}, {"format": "CSV"}),
        ({"format": "CSV"}, {"format": "ORC"}),
        ({"format": "ORC"}, {"enabled": False}),
        ({}, {"fields": ("Size", "StorageClass")}),
        ({"fields": (*USUAL, "EncryptionStatus")}, {}),
        ({}, {"frequency": "Weekly"}),
        ({}, {"versions": "All"}),
        ({"enabled": False}, {"fields": ("LastModifiedDate", "StorageClass")}),
    ],
)
def test_the_preferred_configuration_comes_first(better: dict[str, object], worse: dict[str, object]) -> None:
    one, other = inventory("z", **better), inventory("a", **worse)
    assert sort_by_preference([other, one], versions=False) == [one, other]


def test_all_versions_come_first_if_versions_are_requested() -> None:
    every, current = inventory("z", versions="All", format="CSV"), inventory("a")
    assert sort_by_preference([current, every], versions=True) == [every, current]


def test_a_filtered_inventory_is_not_used() -> None:
    some = inventory("i", filter="logs/")
    assert "only keys that begin with 'logs/'" in unusable_reason(some)
    assert sort_by_preference([some], versions=False) == []


@pytest.mark.parametrize("prefix", ["daily", "daily/"])
def test_reports_are_below_the_prefix_of_the_destination(prefix: str) -> None:
    assert location_of(inventory("i", prefix=prefix), "logs") == InventoryLocation("dest", "daily/logs/i/")
    assert location_of(inventory("i"), "logs") == InventoryLocation("dest", "logs/i/")
