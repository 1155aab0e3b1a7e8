"""The SQL that aggregates an inventory, for DuckDB and Athena.

There are two steps, so that any division of the files into batches gives the same result: ``groups_sql`` aggregates
rows to groups, and ``result_sql`` aggregates the groups of all batches. Athena runs both as one statement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from s3_monitor.model.object_stats import SIZE_EDGES
from s3_monitor.objects import row_rules
from s3_monitor.objects.age_bins import AgeBins
from s3_monitor.objects.inventory_query import CURRENT, EXCLUDED, MARKER, NONCURRENT, InventoryQuery
from s3_monitor.objects.key_filter import key_condition
from s3_monitor.objects.sql_dialect import SqlDialect, quote_name

_DETAILS = ("intelligenttieringaccesstier", "encryptionstatus")  # within a storage class
_GIVEN = ("key", "islatest", "isdeletemarker", "size", "lastmodifieddate")
READ_COLUMNS = frozenset(("bucket", *_GIVEN, "storageclass", *_DETAILS))
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


def groups_sql(query: InventoryQuery, source: str, dialect: SqlDialect, *, measured: bool = False) -> str:
    """Return the statement that aggregates the rows of ``source``, a table or table function, to groups.

    ``measured``: the source has a column ``written``, which is summed.
    """
    columns = query.columns
    selected = [name for name in columns if not query.classes or name not in _DETAILS]
    size, time = quote_name("size"), quote_name("lastmodifieddate")
    dated = "lastmodifieddate" in columns
    selection = key_condition(query.patterns, query.regex, dialect)
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
    # The key up to and including its "/" number ``depth``, or its last "/" if it has fewer.
    head = f"regexp_extract({quote_name('key')}, '^(?:[^/]*/){{0,{query.depth}}}')"
    head = f"CASE WHEN {dimensions['kind']} = {CURRENT} THEN {head} END"
    return _GROUPS.format(
        is_total="grouping(head)" if query.depth else "1",
        source=_checked(query, source, dialect, with_key, measured),
        dimensions=", ".join(name if name in varying else f"{value} AS {name}" for name, value in dimensions.items()),
        values=", ".join(f"{value} AS {name}" for name, value in varying.items()),
        grouping=f"GROUPING SETS (({names}), (kind, class, tier, head))" if query.depth else names,
        size=size if "size" in columns else "CAST(NULL AS bigint)",
        modified=time if dated else "CAST(NULL AS bigint)",
        fault=row_rules.fault_expression(query, dialect, with_key),
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
    names = [name for name in query.columns if name in READ_COLUMNS and name not in unused]
    raw_names = [name for name in names if name in _GIVEN]
    passed = ["written"] if measured else []
    if query.text:
        values = {quote_name(name): row_rules.parsed_value(name, dialect) for name in names}
        raw = {row_rules.raw_column(name): f"nullif({quote_name(name)}, '')" for name in raw_names}
    else:
        times = {"lastmodifieddate": dialect.time(quote_name("lastmodifieddate"))}
        values = {quote_name(name): times.get(name, quote_name(name)) for name in names}
        raw = {row_rules.raw_column(name): quote_name(name) for name in raw_names}
    bounded = {quote_name(name): row_rules.bounded_value(name, query.at, dialect) for name in names}
    return _select(bounded, [*raw, *passed], _select(values | raw, passed, source))


def _select(values: Mapping[str, str], passed: Iterable[str], source: str) -> str:
    """Return a subquery. ``values``: column → expression; ``passed``: columns that stay."""
    columns = ", ".join([*(f"{value} AS {name}" for name, value in values.items()), *passed])
    return f"(SELECT {columns} FROM {source})"  # noqa: S608  names of ours


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
