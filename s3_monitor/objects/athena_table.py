"""What Athena is asked instead of DuckDB: the table somebody has made, one report of it, and what that may cost."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from s3_monitor.model.call_counts import ATHENA_MB_PRICE
from s3_monitor.model.plan import InventoryRule
from s3_monitor.objects import inventory_sql
from s3_monitor.objects.inventory_sql import ATHENA, InventoryQuery, ResultRow
from s3_monitor.objects.manifest import Format, InvalidReportError, Manifest

_MB = 1 << 20
_LEAST_MB = 10  # AWS: what a statement is billed for at least

# AWS's names of columns in ORC and Parquet, which are those of the table too, by the names of manifest.column.
_COLUMNS = {
    name.replace("_", ""): (name, type_)
    for name, type_ in (
        *(("bucket", "string"), ("key", "string"), ("version_id", "string"), ("is_latest", "boolean")),
        *(("is_delete_marker", "boolean"), ("size", "bigint"), ("last_modified_date", "timestamp")),
        *(("e_tag", "string"), ("storage_class", "string"), ("is_multipart_uploaded", "boolean")),
        *(("replication_status", "string"), ("encryption_status", "string")),
        *(("object_lock_retain_until_date", "timestamp"), ("object_lock_mode", "string")),
        *(("object_lock_legal_hold_status", "string"), ("intelligent_tiering_access_tier", "string")),
        *(("bucket_key_status", "string"), ("checksum_algorithm", "string")),
        *(("object_access_control_list", "string"), ("object_owner", "string")),
    )
}
_SERDES = {
    "CSV": "org.apache.hadoop.hive.serde2.OpenCSVSerde",
    "ORC": "org.apache.hadoop.hive.ql.io.orc.OrcSerde",
    "Parquet": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
}


def billed_mb(scanned: int) -> int:
    """The megabytes that a statement which reads so many bytes is billed for."""
    return max(_LEAST_MB, -(-scanned // _MB))


def query_cost(scanned: int) -> Decimal:
    """What that costs."""
    return ATHENA_MB_PRICE * billed_mb(scanned)


def table_name(rule: InventoryRule, bucket: str) -> str:
    return rule.table.replace("{bucket}", re.sub(r"[^a-z0-9]", "_", bucket))


def partition_value(folder: str) -> str:
    """The value of dt for a report's folder. AWS: YYYY-MM-DDTHH-MMZ/ is below hive/ as dt=YYYY-MM-DD-HH-MM/."""
    return folder.rstrip("/").rpartition("/")[2].replace("T", "-").rstrip("Z")


def build_query(rule: InventoryRule, report: Manifest, folder: str, question: InventoryQuery) -> str:
    """All answers in one statement, of one report of the bucket's table."""
    chosen = ", ".join(f'{_column(name)} AS "{name}"' for name in report.columns if name in _ASKED)
    where = f"dt = {_text(partition_value(folder))}"
    if "{bucket}" not in rule.table:  # one table for all buckets; else all of its rows must be of this one
        where += f' AND "bucket" = {_text(report.bucket)}'
    source = f"(SELECT {chosen} FROM {_name(rule.database)}.{_name(table_name(rule, report.bucket))} WHERE {where})"  # noqa: S608
    return inventory_sql.result_sql(question, inventory_sql.groups_sql(question, source, ATHENA))


_ASKED = {
    *("bucket", "key", "isdeletemarker", "islatest", "size", "lastmodifieddate", "storageclass"),
    *("intelligenttieringaccesstier", "encryptionstatus"),
}


def build_table_ddl(rule: InventoryRule, report: Manifest, root: str) -> str:
    """The statement that makes the table of a bucket's inventory, for somebody to run once. ``root``: the s3:// URL
    that the folders of reports, data and hive are in. AWS: reports are found by partition projection on dt."""
    types = ",\n".join(f"  {_ddl_name(_column(name))} {_type(name, report.format)}" for name in report.columns)
    since = "2016-11-30-00-00"
    table = f"{_ddl_name(rule.database)}.{_ddl_name(table_name(rule, report.bucket))}"
    return f"""CREATE EXTERNAL TABLE {table} (
{types}
)
PARTITIONED BY (dt string)
ROW FORMAT SERDE '{_SERDES[report.format]}'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.IgnoreKeyTextOutputFormat'
LOCATION {_text(f"{root}hive/")}
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
    """The same DDL without line breaks; what stands in quotes is kept."""
    return " ".join(line.strip() for line in text.splitlines())


def parse_rows(texts: list[tuple[str | None, ...]]) -> list[ResultRow]:
    """Athena's texts as values. BadReport where they are not of the statement."""
    try:
        return [_row(text) for text in texts]
    except (ValueError, TypeError) as error:
        raise InvalidReportError(f"Athena's response could not be read: {error}", "report this as a defect") from error


def _row(texts: tuple[str | None, ...]) -> ResultRow:
    values: list[Any] = [
        text if text is None or name in _TEXTS else int(text)
        for name, text in zip(ResultRow._fields, texts, strict=False)
    ]
    row = ResultRow(*values, *texts[len(values) :])
    if None in (row.whole, row.depth, row.kind, row.objects, row.sized, row.bytes, row.faults):
        raise ValueError("a count is missing")
    return row


_TEXTS = ("prefix", "class_", "tier", "encryption", "fault")


def _text(text: str) -> str:
    """A text in a statement and in DDL."""
    return "'" + text.replace("'", "''") + "'"


def _name(name: str) -> str:
    """A name in a statement."""
    return '"' + name.replace('"', '""') + '"'


def _ddl_name(name: str) -> str:
    """A name in DDL, which has the syntax of Hive."""
    return "`" + name.replace("`", "``") + "`"


def _column(name: str) -> str:
    return _COLUMNS[name][0] if name in _COLUMNS else name


def _type(name: str, format_: Format) -> str:
    """AWS: the reader of CSV gives text only."""
    return "string" if format_ == "CSV" or name not in _COLUMNS else _COLUMNS[name][1]
