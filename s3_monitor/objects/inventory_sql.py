"""The statement that a bucket's inventory is asked, once for DuckDB and Athena; what they spell differently is a table.

It is in two steps, so that any cut of the files into batches gives the same answer: FACTS folds rows into groups,
ANSWERS folds groups of any number of batches. Athena runs both as one statement, whose data are read once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from s3_monitor.model.objects import AGE_EDGES, DAY, RECENT_DAYS, SIZE_EDGES
from s3_monitor.objects import key_sql

CURRENT, NONCURRENT, MARKER = 0, 1, 2  # the kinds of rows


class Dialect(NamedTuple):
    """How an engine spells what SQL does not settle. ``head(key, depth)``: the key up to and with its depth-th "/",
    or its last one if it has fewer. ``time``, ``time_of_text``: a row's time as it is compared,
    ``before(time, instant)``, with milliseconds since 1970 UTC, which ``instant(time)`` makes of it."""

    head: Callable[[str, int], str]
    found: key_sql.Found
    url_decoded: Callable[[str], str]
    time: Callable[[str], str]
    time_of_text: Callable[[str], str]
    before: Callable[[str, int], str]
    instant: Callable[[str], str]


def _head_by_expression(key: str, depth: int) -> str:
    return f"regexp_extract({key}, '^(?:[^/]*/){{0,{depth}}}')"


DUCKDB = Dialect(
    head=_head_by_expression,
    found=lambda key, expression: f"regexp_matches({key}, {expression})",
    # Few keys hold anything that was encoded, and to decode is slow.
    url_decoded=lambda key: (
        f"CASE WHEN contains({key}, '%') OR contains({key}, '+') "
        f"THEN url_decode(replace({key}, '+', ' ')) ELSE {key} END"
    ),
    # To make a number of every time is slow.
    time=lambda column: column,
    time_of_text=lambda text: f"CAST(nullif({text}, '') AS TIMESTAMP)",
    before=lambda time, instant: f"{time} < make_timestamp_ms({instant})",
    instant=lambda time: f"epoch_ms({time})",
)
ATHENA = Dialect(
    head=_head_by_expression,
    found=lambda key, expression: f"regexp_like({key}, {expression})",
    url_decoded=lambda key: f"url_decode({key})",
    time=lambda column: f"CAST(to_unixtime({column}) * 1000 AS bigint)",
    time_of_text=lambda text: f"CAST(to_unixtime(from_iso8601_timestamp(nullif({text}, ''))) * 1000 AS bigint)",
    before=lambda time, instant: f"{time} < {instant}",
    instant=lambda time: time,
)


class Question(NamedTuple):
    """``at``: what ages count to, seconds since 1970 UTC. ``columns``: which of AWS's there are, as manifest.column
    spells them. ``text``: all of them are text, and keys URL-encoded: CSV. ``depth`` of prefixes, 0: none,
    ``top`` of each. ``patterns``, ``regex``: of the keys that count, see objects.key_sql. ``classes``: amounts and
    times by storage class are all that is asked, which takes a ``depth`` of 0."""

    at: int
    columns: Collection[str]
    text: bool
    depth: int
    top: int
    patterns: tuple[str, ...] = ()
    regex: str = ""
    classes: bool = False


_NO_TEXT, _NO_NUMBER = "CAST(NULL AS varchar)", "CAST(NULL AS integer)"
# To group by what is the same in all rows is slow: by one text alone DuckDB is twice as fast as by any two columns.
_WHOLE = """SELECT 1 AS whole, {dimensions}, CAST(NULL AS varchar) AS head,
  count(*) AS objects, count(size) AS sized, CAST(coalesce(sum(size), 0) AS bigint) AS bytes,
  {oldest} AS oldest, {newest} AS newest
FROM (
  SELECT {values}, {size} AS size, {modified} AS modified
  FROM {source}{where}
) AS objects
GROUP BY {varying}"""

# The same with prefixes, in one reading: to unpack keys is the most of the work, and Athena bills what is read.
_WITH_PREFIXES = """SELECT grouping(head) AS whole, kind, class, tier, encryption, size_bin, time_bin, head,
  count(*) AS objects, count(size) AS sized, CAST(coalesce(sum(size), 0) AS bigint) AS bytes,
  {oldest} AS oldest, {newest} AS newest
