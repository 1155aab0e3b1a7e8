"""What Athena is asked instead of DuckDB: the table somebody has made, one report of it, and what that may cost."""

from __future__ import annotations

import re
from decimal import Decimal

from s3_monitor.model.calls import ATHENA_MB_PRICE
from s3_monitor.model.plan import InventoryRule
from s3_monitor.objects import inventory_sql
from s3_monitor.objects.inventory_sql import ATHENA, Question, Row
from s3_monitor.objects.manifest import BadReport, Format, Manifest

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


def usd(scanned: int) -> Decimal:
    """What that costs."""
    return ATHENA_MB_PRICE * billed_mb(scanned)


def table_of(rule: InventoryRule, bucket: str) -> str:
    return rule.table.replace("{bucket}", re.sub(r"[^a-z0-9]", "_", bucket))


def partition_of(folder: str) -> str:
    """The value of dt for a report's folder. AWS: YYYY-MM-DDTHH-MMZ/ is below hive/ as dt=YYYY-MM-DD-HH-MM/."""
    return folder.rstrip("/").rpartition("/")[2].replace("T", "-").rstrip("Z")


def statement(rule: InventoryRule, report: Manifest, folder: str, question: Question) -> str:
    """All answers in one statement, of one report of the bucket's table."""
    chosen = ", ".join(f'{_column(name)} AS "{name}"' for name in report.columns if name in _ASKED)
    source = f'(SELECT {chosen} FROM "{rule.database}"."{table_of(rule, report.bucket)}" {_WHERE})'  # noqa: S608
    source = source.replace("{dt}", partition_of(folder)).replace("{bucket}", report.bucket.replace("'", "''"))
    return inventory_sql.answers(question, inventory_sql.facts(question, source, ATHENA))


# The table's rule may give two buckets one name, as of a-b and a.b: what is another's must not count.
_WHERE = "WHERE dt = '{dt}' AND bucket = '{bucket}'"
_ASKED = {
    *("key", "isdeletemarker", "islatest", "size", "lastmodifieddate", "storageclass"),
    *("intelligenttieringaccesstier", "encryptionstatus"),
}


def ddl(rule: InventoryRule, report: Manifest, root: str) -> str:
    """The statement that makes the table of a bucket's inventory, for somebody to run once. ``root``: the s3:// URL
    that the folders of reports, data and hive are in. AWS: reports are found by partition projection on dt."""
    types = ",\n".join(f"  `{_column(name)}` {_type(name, report.format)}" for name in report.columns)
    since = "2016-11-30-00-00"
    return f"""CREATE EXTERNAL TABLE `{rule.database}`.`{table_of(rule, report.bucket)}` (
{types}
)
PARTITIONED BY (dt string)
ROW FORMAT SERDE '{_SERDES[report.format]}'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.IgnoreKeyTextOutputFormat'
LOCATION '{root}hive/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy-MM-dd-HH-mm',
  'projection.dt.range' = '{since},NOW',
  'projection.dt.interval' = '1',
  'projection.dt.interval.unit' = 'MINUTES'
);
"""


def rows_of(texts: list[tuple[str | None, ...]]) -> list[Row]:
    """Athena's texts as values. BadReport where they are not of the statement."""
    try:
        return [_row(text) for text in texts]
    except (ValueError, TypeError) as error:
        raise BadReport(f"Athena's answer could not be understood: {error}", "report this as a defect") from error


def _row(texts: tuple[str | None, ...]) -> Row:
    whole, depth, prefix, kind, class_, tier, encryption, *numbers = texts
    size_bin, time_bin, objects, sized, size, oldest, newest = (None if n is None else int(n) for n in numbers)
    if whole is None or depth is None or kind is None or objects is None or sized is None or size is None:
        raise ValueError("a count is missing")
    return Row(
        int(whole), int(depth), prefix, int(kind), class_, tier, encryption,
        size_bin, time_bin, objects, sized, size, oldest, newest,
    )  # fmt: skip


def _column(name: str) -> str:
    return _COLUMNS[name][0] if name in _COLUMNS else name


def _type(name: str, format_: Format) -> str:
    """AWS: the reader of CSV gives text only."""
    return "string" if format_ == "CSV" or name not in _COLUMNS else _COLUMNS[name][1]
