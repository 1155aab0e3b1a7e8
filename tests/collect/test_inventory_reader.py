"""S3 Inventory over real HTTP: the choice of a report, and the problems of other reports."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from s3_monitor.aws.account import AwsAccount
from s3_monitor.aws.rate_limiter import RateLimits
from s3_monitor.collect.collector import AccountRegion
from s3_monitor.collect.inventory_reader import InventoryReader
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.collect.temp_dir import BoundedTempDir
from s3_monitor.model import part as parts
from s3_monitor.model.call_counts import CallCounter
from s3_monitor.model.object_stats import ObjectStats
from s3_monitor.model.part import Part
from s3_monitor.model.plan import InventoryAnswers, InventoryRule, KeyPattern, ObjectsMode, ObjectsRule
from s3_monitor.objects.inventory_query import ResultRow
from s3_monitor.simulator import Bucket, Fault, FileList, Simulator
from s3_monitor.simulator.accounts import make_account
from s3_monitor.simulator.settings import InventoryConfiguration, Settings
from tests.collect.canned_responses import server
from tests.collect.fixtures import ACCOUNT, NOW, UNPACED, Clients, collected, plan_of, unit
from tests.objects import reports
from tests.objects.reports import Item

REGION = "us-east-1"
NEWEST = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
BEFORE = NEWEST - timedelta(days=1)
ITEMS = [Item(f"a/{number}", number) for number in range(9)]
OLD_ITEMS = ITEMS[:4]
WHERE = f"{ACCOUNT}/{REGION}/logs"


def files(format_: str = "Parquet", **fields: Any) -> dict[str, bytes]:
    """Return the reports of two days in one destination."""
    old = reports.report(format_, "logs", OLD_ITEMS, made=BEFORE, prefix="daily", **fields)
    return old | reports.report(format_, "logs", ITEMS, made=NEWEST, prefix="daily", **fields)


def key(contents: dict[str, bytes], ending: str) -> str:
    """Return the key of a file of the newest report."""
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


def answer(part: Part) -> ObjectStats | None:
    (facts,) = part.units
    return dict(facts.objects).get("logs")


def problems(part: Part) -> Iterator[tuple[str, str]]:
    assert all(problem.place == WHERE for problem in part.problems)
    return ((problem.code, problem.message) for problem in part.problems)


@pytest.mark.parametrize("format_", ["Parquet", "CSV", "ORC"])
def test_the_newest_report_is_read(format_: str) -> None:
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
def test_a_query_of_classes_leaves_the_other_statistics_unknown(format_: str) -> None:
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
def test_only_matching_keys_count(format_: str, keys: tuple[str, ...], regex: str, wanted: list[str]) -> None:
    patterns = tuple(KeyPattern("logs", pattern) for pattern in keys)
    found = answer(collect(files(format_), keys=patterns, regex=regex))
    expected = reports.said_of([item for item in ITEMS if item.key in wanted], int(NEWEST.timestamp()), versions=False)
    assert found is not None
    assert (found.current, found.prefixes, found.newest) == (expected.current, expected.prefixes, expected.newest)
    assert keys[0] in found.keys


@pytest.mark.parametrize("fields", [(), ("Size",), reports.OPTIONAL])
def test_the_manifest_decides_which_fields_a_report_has(fields: tuple[str, ...]) -> None:
    made = datetime(2024, 1, 1, tzinfo=UTC)
    configured = InventoryConfiguration("nightly", "inventories", prefix="daily", fields=fields)
    logs = Bucket("logs", REGION, made, settings=Settings(inventories=(configured,)))
    buckets = [logs, Bucket("inventories", REGION, made, objects=FileList(files()))]
    with Simulator(make_account(ACCOUNT, buckets), today=NOW.date()) as simulator:
        found = answer(collected(simulator.url, unit(buckets=("logs",)), objects=ObjectsRule("inventory")))
    assert found is not None
    assert found.current.objects == len(ITEMS)


def test_an_inventory_takes_the_fewest_requests() -> None:
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
def test_a_place_may_be_the_destination_or_the_folder_of_the_bucket_or_of_the_inventory(place: str) -> None:
    assert answer(collect(files(), place=place)) is not None


def test_a_report_that_is_being_written_is_skipped_for_the_previous_one() -> None:
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


def _faulty(contents: dict[str, bytes]) -> None:
    """Replace the data file by a file with a row of another bucket, with the right size and checksum."""
    name, sums, manifest = _data(contents), key(contents, "manifest.checksum"), key(contents, "manifest.json")
    content = reports.data_file("Parquet", "another", ITEMS[:1], reports.columns(reports.OPTIONAL, False))
    written = json.loads(contents[manifest])
    file = next(file for file in written["files"] if file["key"] == name)
    file["key"] = name.rpartition("/")[0] + "/a1b2.parquet"
    file |= {"size": len(content), "MD5checksum": hashlib.md5(content).hexdigest()}
    contents[file["key"]] = content
    contents[manifest] = json.dumps(written).encode()
    contents[sums] = hashlib.md5(contents[manifest]).hexdigest().encode()


def _gone(contents: dict[str, bytes]) -> None:
    del contents[_data(contents)]


def _data(contents: dict[str, bytes]) -> str:
    manifest = contents[key(contents, "manifest.json")].decode()
    return next(name for name in contents if "/data/" in name and name in manifest)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (_wrong_checksum, "manifest.checksum does not match manifest.json"),
        (_no_manifest, "manifest.checksum does not match manifest.json"),
        (_damaged, "its MD5 is not the MD5 in its manifest"),
        (_shorter, "bytes in its manifest"),
        (_gone, "The specified key does not exist"),
        (_faulty, r"a1b2.parquet: 1 of 1 rows do not conform: Bucket must be 'logs', got 'another'"),
    ],
)
def test_a_damaged_report_is_reported_and_the_previous_one_is_read(damage: Any, why: str) -> None:
    contents = files()
    damage(contents)
    part = collect(contents)
    found = answer(part)
    assert found is not None
    assert found.current.objects == len(OLD_ITEMS)
    ((code, what),) = problems(part)
    assert (code, part.status) == ("inventory-report-skipped", "complete")
    assert "the inventory of 2026-11-21T01-00Z" in what
    assert why in what


def test_a_bucket_with_only_damaged_reports_is_a_gap() -> None:
    contents = files()
    for name in contents:
        if name.endswith("manifest.checksum"):
            contents[name] = b"0" * 32
    part = collect(contents)
    assert answer(part) is None
    ((code, what),) = problems(part)
    assert (code, part.status) == ("inventory-report-unreadable", "partial")
    assert "Could not read the inventory: report of 2026-11-2" in what


@pytest.mark.parametrize(
    ("contents", "what"),
    [
        ({"x": b""}, "s3://inventories/daily/ has no inventory of the bucket"),
        ({"daily/logs/nightly/2026-11-21T01-00Z/manifest.json": b"{}"}, "no complete report yet"),
        (files(fields=("Size",)), "the report has no StorageClass"),
        (files(fields=("LastModifiedDate", "StorageClass")), "the report has no Size"),
    ],
)
def test_a_bucket_without_a_usable_inventory_is_a_note(contents: dict[str, bytes], what: str) -> None:
    part = collect(contents)
    assert answer(part) is None
    assert list(problems(part)) == [("inventory-report-unavailable", f"No inventory to read the objects from: {what}")]


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (Fault("deny", operation="GetObject"), "GetObject: User: "),
        (Fault("deny", operation="ListObjectsV2", bucket="inventories"), "ListObjectsV2: User: "),
        (Fault("throttle", operation="GetObject"), "GetObject: Please reduce your request rate"),
        (Fault("error", operation="GetObject"), "GetObject: "),
        (Fault("malformed", operation="ListObjectsV2", bucket="inventories"), "ListObjectsV2: "),
    ],
)
def test_a_report_that_cannot_be_downloaded_is_a_gap(fault: Fault, what: str) -> None:
    part = collect(files(), faults=(fault,))
    assert answer(part) is None
    ((code, said),) = problems(part)
    assert code == "inventory-report-unreadable"
    assert f"Could not read the inventory: {what}" in said


def test_mode_inventory_reads_an_old_inventory() -> None:
    contents = reports.report("Parquet", "logs", ITEMS, made=datetime(2026, 8, 1, tzinfo=UTC), prefix="daily")
    assert answer(collect(contents)) is not None


def test_a_report_with_a_date_in_the_future_is_not_used() -> None:
    future = NEWEST.replace(year=2090)
    part = collect(files() | reports.report("Parquet", "logs", OLD_ITEMS, made=future, prefix="daily"))
    found = answer(part)
    assert found is not None
    assert found.current.objects == len(ITEMS)
    ((code, what),) = problems(part)
    assert code == "inventory-report-skipped"
    assert "creationTimestamp must be" in what


def test_one_of_several_inventories_is_read() -> None:
    contents = files() | reports.report("CSV", "logs", ITEMS, made=NEWEST, prefix="daily", id_="another")
    found = answer(collect(contents))
    assert found is not None
    assert found.current.objects == len(ITEMS)


def test_if_one_inventory_is_denied_another_is_read() -> None:
    contents = files() | reports.report("CSV", "logs", OLD_ITEMS, made=NEWEST, prefix="daily", id_="another")
    part = collect(contents, faults=(Fault("deny", operation="GetObject", first=1),))
    found = answer(part)
    assert found is not None
    assert found.current.objects == len(ITEMS)
    assert part.problems == []


def test_a_recent_inventory_is_preferred_to_a_better_one_that_is_no_longer_delivered() -> None:
    august = datetime(2026, 8, 1, tzinfo=UTC)
    contents = files("CSV") | reports.report("Parquet", "logs", OLD_ITEMS, made=august, prefix="daily", id_="another")
    found = answer(collect(contents))
    assert found is not None
    assert found.current.objects == len(ITEMS)


@pytest.mark.parametrize("format_", ["Parquet", "CSV", "ORC"])
@pytest.mark.parametrize(
    ("item", "why"),
    [
        (Item("bad", -5), "Size must be a whole number of bytes from 0 to 1,125,899,906,842,624, got '-5'"),
        (Item("bad", 5, datetime(1969, 7, 20, tzinfo=UTC)), "LastModifiedDate must be a time like"),
        (Item("bad", 2**63 - 1), "Size must be"),
        (Item("bad", 5, datetime(2200, 1, 1, tzinfo=UTC)), "LastModifiedDate must be"),
    ],
    ids=["negative", "before 1970", "huge", "after now"],
)
def test_an_invalid_row_is_a_gap_of_its_bucket_and_the_part_can_be_read(
    tmp_path: Path, format_: str, item: Item, why: str
) -> None:
    made = datetime(2024, 1, 1, tzinfo=UTC)
    contents = reports.report(format_, "logs", [*ITEMS, item], made=NEWEST, prefix="daily")
    contents |= reports.report(format_, "web", ITEMS, made=NEWEST, prefix="daily")
    held = Bucket("inventories", REGION, made, objects=FileList(contents))
    buckets = [Bucket("logs", REGION, made), Bucket("web", REGION, made), held]
    rule = ObjectsRule("inventory", inventory=InventoryRule(places=(("*", "s3://inventories/daily/"),)))
    with Simulator(make_account(ACCOUNT, buckets), today=NOW.date()) as simulator:
        part = collected(simulator.url, unit(buckets=("logs", "web")), objects=rule)
    parts.write(part, tmp_path / "part.json")
    (facts,) = parts.read(tmp_path / "part.json").units
    assert [name for name, _ in facts.objects] == ["web"]
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("inventory-report-unreadable", WHERE)
    assert why in problem.message


def reader(
    account: AwsAccount, rule: ObjectsRule, temp_dir: BoundedTempDir, stop: threading.Event | None = None
) -> InventoryReader:
    """Return the reader of the bucket "logs"."""
    plan, stop = plan_of([unit()], objects=rule), stop or threading.Event()
    context = ShardContext(
        plan, "digest", plan.shards[0], lambda access: account, now=lambda: NOW, stop=stop, log=lambda line: None
    )
    context.temp_dir = temp_dir
    return InventoryReader(AccountRegion(account, ACCOUNT, REGION, context.problems), "logs", context)


def test_a_folder_for_temporary_files_that_cannot_be_used_is_a_gap() -> None:
    scratch = BoundedTempDir(0)
    scratch.clear()
    made = datetime(2024, 1, 1, tzinfo=UTC)
    rule = ObjectsRule("inventory", inventory=InventoryRule(places=(("logs", "s3://inventories/daily/"),)))
    with Simulator(
        make_account(ACCOUNT, [Bucket("inventories", REGION, made, objects=FileList(files()))])
    ) as simulator:
        account = AwsAccount(Clients(simulator.url), RateLimits(UNPACED))
        (absent,) = reader(account, rule, scratch).read()
    assert absent.kind == "unreadable"
    assert absent.text.startswith("could not store the files: ")
    assert "TMPDIR" in absent.advice


class WithAthena(Clients):
    """Clients with a separate endpoint for Athena."""

    def __init__(self, url: str, athena: str) -> None:
        super().__init__(url)
        self._athena = Clients(athena)

    def client(self, service: str, region: str | None = None) -> Any:
        return (self._athena if service == "athena" else super()).client(service, region)


class Athena:
    """A server of Athena with scripted responses. It records the operations and statements that it receives.

    ``responses``: by operation, in order; the last response repeats; a status is an error.
    """

    def __init__(self, **responses: list[Any]) -> None:
        self.sent: list[str] = []
        self.heard: list[str] = []
        self.calls = CallCounter()
        self._responses = {"StartQueryExecution": [{"QueryExecutionId": "id"}], "StopQueryExecution": [{}]} | responses

    def script(self, operation: str, asked: dict[str, Any]) -> tuple[int, Any]:
        self.heard.append(operation)
        if operation == "StartQueryExecution":
            self.sent.append(asked["QueryString"])
        responses = self._responses[operation]
        response = responses.pop(0) if len(responses) > 1 else responses[0]
        return (200, response) if isinstance(response, dict) else response

    def answers(
        self, max_usd: float = 1, contents: dict[str, bytes] | None = None, stop: threading.Event | None = None
    ) -> list[Any]:
        """Return the results and problems of reading the bucket's inventory."""
        made = datetime(2024, 1, 1, tzinfo=UTC)
        bucket = Bucket("inventories", REGION, made, objects=FileList(files() if contents is None else contents))
        inventory = InventoryRule(places=(("logs", "s3://inventories/daily/"),), engine="athena", max_usd=max_usd)
        rule = ObjectsRule("inventory", inventory=inventory)
        with Simulator(make_account(ACCOUNT, [bucket])) as simulator, server(self.script) as athena:
            account = AwsAccount(WithAthena(simulator.url, athena), RateLimits(UNPACED))
            self.calls = account.calls
            return list(reader(account, rule, BoundedTempDir(0), stop).read())

    @property
    def billed(self) -> int:
        """The billed megabytes."""
        return int(self.calls.calls().athena_mb or 0)


