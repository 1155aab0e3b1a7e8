"""The charges of a billing export: every kind and format gives the sums of its rows."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from s3_monitor.exports import billing_duckdb, billing_sql
from s3_monitor.exports.billing_columns import columns_of
from s3_monitor.exports.billing_result import ExportedMonth, month_of
from s3_monitor.exports.billing_sql import ChargeGroup, ChargeQuery
from s3_monitor.exports.delivery import Format
from s3_monitor.model.bill import BucketCharges, ExportedCharges
from s3_monitor.money.usage_groups import usage_group
from s3_monitor.objects.manifest import InvalidReportError, normalize_column
from s3_monitor.objects.sql_dialect import ATHENA
from tests.exports import billing_files
from tests.exports.billing_files import EVERY_PITFALL, KINDS, OTHER, PAYER, Charge, of_s3, requests, sum_of
from tests.exports.months import SOURCE, query, read, written

LAYOUTS = list(billing_files.LAYOUTS)


def exported(month: ExportedMonth) -> ExportedCharges:
    assert isinstance(month.month.exported, ExportedCharges)
    return month.month.exported


def total(buckets: Iterable[BucketCharges]) -> Decimal:
    return sum((charge.usd for bucket in buckets for charge in bucket.charges), Decimal(0))


def of_bucket(month: ExportedMonth, name: str, account: str = PAYER) -> dict[tuple[str, str, str], Decimal]:
    found = exported(month)
    (bucket,) = [one for one in found.buckets if (one.account, one.bucket) == (account, name)]
    lines = [found.lines[charge.line] for charge in bucket.charges]
    keys = [(line.usage_type, line.operation, line.type) for line in lines]
    return dict(zip(keys, (charge.usd for charge in bucket.charges), strict=True))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("format_", get_args(Format))
def test_every_kind_and_format_has_the_same_charges(tmp_path: Path, layout: str, format_: Format) -> None:
    half = len(EVERY_PITFALL) // 2
    contents = [written(layout, some, format_) for some in (EVERY_PITFALL[:half], EVERY_PITFALL[half:], ())]
    month = read(tmp_path, layout, contents, format_)
    assert (month.payer, month.currencies, month.invalid) == (PAYER, ("USD",), ())
    bill = sum(row.usd for row in month.month.rows)
    assert bill == total(exported(month).buckets) + total(exported(month).others)
    assert abs(bill - sum_of(of_s3(EVERY_PITFALL))) < Decimal("1e-10")
    storage = of_bucket(month, "logs")
    assert storage["TimedStorage-ByteHrs", "StandardStorage", "Usage"] == Decimal("2.3000000001")
    assert storage["TimedStorage-ByteHrs", "GlacierS3ObjectOverhead", "Usage"] == Decimal("0.0000000001")
    assert storage["Requests-Tier2", "", "Usage"] == Decimal("0.0013")
    assert storage["Requests-Tier4", "S3-SIATransition", "Usage"] == Decimal("0.01")
    assert storage["EdpDiscount", "", "EdpDiscount"] == Decimal("-0.25")
    assert of_bucket(month, "archive", OTHER) == {
        ("EU-TimedStorage-SIA-ByteHrs", "StandardIAStorage", "Usage"): Decimal("1.25")
    }
    assert {bucket.bucket for bucket in exported(month).buckets} == {
        "logs", "archive", "of-other", "deleted", "fast--use1-az4--x-s3",
    }  # fmt: skip
    assert [bucket.bucket for bucket in exported(month).others] == [
        "", "arn:aws:glacier:us-east-1:111122223333:vaults/old",
    ]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_csv_keeps_every_digit(tmp_path: Path, layout: str) -> None:
    month = read(tmp_path, layout, [billing_files.as_csv(layout, EVERY_PITFALL)])
    assert sum(row.usd for row in month.month.rows) == sum_of(of_s3(EVERY_PITFALL))


def test_rows_that_are_not_usage_have_a_line_by_their_type(tmp_path: Path) -> None:
    month = read(tmp_path, "cur2", [billing_files.as_csv("cur2", EVERY_PITFALL)])
    rows = {(row.account, row.usage_type): row for row in month.month.rows}
    assert rows[PAYER, "Tax"].usd == Decimal("0.41")
    assert rows[PAYER, "Credit"].usd == Decimal("-1.5")
    assert rows[PAYER, "Vault-TimedStorage-ByteHrs"].usd == Decimal("0.07")
    standard = rows[PAYER, "TimedStorage-ByteHrs"]
    assert (standard.quantity, standard.unit) == (Decimal("120.001"), "GB-Mo")


def test_the_last_request_is_that_of_an_object(tmp_path: Path) -> None:
    month = read(tmp_path, "cur2", [billing_files.as_parquet("cur2", EVERY_PITFALL)], "Parquet")
    requested = {bucket.bucket: bucket.requested for bucket in exported(month).buckets}
    assert requested["logs"] == int(datetime(2026, 10, 30, tzinfo=UTC).timestamp())
    assert requested["deleted"] is None
    assert month.until == "2026-11-01T00:00:00"


@pytest.mark.parametrize("format_", get_args(Format))
def test_an_absent_net_column_means_the_unblended_cost(tmp_path: Path, format_: Format) -> None:
    charges = [Charge("TimedStorage-ByteHrs", "2", resource="logs", net="1.5")]
    contents = [
        written("cur2", charges, format_),
        written("cur2", charges, format_, without=["line_item_net_unblended_cost"]),
    ]
    month = read(tmp_path, "cur2", contents, format_)
    ((charge,),) = [bucket.charges for bucket in exported(month).buckets]
    assert (charge.usd, charge.net) == (Decimal(4), Decimal("3.5"))


@pytest.mark.parametrize("layout", ["cur2", "focus-1.2"])
def test_null_may_be_written_as_null(tmp_path: Path, layout: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = read(tmp_path / "a", layout, [billing_files.as_csv(layout, EVERY_PITFALL)])
    named = read(tmp_path / "b", layout, [billing_files.as_csv(layout, EVERY_PITFALL, null="NULL")])
    assert plain == named


def test_account_ids_without_leading_zeros_are_completed(tmp_path: Path) -> None:
    charge = Charge("TimedStorage-ByteHrs", "1", resource="a", account="22223333")
    (tmp_path / "x").write_bytes(billing_files.as_csv("cur2", [charge]))
    asked = ChargeQuery("cur2", ("000022223333",))
    billing_duckdb.write_groups([tmp_path / "x"], "CSV", asked, tmp_path, tmp_path / "groups")
    (group,) = billing_duckdb.read_result([tmp_path / "groups-0.parquet"], tmp_path)
    assert group.account == "000022223333"


@pytest.mark.parametrize(
    ("meter", "region", "usage_type"),
    [
        ("TimedStorage-ByteHrs", "eu-west-1", "EU-TimedStorage-ByteHrs"),
        ("EU-TimedStorage-ByteHrs", "eu-west-1", "EU-TimedStorage-ByteHrs"),
        ("TimedStorage-ByteHrs", "us-east-1", "TimedStorage-ByteHrs"),
        ("", "eu-west-1", "some text"),
    ],
)
def test_meters_of_focus_get_the_prefix_of_their_region(
    tmp_path: Path, meter: str, region: str, usage_type: str
) -> None:
    content = billing_files.as_csv("focus-1.2", [Charge(meter, "1", region=region, resource="a")])
    month = read(tmp_path, "focus-1.2", [content])
    assert [row.usage_type for row in month.month.rows] == [usage_type]


@pytest.mark.parametrize(
    ("layout", "format_"),
    [("cur", "CSV"), ("cur2", "CSV"), ("cur2", "Parquet"), ("focus-1.2", "CSV"), ("focus-1.0", "Parquet")],
)
def test_charges_are_also_summed_by_the_cost_allocation_tag(tmp_path: Path, layout: str, format_: Format) -> None:
    tags = (("bucket_name", "a"), ("team", "x"))
    charges = [
        Charge("TimedStorage-ByteHrs", "2", resource="a", tags=tags),
        Charge("TimedStorage-ByteHrs", "1", resource="b"),
    ]
    month = read(tmp_path, layout, [written(layout, charges, format_)], format_, tag="bucket_name")
    assert month.month.tagged is not UNSET
    assert [(row.value, row.usd) for row in month.month.tagged] == [("", Decimal(1)), ("a", Decimal(2))]


charges = st.builds(
    Charge,
    st.sampled_from(["TimedStorage-ByteHrs", "EU-TimedStorage-SIA-ByteHrs", "Requests-Tier1", ""]),
    st.decimals(-9_999, 9_999, places=10).map(str),
    st.decimals(0, 9_999, places=6).map(str),
    st.sampled_from(["", "a", "b", "arn:aws:s3:::a", "arn:aws:s3:us-east-1:1:accesspoint/x"]),
    st.sampled_from(["StandardStorage", "GetObject", ""]),
    st.sampled_from([PAYER, OTHER, billing_files.STRANGER]),
    st.sampled_from(["Usage", "Usage", "Tax"]),
    st.just("AmazonS3"),
    st.just("GB-Mo"),
    st.integers(1, 31),
    st.none(),
    st.just("USD"),
    st.just("us-east-1"),
    st.just(()),
    st.just("some text"),
)


@settings(max_examples=5)
@given(
    st.lists(charges, max_size=12), st.sampled_from(get_args(Format)), st.sampled_from(LAYOUTS), st.integers(1, 3),
    st.data(),
)  # fmt: skip
def test_any_division_into_files_and_batches_gives_the_same_month(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[Charge],
    format_: Format,
    layout: str,
    batch: int,
    data: st.DataObject,
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=3)))
    parts = [rows[start:end] for start, end in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    whole = read(tmp_path_factory.mktemp("whole"), layout, [written(layout, rows, format_)], format_)
    divided = read(
        tmp_path_factory.mktemp("parts"),
        layout,
        [written(layout, some, format_) for some in parts],
        format_,
        batch=batch,
    )
    assert divided == whole
    bill = sum((row.usd for row in whole.month.rows), Decimal(0))
    assert bill == total(exported(whole).buckets) + total(exported(whole).others)
    if format_ == "CSV":
        assert bill == sum_of(of_s3(rows))


# Rows of S3 in the sample of FOCUS 1.0 that the FinOps Foundation publishes: uncompressed, NULL as text, times with a
# space, accounts without leading zeros, no columns of AWS.
PUBLISHED = Path(__file__).with_name("focus-1.0-published.csv")


def test_published_rows_of_focus_have_their_sums(tmp_path: Path) -> None:
    with PUBLISHED.open(newline="") as file:
        rows = list(csv.DictReader(file))
    sums: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        key = (row["SubAccountId"].zfill(12), row["ChargeDescription"])
        sums[key] = sums.get(key, Decimal(0)) + Decimal(row["BilledCost"])
    rule = ChargeQuery("focus", {account for account, _ in sums})
    billing_duckdb.write_groups([PUBLISHED], "CSV", rule, tmp_path, tmp_path / "groups")
    month = month_of(billing_duckdb.read_result([tmp_path / "groups-0.parquet"], tmp_path), SOURCE, estimated=False)
    assert {(row.account, row.usage_type): row.usd for row in month.month.rows} == sums
    assert sum(sums.values()) == total(exported(month).others) == Decimal("0.0018150185")
    groups = {usage_group(row.usage_type) for row in month.month.rows}
    # One description is "USD0.02 per GB for  in Middle East (Bahrain)".
    assert groups == {"inter-region", "other", "requests", "storage-standard", "transfer-other", "transfer-out"}
    assert (exported(month).buckets, month.payer) == ([], "1234567890123")
    assert month.until == max(row["ChargePeriodEnd"] for row in rows).replace(" ", "T")


# Faults of files.


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "columns",
    [
        ("line_item_resource_id", "ResourceId", "lineItem/ResourceId"),
        ("line_item_unblended_cost", "BilledCost", "lineItem/UnblendedCost"),
    ],
)
def test_a_missing_column_is_named(tmp_path: Path, layout: str, columns: tuple[str, ...]) -> None:
    with pytest.raises(InvalidReportError) as error:
        read(tmp_path, layout, [billing_files.as_csv(layout, EVERY_PITFALL, without=columns)])
    assert f"no column {columns[layout.startswith('focus')]}" in str(error.value)
    assert error.value.file == 0


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: content[:-9], "not a valid gzip file|could not read"),
        (lambda content: content[:-6] + bytes(2) + content[-4:], "not a valid gzip file"),
        (lambda content: gzip.compress(gzip.decompress(content) + b"1,2,3\n"), "could not read"),
        (lambda content: b"\x1f\x8b" + content[9:], "not a valid gzip file"),
    ],
)
def test_the_damaged_csv_file_is_known(tmp_path: Path, damage: Any, message: str) -> None:
    content = billing_files.as_csv("cur2", EVERY_PITFALL)
    with pytest.raises(InvalidReportError, match=message) as error:
        read(tmp_path, "cur2", [content, damage(content), content])
    assert error.value.file == 1


def test_the_damaged_parquet_file_is_known(tmp_path: Path) -> None:
    content = billing_files.as_parquet("cur2", EVERY_PITFALL)
    with pytest.raises(InvalidReportError, match="could not read its files") as error:
        read(tmp_path, "cur2", [content, content[:-20]], "Parquet")
    assert error.value.file == 1


@pytest.mark.parametrize("content", [b"", gzip.compress(b"", mtime=0)], ids=["empty", "compressed"])
def test_an_empty_file_has_no_charges(tmp_path: Path, content: bytes) -> None:
    month = read(tmp_path, "cur2", [content, billing_files.as_csv("cur2", EVERY_PITFALL)])
    assert sum(row.usd for row in month.month.rows) == sum_of(of_s3(EVERY_PITFALL))


@pytest.mark.parametrize("usd", ["much", "nan", "1e40"])
def test_an_amount_that_is_not_a_number_is_left_out_and_named(tmp_path: Path, usd: str) -> None:
    charges = [Charge("TimedStorage-ByteHrs", "1", resource="a"), Charge("EU-Odd", "1", resource="a")._replace(usd=usd)]
    text = gzip.decompress(billing_files.as_csv("cur2", charges[:1])).decode()
    row = text.splitlines()[1].replace("TimedStorage-ByteHrs", "EU-Odd").replace(",1,1,1,", f",1,{usd},1,")
    month = read(tmp_path, "cur2", [gzip.compress(f"{text}{row}\n".encode())])
    assert (month.invalid, [row.usage_type for row in month.month.rows]) == (("EU-Odd",), ["TimedStorage-ByteHrs"])


def test_amounts_in_scientific_notation_are_numbers(tmp_path: Path) -> None:
    charges = [requests("a", "1.5E-7")]
    month = read(tmp_path, "cur2", [billing_files.as_csv("cur2", charges)])
    assert [row.usd for row in month.month.rows] == [Decimal("0.00000015")]


# Athena runs the same SQL.


@pytest.mark.parametrize(("layout", "format_"), [("cur2", "Parquet"), ("focus-1.2", "CSV"), ("focus-1.0", "Parquet")])
def test_the_statement_for_athena_gives_the_same_month(tmp_path: Path, layout: str, format_: Format) -> None:
    content = written(layout, EVERY_PITFALL, format_)
    expected = read(tmp_path, layout, [content], format_)
    source = f"read_parquet('{tmp_path / '0'}')"
    if format_ == "CSV":
        source = f"read_csv('{tmp_path / '0'}', all_varchar = true, header = true)"
    with duckdb.connect() as duck:
        duck.execute("SET TimeZone = 'UTC'")
        duck.execute(f"CREATE TABLE bill AS SELECT * FROM {source}")
        rows = duck.execute("DESCRIBE bill").fetchall()
        described = {normalize_column(name): (name, type_) for name, type_, *_ in reversed(rows)}
        columns = columns_of(KINDS[layout], described)  # type: ignore[arg-type]
        chosen = ", ".join(f'"{name}" AS "{normal}"' for normal, (name, _) in described.items())
        types = {normal: type_ for normal, (_, type_) in described.items()}
        groups = billing_sql.groups_sql(query(layout), columns, types, f"(SELECT {chosen} FROM bill)", ATHENA)
        rows = duck.execute(billing_sql.result_sql(groups)).fetchall()
    texts = [[None if value is None else str(value) for value in row] for row in rows]
    assert month_of(map(ChargeGroup._make, texts), SOURCE, estimated=False) == expected
