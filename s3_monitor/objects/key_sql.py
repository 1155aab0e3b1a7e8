"""The selection of keys as a condition in SQL, which selects the same keys as ``key_filter``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from s3_monitor.objects.key_filter import split_pattern
from s3_monitor.objects.sql_dialect import SqlDialect, quote_text

_SPECIAL, _BACKSLASHED = re.compile(r"([\\\[\]^&~|])"), r"\\\1"
_KEY = '"key"'


def key_condition(patterns: Sequence[str], regex: str, dialect: SqlDialect) -> str:
    """Return the condition on the column of keys, or an empty text if all keys are selected."""
    parts = []
    if patterns:
        parts.append(" OR ".join(_pattern_condition(pattern, dialect) for pattern in patterns))
    if regex:
        parts.append(dialect.regex_test(_KEY, quote_text(regex)))
    return " AND ".join(f"({part})" for part in parts)


def _pattern_condition(pattern: str, dialect: SqlDialect) -> str:
    literal, rest = split_pattern(pattern)
    if not rest:
        below = _starts_with(pattern if pattern.endswith("/") else f"{pattern}/")
        return below if pattern.endswith("/") else f"{_KEY} = {quote_text(pattern)} OR {below}"
    if rest == "*":
        return _starts_with(literal)
    begins = f"{_starts_with(literal)} AND " if literal else ""
    return f"({begins}{dialect.regex_test(_KEY, quote_text(_glob_to_regex(pattern)))})"


def _starts_with(prefix: str) -> str:
    return f"starts_with({_KEY}, {quote_text(prefix)})"


def _glob_to_regex(glob: str) -> str:
    """Convert a glob to a regular expression that RE2 and Java read alike."""
    text, at = "", 0
    while at < len(glob):
        char = glob[at]
        at += 1
        end = glob.find("]", at + (2 if glob[at : at + 1] == "!" else 1)) if char == "[" else -1
        if char == "*":
            text += ".*"
        elif char == "?":
            text += "."
        elif end >= 0:
            inside = glob[at:end]
            is_negated = inside.startswith("!")
            text += f"[{'^' if is_negated else ''}{_SPECIAL.sub(_BACKSLASHED, inside[is_negated:])}]"
            at = end + 1
        else:
            text += re.escape(char)
    return rf"(?s)\A{text}\z"
