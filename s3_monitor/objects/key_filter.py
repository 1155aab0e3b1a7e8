"""Which keys are asked about: `s3://BUCKET/KEY` patterns and a regular expression."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from typing import NamedTuple

from s3_monitor.model.errors import UserError
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import KeyPattern, ObjectsRule
from s3_monitor.objects.key_interpolator import shared_length

_SCHEME = "s3://"
_WILD = re.compile(r"[*?\[]")
_LONGEST = 1000  # characters of a regular expression


class KeyFilter(NamedTuple):
    """The keys asked about in one bucket: those that begin with ``prefix`` and are ``wanted`` (null: all).
    ``shown``: the patterns, as people wrote them."""

    prefix: str = ""
    wanted: Callable[[str], bool] | None = None
    shown: str = ""


def parse_key_pattern(text: str) -> KeyPattern | None:
    """``s3://logs-*/2026/11/*`` → the bucket's pattern and the key's; null where it is no such address.

    A key without wildcards stands for itself and for everything below it as a folder; one that ends in ``/`` for what
    is below. Without a key, all keys.
    """
    if not text.startswith(_SCHEME):
        return None
    bucket, _, key = text.removeprefix(_SCHEME).partition("/")
    return KeyPattern(bucket, key)


def key_filter_for(rule: ObjectsRule, bucket: str) -> KeyFilter:
    """What a rule asks of a bucket. A pattern without a key, or none that is about the bucket: all keys."""
    patterns = sorted({one.key for one in rule.keys if matcher([one.bucket])(bucket)})
    if "" in patterns or "*" in patterns:
        patterns = []
    tests: list[Callable[[str], bool]] = []
    if len(patterns) > 1 or (patterns and not _is_prefix(patterns[0])):
        tests.append(_matches(patterns))
    if rule.regex:
        tests.append(regex_matcher(rule.regex))
    prefix = ""
    if patterns:
        first, last = min(map(_literal, patterns)), max(map(_literal, patterns))
        prefix = first[: shared_length(first, last)]
    shown = [*patterns, *([f"regex {rule.regex}"] if rule.regex else [])]
    wanted = None if not tests else tests[0] if len(tests) == 1 else lambda key: all(test(key) for test in tests)
    return KeyFilter(prefix, wanted, ", ".join(shown))


def _is_prefix(pattern: str) -> bool:
    """It matches what begins with its literal part, and nothing else."""
    wild = _WILD.search(pattern)
    return pattern.endswith("/") if wild is None else pattern[wild.start() :] == "*"


def _literal(pattern: str) -> str:
    """What comes before the first wildcard."""
    wild = _WILD.search(pattern)
    return pattern if wild is None else pattern[: wild.start()]


def _matches(patterns: list[str]) -> Callable[[str], bool]:
    globs = [pattern for pattern in patterns if _WILD.search(pattern)]
    folders = tuple(pattern if pattern.endswith("/") else f"{pattern}/" for pattern in patterns if pattern not in globs)
    exact = {pattern for pattern in patterns if pattern not in globs}
    match = re.compile("|".join(f"(?:{fnmatch.translate(pattern)})" for pattern in globs)).match if globs else None
    return lambda key: key in exact or key.startswith(folders) or (match is not None and match(key) is not None)


def regex_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a regular expression is found in a key. UserError where it cannot be used.

    RE2 takes time in proportion to the key, whatever the pattern; Python's own can take years for some.
    """
    try:
        import re2  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise UserError("--regex needs RE2", "python3 -m pip install '.[regex]' in a copy of the repository") from error
    if len(pattern) > _LONGEST:
        raise UserError(f"--regex: of {len(pattern):,} characters", f"at most {_LONGEST:,} are possible")
    options = re2.Options()
    options.log_errors = False
    try:
        search = re2.compile(pattern, options).search
    except re2.error as error:
        said = error.args[0] if error.args else error
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        advice = "the syntax is RE2's, without look-around and back-references"
        raise UserError(f"--regex {pattern}: {text}", advice) from error
    return lambda key: search(key) is not None
