"""The SQL that aggregates an inventory, for DuckDB and Athena; a table holds what the two spell differently.

There are two steps, so that any division of the files into batches gives the same result: ``groups_sql`` aggregates
rows to groups, and ``result_sql`` aggregates the groups of all batches. Athena runs both as one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from s3_monitor.model.object_stats import SIZE_EDGES
from s3_monitor.objects import key_sql, row_rules
from s3_monitor.objects.age_bins import AgeBins
from s3_monitor.objects.row_rules import RowRules
from s3_monitor.objects.sql_quoting import quote_name

# The kinds of rows. EXCLUDED: the key is not selected; the row is validated but not counted.
CURRENT, NONCURRENT, MARKER, EXCLUDED = 0, 1, 2, 3


class SqlDialect(NamedTuple):
    """The spelling of expressions that differ between engines. All parameters and results are SQL."""

    head: Callable[[str, int], str]
    """(key, depth) → the key up to and including its depth-th "/", or its last "/" if it has fewer."""
    regex_test: key_sql.RegexTest
    url_decoded: Callable[[str], str]
    """null if the text cannot be decoded."""
    malformed: Callable[[str], str]
    """Condition that an encoded key is malformed although it can be decoded; empty: never."""
    length: Callable[[str], str]
    """In bytes, or in characters if the engine has no function for bytes."""
    time: Callable[[str], str]
    """Column → the time in the form that ``before`` and ``instant`` accept."""
    time_of_text: Callable[[str], str]
    """The same from a text; null if it is not a time."""
    before: Callable[[str, int], str]
    """(time, milliseconds since 1970 UTC) → condition."""
    instant: Callable[[str], str]
    """Time → milliseconds since 1970 UTC."""


def _head_by_expression(key: str, depth: int) -> str:
    return f"regexp_extract({key}, '^(?:[^/]*/){{0,{depth}}}')"


_BAD_ESCAPE = r"'(?s)%([^0-9A-Fa-f]|.[^0-9A-Fa-f]|.?\z)'"
DUCKDB = SqlDialect(
    head=_head_by_expression,
    regex_test=lambda key, expression: f"regexp_matches({key}, {expression})",
    # Decoding is slow, and few keys have encoded characters.
    url_decoded=lambda key: (
        f"CASE WHEN contains({key}, '%') OR contains({key}, '+') "
        f"THEN TRY(url_decode(replace({key}, '+', ' '))) ELSE {key} END"
    ),
    # DuckDB decodes "%zz" to itself.
    malformed=lambda key: (
        f"contains({key}, chr(0)) OR CASE WHEN contains({key}, '%') THEN regexp_matches({key}, {_BAD_ESCAPE}) END"
    ),
    length=lambda text: f"strlen({text})",
    # Converting every time to a number is slow.
    time=lambda column: column,
    time_of_text=lambda text: f"TRY_CAST({text} AS TIMESTAMP)",
    before=lambda time, instant: f"{time} < make_timestamp_ms({instant})",
    instant=lambda time: f"epoch_ms({time})",
)
ATHENA = SqlDialect(
    head=_head_by_expression,
    regex_test=lambda key, expression: f"regexp_like({key}, {expression})",
    url_decoded=lambda key: f"TRY(url_decode({key}))",
    malformed=lambda key: "",
    length=lambda text: f"length({text})",
    time=lambda column: f"CAST(to_unixtime({column}) * 1000 AS bigint)",
    time_of_text=lambda text: f"CAST(to_unixtime(TRY(from_iso8601_timestamp({text}))) * 1000 AS bigint)",
    before=lambda time, instant: f"{time} < {instant}",
    instant=lambda time: time,
)


class InventoryQuery(NamedTuple):
    """What to read from an inventory."""

    at: int
    """The time that ages are relative to, seconds since 1970 UTC."""
    columns: Collection[str]
    """The columns of the inventory, as ``manifest.normalize_column`` spells them."""
    text: bool
    """All columns are texts, and keys are URL-encoded: CSV."""
    depth: int
    """Number of prefix levels; 0: no prefixes."""
    top: int
    """Number of prefixes per level."""
    patterns: tuple[str, ...] = ()
    regex: str = ""
    """Patterns and regular expression of the selected keys, see ``key_filter``."""
    classes: bool = False
    """Read only amounts and times by storage class; requires depth 0."""
    bucket: str | None = None
    """The bucket that all rows must have; None: not checked."""


_NO_TEXT, _NO_NUMBER = "CAST(NULL AS varchar)", "CAST(NULL AS integer)"
# Columns with the same value in all rows are excluded from GROUP BY: DuckDB is twice as fast with a single text column.
# Totals and prefixes are computed in one pass: most of the work is decompressing keys, and Athena bills the bytes read.
_GROUPS = """SELECT {is_total} AS is_total, {dimensions}, {head_of_group} AS head,
  count(*) AS objects, count(size) AS sized, CAST(coalesce(sum(size), 0) AS bigint) AS bytes,
  {oldest} AS oldest, {newest} AS newest, count(fault) AS faults, min(fault) AS fault{written}
