"""The statement that a bucket's inventory is asked, once for DuckDB and Athena; what they spell differently is a table.

It is in two steps, so that any cut of the files into batches gives the same answer: FACTS folds rows into groups,
ANSWERS folds groups of any number of batches. Athena runs both as one statement, whose data are read once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from s3_monitor.model.object_stats import AGE_EDGES, DAY, RECENT_DAYS, SIZE_EDGES
from s3_monitor.objects import key_sql, row_rules
from s3_monitor.objects.row_rules import RowRules

# The kinds of rows. EXCLUDED: the key is not among those asked about; such a row is checked, but not counted.
CURRENT, NONCURRENT, MARKER, EXCLUDED = 0, 1, 2, 3


class SqlDialect(NamedTuple):
    """How an engine spells what SQL does not settle.

    ``head(key, depth)``: the key up to and with its depth-th "/", or its last one if it has fewer. ``url_decoded``:
    null where that fails. ``malformed(key)``: the condition that an encoded key is malformed although it can be
    decoded; empty: none. ``length`` of a text: in bytes where the engine offers that, else in characters.
    ``time``, ``time_of_text``: a row's time as it is compared, ``before(time, instant)``, with milliseconds since 1970
    UTC, which ``instant(time)`` makes of it; null of a text that is no time.
    """

    head: Callable[[str, int], str]
    found: key_sql.Found
    url_decoded: Callable[[str], str]
    malformed: Callable[[str], str]
    length: Callable[[str], str]
    time: Callable[[str], str]
    time_of_text: Callable[[str], str]
    before: Callable[[str, int], str]
    instant: Callable[[str], str]


def _head_by_expression(key: str, depth: int) -> str:
    return f"regexp_extract({key}, '^(?:[^/]*/){{0,{depth}}}')"


_BAD_ESCAPE = r"'(?s)%([^0-9A-Fa-f]|.[^0-9A-Fa-f]|.?\z)'"
DUCKDB = SqlDialect(
    head=_head_by_expression,
    found=lambda key, expression: f"regexp_matches({key}, {expression})",
    # Few keys hold anything that was encoded, and to decode is slow.
    url_decoded=lambda key: (
        f"CASE WHEN contains({key}, '%') OR contains({key}, '+') "
        f"THEN TRY(url_decode(replace({key}, '+', ' '))) ELSE {key} END"
    ),
    # DuckDB decodes "%zz" to itself.
    malformed=lambda key: (
        f"contains({key}, chr(0)) OR CASE WHEN contains({key}, '%') THEN regexp_matches({key}, {_BAD_ESCAPE}) END"
    ),
    length=lambda text: f"strlen({text})",
    # To make a number of every time is slow.
    time=lambda column: column,
    time_of_text=lambda text: f"TRY_CAST({text} AS TIMESTAMP)",
    before=lambda time, instant: f"{time} < make_timestamp_ms({instant})",
    instant=lambda time: f"epoch_ms({time})",
)
ATHENA = SqlDialect(
    head=_head_by_expression,
    found=lambda key, expression: f"regexp_like({key}, {expression})",
    url_decoded=lambda key: f"TRY(url_decode({key}))",
    malformed=lambda key: "",
    length=lambda text: f"length({text})",
    time=lambda column: f"CAST(to_unixtime({column}) * 1000 AS bigint)",
    time_of_text=lambda text: f"CAST(to_unixtime(TRY(from_iso8601_timestamp({text}))) * 1000 AS bigint)",
    before=lambda time, instant: f"{time} < {instant}",
    instant=lambda time: time,
)


class InventoryQuery(NamedTuple):
    """``at``: what ages count to, seconds since 1970 UTC. ``columns``: which of AWS's there are, as manifest.column
    spells them. ``text``: all of them are text, and keys URL-encoded: CSV. ``depth`` of prefixes, 0: none,
    ``top`` of each. ``patterns``, ``regex``: of the keys that count, see objects.key_sql. ``classes``: amounts and
    times by storage class are all that is asked, which takes a ``depth`` of 0. ``bucket``: the one that all rows must
    be of; null: not checked."""

    at: int
    columns: Collection[str]
    text: bool
    depth: int
    top: int
    patterns: tuple[str, ...] = ()
    regex: str = ""
    classes: bool = False
    bucket: str | None = None


_NO_TEXT, _NO_NUMBER = "CAST(NULL AS varchar)", "CAST(NULL AS integer)"
# To group by what is the same in all rows is slow: by one text alone DuckDB is twice as fast as by any two columns.
_WHOLE = """SELECT 1 AS whole, {dimensions}, CAST(NULL AS varchar) AS head,
  count(*) AS objects, count(size) AS sized, CAST(coalesce(sum(size), 0) AS bigint) AS bytes,
  {oldest} AS oldest, {newest} AS newest, count(fault) AS faults, min(fault) AS fault{written}
