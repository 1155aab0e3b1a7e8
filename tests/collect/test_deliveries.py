"""Which deliveries of exports and reports of inventories are read: how many are tried, how old they may be."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from s3_monitor.collect.shard import collect_shard
from s3_monitor.model.bill import BillData, CostQuery
from s3_monitor.model.exports import BillingExport, StorageLensExport
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Shard
from s3_monitor.model.storage_lens import LensData, LensQuery
from tests.collect.file_account import NUMBER, FileAccount
from tests.collect.fixtures import NOW, plan_of, unit
from tests.exports.billing_files import ACCOUNTS, Charge, data_export
from tests.exports.billing_files import as_csv as billing_csv
from tests.exports.lens_files import as_csv, export, metrics_of

TODAY = NOW.date()
WEB = as_csv(metrics_of("web"))


def lens(contents: Mapping[str, bytes], log: list[str] | None = None, prefix: str = "lens") -> tuple[Part, FileAccount]:
    account = FileAccount(contents)
    query = LensQuery(0, StorageLensExport("exports", "daily", prefix, "us-east-1"))
    shard = Shard("storage-lens", "", "", 30, (), lens=query)
    plan = msgspec.structs.replace(plan_of([unit()]), shards=(shard, Shard("s", "", "", 30, (unit(),))))
    lines: list[str] = [] if log is None else log
    part = collect_shard(
        plan, "digest", shard, lambda access: account.reading(),
        now=lambda: NOW, stop=threading.Event(), log=lines.append,
    )  # fmt: skip
    return part, account


def codes(part: Part) -> list[str]:
    return [problem.code for problem in part.problems]


@pytest.mark.parametrize(("age", "expected"), [(0, []), (1, []), (4, []), (5, ["storage-lens-old"])])
def test_a_delivery_may_be_four_days_old(age: int, expected: list[str]) -> None:
    part, _ = lens(export([WEB], day=TODAY - timedelta(days=age)))
    assert (codes(part), part.status) == (expected, "complete")
    if expected:
        assert "5 days" in part.problems[0].message


@pytest.mark.parametrize(("incomplete", "expected"), [(4, []), (5, ["storage-lens-not-delivered"])])
def test_five_deliveries_of_storage_lens_are_tried(incomplete: int, expected: list[str]) -> None:
    contents = export([WEB], day=TODAY - timedelta(days=incomplete))
    for age in range(incomplete):
        contents |= export([b""], day=TODAY - timedelta(days=age))
        contents[f"lens/StorageLens/{NUMBER}/daily/V_1/manifests/dt={TODAY - timedelta(days=age)}/other"] = b""
        del contents[f"lens/StorageLens/{NUMBER}/daily/V_1/manifests/dt={TODAY - timedelta(days=age)}/manifest.json"]
    part, _ = lens(contents)
    assert codes(part) == expected
    assert isinstance(part.lens, LensData) and part.lens.complete is not bool(expected)


def test_a_manifest_of_storage_lens_has_at_most_16_mebibytes_and_its_prefix_may_be_empty() -> None:
    log: list[str] = []
    part, account = lens(export([WEB], prefix=""), log, prefix="")
    assert account.limits_of("manifest.json") == {16 << 20}
    assert isinstance(part.lens, LensData) and len(part.lens.buckets) == 1
    assert log[0] == "storage-lens: Storage Lens export s3://exports"
    assert log[-1].startswith("storage-lens: 1 bucket, ") and log[-1].endswith(", complete")
    assert part.calls.total == 0  # the account counts its own calls


CHARGES = [billing_csv("cur2", [Charge("TimedStorage-ByteHrs", "1.5", resource="logs")])]
OCTOBER = date(2026, 10, 1)


def bill(
    contents: Mapping[str, bytes], as_of: datetime = NOW, end: date = date(2026, 11, 1)
) -> tuple[Part, FileAccount]:
    account = FileAccount(contents)
    query = CostQuery(0, "aws", ACCOUNTS, OCTOBER, end, export=BillingExport("cur2", "bills", "exports", "all"))
    shard = Shard("bill", "", "", 30, (), query)
    plan = msgspec.structs.replace(plan_of([unit()], as_of=as_of), shards=(shard,))
    part = collect_shard(
        plan, "digest", shard, lambda access: account.reading(),
        now=lambda: as_of, stop=threading.Event(), log=lambda line: None,
    )  # fmt: skip
    return part, account


@pytest.mark.parametrize(
    ("day", "is_estimated"), [(date(2026, 11, 1), True), (date(2026, 11, 15), True), (date(2026, 11, 16), False)]
)
def test_a_month_is_an_estimate_for_two_weeks_after_its_end(day: date, is_estimated: bool) -> None:
    part, account = bill(data_export("all", CHARGES), datetime(day.year, day.month, day.day, 12, tzinfo=UTC))
    assert isinstance(part.bill, BillData)
    assert [month.estimated for month in part.bill.months] == [is_estimated]
    assert account.limits_of("Manifest.json") == {64 << 20}
    assert ("billing-export-ends-early" in codes(part)) is not is_estimated


@pytest.mark.parametrize(("damaged", "is_read"), [(0, True), (4, True), (5, False)])
def test_five_deliveries_of_a_month_are_tried(damaged: int, is_read: bool) -> None:
    contents = data_export("all", CHARGES, execution="20261101T000000Z-good", newest=False)
    for number in range(damaged):
        contents |= data_export("all", CHARGES, execution=f"2026110{number + 2}T000000Z-bad", newest=False)
    contents = {key: b"{" if "bad" in key and key.endswith(".json") else text for key, text in contents.items()}
    part, _ = bill(contents)
    assert isinstance(part.bill, BillData)
    assert len(part.bill.months) == is_read
    # Copies of one error are one problem.
    assert [code for code in codes(part) if "ends-early" not in code] == (
        [] if not damaged else ["billing-export-skipped" if is_read else "billing-export-damaged"]
    )


def test_each_file_of_a_delivery_is_downloaded_once() -> None:
    _, account = bill(data_export("all", CHARGES * 3))
    assert len(account.downloads) == len(set(account.downloads)) == 3


@pytest.mark.parametrize(("last", "until"), [(31, ""), (30, "2026-10-30"), (1, "2026-10-01")])
def test_the_last_day_with_charges_is_reported_unless_it_is_the_last_of_the_month(last: int, until: str) -> None:
    charges = [billing_csv("cur2", [Charge("TimedStorage-ByteHrs", "1.5", resource="logs", day=last)])]
    part, _ = bill(data_export("all", charges))
    found = [problem.message for problem in part.problems if problem.code == "billing-export-ends-early"]
    assert len(found) == (last != 31)
    assert all(until in message for message in found)


@pytest.mark.parametrize(("end", "is_read"), [(date(2026, 11, 1), False), (date(2026, 11, 2), True)])
def test_the_current_month_is_read_once_it_has_a_complete_day(end: date, is_read: bool) -> None:
    _, account = bill(data_export("all", CHARGES), end=end)
    assert any("2026-11" in prefix for prefix in account.lists) is is_read


def test_a_file_without_a_known_md5_is_verified_by_the_checksum_of_gzip() -> None:
    damaged = bytearray(CHARGES[0])
    damaged[-8] ^= 1  # CRC-32, which DuckDB ignores
    part, _ = bill(data_export("all", [bytes(damaged)]))
    assert codes(part) == ["billing-export-damaged"]
