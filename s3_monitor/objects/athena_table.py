"""The Athena table of a bucket's inventory: its DDL, the query of one report, and the cost of a query."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from s3_monitor.model.call_counts import ATHENA_MB_PRICE
from s3_monitor.model.plan import InventoryRule
from s3_monitor.objects import inventory_sql
from s3_monitor.objects.inventory_query import InventoryQuery, ResultRow
from s3_monitor.objects.manifest import Format, InvalidReportError, Manifest
from s3_monitor.objects.sql_dialect import ATHENA, quote_name, quote_text

_MB = 1 << 20
_MIN_MB = 10  # AWS: the minimum that a query is billed for

# Normalized name → name and type of a column. AWS: these are the names in ORC and Parquet.
_TYPES = {
    "string": (
        "bucket key version_id e_tag storage_class replication_status encryption_status object_lock_mode "
        "object_lock_legal_hold_status intelligent_tiering_access_tier bucket_key_status checksum_algorithm "
        "object_access_control_list object_owner"
    ),
    "boolean": "is_latest is_delete_marker is_multipart_uploaded",
    "bigint": "size",
    "timestamp": "last_modified_date object_lock_retain_until_date",
}
_COLUMNS = {name.replace("_", ""): (name, type_) for type_, names in _TYPES.items() for name in names.split()}
SERDES = {
    "CSV": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
    "ORC": "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    "Parquet": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
}


def billed_mb(scanned: int) -> int:
    """Return the megabytes that a query is billed for."""
    return max(_MIN_MB, -(-scanned // _MB))


def query_cost(scanned: int) -> Decimal:
    """Return the USD that a query costs. ``scanned``: in bytes."""
    return ATHENA_MB_PRICE * billed_mb(scanned)


def table_name(rule: InventoryRule, bucket: str) -> str:
    """Return the table of a bucket."""
    return rule.table.replace("{bucket}", re.sub(r"[^a-z0-9]", "_", bucket))


def partition_value(folder: str) -> str:
    """Return the value of dt for a report: the folder YYYY-MM-DDTHH-MMZ/ is in hive/ as dt=YYYY-MM-DD-HH-MM/."""
    return folder.rstrip("/").rpartition("/")[2].replace("T", "-").rstrip("Z")


def build_query(rule: InventoryRule, report: Manifest, folder: str, query: InventoryQuery) -> str:
    """Return one statement for the complete result of one report of the bucket's table."""
    columns = ", ".join(f'{_column(name)} AS "{name}"' for name in report.columns if name in inventory_sql.READ_COLUMNS)
    where = f"dt = {quote_text(partition_value(folder))}"
    if "{bucket}" not in rule.table:  # one table for all buckets; a table of one bucket must have only its rows
        where += f' AND "bucket" = {quote_text(report.bucket)}'
    table = f"{quote_name(rule.database)}.{quote_name(table_name(rule, report.bucket))}"
    source = f"(SELECT {columns} FROM {table} WHERE {where})"  # noqa: S608
    return inventory_sql.result_sql(query, inventory_sql.groups_sql(query, source, ATHENA))


def build_table_ddl(rule: InventoryRule, report: Manifest, root: str) -> str:
    """Return the statement that creates the table of a bucket's inventory, to be run once.

    ``root``: the s3:// URL of the folder with the reports, data and hive. AWS: partition projection on dt finds the
    reports.
    """
    types = ",\n".join(f"  {_ddl_name(_column(name))} {_type(name, report.format)}" for name in report.columns)
    since = "2016-11-30-00-00"
    table = f"{_ddl_name(rule.database)}.{_ddl_name(table_name(rule, report.bucket))}"
    return f"""CREATE EXTERNAL TABLE {table} (
{types}
)
PARTITIONED BY (dt string)
ROW FORMAT SERDE '{SERDES[report.format]}'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.IgnoreKeyTextOutputFormat'
LOCATION {quote_text(f"{root}hive/")}
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy-MM-dd-HH-mm',
  'projection.dt.range' = '{since},NOW',
  'projection.dt.interval' = '1',
  'projection.dt.interval.unit' = 'MINUTES'
);
"""


def join_lines(text: str) -> str:
    """Return DDL on one line. Quoted texts do not contain line breaks."""
    return " ".join(line.strip() for line in text.splitlines())


def parse_rows(texts: list[tuple[str | None, ...]]) -> list[ResultRow]:
    """Convert the texts of Athena's result. Raises InvalidReportError if they do not match the query."""
    try:
        return [_row(text) for text in texts]
    except (ValueError, TypeError) as error:
        raise InvalidReportError(f"Athena's response could not be read: {error}", "report this as a defect") from error


def _row(texts: tuple[str | None, ...]) -> ResultRow:
    values: list[Any] = [
        text if text is None or name in _TEXT_FIELDS else int(text)
        for name, text in zip(ResultRow._fields, texts, strict=False)
    ]
    row = ResultRow(*values, *texts[len(values) :])
    if None in (row.is_total, row.depth, row.kind, row.objects, row.sized, row.bytes, row.faults):
        raise ValueError("a count is missing")
    return row


_TEXT_FIELDS = ("prefix", "class_", "tier", "encryption", "fault")


def _ddl_name(name: str) -> str:
    """Return an identifier in DDL, which has the syntax of Hive."""
    return "`" + name.replace("`", "``") + "`"


def _column(name: str) -> str:
    return _COLUMNS[name][0] if name in _COLUMNS else name


def _type(name: str, format_: Format) -> str:
    """Return the type of a column. AWS: the SerDe of CSV returns only strings."""
    return "string" if format_ == "CSV" or name not in _COLUMNS else _COLUMNS[name][1]
