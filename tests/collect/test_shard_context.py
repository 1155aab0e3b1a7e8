"""What the collectors of a shard share: temporary files, statements, the cost of exports, and the log of the part."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from s3_monitor.collect.athena_statements import AthenaStatements
from s3_monitor.collect.export_bucket import ExportBucket, MissingFileError
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.model.call_counts import CallCounter, RequestBudget
from s3_monitor.model.errors import DAMAGED, AwsError
from s3_monitor.model.exports import ExportReading
from s3_monitor.model.plan import ListingRule
from s3_monitor.objects.manifest import DataFile, InvalidReportError
from tests.collect.fixtures import NOW, plan_of, unit
from tests.collect.test_shard_accounts import MemoryAccount, collect

GB = 1 << 30


def context(log: list[str], reading: ExportReading | None = None) -> ShardContext:
    plan = msgspec.structs.replace(plan_of([unit()]), exports=reading or ExportReading())
    account: Any = MemoryAccount({})
    return ShardContext(
        plan, "d", plan.shards[0], lambda access: account, now=lambda: NOW, stop=threading.Event(), log=log.append
    )


def test_temporary_files_are_removed_after_the_run_and_not_created_again() -> None:
    shard = context([])
    folder = shard.temp_dir.create_folder("x")
    shard.run()
    assert not folder.exists()
    with pytest.raises(OSError, match="no longer"):
        shard.temp_dir.create_folder("x")


def test_the_run_ends_after_the_running_statements() -> None:
    shard, is_running, ended = context([]), threading.Event(), list[str]()

    def run_statement() -> None:
        with shard.statements.running():
            is_running.set()
            threading.Event().wait(0.05)
            ended.append("statement")

    thread = threading.Thread(target=run_statement)
    thread.start()
    assert is_running.wait(30)
    shard.run()
    assert ended == ["statement"]
    thread.join()


@pytest.mark.parametrize(
    ("engine", "most", "is_excess", "lines"),
    [("duckdb", 0.0, False, 0), ("athena", 0.01, False, 1), ("athena", 0.001, True, 1)],
)
def test_the_cost_of_an_export_that_athena_reads_is_logged_and_limited(
    engine: Any, most: float, is_excess: bool, lines: int
) -> None:
    log: list[str] = []
    reading = ExportReading(engine=engine, max_usd=most)
    shard = context(log, reading)
    account: Any = MemoryAccount({})
    found = shard.excess(AthenaStatements(account, "r", reading, shard.statements), GB, "October")
    assert found == ({"dollars": "0.004883", "most": most} if is_excess else None)
    assert log == ["October: Athena reads at most 1,073,741,824 bytes, at most 0.004883 USD"] * lines


@pytest.mark.parametrize(("most", "is_allowed"), [(0.0048828125, True), (0.0048828124, False)])
def test_exactly_the_limit_of_costs_is_allowed(most: float, is_allowed: bool) -> None:
    account: Any = MemoryAccount({})
    reading = ExportReading(engine="athena", max_usd=most)
    assert (AthenaStatements(account, "r", reading, context([]).statements).excess(GB) is None) == is_allowed


def test_the_log_of_a_part_has_the_seconds_since_the_start() -> None:
    log: list[str] = []
    collect(MemoryAccount({"a": "us-east-1"}), plan_of([unit()]), log=log)
    seconds = re.search(r", ([0-9.]+) s, complete$", log[-1])
    assert seconds is not None and 0 <= float(seconds[1]) < 600


def test_a_bucket_with_series_that_is_not_listed_is_in_the_log() -> None:
    log: list[str] = []
    collect(MemoryAccount({"a": "us-east-1"}), plan_of([unit(linked=True)]), log=log)
    assert log[-1].startswith("s: 1 bucket, 2 series, ")


@pytest.mark.parametrize(("requests", "codes"), [(2, []), (3, ["listing-requests-exhausted"])])
def test_an_exhausted_budget_of_list_requests_is_one_problem(requests: int, codes: list[str]) -> None:
    class Listing(MemoryAccount):
        def metered(self, calls: CallCounter, list_budget: object = None) -> MemoryAccount:
            assert isinstance(list_budget, RequestBudget)
            for _ in range(requests):
                list_budget.take()
            return super().metered(calls)

    part = collect(Listing({"a": "us-east-1"}), plan_of([unit()], listing=ListingRule("off", max_requests=2)))
    assert [problem.code for problem in part.problems] == codes
    if codes:
        assert "2" in part.problems[0].message.split()


# files of exports


class Files:
    """``result``: of reads and downloads."""

    def __init__(self, result: Any) -> None:
        self._result = result

    def read_small_object(self, bucket: str, key: str, region: str, max_bytes: int) -> Any:
        return self.download()

    def download(self, *_: object) -> Any:
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


@pytest.mark.parametrize(
    ("operation", "kind", "code", "expected"),
    [
        ("GetObject", "missing", "NoSuchKey", MissingFileError),
        ("GetObject", "missing", "", MissingFileError),
        ("GetObject", "broken", DAMAGED, InvalidReportError),
        ("GetObject", "denied", "AccessDenied", AwsError),
        ("HeadBucket", "missing", "NoSuchBucket", AwsError),
        ("HeadBucket", "broken", DAMAGED, AwsError),
    ],
)
def test_a_missing_or_damaged_file_makes_its_report_invalid(
    operation: str, kind: Any, code: str, expected: type[Exception]
) -> None:
    files: Any = Files(AwsError(kind, operation, "no", code=code, advice="do this"))
    bucket = ExportBucket(files, "exports", "us-east-1")
    for read in (lambda: bucket.read("k", 1), lambda: bucket.download(DataFile("k", 1, ""), Path("p"))):
        with pytest.raises(Exception, match=f"{operation}: no") as caught:
            read()
        assert type(caught.value) is expected
        assert getattr(caught.value, "advice", "") == "do this"


@pytest.mark.parametrize("is_verified", [True, False])
def test_files_without_a_known_md5_are_unverified(is_verified: bool) -> None:
    files: Any = Files(is_verified)
    bucket = ExportBucket(files, "exports", "us-east-1")
    bucket.download(DataFile("k", 1, ""), Path("p"))
    assert bucket.unverified == (set() if is_verified else {Path("p")})
