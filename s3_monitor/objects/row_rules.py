"""The rules for a row of an inventory, as SQL. A value outside its bounds is null and a fault: it enters no sum."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from s3_monitor.model.object_stats import DAY

LARGEST_OBJECT = 1 << 50  # bytes; AWS: an object has at most 50 TB
LONGEST_KEY = 1024  # AWS: in bytes of UTF-8
# AWS: writing a report takes up to 48 hours, and a report may list what is written meanwhile.
_LISTED_AFTER = 2 * DAY
_ISO_TIME = "____-__-__T__:__:__%Z"
_KEY = '"key"'
_SHOWN = 60  # characters of a faulty value


class RowRules(NamedTuple):
    """What the rules depend on. ``at``: when the report was created, seconds since 1970 UTC."""

    bucket: str
    at: int
    columns: Collection[str]
    text: bool


def raw_column(name: str) -> str:
    """The column that holds a value as the data file has it, for messages."""
    return f'"given {name}"'


def parsed_value(name: str, value: str, *, text: bool, time_of_text: Callable[[str], str]) -> str:
    """The typed value of a column; null where a text is not of the column's form."""
    if not text:
        return value
    if name == "size":  # engines also read 1.5, 1e3, 0x10 and " 5" as integers
        number = f"TRY_CAST({value} AS bigint)"
        return f"CASE WHEN CAST({number} AS varchar) = {value} THEN {number} END"
    if name == "lastmodifieddate":
        return f"CASE WHEN {value} LIKE '{_ISO_TIME}' THEN {time_of_text(value)} END"
    if name in ("islatest", "isdeletemarker"):
        # The exact spellings first: they are AWS's, and comparing is faster than lower().
        return (
            f"CASE {value} WHEN 'true' THEN true WHEN 'false' THEN false "
            f"ELSE CASE lower({value}) WHEN 'true' THEN true WHEN 'false' THEN false END END"
        )
    return f"nullif({value}, '')"


def bounded_value(name: str, value: str, at: int, before: Callable[[str, int], str]) -> str:
    """The value, or null where it is outside its bounds."""
    if name == "size":
        return f"CASE WHEN {value} BETWEEN 0 AND {LARGEST_OBJECT} THEN {value} END"
    if name == "lastmodifieddate":
        latest = (at + _LISTED_AFTER) * 1000
        return f"CASE WHEN NOT {before(value, 0)} AND {before(value, latest)} THEN {value} END"
    return value


def fault_expression(
    rules: RowRules, *, sized: str, with_key: bool, length: Callable[[str], str], malformed_key: str
) -> str:
    """An expression over parsed and bounded columns: what is wrong with the row; null where nothing is.

    ``sized``: the condition that a row must have a size. ``length``: of a text, in bytes where the engine offers that,
    else in characters. ``malformed_key``: the condition that the key as given is not
    well encoded; empty: none.
    """
    broken: list[tuple[str, str, str, str]] = []
    if "bucket" in rules.columns:
        bucket = _quoted(rules.bucket)
        broken.append((f'"bucket" IS DISTINCT FROM {bucket}', '"bucket"', "Bucket", f"{rules.bucket!r}"))
    if with_key:
        condition = f"coalesce({length(_KEY)} NOT BETWEEN 1 AND {LONGEST_KEY}, true)"
        condition += f" OR {malformed_key}" if malformed_key else ""
        how = "URL-encoded text" if rules.text else "text"
        broken.append((condition, raw_column("key"), "Key", f"{how} of 1 to {LONGEST_KEY:,} bytes"))
    for name, label in (("islatest", "IsLatest"), ("isdeletemarker", "IsDeleteMarker")):
        if name in rules.columns:
            broken.append((f'"{name}" IS NULL', raw_column(name), label, "true or false"))
    if "size" in rules.columns:
        condition = f'"size" IS NULL AND ({sized} OR {raw_column("size")} IS NOT NULL)'
        broken.append((condition, raw_column("size"), "Size", f"a whole number of bytes from 0 to {LARGEST_OBJECT:,}"))
    if "lastmodifieddate" in rules.columns:
        rule = "a time like 2026-01-02T03:04:05.000Z from 1970 to two days after the report was created"
        broken.append(('"lastmodifieddate" IS NULL', raw_column("lastmodifieddate"), "LastModifiedDate", rule))
    cases = " ".join(f"WHEN {condition} THEN {_message(*message)}" for condition, *message in broken)
    return f"CASE {cases} END" if cases else "CAST(NULL AS varchar)"


def _message(value: str, label: str, rule: str) -> str:
    shown = f"'''' || substr(CAST({value} AS varchar), 1, {_SHOWN}) || ''''"
    return f"{_quoted(f'{label} must be {rule}, got ')} || coalesce({shown}, 'nothing')"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
