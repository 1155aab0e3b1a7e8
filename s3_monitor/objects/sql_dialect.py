"""SQL of DuckDB and Athena: quoting, and what the two spell differently."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


def quote_text(text: object) -> str:
    """Return a string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def quote_name(name: str) -> str:
    """Return a quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


class SqlDialect(NamedTuple):
    """The spelling of expressions that differ between engines. All parameters and results are SQL."""

    regex_test: Callable[[str, str], str]
    """(text, regular expression) → condition that it is found."""
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
    joined: Callable[[str, str], str]
    """(text, condition) → aggregate: the texts that are not null, separated by commas."""
    instant: Callable[[str], str]
    """Time → milliseconds since 1970 UTC."""
    json_value: Callable[[str, str], str]
    """(JSON text, name) → text of a member; null without it."""
    map_value: Callable[[str, str], str]
    """(map, key) → its value; null without it."""


_BAD_ESCAPE = r"'(?s)%([^0-9A-Fa-f]|.[^0-9A-Fa-f]|.?\z)'"
DUCKDB = SqlDialect(
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
    joined=lambda text, condition: f"string_agg({text}, ',') FILTER (WHERE {condition})",
    instant=lambda time: f"epoch_ms({time})",
    json_value=lambda text, name: "json_extract_string({}, {})".format(text, quote_text(f'$."{name}"')),
    map_value=lambda map_, key: f"{map_}[{quote_text(key)}]",
)
ATHENA = SqlDialect(
    regex_test=lambda key, expression: f"regexp_like({key}, {expression})",
    url_decoded=lambda key: f"TRY(url_decode({key}))",
    malformed=lambda key: "",
    length=lambda text: f"length({text})",
    time=lambda column: f"CAST(to_unixtime({column}) * 1000 AS bigint)",
    time_of_text=lambda text: f"CAST(to_unixtime(TRY(from_iso8601_timestamp({text}))) * 1000 AS bigint)",
    before=lambda time, instant: f"{time} < {instant}",
    joined=lambda text, condition: f"array_join(array_agg({text}) FILTER (WHERE {condition}), ',')",
    instant=lambda time: time,
    json_value=lambda text, name: "json_extract_scalar({}, {})".format(text, quote_text(f'$["{name}"]')),
    map_value=lambda map_, key: f"element_at({map_}, {quote_text(key)})",
)
