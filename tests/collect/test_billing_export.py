"""Billing exports over real HTTP: the choice of a delivery, and the problems of others."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from s3_monitor.aws.account import AwsAccount
from s3_monitor.aws.rate_limiter import RateLimits
from s3_monitor.collect.bill import expected
from s3_monitor.collect.shard import collect_shard
from s3_monitor.exports.billing_sql import SEPARATOR
from s3_monitor.merge.parts import validate_part
from s3_monitor.model import part as parts
from s3_monitor.model.bill import BillData, BillMonth, CostQuery, ExportedCharges
from s3_monitor.model.exports import BillingExport, BillingKind, ExportReading
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Shard
from s3_monitor.simulator import Bucket, Fault, FileList, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.collect.canned_responses import server
from tests.collect.fixtures import ACCOUNT, NOW, UNPACED, Clients, plan_of, unit
from tests.collect.test_inventory_reader import WithAthena, execution, results
from tests.exports.billing_files import (
    ACCOUNTS,
    EVERY_PITFALL,
    PAYER,
    Charge,
    as_csv,
    as_parquet,
    as_zip,
    athena_report,
    data_export,
    legacy_report,
    of_s3,
    sum_of,
)

OCTOBER, NOVEMBER, TODAY = date(2026, 10, 1), date(2026, 11, 1), date(2026, 11, 22)
CSV, PARQUET = as_csv("cur2", EVERY_PITFALL), as_parquet("cur2", EVERY_PITFALL)
OLD = as_csv("cur2", EVERY_PITFALL[:3])
LATER = as_csv("cur2", [Charge("TimedStorage-ByteHrs", "1.5", resource="logs", day=33)])
MONTH_TO_DATE = data_export("all", [LATER], month="2026-11")
TOTAL = sum_of(of_s3(EVERY_PITFALL))


def collect(
    contents: Mapping[str, bytes],
    *,
    kind: BillingKind = "cur2",
    name: str = "all",
    prefix: str = "exports",
    end: date = NOVEMBER,
    reading: ExportReading | None = None,
    athena: str = "",
    faults: tuple[Fault, ...] = (),
    log: Any = None,
) -> Part:
    """Collect the export of a bucket. The part is valid for its plan."""
    export = BillingExport(kind, "bills", prefix, name, region="us-east-1")
    query = CostQuery(0, "aws", ACCOUNTS, OCTOBER, end, export=export)
    bucket = Bucket("bills", "us-east-1", datetime(2024, 1, 1, tzinfo=UTC), objects=FileList(contents))
    shard = Shard("bill", "", "", 30, (), query)
    plan = msgspec.structs.replace(plan_of([unit()]), exports=reading or ExportReading(), shards=(shard,))
    with Simulator(make_account(ACCOUNT, [bucket]), today=NOW.date(), faults=faults) as simulator:
        clients = WithAthena(simulator.url, athena) if athena else Clients(simulator.url)
        account = AwsAccount(clients, RateLimits(UNPACED))
        part = collect_shard(
            plan, "digest", shard, lambda access: account,
            now=lambda: NOW, stop=threading.Event(), log=log or (lambda line: None),
        )  # fmt: skip
    assert parts.decode(parts.encode(part), "bill.json") == part
    validate_part(part, "bill.json", {"bill": shard}, plan.window, "digest")
    return part


def bill(part: Part) -> BillData:
    assert isinstance(part.bill, BillData)
    return part.bill


def total(month: BillMonth) -> Decimal:
    return sum((row.usd for row in month.rows), Decimal(0))


class Replaced(dict[str, bytes]):
    """Files whose manifest is replaced after each of the first reads, and a file that is longer than listed."""

    def __init__(self, contents: dict[str, bytes], times: int = 0, changed: str = "none") -> None:
        super().__init__(contents)
        self._times, self._reads, self._changed = times, 0, changed

    def get(self, key: str, default: Any = None) -> Any:
        content = super().get(key, default)
        if key.endswith(self._changed):
            return content + b"x"
        if not key.endswith("Manifest.json") or not self._times:
            return content
        self._reads += 1
        return json.dumps(json.loads(content) | {"executionId": f"e-{min(self._reads, self._times)}"}).encode()


def codes(part: Part) -> list[str]:
    return [problem.code for problem in part.problems]


@pytest.mark.parametrize(
    ("contents", "kind"),
    [
        (data_export("all", [CSV]), "cur2"),
        (data_export("all", [PARQUET], ending=".snappy.parquet"), "cur2"),
        (data_export("all", [as_csv("focus-1.2", EVERY_PITFALL)]), "focus"),
        (data_export("all", [as_parquet("focus-1.0", EVERY_PITFALL)], ending="-1.parquet"), "focus"),
        (legacy_report("all", [as_csv("cur", EVERY_PITFALL)]), "cur"),
        (legacy_report("all", [as_csv("cur", EVERY_PITFALL)], assembly="a-2"), "cur"),
        (legacy_report("all", [as_zip(as_csv("cur", EVERY_PITFALL))], ending=".csv.zip"), "cur"),
        (athena_report("all", [as_parquet("cur", EVERY_PITFALL)]), "cur"),
    ],
    ids=["csv", "parquet", "focus-csv", "focus-parquet", "legacy", "legacy-assembly", "legacy-zip", "legacy-athena"],
)
def test_every_layout_gives_the_same_bill(contents: dict[str, bytes], kind: BillingKind) -> None:
    part = collect(contents, kind=kind)
    (october,) = bill(part).months
    assert (part.status, part.problems, bill(part).payer) == ("complete", [], PAYER)
    assert (october.first, october.estimated, bill(part).currency) == (OCTOBER, False, "USD")
    assert abs(total(october) - TOTAL) < Decimal("1e-10")
    assert isinstance(october.exported, ExportedCharges)
    assert october.exported.origin.startswith("s3://bills/exports/all/")
    assert october.exported.has_requests and october.exported.has_net


def test_the_current_month_is_read_to_date_and_is_estimated() -> None:
    part = collect(data_export("all", [CSV]) | MONTH_TO_DATE, end=TODAY)
    october, november = bill(part).months
    assert (total(october), total(november)) == (TOTAL, Decimal("1.5"))
    assert (november.first, november.estimated, codes(part)) == (NOVEMBER, True, [])


def test_a_current_month_without_a_delivery_is_no_gap() -> None:
    part = collect(data_export("all", [CSV]), end=TODAY)
    assert (part.status, len(bill(part).months), codes(part)) == ("complete", 1, [])


def test_only_the_newest_execution_counts() -> None:
    contents = data_export("all", [OLD], execution="20261103T000000Z-e1")
    contents |= data_export("all", [CSV], execution="20261104T000000Z-e2")
    part = collect(contents)
    assert (total(bill(part).months[0]), codes(part)) == (TOTAL, [])


def test_files_that_the_manifest_does_not_name_are_not_read() -> None:
    contents = data_export("all", [CSV])
    contents["exports/all/data/BILLING_PERIOD=2026-10/all-00002.csv.gz"] = CSV  # of a larger delivery before
    assert total(bill(collect(contents)).months[0]) == TOTAL


def test_the_name_of_the_only_export_need_not_be_given() -> None:
    assert codes(collect(data_export("all", [CSV]), name="")) == []
    assert codes(collect(data_export("all", [CSV]), name="", prefix="exports/all")) == []
    assert codes(collect(data_export("all", [CSV], prefix=""), name="", prefix="")) == []


# Damaged exports are gaps with a name.


def without(contents: dict[str, bytes], ending: str) -> dict[str, bytes]:
    return {key: content for key, content in contents.items() if not key.endswith(ending)}


@pytest.mark.parametrize(
    ("contents", "code", "message"),
    [
        (without(data_export("all", [CSV, OLD]), "-00002.csv.gz"), "billing-export-damaged", "half delivered: 1 of 2"),
        (
            data_export("all", [CSV], month="2026-09") | without(data_export("all", [CSV]), "Manifest.json"),
            "billing-export-not-delivered",
            "no delivery of 2026-10",
        ),
        (data_export("all", [CSV], month="2026-09"), "billing-export-not-delivered", "no delivery of 2026-10"),
        (data_export("all", [CSV[:-20]]), "billing-export-damaged", "all-00001.csv.gz"),
        (data_export("all", [CSV, CSV[:-20], CSV]), "billing-export-damaged", "all-00002.csv.gz"),
        (data_export("all", [CSV], dataFiles=[]), "billing-export-damaged", "must name a file in dataFiles, got none"),
        (data_export("all", [CSV], dataFiles=["a/x.csv.gz"] * 2), "billing-export-damaged", "names a file twice"),
        (data_export("all", [CSV], dataFiles="x"), "billing-export-damaged", "does not have AWS's form"),
        (
            data_export("all", [CSV], ending=".csv.bz2"),
            "billing-export-damaged",
            "must be .csv.gz, .csv, .zip or .parquet",
        ),
        (
            data_export("all", [CSV, as_csv("cur2", [], without=["line_item_resource_id"])]),
            "billing-export-damaged",
            "all-00002.csv.gz: its files have no column line_item_resource_id",
        ),
        (data_export("renamed", [CSV]), "billing-export-not-found", "the prefix has renamed"),
        (legacy_report("all", [as_csv("cur", EVERY_PITFALL)]), "billing-export-not-found", "no export of this kind"),
        (
            data_export("all", [CSV, as_csv("cur2", [Charge("TimedStorage-ByteHrs", "1", currency="EUR")])]),
            "bill-in-several-currencies",
            "EUR, USD",
        ),
        ({}, "billing-export-not-found", "no export of this kind"),
    ],
)
def test_a_damaged_export_is_a_gap_and_the_bill_is_incomplete(
    contents: dict[str, bytes], code: str, message: str
) -> None:
    part = collect(contents)
    assert codes(part) == [code]
    assert message in part.problems[0].message
    assert (part.status == "complete", bill(part).complete) == (False, False)


def test_several_exports_need_a_name() -> None:
    part = collect(data_export("all", [CSV]) | data_export("other", [CSV]), name="")
    assert codes(part) == ["billing-export-ambiguous"]
    assert "s3://bills/exports has several billing exports: all, other" in part.problems[0].message


def test_of_a_damaged_delivery_the_previous_one_is_read_and_named() -> None:
    contents = data_export("all", [CSV], execution="20261103T000000Z-e1")
    newest = data_export("all", [CSV, OLD], execution="20261104T000000Z-e2")
    part = collect(contents | without(newest, "-00002.csv.gz"))
    assert (total(bill(part).months[0]), bill(part).complete) == (TOTAL, True)
    (problem,) = part.problems
    assert (problem.code, problem.severity) == ("billing-export-skipped", "gap")
    assert "all-00002.csv.gz" in problem.message


def test_of_a_delivery_with_a_damaged_file_the_previous_one_is_read() -> None:
    contents = data_export("all", [OLD], execution="20261103T000000Z-e1")
    newest = data_export("all", [CSV], execution="20261104T000000Z-e2")
    part = collect(Replaced(contents | newest, changed="20261104T000000Z-e2/all-00001.csv.gz"))
    assert codes(part) == ["billing-export-skipped", "billing-export-ends-early"]
    assert "its size is not the" in part.problems[0].message
    assert total(bill(part).months[0]) == sum_of(of_s3(EVERY_PITFALL[:3]))


def test_an_empty_file_is_a_gap_and_the_others_are_read() -> None:
    part = collect(data_export("all", [CSV, b""]))
    assert (codes(part), total(bill(part).months[0])) == (["billing-export-file-empty"], TOTAL)
    assert "all-00002.csv.gz" in part.problems[0].message
    assert codes(collect(data_export("all", [CSV, as_csv("cur2", [])]))) == []


def test_a_month_without_charges_at_its_end_is_a_note() -> None:
    part = collect(data_export("all", [OLD]))
    assert codes(part) == ["billing-export-ends-early"]
    assert (part.problems[0].severity, part.status) == ("note", "complete")
    assert "of 2026-10-02" in part.problems[0].message


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault("deny", service="s3", operation="ListObjectsV2"), "AccessDenied"),
        (Fault("deny", service="s3", operation="GetObject"), "AccessDenied"),
        (Fault("deny", service="sts"), "GetCallerIdentity"),
    ],
)
def test_an_error_of_aws_is_a_gap(fault: Fault, message: str) -> None:
    part = collect(data_export("all", [CSV]), faults=(fault,))
    assert (part.status, codes(part)) == ("failed", ["billing-export-unreadable"])
    assert message in part.problems[0].message


def test_the_estimate_of_an_export_costs_less_than_a_page_of_cost_explorer() -> None:
    export = BillingExport("cur2", "bills")
    assert expected(CostQuery(0, "aws", ACCOUNTS, OCTOBER, NOVEMBER, export=export)).usd < Decimal("0.001")


# Athena.

COLUMNS = [
    [name, type_]
    for name, type_ in {
        "line_item_usage_account_id": "varchar", "line_item_line_item_type": "varchar",
        "line_item_product_code": "varchar", "line_item_usage_type": "varchar", "line_item_resource_id": "varchar",
        "line_item_usage_amount": "double", "line_item_unblended_cost": "double",
        "line_item_currency_code": "varchar",
    }.items()
]  # fmt: skip
KEY = SEPARATOR.join(("Usage", "TimedStorage-ByteHrs", "StandardStorage", "", "", "GB-Mo", "USD", "", PAYER))
GROUP = [PAYER, "logs", KEY, "2.5", None, "100", None, None, "0"]


class Athena:
    """A server of Athena: the first statement returns the columns of the table, the second the result."""

    def __init__(self, *rows: list[list[str | None]], scanned: int = 20 << 20) -> None:
        self.statements: list[str] = []
        self._rows, self._scanned = rows, scanned

    def respond(self, operation: str, request: dict[str, Any]) -> tuple[int, Any]:
        if operation == "StartQueryExecution":
            self.statements.append(request["QueryString"])
            return 200, {"QueryExecutionId": "id"}
        if operation == "GetQueryExecution":
            return 200, execution(scanned=self._scanned)
        return 200, results(*self._rows[len(self.statements) - 1])

    def collect(self, contents: dict[str, bytes] | None = None, **reading: Any) -> tuple[Part, list[str]]:
        lines: list[str] = []
        contents = contents or data_export("all", [PARQUET], ending=".snappy.parquet")
        settings = ExportReading(engine="athena", database="bills_db", **reading)
        with server(self.respond) as url:
            return collect(contents, reading=settings, athena=url, log=lines.append), lines


def test_athena_reads_only_the_files_of_the_delivery() -> None:
    athena = Athena(COLUMNS, [GROUP])
    part, lines = athena.collect()
    assert (part.problems, total(bill(part).months[0])) == ([], Decimal("2.5"))
    assert (
        """"bills_db"."all" WHERE "$path" IN ('s3://bills/exports/all/data/BILLING_PERIOD=2026-10"""
        in athena.statements[1]
    )
    assert "read by Athena: at most 1.00 USD" in lines[0]
    assert lines[1].startswith("2026-10: Athena reads at most ") and lines[1].endswith("at most 0.000048 USD")
    assert part.calls.athena_mb == 40


