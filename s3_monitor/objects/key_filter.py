"""The selection of keys: `s3://BUCKET/KEY` patterns and a regular expression, in Python and as a condition in SQL."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from s3_monitor.model.errors import UserError
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import KeyPattern, ObjectsRule
from s3_monitor.objects.key_interpolator import shared_length
from s3_monitor.objects.sql_dialect import SqlDialect, quote_text

_SCHEME = "s3://"
_WILDCARD = re.compile(r"[*?\[]")
_MAX_REGEX_LENGTH = 1000
_SPECIAL, _BACKSLASHED = re.compile(r"([\\\[\]^&~|])"), r"\\\1"
_KEY = '"key"'


class KeyFilter(NamedTuple):
    """The selected keys of a bucket: those that begin with ``prefix`` and for which ``matches`` returns true."""

    prefix: str = ""
    matches: Callable[[str], bool] | None = None
    """None: all keys with the prefix."""
    text: str = ""
    """The patterns as the user wrote them."""


def parse_key_pattern(text: str) -> KeyPattern | None:
    """Split ``s3://logs-*/2026/11/*`` into bucket pattern and key pattern, or return None for anything else.

    A key without wildcards selects the key itself and all keys below it as a folder, a key that ends with ``/`` the
    keys below it, and no key all keys.
    """
    if not text.startswith(_SCHEME):
        return None
    bucket, _, key = text.removeprefix(_SCHEME).partition("/")
    return KeyPattern(bucket, key)


def key_patterns(rule: ObjectsRule, bucket: str) -> tuple[str, ...]:
    """Return the key patterns for a bucket, sorted. Empty: all keys."""
    patterns = {pattern.key for pattern in rule.keys if matcher([pattern.bucket])(bucket)}
    return () if patterns & {"", "*"} else tuple(sorted(patterns))


def _split_pattern(pattern: str) -> tuple[str, str]:
    """Split a pattern before its first wildcard."""
    wildcard = _WILDCARD.search(pattern)
    return (pattern, "") if wildcard is None else (pattern[: wildcard.start()], pattern[wildcard.start() :])


def key_filter_for(rule: ObjectsRule, bucket: str) -> KeyFilter:
    """Return the filter that a rule defines for a bucket. Without a pattern for the bucket: all keys."""
    patterns = key_patterns(rule, bucket)
    tests: list[Callable[[str], bool]] = []
    if len(patterns) > 1 or (patterns and not _is_prefix(patterns[0])):
        tests.append(_pattern_matcher(patterns))
    if rule.regex:
        tests.append(regex_matcher(rule.regex))
    literals = [_split_pattern(pattern)[0] for pattern in patterns]
    prefix = min(literals, default="")
    prefix = prefix[: shared_length(prefix, max(literals, default=""))]
    text = ", ".join([*patterns, *([f"regex {rule.regex}"] if rule.regex else [])])
    if len(tests) > 1:
        return KeyFilter(prefix, lambda key: all(test(key) for test in tests), text)
    return KeyFilter(prefix, tests[0] if tests else None, text)


def _is_prefix(pattern: str) -> bool:
    """Return whether the pattern matches exactly the keys that begin with its literal part."""
    literal, rest = _split_pattern(pattern)
    return rest == "*" if rest else literal.endswith("/")


def _pattern_matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    globs = [pattern for pattern in patterns if _split_pattern(pattern)[1]]
    exact = {*patterns} - {*globs}
    folders = tuple(pattern if pattern.endswith("/") else f"{pattern}/" for pattern in exact)
    match = re.compile("|".join(f"(?:{fnmatch.translate(pattern)})" for pattern in globs)).match if globs else None
    return lambda key: key in exact or key.startswith(folders) or (match is not None and match(key) is not None)


def regex_matcher(pattern: str) -> Callable[[str], bool]:
    """Return a function that searches a key for a regular expression. Raises UserError for an invalid expression.

    RE2 needs time in proportion to the key for every expression. Python's engine can need years.
    """
    try:
        import re2  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise UserError("--regex needs RE2", "python3 -m pip install '.[regex]' in a copy of the repository") from error
    if len(pattern) > _MAX_REGEX_LENGTH:
        raise UserError(f"--regex must have at most {_MAX_REGEX_LENGTH:,} characters, got {len(pattern):,}")
    options = re2.Options()
    options.log_errors = False
    try:
        search = re2.compile(pattern, options).search
    except re2.error as error:
        reason = error.args[0] if error.args else error
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        advice = "the syntax is that of RE2, without look-around and back-references"
        raise UserError(f"--regex {pattern}: {text}", advice) from error
    return lambda key: search(key) is not None


def key_condition(patterns: Sequence[str], regex: str, dialect: SqlDialect) -> str:
    """Return the condition on the column of keys, or an empty text if all keys are selected."""
    parts = []
    if patterns:
        parts.append(" OR ".join(_pattern_condition(pattern, dialect) for pattern in patterns))
    if regex:
        parts.append(dialect.regex_test(_KEY, quote_text(regex)))
    return " AND ".join(f"({part})" for part in parts)


def _pattern_condition(pattern: str, dialect: SqlDialect) -> str:
    literal, rest = _split_pattern(pattern)
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