FROM (
  SELECT {values}, {size} AS size, {modified} AS modified, {fault} AS fault{passed}
  FROM {source}
) AS objects
GROUP BY {varying}"""

# The same with prefixes, in one reading: to unpack keys is the most of the work, and Athena bills what is read.
_WITH_PREFIXES = """SELECT grouping(head) AS whole, kind, class, tier, encryption, size_bin, time_bin, head,
  count(*) AS objects, count(size) AS sized, CAST(coalesce(sum(size), 0) AS bigint) AS bytes,
  {oldest} AS oldest, {newest} AS newest, count(fault) AS faults, min(fault) AS fault{written}
FROM (
  SELECT {values}, {size} AS size, {modified} AS modified, {fault} AS fault{passed},
    CASE WHEN {kind} = {current} THEN {head} END AS head
  FROM {source}
) AS objects
GROUP BY GROUPING SETS ((kind, class, tier, encryption, size_bin, time_bin), (kind, class, tier, head))"""

_ANSWERS = """WITH facts AS (
{facts}
), spread AS (
  SELECT facts.*, depths.depth, {prefix} AS prefix
  FROM facts CROSS JOIN (VALUES {depths}) AS depths (depth)
), summed AS (
  SELECT whole, depth, prefix, kind, class, tier, encryption, size_bin, time_bin,
    CAST(sum(objects) AS bigint) AS objects, CAST(sum(sized) AS bigint) AS sized, CAST(sum(bytes) AS bigint) AS bytes,
    min(oldest) AS oldest, max(newest) AS newest, CAST(sum(faults) AS bigint) AS faults, min(fault) AS fault
  FROM spread
  WHERE (whole = 1 AND depth = 0) OR (whole = 0 AND prefix IS NOT NULL)
  GROUP BY whole, depth, prefix, kind, class, tier, encryption, size_bin, time_bin
), weighed AS (
  SELECT summed.*, sum(bytes) OVER (PARTITION BY whole, depth, prefix) AS weight FROM summed
), ranked AS (
  SELECT weighed.*, dense_rank() OVER (PARTITION BY whole, depth ORDER BY weight DESC, prefix) AS place FROM weighed
)
SELECT whole, depth, prefix, kind, class, tier, encryption, size_bin, time_bin, objects, sized, bytes, oldest, newest,
  faults, fault
FROM ranked
WHERE whole = 1 OR place <= {top}"""


class ResultRow(NamedTuple):
    """A row of the answers. ``whole`` 1: the objects of a kind by class, encryption and bins; 0: the current ones
    below a prefix by class. ``sized``: how many of them have a size. ``oldest``, ``newest``: milliseconds since 1970
    UTC, null where the inventory does not say. ``faults``: how many of the rows break a rule (see row_rules), and
    ``fault`` how one of them does."""

    whole: int
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
    bytes: int
    oldest: int | None
    newest: int | None
    faults: int = 0
    fault: str | None = None


def groups_sql(question: InventoryQuery, source: str, dialect: SqlDialect, *, measured: bool = False) -> str:
    """Groups of the rows of ``source``, a table or a function that gives one. ``measured``: the source has a column
    ``written``, which is added up."""
    columns = question.columns
    told = [name for name in columns if not question.classes or name not in _DETAILS]
    key, size, time = _column("key"), _column("size"), _column("lastmodifieddate")
    dated = "lastmodifieddate" in columns
    wanted = key_sql.key_condition(key, question.patterns, question.regex, dialect.found)
    with_key = bool(question.depth or wanted)
    before = [dialect.before(time, instant + 1) for instant in instants(question.at)]
    dimensions = {
        "kind": _kind(columns, wanted),
        "class": _text("storageclass", columns),
        "tier": _text("intelligenttieringaccesstier", told),
        "encryption": _text("encryptionstatus", told),
        "size_bin": _NO_NUMBER if question.classes else _bin(size, [f"{size} < {edge}" for edge in SIZE_EDGES]),
        "time_bin": _bin(time, before) if dated and not question.classes else _NO_NUMBER,
    }
    same = (str(CURRENT), _NO_TEXT, _NO_NUMBER) if not question.depth else ()
    varying = {name: value for name, value in dimensions.items() if name == "class" or value not in same}
    return (_WITH_PREFIXES if question.depth else _WHOLE).format(
        source=_checked(question, source, dialect, with_key, measured),
        dimensions=", ".join(name if name in varying else f"{value} AS {name}" for name, value in dimensions.items()),
        values=", ".join(f"{value} AS {name}" for name, value in varying.items()),
        varying=", ".join(varying),
        kind=dimensions["kind"],
        size=size if "size" in columns else "CAST(NULL AS bigint)",
        modified=time if dated else "CAST(NULL AS bigint)",
        fault=_fault(question, dialect, with_key),
        oldest=dialect.instant("min(modified)") if dated else "min(modified)",
        newest=dialect.instant("max(modified)") if dated else "max(modified)",
        head=dialect.head(key, question.depth),
        current=CURRENT,
        written=", CAST(sum(written) AS bigint) AS written" if measured else "",
        passed=", written" if measured else "",
    )


def result_sql(question: InventoryQuery, groups: str) -> str:
    """What a bucket's answer is made of: few rows, of the groups that the statement ``facts`` gives."""
    steps = "".join(
        f" WHEN {depth} THEN nullif(regexp_extract(head, '^(?:[^/]*/){{{depth}}}'), '')"
        for depth in range(1, question.depth + 1)
    )
    return _ANSWERS.format(
        facts=groups,
        prefix=f"CASE depths.depth WHEN 0 THEN CASE WHEN head = '' THEN '' END{steps} END",
        depths=", ".join(f"({depth})" for depth in range(question.depth + 1)),
        top=question.top,
    )