FROM (
  SELECT {values}, {size} AS size, {modified} AS modified, CASE WHEN {kind} = {current} THEN {head} END AS head
  FROM {source}{where}
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
    min(oldest) AS oldest, max(newest) AS newest
  FROM spread
  WHERE (whole = 1 AND depth = 0) OR (whole = 0 AND prefix IS NOT NULL)
  GROUP BY whole, depth, prefix, kind, class, tier, encryption, size_bin, time_bin
), weighed AS (
  SELECT summed.*, sum(bytes) OVER (PARTITION BY whole, depth, prefix) AS weight FROM summed
), ranked AS (
  SELECT weighed.*, dense_rank() OVER (PARTITION BY whole, depth ORDER BY weight DESC, prefix) AS place FROM weighed
)
SELECT whole, depth, prefix, kind, class, tier, encryption, size_bin, time_bin, objects, sized, bytes, oldest, newest
FROM ranked
WHERE whole = 1 OR place <= {top}"""


class Row(NamedTuple):
    """A row of the answers. ``whole`` 1: the objects of a kind by class, encryption and bins; 0: the current ones
    below a prefix by class. ``sized``: how many of them have a size. ``oldest``, ``newest``: milliseconds since 1970
    UTC, null where the inventory does not say."""

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


def facts(question: Question, source: str, dialect: Dialect) -> str:
    """Groups of the rows of ``source``, a table or a function that gives one."""
    columns, text = question.columns, question.text
    told = [name for name in columns if not question.classes or name not in _DETAILS]
    if text:
        source = _read(source, columns, dialect)
    key, size, time = _column("key"), _column("size"), _column("lastmodifieddate")
    dated = "lastmodifieddate" in columns
    modified = (time if text else dialect.time(time)) if dated else "CAST(NULL AS bigint)"
    where = key_sql.condition(key, question.patterns, question.regex, dialect.found)
    before = [dialect.before(modified, instant + 1) for instant in instants(question.at)]
    dimensions = {
        "kind": _kind(columns),
        "class": _text("storageclass", columns),
        "tier": _text("intelligenttieringaccesstier", told),
        "encryption": _text("encryptionstatus", told),
        "size_bin": _NO_NUMBER if question.classes else _bin(size, [f"{size} < {edge}" for edge in SIZE_EDGES]),
        "time_bin": _bin(modified, before) if dated and not question.classes else _NO_NUMBER,
    }
    same = (str(CURRENT), _NO_TEXT, _NO_NUMBER) if not question.depth else ()
    varying = {name: value for name, value in dimensions.items() if name == "class" or value not in same}
    return (_WITH_PREFIXES if question.depth else _WHOLE).format(
        source=source,
        where=f" WHERE {where}" if where else "",
        dimensions=", ".join(name if name in varying else f"{value} AS {name}" for name, value in dimensions.items()),
        values=", ".join(f"{value} AS {name}" for name, value in varying.items()),
        varying=", ".join(varying),
        kind=dimensions["kind"],
        size=size,
        modified=modified,
        oldest=dialect.instant("min(modified)") if dated else "min(modified)",
        newest=dialect.instant("max(modified)") if dated else "max(modified)",
        head=dialect.head(key, question.depth),
        current=CURRENT,
    )


def answers(question: Question, facts: str) -> str:
    """What a bucket's answer is made of: few rows, of the groups that the statement ``facts`` gives."""
    steps = "".join(
        f" WHEN {depth} THEN nullif(regexp_extract(head, '^(?:[^/]*/){{{depth}}}'), '')"
        for depth in range(1, question.depth + 1)
    )
    return _ANSWERS.format(
        facts=facts,
        prefix=f"CASE depths.depth WHEN 0 THEN CASE WHEN head = '' THEN '' END{steps} END",
        depths=", ".join(f"({depth})" for depth in range(question.depth + 1)),
        top=question.top,
    )


def _column(name: str) -> str:
    """A column as ``objects`` views spell it: the readers of both engines name columns so."""
    return f'"{name}"'


def _read(source: str, columns: Collection[str], dialect: Dialect) -> str:
    """Texts as values, once a row: what stands in a condition is computed for each."""
    values = {
        "key": dialect.url_decoded(_column("key")),
        "size": f"CAST(nullif({_column('size')}, '') AS bigint)",
        "lastmodifieddate": dialect.time_of_text(_column("lastmodifieddate")),
        **{name: _truth(_column(name)) for name in ("isdeletemarker", "islatest")},
        **{name: f"nullif({_column(name)}, '')" for name in _TEXTS},
    }
    chosen = ", ".join(f"{value} AS {_column(name)}" for name, value in values.items() if name in columns)
    return f"(SELECT {chosen} FROM {source})"  # noqa: S608  names of ours


def _truth(text: str) -> str:
    """Of a text, in any case; an error of what is neither, which must not count as false. AWS's two go fast."""
    return f"CASE {text} WHEN 'true' THEN true WHEN 'false' THEN false ELSE CAST(nullif({text}, '') AS boolean) END"


_DETAILS = ("intelligenttieringaccesstier", "encryptionstatus")  # within a storage class
_TEXTS = ("storageclass", *_DETAILS)


def _kind(columns: Collection[str]) -> str:
    """AWS: without all versions the inventory has neither column, and no row but current objects."""
    cases = f"WHEN {_column('isdeletemarker')} THEN {MARKER} " if "isdeletemarker" in columns else ""
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
