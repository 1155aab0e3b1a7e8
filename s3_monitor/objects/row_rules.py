"""The rules for rows of an inventory, as SQL. A value out of bounds is a fault, and null: it is in no sum."""

from __future__ import annotations

from s3_monitor.model.object_stats import DAY
from s3_monitor.objects.inventory_query import InventoryQuery
from s3_monitor.objects.sql_dialect import SqlDialect, quote_name, quote_text

MAX_OBJECT_SIZE = 1 << 50  # bytes; AWS: an object has at most 50 TB
MAX_KEY_LENGTH = 1024  # AWS: in bytes of UTF-8
# AWS: writing a report takes up to 48 hours, and it may list objects that are written in this time.
_MAX_WRITING_TIME = 2 * DAY
_ISO_TIME = "____-__-__T__:__:__%Z"
_KEY = '"key"'
_MAX_SHOWN = 60  # characters of a wrong value


def raw_column(name: str) -> str:
    """Return the name of the column with the unparsed value, for messages."""
    return f'"raw {name}"'


def parsed_value(name: str, dialect: SqlDialect) -> str:
    """Return the typed value of a column of texts; null if a text does not have the column's form."""
    value = quote_name(name)
    if name == "key":
        return dialect.url_decoded(value)
    if name == "size":  # engines also read 1.5, 1e3, 0x10 and " 5" as integers
        number = f"TRY_CAST({value} AS bigint)"
        return f"CASE WHEN CAST({number} AS varchar) = {value} THEN {number} END"
    if name == "lastmodifieddate":
        return f"CASE WHEN {value} LIKE '{_ISO_TIME}' THEN {dialect.time_of_text(value)} END"
    if name in ("islatest", "isdeletemarker"):
        # AWS's spellings first, since comparing is faster than lower().
        return (
            f"CASE {value} WHEN 'true' THEN true WHEN 'false' THEN false "
            f"ELSE CASE lower({value}) WHEN 'true' THEN true WHEN 'false' THEN false END END"
        )
    return f"nullif({value}, '')"


def bounded_value(name: str, at: int, dialect: SqlDialect) -> str:
    """Return the value of a column, or null if it is out of bounds. ``at``: when the report was created."""
    value = quote_name(name)
    if name == "size":
        return f"CASE WHEN {value} BETWEEN 0 AND {MAX_OBJECT_SIZE} THEN {value} END"
    if name == "lastmodifieddate":
        latest = (at + _MAX_WRITING_TIME) * 1000
        return f"CASE WHEN NOT {dialect.before(value, 0)} AND {dialect.before(value, latest)} THEN {value} END"
    return value


def fault_expression(query: InventoryQuery, dialect: SqlDialect, with_key: bool) -> str:
    """Return an expression over parsed and bounded columns that describes a fault of the row; null if there is none."""
    faults: list[tuple[str, str, str, str]] = []
    if query.bucket is not None and "bucket" in query.columns:
        condition = f'"bucket" IS DISTINCT FROM {quote_text(query.bucket)}'
        faults.append((condition, '"bucket"', "Bucket", f"{query.bucket!r}"))
    if with_key:
        condition = f"coalesce({dialect.length(_KEY)} NOT BETWEEN 1 AND {MAX_KEY_LENGTH}, true)"
        malformed = dialect.malformed(raw_column("key")) if query.text else ""
        condition += f" OR {malformed}" if malformed else ""
        how = "URL-encoded text" if query.text else "text"
        faults.append((condition, raw_column("key"), "Key", f"{how} of 1 to {MAX_KEY_LENGTH:,} bytes"))
    for name, label in (("islatest", "IsLatest"), ("isdeletemarker", "IsDeleteMarker")):
        if name in query.columns:
            faults.append((f'"{name}" IS NULL', raw_column(name), label, "true or false"))
    if "size" in query.columns:
        sized = 'NOT coalesce("isdeletemarker", false)' if "isdeletemarker" in query.columns else "true"
        condition = f'"size" IS NULL AND ({sized} OR {raw_column("size")} IS NOT NULL)'
        faults.append((condition, raw_column("size"), "Size", f"a whole number of bytes from 0 to {MAX_OBJECT_SIZE:,}"))
    if "lastmodifieddate" in query.columns:
        rule = "a time like 2026-01-02T03:04:05.000Z from 1970 to two days after the report was created"
        faults.append(('"lastmodifieddate" IS NULL', raw_column("lastmodifieddate"), "LastModifiedDate", rule))
    cases = " ".join(f"WHEN {condition} THEN {_message(*message)}" for condition, *message in faults)
    return f"CASE {cases} END" if cases else "CAST(NULL AS varchar)"


def _message(value: str, label: str, rule: str) -> str:
    shown = f"'''' || substr(CAST({value} AS varchar), 1, {_MAX_SHOWN}) || ''''"
    return f"{quote_text(f'{label} must be {rule}, got ')} || coalesce({shown}, 'nothing')"