def _column(name: str) -> str:
    """A column as ``objects`` views spell it: the readers of both engines name columns so."""
    return f'"{name}"'


def _checked(question: InventoryQuery, source: str, dialect: SqlDialect, with_key: bool, measured: bool) -> str:
    """The columns asked for as values within their bounds, null where they are not, and as they were given. Each step
    is a SELECT of its own: what stands in a condition is computed once."""
    unread = {*(() if with_key else ("key",)), *(_DETAILS if question.classes else ())}
    names = [name for name in question.columns if name in _READ and name not in unread]
    passed = ["written"] if measured else []
    if question.text:
        values = {name: _parsed(name, dialect) for name in names}
        inputs = {row_rules.raw_column(name): f"nullif({_column(name)}, '')" for name in names if name in _GIVEN}
        source = _select([f"{value} AS {_column(name)}" for name, value in values.items()], inputs, passed, source)
        given = {name: name for name in inputs}
    else:
        times = {"lastmodifieddate": dialect.time(_column("lastmodifieddate"))}
        values = {name: times.get(name, _column(name)) for name in names}
        given = {row_rules.raw_column(name): _column(name) for name in names if name in _GIVEN}
        if values != {name: _column(name) for name in names}:
            source = _select([f"{value} AS {_column(name)}" for name, value in values.items()], given, passed, source)
            given = {name: name for name in given}
    bounded = [
        f"{row_rules.bounded_value(name, _column(name), question.at, dialect.before)} AS {_column(name)}"
        for name in names
    ]
    return _select(bounded, given, passed, source)


def _select(columns: list[str], given: dict[str, str], passed: list[str], source: str) -> str:
    chosen = ", ".join([*columns, *(f"{value} AS {name}" for name, value in given.items()), *passed])
    return f"(SELECT {chosen} FROM {source})"  # noqa: S608  names of ours


def _parsed(name: str, dialect: SqlDialect) -> str:
    if name == "key":
        return dialect.url_decoded(_column(name))
    return row_rules.parsed_value(name, _column(name), text=True, time_of_text=dialect.time_of_text)


def _fault(question: InventoryQuery, dialect: SqlDialect, with_key: bool) -> str:
    columns = [name for name in question.columns if name != "bucket" or question.bucket is not None]
    rules = RowRules(question.bucket or "", question.at, columns, question.text)
    marker = f"NOT coalesce({_column('isdeletemarker')}, false)" if "isdeletemarker" in columns else "true"
    malformed = dialect.malformed(row_rules.raw_column("key")) if question.text else ""
    return row_rules.fault_expression(
        rules, sized=marker, with_key=with_key, length=dialect.length, malformed_key=malformed
    )


_DETAILS = ("intelligenttieringaccesstier", "encryptionstatus")  # within a storage class
_GIVEN = ("key", "islatest", "isdeletemarker", "size", "lastmodifieddate")
_READ = ("bucket", *_GIVEN, "storageclass", *_DETAILS)


def _kind(columns: Collection[str], wanted: str) -> str:
    """AWS: without all versions the inventory has neither column, and no row but current objects. ``wanted``: the
    condition of keys asked about; empty: all are."""
    cases = f"WHEN NOT ({wanted}) THEN {EXCLUDED} " if wanted else ""
    cases += f"WHEN {_column('isdeletemarker')} THEN {MARKER} " if "isdeletemarker" in columns else ""
    cases += f"WHEN NOT {_column('islatest')} THEN {NONCURRENT} " if "islatest" in columns else ""
    return f"CASE {cases}ELSE {CURRENT} END" if cases else str(CURRENT)


def _text(name: str, columns: Collection[str]) -> str:
    return _column(name) if name in columns else _NO_TEXT


def _bin(value: str, below: list[str]) -> str:
    """The first that holds, counted from 0; null of null."""
    cases = " ".join(f"WHEN {condition} THEN {place}" for place, condition in enumerate(below))
    return f"CASE WHEN {value} IS NULL THEN NULL {cases} ELSE {len(below)} END"


def instants(at: int) -> list[int]:
    """The edges of ages and of the last UTC days, ascending, in milliseconds since 1970 UTC: what is later than the
    last of them is in the last bin of time."""
    return sorted({*age_instants(at), *day_instants(at)})


def age_instants(at: int) -> list[int]:
    """For each edge of ages the latest instant that is so many whole days ago."""
    return [(at - days * DAY) * 1000 for days in AGE_EDGES]


def day_instants(at: int) -> list[int]:
    """For the UTC day of ``at`` and those before it the last instant before it."""
    midnight = at // DAY * DAY
    return [(midnight - day * DAY) * 1000 - 1 for day in range(RECENT_DAYS)]