def execution(state: str = "SUCCEEDED", reason: str = "", scanned: int = 20 << 20, **status: Any) -> dict[str, Any]:
    status = {"State": state, "StateChangeReason": reason, **status}
    return {"QueryExecution": {"Status": status, "Statistics": {"DataScannedInBytes": scanned}}}


def results(*rows: tuple[str | None, ...]) -> dict[str, Any]:
    lines = [tuple(ResultRow._fields), *rows]
    return {"ResultSet": {"Rows": [{"Data": [{} if t is None else {"VarCharValue": t} for t in row]} for row in lines]}}


ROW = ("1", "0", None, "0", "STANDARD", None, "SSE-S3", "1", "0", "9", "9", "36", "1", "2", "0", None)
FAULTY = (*ROW[:-2], "1", "Size must be a whole number, got '-5'")
SERVER_ERROR = (500, {"__type": "InternalServerException", "message": "internal error"})
DENIED = (400, {"__type": "AccessDeniedException", "message": "not authorized"})
THROTTLED = (400, {"__type": "TooManyRequestsException", "message": "slow down"})


def test_the_origin_of_an_athena_result_has_its_cost() -> None:
    athena = Athena(GetQueryExecution=[execution()], GetQueryResults=[results(ROW)])
    (found,) = athena.answers()
    assert athena.billed == 20
    assert (found.current.objects, found.current.size) == (9, 36)
    assert found.origin.endswith("(Parquet, 2 files, 20,971,520 bytes scanned by Athena, 0.000095 USD)")
    assert "dt = '2026-11-21-01-00'" in athena.sent[0]


