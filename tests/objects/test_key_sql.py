"""The SQL condition selects the same keys as the filter of listings."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.plan import KeyPattern, ObjectsRule
from s3_monitor.objects.key_filter import key_condition, key_filter_for, key_patterns
from s3_monitor.objects.sql_dialect import DUCKDB

KEYS = [
    *("a", "a/", "a/b", "a/b.log", "a/bc/d.log", "ab", "b", "logs/2026/11/x.gz", "logs/2026/1", "LOGS/x", "x[1]", "x1"),
    *("a*b", "a?b", "quote'd/x", "new\nline.log", "ü/日本", "^", "-", "a]b", "back\\slash"),
]


def chosen(rule: ObjectsRule) -> tuple[list[str], list[str]]:
    """Select keys by SQL, and by the filter of listings."""
    duck = duckdb.connect()
    duck.execute("CREATE TABLE keys (key VARCHAR)")
    duck.executemany("INSERT INTO keys VALUES (?)", [[key] for key in KEYS])
    where = key_condition(key_patterns(rule, "logs"), rule.regex, DUCKDB) or "true"
    found = [key for (key,) in duck.execute(f"SELECT key FROM keys WHERE {where}").fetchall()]
    keys = key_filter_for(rule, "logs")
    return sorted(found), sorted(k for k in KEYS if k.startswith(keys.prefix) and (not keys.matches or keys.matches(k)))


@pytest.mark.parametrize(
    ("patterns", "regex"),
    [
        ((), ""),
        (("",), ""),
        (("*",), ""),
        (("a",), ""),
        (("a/",), ""),
        (("a/*",), ""),
        (("a*",), ""),
        (("*.log",), ""),
        (("logs/*/x.gz", "b"), ""),
        (("?",), ""),
        (("x[[]1]", "[!a-l]*"), ""),
        (("[]a]*",), ""),
        (("a[",), ""),
        (("quote'd",), ""),
        ((), "'"),
        ((), r"\.log$"),
        (("a*",), "b"),
        (("[\\^-]",), ""),
    ],
)
def test_listing_and_sql_select_the_same_keys(patterns: tuple[str, ...], regex: str) -> None:
    rule = ObjectsRule("inventory", keys=tuple(KeyPattern("logs", pattern) for pattern in patterns), regex=regex)
    by_sql, by_listing = chosen(rule)
    assert by_sql == by_listing


@given(st.lists(st.text(alphabet="ab/.*?[]!x1\n'", min_size=1, max_size=6), min_size=1, max_size=2))
def test_listing_and_sql_select_the_same_keys_for_any_patterns(patterns: list[str]) -> None:
    rule = ObjectsRule("inventory", keys=tuple(KeyPattern("logs", pattern) for pattern in patterns))
    by_sql, by_listing = chosen(rule)
    assert by_sql == by_listing


def test_patterns_for_other_buckets_are_ignored() -> None:
    rule = ObjectsRule("inventory", keys=(KeyPattern("other-*", "a"),))
    assert key_patterns(rule, "logs") == ()