FROM (
  SELECT {values}, {size} AS size, {modified} AS modified, {fault} AS fault{passed}{head_of_row}
  FROM {source}
) AS objects
GROUP BY {grouping}"""

_RESULT = """WITH facts AS (
{facts}
), spread AS (
  SELECT facts.*, depths.depth, {prefix} AS prefix
  FROM facts CROSS JOIN (VALUES {depths}) AS depths (depth)
), summed AS (
  SELECT is_total, depth, prefix, kind, class, tier, encryption, size_bin, time_bin,
    CAST(sum(objects) AS bigint) AS objects, CAST(sum(sized) AS bigint) AS sized, CAST(sum(bytes) AS bigint) AS bytes,
    min(oldest) AS oldest, max(newest) AS newest, CAST(sum(faults) AS bigint) AS faults, min(fault) AS fault
  FROM spread
  WHERE (is_total = 1 AND depth = 0) OR (is_total = 0 AND prefix IS NOT NULL)
  GROUP BY is_total, depth, prefix, kind, class, tier, encryption, size_bin, time_bin
), weighed AS (
  SELECT summed.*, sum(bytes) OVER (PARTITION BY is_total, depth, prefix) AS weight FROM summed
), ranked AS (
  SELECT weighed.*, dense_rank() OVER (PARTITION BY is_total, depth ORDER BY weight DESC, prefix) AS place FROM weighed
)
SELECT is_total, depth, prefix, kind, class, tier, encryption, size_bin, time_bin, objects, sized, bytes, oldest,
  newest, faults, fault
