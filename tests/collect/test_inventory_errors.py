"""Which errors end the search for an inventory, and which make another location or report the source."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from s3_monitor.collect.collector import AccountRegion
from s3_monitor.collect.inventory_reader import InventoryReader
from s3_monitor.collect.problem_log import Cause, ProblemLog
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.model.bucket_config import InventoryConfig
from s3_monitor.model.errors import AwsError
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.plan import InventoryRule, KeyPattern, ObjectsRule
from s3_monitor.model.problem import Problem
from tests.collect.file_account import NUMBER, FileAccount
from tests.collect.fixtures import NOW, plan_of, unit
from tests.objects import reports
from tests.objects.reports import Item

FIRST, SECOND = (
    InventoryConfig(id_, True, "CSV", "inventories", "Current", "Daily", "daily", fields=reports.OPTIONAL)
    for id_ in ("first", "second")
)
ITEMS = [Item("logs/1", 1), Item("logs/2", 2), Item("x/1", 4)]
Fault = Callable[[str], Exception | None]


def report(id_: str, days: int = 0, items: Sequence[Item] = ITEMS) -> dict[str, bytes]:
    return reports.report("CSV", "logs", items, made=NOW - timedelta(days=days), prefix="daily", id_=id_)


class FaultyAccount(FileAccount):
    """``fault``: the error of each key; ``config_fault``: that of the list of configurations."""

    def __init__(
        self, contents: dict[str, bytes], fault: Fault = lambda key: None, config_fault: Exception | None = None
    ) -> None:
        super().__init__(contents, (FIRST, SECOND))
        self._fault, self._config_fault = fault, config_fault

    def read_small_object(self, bucket: str, key: str, region: str, max_bytes: int) -> bytes:
        if error := self._fault(key):
            raise error
        return super().read_small_object(bucket, key, region, max_bytes)

    def download(self, bucket: str, key: str, *args: Any) -> bool:
        if error := self._fault(key):
            raise error
        return super().download(bucket, key, *args)

    def read_inventories(self, bucket: str, region: str) -> tuple[InventoryConfig, ...]:
        if self._config_fault:
            raise self._config_fault
        return self.inventories


def read(account: FileAccount, **rule: Any) -> tuple[list[Problem], ObjectStats | Cause]:
    """Return the problems, and the statistics or why there are none."""
    plan = plan_of([unit()], objects=ObjectsRule(**{"mode": "inventory", **rule}))
    context = ShardContext(
        plan, "digest", plan.shards[0], lambda access: account.reading(),
        now=lambda: NOW, stop=threading.Event(), log=lambda line: None,
    )  # fmt: skip
    region = AccountRegion(account.reading(), NUMBER, "us-east-1", ProblemLog())
    try:
        *problems, result = InventoryReader(region, "logs", context).read()
    finally:
        context.temp_dir.clear()
    assert not isinstance(result, Problem)
    return problems, result  # type: ignore[return-value]


def of_first(error: Exception, part: str = "") -> Fault:
    return lambda key: error if "/first/" in key and part in key else None


def get(kind: Any) -> AwsError:
    return AwsError(kind, "GetObject", "no", advice="do this")


BOTH = report("first") | report("second", 1, ITEMS[:2])


@pytest.mark.parametrize("part", ["manifest.checksum", "manifest.json", "/data/"])
@pytest.mark.parametrize(
    ("kind", "is_read"), [("denied", True), ("refused", False), ("throttled", False), ("broken", False)]
)
def test_a_location_that_is_denied_is_followed_by_the_next_and_other_errors_are_the_reason(
    kind: Any, is_read: bool, part: str
) -> None:
    problems, found = read(FaultyAccount(dict(BOTH), of_first(get(kind), part)))
    if is_read:
        assert isinstance(found, ObjectStats) and found.current.objects == 2
    else:
        assert found == Cause("GetObject: no", "do this", "unreadable")
    assert problems == []


@pytest.mark.parametrize("kind", ["unreachable", "expired", "invalid-credentials"])
def test_an_error_of_all_requests_is_raised(kind: Any) -> None:
    with pytest.raises(AwsError, match="GetObject: no"):
        read(FaultyAccount(dict(BOTH), of_first(get(kind))))
    with pytest.raises(AwsError, match="List: no"):
        read(FaultyAccount(dict(BOTH), config_fault=AwsError(kind, "List", "no")))


@pytest.mark.parametrize(
    ("kind", "operation", "is_raised"),
    [
        ("missing", "ListBucketInventoryConfigurations", True),
        ("missing", "ListObjectsV2", False),
        ("denied", "ListBucketInventoryConfigurations", False),
    ],
)
def test_a_bucket_that_no_longer_exists_is_raised_and_another_bucket_is_the_reason(
    kind: Any, operation: str, is_raised: bool
) -> None:
    account = FaultyAccount({}, config_fault=AwsError(kind, operation, "no", advice="do this"))
    if is_raised:
        with pytest.raises(AwsError, match="no"):
            read(account)
    else:
        assert read(account) == ([], Cause(f"{operation}: no", "do this", "unreadable"))


def test_a_full_disk_is_the_reason_and_no_other_report_is_read() -> None:
    account = FaultyAccount(dict(BOTH), of_first(OSError(28, "No space left on device"), "/data/"))
    _, found = read(account)
    assert isinstance(found, Cause)
    assert (found.text, found.kind) == ("could not store the files: No space left on device", "unreadable")
    assert not any("/second/" in key for key in account.downloads)


@pytest.mark.parametrize("part", ["manifest.json", "manifest.checksum"])
def test_a_damaged_report_is_skipped_with_a_gap_of_its_bucket_and_the_previous_is_read(part: str) -> None:
    damaged = AwsError("broken", "GetObject", "wrong size", code="damaged", advice="do this")
    contents = report("first") | report("first", 1, ITEMS[:1])
    newest = max(key.split("/")[3] for key in contents if key.endswith("manifest.json"))
    problems, found = read(
        FaultyAccount(contents, lambda key: damaged if newest in key and key.endswith(part) else None)
    )
    assert isinstance(found, ObjectStats) and found.current.objects == 1
    (problem,) = problems
    assert (problem.code, problem.bucket, problem.account) == ("inventory-report-skipped", "logs", NUMBER)
    assert problem.region == "us-east-1"
    assert newest in problem.message and "wrong size" in problem.message


def test_a_report_that_cannot_be_read_precedes_a_missing_one_as_the_reason() -> None:
    damaged = AwsError("broken", "GetObject", "wrong size", code="damaged", advice="do this")
    _, found = read(FaultyAccount(report("second"), lambda key: damaged if "/second/" in key else None))
    assert isinstance(found, Cause)
    assert found.kind == "unreadable" and "wrong size" in found.text and found.text.startswith("report of ")
    assert found.advice == "do this"


@pytest.mark.parametrize(
    ("rule", "objects", "keys", "prefixes"),
    [
        ({}, 3, "", {"logs/", "x/"}),
        ({"keys": (KeyPattern("logs", "logs/*"),)}, 2, "logs/*", {"logs/"}),
        ({"keys": (KeyPattern("logs", "x/*"),)}, 1, "x/*", {"x/"}),
        ({"depth": 0}, 3, "", set()),
        ({"inventory": InventoryRule(answers="classes")}, 3, "", None),
    ],
)
def test_the_selected_keys_and_statistics_are_read(
    rule: dict[str, Any], objects: int, keys: str, prefixes: set[str] | None
) -> None:
    _, found = read(FaultyAccount(report("first")), **rule)
    assert isinstance(found, ObjectStats)
    assert (found.current.objects, found.keys) == (objects, keys)
    assert (None if found.prefixes is None else {one.prefix for one in found.prefixes}) == prefixes