def test_a_statement_that_could_exceed_its_cost_limit_is_not_sent() -> None:
    athena = Athena()
    (absent,) = athena.answers(max_usd=0.00001)
    assert athena.heard == []
    assert absent.text == "Athena could cost 0.000048 USD, more than inventory.max_usd (1e-05)"
    assert absent.kind == "unavailable"


def test_a_table_without_rows_of_the_report_is_not_an_empty_bucket() -> None:
    (absent,) = Athena(GetQueryExecution=[execution()], GetQueryResults=[results()]).answers()
    assert absent.kind == "unreadable"
    assert "has no row of the inventory of 2026-11-21" in absent.text


@pytest.mark.parametrize(
    ("responses", "stopped", "billed"),
    [
        ({"GetQueryExecution": [SERVER_ERROR]}, True, 10),
        ({"GetQueryExecution": [execution("RUNNING", scanned=30 << 20), SERVER_ERROR]}, True, 30),
        ({"GetQueryExecution": [execution("RUNNING"), DENIED]}, True, 20),
        ({"GetQueryExecution": [execution("RUNNING"), THROTTLED]}, True, 20),
        ({"GetQueryExecution": [execution("RUNNING"), THROTTLED, execution(scanned=40 << 20)]}, True, 40),
        ({"GetQueryExecution": [{"QueryExecution": {}}]}, True, 10),
        ({"GetQueryExecution": [DENIED], "StopQueryExecution": [DENIED]}, True, 10),
        ({"GetQueryExecution": [execution()], "GetQueryResults": [SERVER_ERROR]}, False, 20),
        ({"GetQueryExecution": [execution()], "GetQueryResults": [DENIED]}, False, 20),
        ({"GetQueryExecution": [execution("CANCELLED", "by the user")]}, False, 20),
        ({"GetQueryExecution": [execution("FAILED", "INTERNAL_ERROR: x")]}, False, 0),
        ({"StartQueryExecution": [SERVER_ERROR]}, False, 0),
    ],
    ids=lambda value: str(value)[:70],
)  # fmt: skip
def test_a_failed_statement_is_a_gap_with_its_scan_counted_and_no_other_report_is_read(
    responses: dict[str, Any], stopped: bool, billed: int
) -> None:
    athena = Athena(**responses)
    several = files() | reports.report("CSV", "logs", OLD_ITEMS, made=NEWEST, prefix="daily", id_="another")
    (absent,) = athena.answers(contents=several)
    assert absent.kind == "unreadable"
    assert athena.heard.count("StartQueryExecution") == 1
    assert ("StopQueryExecution" in athena.heard) == stopped
    assert athena.billed == billed