def test_a_missing_table_is_a_gap_with_the_statement_that_creates_it() -> None:
    part, _ = Athena([]).collect()
    assert codes(part) == ["billing-export-unreadable"]
    advice = str(part.problems[0].advice)
    assert "CREATE EXTERNAL TABLE `bills_db`.`all`" in advice
    assert "LOCATION 's3://bills/exports/all/data/'" in advice


def test_a_query_that_could_exceed_the_limit_is_refused() -> None:
    athena = Athena()
    part, _ = athena.collect(max_usd=0.00001)
    assert (athena.statements, codes(part)) == ([], ["billing-export-too-expensive"])
    assert "Athena could cost 0.000048 USD" in part.problems[0].message


def test_a_zip_file_is_a_gap_with_advice() -> None:
    athena = Athena(COLUMNS, [GROUP])
    part, _ = athena.collect(contents=data_export("all", [as_zip(CSV)], ending=".zip"))
    assert (athena.statements, codes(part)) == ([], ["billing-export-damaged"])
    assert "Athena cannot read ZIP files" in part.problems[0].message


def test_a_result_without_rows_is_a_gap() -> None:
    part, _ = Athena(COLUMNS, []).collect()
    assert codes(part) == ["billing-export-unreadable"]
    assert "has no charges of S3" in part.problems[0].message


@pytest.mark.parametrize(("times", "found"), [(0, []), (99, ["billing-export-changed"])])
def test_a_delivery_that_is_replaced_while_it_is_read_is_read_again(times: int, found: list[str]) -> None:
    part = collect(Replaced(data_export("all", [CSV]), times))
    assert codes(part) == found
