"""`python -m bench.inventory_reader`: write an inventory, and read it in one of several ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import duckdb

from s3_monitor.objects import duckdb_connection, duckdb_engine
from s3_monitor.objects.inventory_query import InventoryQuery
from s3_monitor.objects.inventory_result import inventory_stats

AT = 1_795_222_800
PLAIN = "SELECT storage_class, count(*), sum(size), min(last_modified_date), max(last_modified_date) FROM {} GROUP BY 1"
# An inventory of all versions: keys of some 60 characters in 40 × 700 folders, sorted but for their last part; one in
# fifty is a delete marker.
ROWS = """SELECT 'company-logs' AS bucket,
  'app-' || lpad((i // ({rows} // 40 + 1))::varchar, 2, '0') || '/'
    || strftime(DATE '2024-01-01' + (i // ({rows} // 28000 + 1) % 700)::int, '%Y-%m-%d') || '/' || md5(i::varchar)
    || '.json.gz' AS key,
  md5((i + 1)::varchar) AS version_id, i % 7 <> 0 AS is_latest, i % 50 = 0 AS is_delete_marker,
  CASE WHEN i % 50 <> 0 THEN (hash(i) % 5000000)::bigint END AS size,
  (TIMESTAMP '2024-01-01' + to_seconds((hash(i + 5) % 90000000)::bigint))::timestamp_ms AS last_modified_date,
  ['STANDARD', 'STANDARD_IA', 'GLACIER', 'INTELLIGENT_TIERING'][1 + (hash(i + 9) % 4)::int] AS storage_class,
  ['SSE-S3', 'SSE-KMS', 'NOT-SSE'][1 + (i % 3)] AS encryption_status,
  CASE WHEN hash(i + 9) % 4 = 3 THEN ['FREQUENT', 'INFREQUENT'][1 + (i % 2)::int] END AS intelligent_tiering_access_tier
FROM range({first}, {last}) AS rows (i)"""
COLUMNS = (
    *("bucket", "key", "versionid", "islatest", "isdeletemarker", "size", "lastmodifieddate", "storageclass"),
    *("encryptionstatus", "intelligenttieringaccesstier"),
)
VERSIONS = ("versionid", "islatest", "isdeletemarker")
# An inventory of current versions has no columns of them, and no object without a size.
CURRENT = "SELECT * EXCLUDE (version_id, is_latest, is_delete_marker) REPLACE (coalesce(size, 0) AS size) FROM ({})"
TEXT = "strftime(last_modified_date::timestamp, '%Y-%m-%dT%H:%M:%S.000Z')"


@click.group()
def main() -> None:
    """Write and read inventories."""


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--rows", type=int, required=True)
@click.option("--files", type=int, default=16)
@click.option("--csv", is_flag=True)
@click.option("--current", is_flag=True)
def make(folder: Path, rows: int, files: int, csv: bool, current: bool) -> None:
    """Write the data files of one report."""
    folder.mkdir(parents=True)
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    for number in range(files):
        first, last = number * rows // files, (number + 1) * rows // files
        select = ROWS.format(rows=rows, first=first, last=last)
        form = "FORMAT parquet, COMPRESSION snappy"
        if current:
            select = CURRENT.format(select)
        if csv:
            select = f"SELECT * REPLACE ({TEXT} AS last_modified_date) FROM ({select})"
            form = "FORMAT csv, HEADER false, COMPRESSION gzip, FORCE_QUOTE *"
        connection.execute(f"COPY ({select}) TO '{folder / f'{number:04d}'}' ({form})")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def plain(folder: Path) -> None:
    """Read storage classes with one plain statement."""
    print(sum(row[1] for row in _rows(PLAIN, folder)))


def _rows(statement: str, folder: Path) -> list[tuple[Any, ...]]:
    connection = duckdb.connect(config={"memory_limit": duckdb_connection.MEMORY})
    return connection.execute(statement.format(f"read_parquet('{folder}/*')")).fetchall()


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--csv", is_flag=True)
@click.option("--current", is_flag=True)
@click.option("--classes", is_flag=True)
@click.option("--depth", default=2)
def read(folder: Path, csv: bool, current: bool, classes: bool, depth: int) -> None:
    """Read everything, or storage classes only, as the monitor does."""
    files, aside = sorted(folder.iterdir()), folder.parent / f"{folder.name}-aside"
    aside.mkdir(exist_ok=True)
    columns = [name for name in COLUMNS if not current or name not in VERSIONS]
    question = InventoryQuery(AT, columns, csv, 0 if classes else depth, 20, classes=classes, bucket="company-logs")
    duckdb_engine.write_groups(files, "CSV" if csv else "Parquet", question, aside, aside / "groups")
    found = inventory_stats(
        duckdb_engine.read_result([aside / "groups"], question, aside), question, origin="", requests=0
    )
    amounts = [found.current, found.noncurrent]
    print(sum(amount.objects for amount in amounts if amount) + (found.delete_markers or 0))


if __name__ == "__main__":
    main()
