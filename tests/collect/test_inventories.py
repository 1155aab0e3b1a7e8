"""Buckets asked for their S3 Inventory, over real HTTP: which report is taken, and what is said of the others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from s3_monitor.aws.account import AwsAccount
from s3_monitor.aws.pace import Paces
from s3_monitor.collect.inventories import Inventories
from s3_monitor.collect.scratch import Scratch
from s3_monitor.collect.stocktaking import Scanned
from s3_monitor.model.objects import Objects
from s3_monitor.model.part import Part
from s3_monitor.model.plan import InventoryAnswers, InventoryRule, KeyPattern, ObjectsMode, ObjectsRule
from s3_monitor.objects.inventory_sql import Row
from s3_monitor.simulator import Bucket, Fault, FileList, Simulator
from s3_monitor.simulator.accounts import make_account
from s3_monitor.simulator.settings import InventoryConfiguration, Settings
from tests.collect.canned import server
from tests.collect.world import ACCOUNT, NOW, UNPACED, Clients, collected, unit
from tests.objects import reports
from tests.objects.reports import Item

REGION = "us-east-1"
NEWEST = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
BEFORE = NEWEST - timedelta(days=1)
ITEMS = [Item(f"a/{number}", number) for number in range(9)]
OLD_ITEMS = ITEMS[:4]
WHERE = f"{ACCOUNT}/{REGION}/logs"


def files(format_: str = "Parquet", **fields: Any) -> dict[str, bytes]:
    """The reports of two days in one place."""
    old = reports.report(format_, "logs", OLD_ITEMS, made=BEFORE, prefix="daily", **fields)
    return old | reports.report(format_, "logs", ITEMS, made=NEWEST, prefix="daily", **fields)


def key(contents: dict[str, bytes], ending: str) -> str:
    """Of the newest report."""
    return max(name for name in contents if name.endswith(ending))


def collect(
    contents: dict[str, bytes],
    *,
    mode: ObjectsMode = "inventory",
    place: str = "s3://inventories/daily/",
    faults: tuple[Fault, ...] = (),
    answers: InventoryAnswers = "all",
    **rule: Any,
) -> Part:
    made = datetime(2024, 1, 1, tzinfo=UTC)
    buckets = [Bucket("logs", REGION, made), Bucket("inventories", REGION, made, objects=FileList(contents))]
    objects = ObjectsRule(mode, inventory=InventoryRule(places=(("logs", place),), answers=answers), **rule)
    with Simulator(make_account(ACCOUNT, buckets), today=NOW.date(), faults=faults) as simulator:
        return collected(simulator.url, unit(buckets=("logs",)), objects=objects)


def answer(part: Part) -> Objects | None:
    (facts,) = part.units
    return dict(facts.objects).get("logs")


def problems(part: Part) -> Iterator[tuple[str, str]]:
    assert all(problem.where == WHERE for problem in part.problems)
    return ((problem.severity, problem.what) for problem in part.problems)


@pytest.mark.parametrize("format_", ["Parquet", "CSV", "ORC"])
def test_the_newest_report_answers(format_: str) -> None:
    part = collect(files(format_))
    found = answer(part)
    assert part.problems == []
    assert found is not None
    expected = reports.said_of(ITEMS, int(NEWEST.timestamp()), versions=False)
    contents = files(format_)
    size = sum(len(contents[name]) for name in contents if "/data/" in name) // 2
    assert found.origin.startswith(f"s3://inventories/daily/logs/nightly/2026-11-21T01-00Z/ ({format_}, 2 files, "), (
        size
    )
    for name in ("current", "classes", "sizes", "ages", "recent", "prefixes", "newest", "oldest", "encryption"):
        assert getattr(found, name) == getattr(expected, name), name


@pytest.mark.parametrize("format_", ["Parquet", "CSV", "ORC"])
def test_where_storage_classes_are_enough_the_rest_is_unknown(format_: str) -> None:
    found = answer(collect(files(format_), answers="classes"))
    assert found is not None
    expected = reports.said_of_classes(ITEMS, int(NEWEST.timestamp()), versions=False)
    assert msgspec.structs.replace(found, origin="", requests=0) == expected
    some = answer(collect(files(format_), answers="classes", keys=(KeyPattern("logs", "a/*"),), regex="[3-5]$"))
    assert some is not None
    assert (some.current.objects, some.sizes) == (3, None)


@pytest.mark.parametrize("format_", ["Parquet", "CSV"])
@pytest.mark.parametrize(
    ("keys", "regex", "wanted"),
    [(("a/1",), "", ["a/1"]), (("a/*",), "[3-5]$", ["a/3", "a/4", "a/5"]), (("b/*",), "", [])],
)
def test_only_the_keys_asked_about_count(format_: str, keys: tuple[str, ...], regex: str, wanted: list[str]) -> None:
    patterns = tuple(KeyPattern("logs", pattern) for pattern in keys)
    found = answer(collect(files(format_), keys=patterns, regex=regex))
    expected = reports.said_of([item for item in ITEMS if item.key in wanted], int(NEWEST.timestamp()), versions=False)
    assert found is not None
    assert (found.current, found.prefixes, found.newest) == (expected.current, expected.prefixes, expected.newest)
    assert keys[0] in found.keys


@pytest.mark.parametrize("fields", [(), ("Size",), reports.OPTIONAL])
def test_what_fields_a_report_has_is_said_by_its_manifest(fields: tuple[str, ...]) -> None:
    made = datetime(2024, 1, 1, tzinfo=UTC)
    configured = InventoryConfiguration("nightly", "inventories", prefix="daily", fields=fields)
    logs = Bucket("logs", REGION, made, settings=Settings(inventories=(configured,)))
    buckets = [logs, Bucket("inventories", REGION, made, objects=FileList(files()))]
    with Simulator(make_account(ACCOUNT, buckets), today=NOW.date()) as simulator:
        found = answer(collected(simulator.url, unit(buckets=("logs",)), objects=ObjectsRule("inventory")))
    assert found is not None
    assert found.current.objects == len(ITEMS)


def test_nothing_is_asked_that_is_not_needed() -> None:
    part = collect(files())
    found = answer(part)
    # The destination, the bucket's folder in it, and the reports are listed; a manifest, its checksum and two files.
    assert found is not None
    assert found.requests == 7
    assert {name: part.calls.requests.get(name) for name in ("ListObjectsV2", "GetObject")} == {
        "ListObjectsV2": 3,
        "GetObject": 4,
    }
    off = collect(files(), mode="off")
    assert answer(off) is None
    assert not {"ListObjectsV2", "GetObject", "ListBucketInventoryConfigurations"} & off.calls.requests.keys()


@pytest.mark.parametrize(
    "place",
    ["s3://inventories/daily", "s3://inventories/daily/logs/", "s3://inventories/daily/logs/nightly/"],
)
def test_a_place_may_be_the_destination_the_buckets_folder_or_the_inventorys(place: str) -> None:
    assert answer(collect(files(), place=place)) is not None


def test_a_report_that_is_being_written_is_left_for_the_one_before() -> None:
    contents = files()
    del contents[key(contents, "manifest.checksum")]
    part = collect(contents)
    found = answer(part)
    assert part.problems == []
    assert found is not None
    assert found.current.objects == len(OLD_ITEMS)


def _wrong_checksum(contents: dict[str, bytes]) -> None:
    contents[key(contents, "manifest.checksum")] = b"0" * 32


def _no_manifest(contents: dict[str, bytes]) -> None:
    contents[key(contents, "manifest.json")] = b'{"version"'


def _damaged(contents: dict[str, bytes]) -> None:
    name = _data(contents)
    contents[name] = bytes(len(contents[name]))


def _shorter(contents: dict[str, bytes]) -> None:
    contents[_data(contents)] = b"PAR1"


def _gone(contents: dict[str, bytes]) -> None:
    del contents[_data(contents)]


def _data(contents: dict[str, bytes]) -> str:
    manifest = contents[key(contents, "manifest.json")].decode()
    return next(name for name in contents if "/data/" in name and name in manifest)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (_wrong_checksum, "manifest.checksum is not that of manifest.json"),
        (_no_manifest, "manifest.checksum is not that of manifest.json"),
        (_damaged, "its MD5 is not the one that its manifest says"),
        (_shorter, "bytes that its manifest says"),
        (_gone, "The specified key does not exist"),
    ],
)
def test_a_damaged_report_is_named_and_the_one_before_answers(damage: Any, why: str) -> None:
    contents = files()
    damage(contents)
    part = collect(contents)
    found = answer(part)
    assert found is not None
    assert found.current.objects == len(OLD_ITEMS)
    ((severity, what),) = problems(part)
    assert (severity, part.status) == ("note", "complete")
    assert "its inventory of 2026-11-21T01-00Z cannot be used, the one before is" in what
    assert why in what


def test_where_no_report_is_whole_there_is_a_gap() -> None:
    contents = files()
    for name in contents:
        if name.endswith("manifest.checksum"):
            contents[name] = b"0" * 32
    part = collect(contents)
    assert answer(part) is None
    ((severity, what),) = problems(part)
    assert (severity, part.status) == ("gap", "partial")
    assert "its objects are unknown: its inventory of 2026-11-2" in what


@pytest.mark.parametrize(
    ("contents", "what"),
    [
        ({"x": b""}, "s3://inventories/daily/ holds no inventory of it"),
        ({"daily/logs/nightly/2026-11-21T01-00Z/manifest.json": b"{}"}, "its inventory has no whole report yet"),
        (files(fields=("Size",)), "its inventory has no StorageClass"),
        (files(fields=("LastModifiedDate", "StorageClass")), "its inventory has no Size"),
    ],
)
def test_a_bucket_without_a_usable_inventory_is_a_note(contents: dict[str, bytes], what: str) -> None:
    part = collect(contents)
    assert answer(part) is None
    assert list(problems(part)) == [("note", f"its objects are unknown: {what}")]


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (Fault("deny", operation="GetObject"), "GetObject: User: "),
        (Fault("deny", operation="ListObjectsV2", bucket="inventories"), "ListObjectsV2: User: "),
        (Fault("throttle", operation="GetObject"), "GetObject: Please reduce your request rate"),
    ],
)
def test_what_cannot_be_fetched_is_a_gap(fault: Fault, what: str) -> None:
    part = collect(files(), faults=(fault,))
    assert answer(part) is None
    ((severity, said),) = problems(part)
    assert severity == "gap"
    assert f"its objects are unknown: {what}" in said


def test_an_old_inventory_is_taken_where_inventories_are_asked_for() -> None:
    contents = reports.report("Parquet", "logs", ITEMS, made=datetime(2026, 8, 1, tzinfo=UTC), prefix="daily")
    assert answer(collect(contents)) is not None


def test_where_several_inventories_lie_one_answers() -> None:
    contents = files() | reports.report("CSV", "logs", ITEMS, made=NEWEST, prefix="daily", id_="another")
    found = answer(collect(contents))
    assert found is not None
    assert found.current.objects == len(ITEMS)


def test_where_one_inventory_may_not_be_read_another_answers() -> None:
    contents = files() | reports.report("CSV", "logs", OLD_ITEMS, made=NEWEST, prefix="daily", id_="another")
    part = collect(contents, faults=(Fault("deny", operation="GetObject", first=1),))
    found = answer(part)
    assert found is not None
    assert found.current.objects == len(ITEMS)
    assert part.problems == []


def test_a_young_inventory_answers_before_a_better_one_that_is_no_longer_delivered() -> None:
    august = datetime(2026, 8, 1, tzinfo=UTC)
    contents = files("CSV") | reports.report("Parquet", "logs", OLD_ITEMS, made=august, prefix="daily", id_="another")
    found = answer(collect(contents))
    assert found is not None
    assert found.current.objects == len(ITEMS)


class WithAthena(Clients):
    """Athena elsewhere than the rest."""

    def __init__(self, url: str, athena: str) -> None:
        super().__init__(url)
        self._athena = Clients(athena)

    def client(self, service: str, region: str | None = None) -> Any:
        return (self._athena if service == "athena" else super()).client(service, region)


def by_athena(
    max_usd: float, state: str = "SUCCEEDED", reason: str = "", *, empty: bool = False
) -> tuple[list[Any], list[str]]:
    """What is answered, and the statements that were sent."""
    sent: list[str] = []
    rows = [
        tuple(Row._fields),
        ("1", "0", None, "0", "STANDARD", None, "SSE-S3", "1", "0", "9", "9", "36", "1", "2"),
    ]

    def script(operation: str, asked: dict[str, Any]) -> tuple[int, Any]:
        if operation == "StartQueryExecution":
            sent.append(asked["QueryString"])
            return 200, {"QueryExecutionId": "id"}
        if operation == "GetQueryExecution":
            scanned = {"DataScannedInBytes": 20 << 20}
            status = {"State": state, "StateChangeReason": reason}
            return 200, {"QueryExecution": {"Status": status, "Statistics": scanned}}
        told = rows[:1] if empty else rows
        cells = [{"Data": [{} if text is None else {"VarCharValue": text} for text in row]} for row in told]
        return 200, {"ResultSet": {"Rows": cells}}

    made = datetime(2024, 1, 1, tzinfo=UTC)
    bucket = Bucket("inventories", REGION, made, objects=FileList(files()))
    inventory = InventoryRule(places=(("logs", "s3://inventories/daily/"),), engine="athena", max_usd=max_usd)
    rule = ObjectsRule("inventory", inventory=inventory)
    with Simulator(make_account(ACCOUNT, [bucket])) as simulator, server(script) as athena:
        account = AwsAccount(WithAthena(simulator.url, athena), Paces(UNPACED))
        asking = Inventories(ACCOUNT, REGION, rule, int(NOW.timestamp()), Scratch(0), threading.Event())
        answers = list(asking.answer(account, "logs", lambda operation: None))
    return answers, sent


def test_athena_answers_with_what_it_cost() -> None:
    (scanned, found), (sql,) = by_athena(max_usd=1)
    assert scanned == Scanned(20)
    assert (found.current.objects, found.current.size) == (9, 36)
    assert found.origin.endswith("(Parquet, 2 files, 20,971,520 bytes scanned by Athena, 0.000095 USD)")
    assert "dt = '2026-11-21-01-00'" in sql


def test_a_statement_that_could_cost_more_than_it_may_is_not_sent() -> None:
    (absent,), sent = by_athena(max_usd=0.00001)
    assert sent == []
    assert absent.reason == "to ask Athena could cost 0.000048 USD, more than the 1e-05 that it may"
    assert not absent.broken


def test_a_table_without_rows_of_the_report_does_not_make_a_bucket_empty() -> None:
    (absent,), _ = by_athena(1, empty=True)
    assert absent.broken
    assert "has no row of the inventory of 2026-11-21" in absent.reason


def test_a_table_that_nobody_has_made_comes_with_the_statement_that_makes_it() -> None:
    (absent,), _ = by_athena(1, "FAILED", "TABLE_NOT_FOUND: line 1:2: Table 'default.s3_inventory_logs' does not exist")
    assert absent.broken
    assert absent.advice.startswith(
        "run this in Athena, once: CREATE EXTERNAL TABLE `default`.`s3_inventory_logs` ( `buc"
    )
    assert "LOCATION 's3://inventories/daily/logs/nightly/hive/'" in absent.advice
