"""The statistics of a bucket from its inventory and from a listing, and the choice of `auto`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.part import Part
from s3_monitor.model.plan import ListingRule, ObjectsMode, ObjectsRule
from s3_monitor.simulator import Bucket, Fault, FileList, InventoryConfiguration, ObjectList, Settings, Simulator
from s3_monitor.simulator.accounts import make_account
from s3_monitor.simulator.versions import StoredVersion, VersionedObjects
from tests.collect.fixtures import ACCOUNT, NOW, collected, unit
from tests.objects import reports
from tests.objects.reports import Item

REGION = "eu-west-1"
MADE = datetime(2024, 1, 1, tzinfo=UTC)
WHERE = f"{ACCOUNT}/{REGION}/logs"


def configuration(**fields: Any) -> InventoryConfiguration:
    settings = {"format": "Parquet", "prefix": "daily", "fields": reports.OPTIONAL, "versions": "All", **fields}
    return InventoryConfiguration("nightly", "inventories", **settings)


def collect(
    objects: Any,
    contents: dict[str, bytes],
    mode: ObjectsMode,
    *,
    configurations: Sequence[InventoryConfiguration] = (configuration(),),
    faults: Sequence[Fault] = (),
    **rule: Any,
) -> Part:
    buckets = [
        Bucket("logs", REGION, MADE, objects=objects, settings=Settings(inventories=tuple(configurations))),
        Bucket("inventories", REGION, MADE, objects=FileList(contents)),
    ]
    with Simulator(make_account(ACCOUNT, buckets), today=NOW.date(), faults=faults) as simulator:
        asked = ObjectsRule(mode, **rule)
        return collected(simulator.url, unit(REGION, buckets=("logs",)), objects=asked, listing=ListingRule("off"))


def answer(part: Part) -> ObjectStats | None:
    (facts,) = part.units
    return dict(facts.objects).get("logs")


def alike(found: ObjectStats | None) -> ObjectStats:
    """Remove the origin of the statistics, which differs."""
    assert found is not None
    return msgspec.structs.replace(found, source="listing", origin="", requests=0, multipart=None, encryption=None)


VERSIONS = [
    StoredVersion(f"{folder}/{day}/{number}", size, NOW - timedelta(days=day, seconds=number), class_)
    for folder in ("app", "logs", "x y+z")
    for day in (0, 1, 2, 8, 400)
    for number, (size, class_) in enumerate([(0, "STANDARD"), (131072, "GLACIER"), (2**30, "STANDARD_IA")])
] + [
    StoredVersion("app/0/0", 77, NOW - timedelta(days=500)),
    StoredVersion("gone", 5, NOW - timedelta(days=3)),
    StoredVersion("gone", None, NOW - timedelta(days=1)),
    StoredVersion("back", None, NOW - timedelta(days=9)),
    StoredVersion("back", 6, NOW - timedelta(days=2)),
]


def items(stored: VersionedObjects) -> list[Item]:
    return [
        Item(v.key, v.size, v.last_modified, None if v.size is None else v.storage_class, latest, v.size is None)
        for v, _, latest in stored.versions
    ]


@pytest.mark.parametrize("format_", ["Parquet", "CSV", "ORC"])
def test_versions_are_the_same_by_inventory_and_by_listing(format_: str) -> None:
    stored = VersionedObjects.of(VERSIONS)
    contents = reports.report(format_, "logs", items(stored), made=NOW, prefix="daily", versions=True, files=3)
    by_inventory = collect(stored, contents, "inventory", versions=True)
    by_listing = collect(stored, contents, "listing", versions=True)
    assert by_inventory.problems == by_listing.problems == []
    assert alike(answer(by_inventory)) == alike(answer(by_listing))


def test_current_objects_are_the_same_by_inventory_and_by_listing() -> None:
    stored = ObjectList(
        3000, NOW - timedelta(hours=5), folders=("a/b/", "a/c/", "b/"), storage_classes=("STANDARD", "GLACIER")
    )
    found = [
        Item(one.key, one.size, one.last_modified, one.storage_class) for one in map(stored.__getitem__, range(3000))
    ]
    contents = reports.report("Parquet", "logs", found, made=NOW, prefix="daily", files=3)
    current = [configuration(versions="Current")]
    by_inventory = answer(collect(stored, contents, "inventory", configurations=current))
    assert alike(by_inventory) == alike(answer(collect(stored, contents, "listing")))


def test_auto_reads_a_recent_inventory_and_lists_nothing() -> None:
    contents = reports.report(
        "CSV", "logs", [Item("a", 1)], made=NOW - timedelta(days=7), prefix="daily", versions=True
    )
    part = collect(VersionedObjects.of(VERSIONS), contents, "auto")
    found = answer(part)
    assert found is not None
    assert (found.source, found.current.objects) == ("inventory", 1)
    assert part.calls.requests["ListObjectsV2"] == 1  # of the reports


@pytest.mark.parametrize(
    ("made", "configurations"),
    [(NOW - timedelta(days=8, seconds=1), [configuration()]), (NOW, []), (NOW, [configuration(filter="a/")])],
    ids=["old", "none", "of some keys"],
)
def test_auto_lists_a_bucket_without_a_recent_inventory(
    made: datetime, configurations: list[InventoryConfiguration]
) -> None:
    contents = reports.report("CSV", "logs", [Item("a", 1)], made=made, prefix="daily", versions=True)
    part = collect(VersionedObjects.of(VERSIONS), contents, "auto", configurations=configurations)
    found = answer(part)
    assert found is not None
    assert (found.source, found.current.objects, found.complete) == ("listing", 46, True)


def test_auto_lists_a_bucket_whose_inventory_is_denied() -> None:
    contents = reports.report("CSV", "logs", [Item("a", 1)], made=NOW, prefix="daily", versions=True)
    denied = [Fault("deny", operation="GetObject")]
    found = answer(collect(VersionedObjects.of(VERSIONS), contents, "auto", faults=denied))
    assert found is not None
    assert found.source == "listing"


def test_the_better_of_two_inventories_is_read() -> None:
    contents = reports.report("CSV", "logs", [Item("a", 1)], made=NOW, id_="weekly")
    contents |= reports.report("Parquet", "logs", [Item("a", 1), Item("b", 2)], made=NOW, prefix="daily", versions=True)
    weekly = InventoryConfiguration("weekly", "inventories", "CSV", frequency="Weekly", enabled=False)
    found = answer(collect(ObjectList(), contents, "inventory", configurations=[weekly, configuration()]))
    assert found is not None
    assert "nightly/" in found.origin


@pytest.mark.parametrize(
    "fault",
    [
        Fault("deny", operation="ListBucketInventoryConfigurations"),
        Fault("error", operation="ListBucketInventoryConfigurations"),
    ],
    ids=lambda fault: fault.action,
)
def test_a_bucket_whose_inventory_configurations_cannot_be_read_is_a_gap(fault: Fault) -> None:
    part = collect(ObjectList(), {}, "inventory", faults=[fault])
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("inventory-report-unreadable", WHERE)
    assert "Could not read the inventory: ListBucketInventoryConfigurations: " in problem.message


def test_a_bucket_without_inventories_is_a_note() -> None:
    part = collect(ObjectList(), {}, "inventory", configurations=[])
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("inventory-report-unavailable", WHERE)