def test_an_interrupted_statement_is_stopped_and_its_scan_counted() -> None:
    stop = threading.Event()
    stop.set()
    athena = Athena(GetQueryExecution=[execution("RUNNING"), execution("CANCELLED", scanned=50 << 20)])
    (absent,) = athena.answers(stop=stop)
    assert (athena.heard[-2:], athena.billed) == (["StopQueryExecution", "GetQueryExecution"], 50)
    assert "the run was interrupted" in absent.text


def test_the_cost_limit_covers_all_statements_of_a_bucket() -> None:
    enough, exceeded = (
        Athena(GetQueryExecution=[execution()], GetQueryResults=[results(FAULTY), results(ROW)]) for _ in range(2)
    )
    note, found = enough.answers(max_usd=0.00015)  # 20 MB and 10 MB
    assert "Size must be a whole number, got '-5'" in note.message
    assert (found.current.objects, enough.billed) == (9, 40)
    (absent,) = exceeded.answers(max_usd=0.00014)
    assert (len(exceeded.sent), exceeded.billed) == (1, 20)
    assert "Size must be" in absent.text


def _failed(reason: str) -> Any:
    (absent,) = Athena(GetQueryExecution=[execution("FAILED", reason)]).answers()
    assert absent.kind == "unreadable"
    return absent


