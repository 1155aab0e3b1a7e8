"""Which keys are asked about, as a condition of SQL: the same keys that objects.keys finds in a listing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import ObjectsRule

_SPECIAL, _BACKSLASHED = re.compile(r"([\\\[\]^&~|])"), r"\\\1"
_WILD = re.compile(r"[*?\[]")
Found = Callable[[str, str], str]  # an expression and a quoted regular expression → whether it is found there


def key_patterns(rule: ObjectsRule, bucket: str) -> tuple[str, ...]:
    """Those about a bucket; none: all of its keys."""
    patterns = {one.key for one in rule.keys if matcher([one.bucket])(bucket)}
    return () if patterns & {"", "*"} else tuple(sorted(patterns))


def key_condition(key: str, patterns: Sequence[str], regex: str, found: Found) -> str:
    """Of the expression ``key``; empty where all keys are asked about."""
    parts = []
    if patterns:
        parts.append(" OR ".join(_of_pattern(key, pattern, found) for pattern in patterns))
    if regex:
        parts.append(found(key, quoted(regex)))
    return " AND ".join(f"({part})" for part in parts)


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _of_pattern(key: str, pattern: str, found: Found) -> str:
    """Without wildcards a key stands for itself and for what is below it as a folder."""
    wild = _WILD.search(pattern)
    if wild is None:
        below = f"starts_with({key}, {quoted(pattern if pattern.endswith('/') else f'{pattern}/')})"
        return below if pattern.endswith("/") else f"{key} = {quoted(pattern)} OR {below}"
    literal = pattern[: wild.start()]
    if pattern[wild.start() :] == "*":
        return f"starts_with({key}, {quoted(literal)})"
    begins = f"starts_with({key}, {quoted(literal)}) AND " if literal else ""
    return f"({begins}{found(key, quoted(_expression(pattern)))})"


def _expression(glob: str) -> str:
    """A glob as a regular expression of RE2 and of Java."""
    text, at = "", 0
    while at < len(glob):
        sign = glob[at]
        at += 1
        end = glob.find("]", at + (2 if glob[at : at + 1] == "!" else 1)) if sign == "[" else -1
        if sign == "*":
            text += ".*"
        elif sign == "?":
            text += "."
        elif end >= 0:
            inside = glob[at:end]
            no = inside.startswith("!")
            text += f"[{'^' if no else ''}{_SPECIAL.sub(_BACKSLASHED, inside[no:])}]"
            at = end + 1
        else:
            text += re.escape(sign)
    return rf"(?s)\A{text}\z"
