"""The keys that a pattern selects."""

from __future__ import annotations

import pytest

from s3_monitor.model.errors import UserError
from s3_monitor.model.plan import KeyPattern, ObjectsRule
from s3_monitor.objects.key_filter import key_filter_for, parse_key_pattern, regex_matcher

KEYS = [
    "Folder",
    "Folder/SubFolder",
    "Folder/SubFolder/log",
    "Folder/SubFolder/log-1.gz",
    "Folder/SubFolder/logs/2026/x",
    "Folder/SubFolder/other",
    "Folder2/SubFolder/log",
    "a[1].txt",
    "a1.txt",
]


def asked(*patterns: str, regex: str = "", bucket: str = "my-bucket") -> tuple[str, list[str]]:
    """Return the requested prefix, and the selected keys."""
    keys = tuple(parse_key_pattern(pattern) or KeyPattern(pattern, "") for pattern in patterns)
    rule = key_filter_for(ObjectsRule("listing", keys=keys, regex=regex), bucket)
    return rule.prefix, [k for k in KEYS if k.startswith(rule.prefix) and (rule.matches is None or rule.matches(k))]


@pytest.mark.parametrize(
    ("patterns", "prefix", "found"),
    [
        (["s3://my-bucket/Folder/SubFolder/log*"], "Folder/SubFolder/log", KEYS[2:5]),
        (["s3://my-bucket/Folder/SubFolder/"], "Folder/SubFolder/", KEYS[2:6]),
        (["s3://my-bucket/Folder/SubFolder"], "Folder/SubFolder", KEYS[1:6]),
        (["s3://my-bucket/Folder"], "Folder", KEYS[:6]),
        (["s3://my-bucket/*.gz"], "", [KEYS[3]]),
        (["s3://my-bucket/Folder?/*"], "Folder", [KEYS[6]]),
        (["s3://my-bucket/Folder/*/log"], "Folder/", [KEYS[2]]),
        (["s3://my-bucket/a[[]1].txt"], "a", ["a[1].txt"]),
        (["s3://my-*/Folder/SubFolder/o*"], "Folder/SubFolder/o", [KEYS[5]]),
        (["s3://my-bucket/Folder/SubFolder/o*", "s3://my-bucket/Folder2/*"], "Folder", KEYS[5:7]),
        (["s3://my-bucket/a*", "my-*"], "", KEYS),
        (["s3://my-bucket"], "", KEYS),
        (["s3://my-bucket/"], "", KEYS),
        (["s3://other/a*"], "", KEYS),
    ],
)
def test_the_literal_prefix_is_requested_and_the_rest_is_matched(
    patterns: list[str], prefix: str, found: list[str]
) -> None:
    assert asked(*patterns) == (prefix, found)


def test_a_regular_expression_is_found_anywhere_in_the_key() -> None:
    assert asked(regex=r"log(-\d+)?\b")[1] == [
        "Folder/SubFolder/log",
        "Folder/SubFolder/log-1.gz",
        "Folder2/SubFolder/log",
    ]
    assert asked("s3://my-bucket/Folder/*", regex=r"\.gz$") == ("Folder/", ["Folder/SubFolder/log-1.gz"])


def test_every_regular_expression_is_fast() -> None:
    # Python's re would take exponential time.
    assert not regex_matcher("(a+)+$")("a" * 1023 + "b")


@pytest.mark.parametrize("pattern", ["(", r"(a)\1", "(?=a)", "a" * 1001])
def test_an_invalid_regular_expression_is_rejected(pattern: str) -> None:
    with pytest.raises(UserError, match="--regex"):
        regex_matcher(pattern)
