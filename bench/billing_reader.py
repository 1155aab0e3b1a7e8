"""`python -m bench.billing_reader`: write a billing export, and read it in one of several ways."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import click
import duckdb

from s3_monitor.exports import billing_duckdb
from s3_monitor.exports.billing_result import ExportSource, month_of
from s3_monitor.exports.billing_sql import ChargeQuery
from s3_monitor.exports.delivery import Format
from s3_monitor.objects import duckdb_connection

ACCOUNTS = tuple(f"{number:012d}" for number in range(111122220000, 111122220020))
PLAIN = (
    "SELECT count(*) FROM (SELECT line_item_resource_id, line_item_usage_type, sum(line_item_unblended_cost) "
    "FROM read_parquet('{}/*') {} GROUP BY ALL)"
)
# DuckDB counts lines without reading their values unless a value is used.
READ = "SELECT count(line_item_resource_id) + count(line_item_unblended_cost) FROM read_csv('{}/*', {})"
CSV = "header = true, all_varchar = true, compression = 'gzip'"
# One row in twenty is of S3: 20,000 buckets with twelve usage types. Others are of EC2 and have few usage types.
ROWS = """SELECT '111122220000' AS bill_payer_account_id, TIMESTAMP '2026-10-01' AS bill_billing_period_start_date,
  (111122220000 + i % 20)::varchar AS line_item_usage_account_id, 'Usage' AS line_item_line_item_type,
  CASE WHEN s3 THEN 'AmazonS3' ELSE 'AmazonEC2' END AS line_item_product_code,
  CASE WHEN s3 THEN ['TimedStorage-ByteHrs', 'EU-TimedStorage-ByteHrs', 'TimedStorage-SIA-ByteHrs', 'Requests-Tier1',
    'Requests-Tier2', 'EU-Requests-Tier1', 'EU-Requests-Tier2', 'DataTransfer-Out-Bytes', 'USE1-EU-AWS-Out-Bytes',
    'EarlyDelete-SIA', 'Retrieval-SIA', 'Monitoring-Automation-INT'][1 + (hash(i) % 12)::int]
    ELSE 'BoxUsage:m5.' || (hash(i) % 30)::varchar END AS line_item_usage_type,
  CASE WHEN s3 THEN ['StandardStorage', 'GetObject', 'PutObject', 'HeadObject', 'List'][1 + (hash(i + 1) % 5)::int]
    ELSE 'RunInstances' END AS line_item_operation,
  CASE WHEN s3 THEN 'company-bucket-' || (hash(i + 2) % 20000)::varchar
    ELSE 'i-' || md5((hash(i + 2) % 200000)::varchar) END AS line_item_resource_id,
  (TIMESTAMP '2026-10-01' + to_days((i % 31)::int)) AS line_item_usage_start_date,
  (TIMESTAMP '2026-10-02' + to_days((i % 31)::int)) AS line_item_usage_end_date,
  (hash(i + 3) % 1000000) / 1000.0 AS line_item_usage_amount,
  (hash(i + 4) % 100000000) / 10000000000.0 AS line_item_unblended_cost,
  (hash(i + 4) % 90000000) / 10000000000.0 AS line_item_net_unblended_cost, 'USD' AS line_item_currency_code,
  '$0.0' || (i % 90)::varchar || ' per something that is described here' AS line_item_line_item_description,
  CASE WHEN s3 THEN 'GB-Mo' ELSE 'Hrs' END AS pricing_unit,
  (hash(i + 5) % 100000000) / 10000000000.0 AS pricing_public_on_demand_cost, 'us-east-1' AS product_region_code
FROM (SELECT i, i % 20 = 7 AS s3 FROM range({first}, {last}) AS rows (i))"""


@click.group()
def main() -> None:
    """Write and read billing exports."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--rows", type=int, required=True)
@click.option("--files", type=int, default=10)
@click.option("--csv", is_flag=True)
def make(folder: Path, rows: int, files: int, csv: bool) -> None:
    """Write the data files of one delivery."""
    folder.mkdir(parents=True)
    temp = str(folder.parent / "temp")
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB", "temp_directory": temp})
    form = "FORMAT csv, HEADER true, COMPRESSION gzip" if csv else "FORMAT parquet, COMPRESSION snappy"
    for number in range(files):
        select = ROWS.format(first=number * rows // files, last=(number + 1) * rows // files)
        connection.execute(f"COPY ({select}) TO '{folder / f'{number:04d}'}' ({form})")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--csv", is_flag=True)
@click.option("--of-s3", is_flag=True, help="Only the rows of S3.")
def plain(folder: Path, csv: bool, of_s3: bool) -> None:
    """Sum costs by resource and usage type with one plain statement, or only read the values of CSV."""
    temp = str(folder.parent / "temp")
    connection = duckdb.connect(config={"memory_limit": duckdb_connection.MEMORY, "temp_directory": temp})
    where = "WHERE line_item_product_code = 'AmazonS3'" if of_s3 else ""
    print(connection.execute(READ.format(folder, CSV) if csv else PLAIN.format(folder, where)).fetchall()[0][0])


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--csv", is_flag=True)
@click.option("--unverified", is_flag=True, help="As if the files had no known MD5.")
def read(folder: Path, csv: bool, unverified: bool) -> None:
    """Read the charges of S3 as the monitor does, and print the number of their rows."""
    files, aside = sorted(folder.iterdir()), folder.parent / f"{folder.name}-aside"
    aside.mkdir(exist_ok=True)
    if unverified:  # reading replaces them
        files = [Path(shutil.copyfile(file, aside / file.name)) for file in files]
    query = ChargeQuery("cur2", ACCOUNTS)
    format_: Format = "CSV" if csv else "Parquet"
    billing_duckdb.write_groups(files, format_, query, aside, aside / "groups", files if unverified else ())
    groups = billing_duckdb.read_result(sorted(aside.glob("groups-*")), aside)
    source = ExportSource(date(2026, 10, 1), "", has_requests=True, has_net=True, has_tags=False)
    found = month_of(groups, source, estimated=False)
    print(len(found.month.rows))
    shutil.rmtree(aside)


if __name__ == "__main__":
    main()
