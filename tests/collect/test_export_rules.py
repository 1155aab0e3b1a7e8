"""Which billing export is read, and which of its columns give rows by tag, without HTTP."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from msgspec import UNSET

from s3_monitor.collect.shard import collect_shard
from s3_monitor.model.bill import BillData, CostQuery, TagRow
from s3_monitor.model.exports import BillingExport, BillingKind
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Shard
from tests.collect.file_account import FileAccount
from tests.collect.fixtures import NOW, plan_of, unit
from tests.exports.billing_files import ACCOUNTS, Charge, as_csv, data_export


def csv(kind: str = "cur2", tags: tuple[tuple[str, str], ...] = ()) -> list[bytes]:
    return [as_csv(kind, [Charge("TimedStorage-ByteHrs", "1.5", resource="logs", day=31, tags=tags)])]


def bill(
    contents: Mapping[str, bytes],
    prefix: str = "exports",
    name: str = "",
    kind: BillingKind = "cur2",
    tag: str = "",
    end: date = date(2026, 11, 1),
) -> tuple[Part, BillData]:
    export = BillingExport(kind, "bills", prefix, name, tag=tag)
    query = CostQuery(0, "aws", ACCOUNTS, date(2026, 10, 1), end, export=export)
    shard, account = Shard("bill", "", "", 30, (), query), FileAccount(contents)
    part = collect_shard(
        msgspec.structs.replace(plan_of([unit()]), shards=(shard,)), "digest", shard, lambda access: account.reading(),
        now=lambda: NOW, stop=threading.Event(), log=lambda line: None,
    )  # fmt: skip
    assert isinstance(part.bill, BillData)
    return part, part.bill


@pytest.mark.parametrize(
    ("names", "prefix", "name"),
    [
        (["all"], "exports", "all"),
        (["all"], "exports", ""),  # the only one
        (["all"], "exports/all", ""),  # the prefix is that of the export
        (["all"], "exports/all", "all"),
        (["all", "more"], "exports", "all"),
        (["all", "more"], "exports/all", ""),
    ],
)
def test_an_export_is_found_by_its_prefix_and_name(names: list[str], prefix: str, name: str) -> None:
    contents = {key: text for one in names for key, text in data_export(one, csv()).items()}
    part, found = bill(contents, prefix, name)
    assert (part.problems, len(found.months)) == ([], 1)


@pytest.mark.parametrize(
    ("names", "prefix", "name", "code", "texts"),
    [
        ([], "exports", "", "not-found", ["s3://bills/exports:", "no export of this kind"]),
        ([], "exports", "all", "not-found", ["s3://bills/exports/all:", "no export of this kind"]),
        (["all"], "exports", "other", "not-found", ["s3://bills/exports/other:", "has all"]),
        (["all"], "exports/all", "other", "not-found", ["s3://bills/exports/all/other:", "no export of this kind"]),
        (["all", "more"], "exports", "", "ambiguous", ["s3://bills/exports has", "all, more"]),
        (["all", "more"], "exports", "other", "not-found", ["all, more"]),
    ],
)
def test_an_export_that_is_not_found_is_a_gap_that_names_the_others(
    names: list[str], prefix: str, name: str, code: str, texts: list[str]
) -> None:
    contents = {key: text for one in names for key, text in data_export(one, csv()).items()}
    part, found = bill(contents, prefix, name)
    (problem,) = part.problems
    assert (problem.code, part.status, found.months) == (f"billing-export-{code}", "failed", [])
    assert all(text in problem.message for text in texts), problem.message


@pytest.mark.parametrize(("kind", "layout"), [("cur2", "cur2"), ("focus", "focus-1.2"), ("focus", "focus-1.0")])
@pytest.mark.parametrize("tag", ["", "team"])
def test_rows_by_tag_need_the_tag(kind: BillingKind, layout: str, tag: str) -> None:
    part, found = bill(data_export("all", csv(layout, (("team", "a"),))), kind=kind, tag=tag)
    (month,) = found.months
    assert month.tagged == ([TagRow("a", "TimedStorage-ByteHrs", Decimal("1.5"))] if tag else UNSET)
    assert part.problems == []


@pytest.mark.parametrize(
    ("month", "codes"),
    [("2026-10", []), ("2026-11", ["billing-export-not-delivered"]), ("2026-09", ["billing-export-not-delivered"])],
)
def test_only_the_last_complete_month_must_have_been_delivered(month: str, codes: list[str]) -> None:
    part, _ = bill(data_export("all", csv(), month=month), end=date(2026, 11, 20))
    found = [problem for problem in part.problems if problem.code == "billing-export-not-delivered"]
    assert [problem.code for problem in found] == codes
    assert all("2026-10" in problem.message for problem in found)


def test_a_delivery_that_is_not_in_the_bucket_completely_is_named_below_the_export() -> None:
    contents = data_export("all", csv())
    (file,) = [key for key in contents if key.endswith(".csv.gz")]
    del contents[file]
    part, _ = bill(contents)
    (problem,) = part.problems
    assert problem.code == "billing-export-damaged"
    assert "delivery metadata/BILLING_PERIOD=2026-10/all-Manifest.json of 2026-10 in s3://bills/exports/all/" in (
        problem.message
    )
