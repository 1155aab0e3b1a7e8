"""Which report of an inventory is read: how many are tried, how old it may be, and how large its manifest."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest

from s3_monitor.collect.collector import AccountRegion
from s3_monitor.collect.inventory_reader import InventoryReader
from s3_monitor.collect.problem_log import Cause, ProblemLog
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.model.bucket_config import InventoryConfig
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.plan import InventoryRule, ObjectsRule
from tests.collect.file_account import NUMBER, FileAccount
from tests.collect.fixtures import NOW, plan_of, unit
from tests.objects import reports
from tests.objects.reports import Item

CONFIGURED = InventoryConfig(
    "nightly", True, "CSV", "inventories", "Current", "Daily", "daily", fields=reports.OPTIONAL
)


def report(age: timedelta, count: int = 1) -> dict[str, bytes]:
    items = [Item(f"{number}", 1) for number in range(count)]
    return reports.report("CSV", "logs", items, made=NOW - age, prefix="daily")


def read(account: FileAccount, **rule: Any) -> Any:
    """Return the statistics, or why there are none."""
    objects = ObjectsRule(**{"mode": "inventory", **rule})
    plan = plan_of([unit()], objects=objects)
    context = ShardContext(
        plan, "digest", plan.shards[0], lambda access: account.reading(),
        now=lambda: NOW, stop=threading.Event(), log=lambda line: None,
    )  # fmt: skip
    region = AccountRegion(account.reading(), NUMBER, "us-east-1", ProblemLog())
    *_, result = InventoryReader(region, "logs", context).read()
    context.temp_dir.clear()
    return result


@pytest.mark.parametrize(("incomplete", "is_read"), [(0, True), (4, True), (5, False)])
def test_five_reports_of_a_location_are_tried(incomplete: int, is_read: bool) -> None:
    contents = report(timedelta(days=6))
    for number in range(incomplete):
        newer = report(timedelta(days=number))
        contents |= {key: text for key, text in newer.items() if not key.endswith("manifest.checksum")}
    found = read(FileAccount(contents, (CONFIGURED,)))
    if is_read:
        assert isinstance(found, ObjectStats)
    else:
        assert found == Cause("no complete report yet", "AWS delivers the first within 48 hours", "unavailable")


def test_a_checksum_has_at_most_64_bytes_and_a_manifest_64_mebibytes() -> None:
    account = FileAccount(report(timedelta(0)), (CONFIGURED,))
    assert isinstance(read(account), ObjectStats)
    assert account.limits_of("manifest.checksum") == {64}
    assert account.limits_of("manifest.json") == {64 << 20}


@pytest.mark.parametrize(
    ("age", "is_read"),
    [(timedelta(days=8, seconds=-1), True), (timedelta(days=8), False), (timedelta(days=30), False)],
)
def test_a_report_is_recent_for_eight_days(age: timedelta, is_read: bool) -> None:
    """With ``auto``, an older one is not read; with ``inventory``, it is read after the other locations."""
    account = FileAccount(report(age), (CONFIGURED,))
    assert isinstance(read(account), ObjectStats)
    found = read(account, mode="auto")
    if is_read:
        assert isinstance(found, ObjectStats)
    else:
        assert (found.kind, found.advice) == ("unavailable", "is it still delivered?")
        assert found.text.endswith(f", {age.days} days old")


def test_a_recent_report_of_another_location_precedes_an_old_one() -> None:
    other = InventoryConfig("other", True, "CSV", "inventories", "Current", "Weekly", "daily", fields=reports.OPTIONAL)
    contents = report(timedelta(days=9)) | reports.report(
        "CSV", "logs", [Item("a", 1), Item("b", 1)], made=NOW - timedelta(days=1), prefix="daily", id_="other"
    )
    found = read(FileAccount(contents, (CONFIGURED, other)))
    assert found.current.objects == 2


@pytest.mark.parametrize(
    ("places", "objects"),
    [
        ((), 1),
        ((("other", "s3://x/nowhere/"), ("lo*", "s3://inventories/daily/")), 1),
        ((("logs", "s3://inventories/daily"), ("logs", "s3://inventories/nowhere/")), 1),
        ((("*", "s3://inventories/daily/logs/"),), 1),
        ((("*", "s3://inventories/daily/logs/nightly/"),), 1),
        ((("logs", "s3://inventories"),), None),
        ((("logs", "s3://inventories/nowhere/"),), None),
    ],
)
def test_the_first_place_that_matches_the_bucket_is_read(
    places: tuple[tuple[str, str], ...], objects: int | None
) -> None:
    found = read(FileAccount(report(timedelta(0)), (CONFIGURED,)), inventory=InventoryRule(places=places))
    if objects is None:
        assert isinstance(found, Cause)
        assert "no complete report yet" in found.text or "has no inventory" in found.text
    else:
        assert found.current.objects == objects


@pytest.mark.parametrize(
    ("inventories", "text"),
    [
        ((), "the bucket has no inventory"),
        ((InventoryConfig("i", True, "CSV", "d", "All", "Daily", filter="a/"),), "'a/'"),
    ],
)
def test_a_bucket_without_an_inventory_has_advice(inventories: tuple[InventoryConfig, ...], text: str) -> None:
    found = read(FileAccount({}, inventories))
    assert text in found.text
    assert found.kind == "unavailable" and found.advice.startswith("set up an S3 Inventory of it")


def test_the_origin_has_the_location_the_format_and_the_bytes_and_the_requests_are_counted() -> None:
    account = FileAccount(report(timedelta(0)), (CONFIGURED,))
    found = read(account)
    size = sum(len(text) for key, text in account.contents.items() if "/data/" in key)
    assert found.origin.startswith("s3://inventories/daily/logs/nightly/")
    assert found.origin.endswith(f" (CSV, 2 files, {size:,} bytes fetched)")
    assert found.requests == 0  # the account counts its own calls