@pytest.mark.parametrize(
    "reason",
    [
        "TABLE_NOT_FOUND: line 1:2: Table 'default.s3_inventory_logs' does not exist",
        "SYNTAX_ERROR: line 1:15: Table awsdatacatalog.default.s3_inventory_logs does not exist",
    ],
)
def test_a_table_that_does_not_exist_comes_with_the_statement_that_creates_it(reason: str) -> None:
    advice = _failed(reason).advice
    assert advice.startswith("run this in Athena, once: CREATE EXTERNAL TABLE `default`.`s3_inventory_logs` ( `buc")
    assert "LOCATION 's3://inventories/daily/logs/nightly/hive/'" in advice


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("SCHEMA_NOT_FOUND: line 1:2: Schema 'inv' does not exist", "inventory.database"),
        ("SYNTAX_ERROR: line 1:15: Schema inv does not exist", "inventory.database"),
        ("COLUMN_NOT_FOUND: line 1:8: Column 'storage_class' cannot be resolved", "columns of the inventory"),
        ("SYNTAX_ERROR: line 1:8: Column 'size' cannot be resolved", "columns of the inventory"),
        ("HIVE_CANNOT_OPEN_SPLIT: The specified bucket does not exist (Service: Amazon S3; Error Code: NoSuchBucket)",
         "LOCATION"),
        ("The specified key does not exist", "console"),
        ("FUNCTION_NOT_FOUND: Function url_decode does not exist", "console"),
        ("HIVE_BAD_DATA: Not valid Parquet file: s3://x/y", "console"),
    ],
)  # fmt: skip
def test_other_missing_resources_have_no_advice_to_create_a_table(reason: str, advice: str) -> None:
    absent = _failed(reason)
    assert "CREATE" not in absent.advice
    assert advice in absent.advice
