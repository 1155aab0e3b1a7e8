"""The selection of keys as a condition in SQL, which selects the same keys as ``key_filter``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from s3_monitor.objects.key_filter import split_pattern
from s3_monitor.objects.sql_quoting import quote_text

_SPECIAL, _BACKSLASHED = re.compile(r"([\\\[\]^&~|])"), r"\\\1"
RegexTest = Callable[[str, str], str]  # SQL of a text and an expression → condition that it is found


def key_condition(key: str, patterns: Sequence[str], regex: str, regex_test: RegexTest) -> str:
    """Return the condition on the expression ``key``, or an empty text if all keys are selected."""
    parts = []
    if patterns:
        parts.append(" OR ".join(_pattern_condition(key, pattern, regex_test) for pattern in patterns))
    if regex:
        parts.append(regex_test(key, quote_text(regex)))
    return " AND ".join(f"({part})" for part in parts)


def _pattern_condition(key: str, pattern: str, regex_test: RegexTest) -> str:
    literal, rest = split_pattern(pattern)
    if not rest:
        below = f"starts_with({key}, {quote_text(pattern if pattern.endswith('/') else f'{pattern}/')})"
        return below if pattern.endswith("/") else f"{key} = {quote_text(pattern)} OR {below}"
    if rest == "*":
        return f"starts_with({key}, {quote_text(literal)})"
    begins = f"starts_with({key}, {quote_text(literal)}) AND " if literal else ""
    return f"({begins}{regex_test(key, quote_text(_glob_to_regex(pattern)))})"


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
