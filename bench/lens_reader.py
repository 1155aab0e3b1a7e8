"""`python -m bench.lens_reader`: write a Storage Lens export, and read it."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import click
import duckdb
import msgspec

from s3_monitor.exports import lens_duckdb
from s3_monitor.exports.delivery import Delivery
from s3_monitor.exports.lens_result import lens_buckets
from s3_monitor.exports.lens_sql import OBJECTS, SETTINGS
from s3_monitor.model.storage_lens import LensData

DAY = date(2026, 11, 20)
ACCOUNT = "111122223333"
ROWS_PER_BUCKET = 50
COLUMNS = (
    "version_number", "configuration_id", "report_date", "aws_account_number", "aws_region", "storage_class",
    "record_type", "record_value", "bucket_name", "metric_name", "metric_value",
)  # fmt: skip
# Two storage classes with 25 metrics each, as many as the free ones; the last four are not read.
ROWS = """SELECT 'V_1', 'daily', '{day}', '{account}', 'us-east-1', ['STANDARD', 'GLACIER'][1 + c], 'BUCKET', '',
  'company-bucket-' || lpad(b::varchar, 6, '0'), {metrics}[1 + m],
  CASE WHEN {metrics}[1 + m] LIKE '%BucketCount' THEN 1 ELSE hash(b * 50 + c * 25 + m) % 1000000000 END
FROM range({first}, {last}) AS buckets (b), range(2) AS classes (c), range(25) AS metrics (m)"""


@click.group()
def main() -> None:
    """Write and read exports of Storage Lens."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--buckets", type=int, required=True)
@click.option("--files", type=int, default=8)
def make(folder: Path, buckets: int, files: int) -> None:
    """Write the data files of one delivery as CSV."""
    folder.mkdir(parents=True)
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    metrics = [*OBJECTS, *SETTINGS[:3], *(f"OtherMetric{number}" for number in range(22 - len(OBJECTS)))]
    for number in range(files):
        first, last = number * buckets // files, (number + 1) * buckets // files
        select = ROWS.format(day=DAY, account=ACCOUNT, metrics=metrics, first=first, last=last)
        connection.execute(f"COPY ({select}) TO '{folder / f'{number:04d}.csv'}' (FORMAT csv, HEADER true)")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def read(folder: Path) -> None:
    """Read the buckets, and encode them as in a part."""
    delivery = Delivery(str(DAY), "CSV", (), COLUMNS)
    groups = folder / "groups"
    groups.mkdir(exist_ok=True)
    lens_duckdb.write_groups(sorted(folder.glob("*.csv")), delivery, [ACCOUNT], groups, groups / "0.parquet")
    with closing(lens_duckdb.read_result([groups / "0.parquet"], groups)) as rows:
        data = LensData(True, list(lens_buckets(rows, DAY, f"s3://exports/{folder.name}")))
    encoded = msgspec.json.encode(data)
    print(len(data.buckets) if encoded else 0)


if __name__ == "__main__":
    main()