FROM ranked
WHERE is_total = 1 OR place <= {top}"""


class ResultRow(NamedTuple):
    """A row of the result: amounts of a group of objects."""

    is_total: int
    """1: the objects of a kind, by class, tier, encryption and bins; 0: current objects below a prefix, by class."""
    depth: int
    prefix: str | None
    kind: int
    class_: str | None
    tier: str | None
    encryption: str | None
    size_bin: int | None
    time_bin: int | None
    objects: int
    sized: int
    """The number of objects with a size."""
    bytes: int
    oldest: int | None
    """Milliseconds since 1970 UTC; None: not in the inventory."""
    newest: int | None
    faults: int = 0
    """The number of rows that break a rule (see ``row_rules``)."""
    fault: str | None = None
    """How one of these rows breaks it."""


def groups_sql(query: InventoryQuery, source: str, dialect: SqlDialect, *, measured: bool = False) -> str:
    """Return the statement that aggregates the rows of ``source``, a table or table function, to groups.

    ``measured``: the source has a column ``written``, which is summed.
    """
    columns = query.columns
    selected = [name for name in columns if not query.classes or name not in _DETAILS]
    key, size, time = quote_name("key"), quote_name("size"), quote_name("lastmodifieddate")
    dated = "lastmodifieddate" in columns
    selection = key_sql.key_condition(key, query.patterns, query.regex, dialect.regex_test)
    with_key = bool(query.depth or selection)
    before = [dialect.before(time, edge + 1) for edge in AgeBins(query.at).edges]
    dimensions = {
        "kind": _kind(columns, selection),
        "class": _text("storageclass", columns),
        "tier": _text("intelligenttieringaccesstier", selected),
        "encryption": _text("encryptionstatus", selected),
        "size_bin": _NO_NUMBER if query.classes else _bin(size, [f"{size} < {edge}" for edge in SIZE_EDGES]),
        "time_bin": _bin(time, before) if dated and not query.classes else _NO_NUMBER,
    }
    constants = (str(CURRENT), _NO_TEXT, _NO_NUMBER) if not query.depth else ()
    varying = {name: value for name, value in dimensions.items() if name == "class" or value not in constants}
    names = ", ".join(varying)
    head = f"CASE WHEN {dimensions['kind']} = {CURRENT} THEN {dialect.head(key, query.depth)} END"
    return _GROUPS.format(
        is_total="grouping(head)" if query.depth else "1",
        source=_checked(query, source, dialect, with_key, measured),
        dimensions=", ".join(name if name in varying else f"{value} AS {name}" for name, value in dimensions.items()),
        values=", ".join(f"{value} AS {name}" for name, value in varying.items()),
        grouping=f"GROUPING SETS (({names}), (kind, class, tier, head))" if query.depth else names,
        size=size if "size" in columns else "CAST(NULL AS bigint)",
        modified=time if dated else "CAST(NULL AS bigint)",
        fault=_fault(query, dialect, with_key),
        oldest=dialect.instant("min(modified)") if dated else "min(modified)",
        newest=dialect.instant("max(modified)") if dated else "max(modified)",
        head_of_group="head" if query.depth else _NO_TEXT,
        head_of_row=f", {head} AS head" if query.depth else "",
        written=", CAST(sum(written) AS bigint) AS written" if measured else "",
        passed=", written" if measured else "",
    )


def result_sql(query: InventoryQuery, groups: str) -> str:
    """Return the statement for the result, a few rows. ``groups``: a statement that returns groups."""
    steps = "".join(
        f" WHEN {depth} THEN nullif(regexp_extract(head, '^(?:[^/]*/){{{depth}}}'), '')"
        for depth in range(1, query.depth + 1)
    )
    return _RESULT.format(
        facts=groups,
        prefix=f"CASE depths.depth WHEN 0 THEN CASE WHEN head = '' THEN '' END{steps} END",
        depths=", ".join(f"({depth})" for depth in range(query.depth + 1)),
        top=query.top,
    )


def _checked(query: InventoryQuery, source: str, dialect: SqlDialect, with_key: bool, measured: bool) -> str:
    """Return a subquery with the needed columns, null if a value is out of bounds, and their raw values.

    Each step is a separate SELECT, so that an expression that occurs in several conditions is computed once.
    """
    unused = {*(() if with_key else ("key",)), *(_DETAILS if query.classes else ())}
    names = [name for name in query.columns if name in _READ and name not in unused]
    passed = ["written"] if measured else []
    if query.text:
        values = {name: _parsed(name, dialect) for name in names}
        inputs = {row_rules.raw_column(name): f"nullif({quote_name(name)}, '')" for name in names if name in _GIVEN}
        source = _select([f"{value} AS {quote_name(name)}" for name, value in values.items()], inputs, passed, source)
        raw = {name: name for name in inputs}
    else:
        times = {"lastmodifieddate": dialect.time(quote_name("lastmodifieddate"))}
        values = {name: times.get(name, quote_name(name)) for name in names}
        raw = {row_rules.raw_column(name): quote_name(name) for name in names if name in _GIVEN}
        if values != {name: quote_name(name) for name in names}:
            source = _select([f"{value} AS {quote_name(name)}" for name, value in values.items()], raw, passed, source)
            raw = {name: name for name in raw}
    bounded = [
        f"{row_rules.bounded_value(name, quote_name(name), query.at, dialect.before)} AS {quote_name(name)}"
        for name in names
    ]
    return _select(bounded, raw, passed, source)


def _select(columns: list[str], raw: dict[str, str], passed: list[str], source: str) -> str:
    chosen = ", ".join([*columns, *(f"{value} AS {name}" for name, value in raw.items()), *passed])
    return f"(SELECT {chosen} FROM {source})"  # noqa: S608  names of ours


def _parsed(name: str, dialect: SqlDialect) -> str:
    if name == "key":
        return dialect.url_decoded(quote_name(name))
    return row_rules.parsed_value(name, quote_name(name), text=True, time_of_text=dialect.time_of_text)


def _fault(query: InventoryQuery, dialect: SqlDialect, with_key: bool) -> str:
    columns = [name for name in query.columns if name != "bucket" or query.bucket is not None]
    rules = RowRules(query.bucket or "", query.at, columns, query.text)
    marker = f"NOT coalesce({quote_name('isdeletemarker')}, false)" if "isdeletemarker" in columns else "true"
    malformed = dialect.malformed(row_rules.raw_column("key")) if query.text else ""
    return row_rules.fault_expression(
        rules, sized=marker, with_key=with_key, length=dialect.length, malformed_key=malformed
    )


_DETAILS = ("intelligenttieringaccesstier", "encryptionstatus")  # within a storage class
_GIVEN = ("key", "islatest", "isdeletemarker", "size", "lastmodifieddate")
_READ = ("bucket", *_GIVEN, "storageclass", *_DETAILS)


def _kind(columns: Collection[str], selection: str) -> str:
    """Return the kind of a row. AWS: an inventory of current versions has neither column.

    ``selection``: the condition for selected keys; empty: all.
    """
    cases = f"WHEN NOT ({selection}) THEN {EXCLUDED} " if selection else ""
    cases += f"WHEN {quote_name('isdeletemarker')} THEN {MARKER} " if "isdeletemarker" in columns else ""
    cases += f"WHEN NOT {quote_name('islatest')} THEN {NONCURRENT} " if "islatest" in columns else ""
    return f"CASE {cases}ELSE {CURRENT} END" if cases else str(CURRENT)


def _text(name: str, columns: Collection[str]) -> str:
    return quote_name(name) if name in columns else _NO_TEXT


def _bin(value: str, below: list[str]) -> str:
    """Return the index of the first condition that is true; null for null."""
    cases = " ".join(f"WHEN {condition} THEN {number}" for number, condition in enumerate(below))
    return f"CASE WHEN {value} IS NULL THEN NULL {cases} ELSE {len(below)} END"
