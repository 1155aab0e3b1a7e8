"""Names of shards, and suggestions for mistyped names."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Collection, Iterable

from s3_monitor.model.errors import UserError

LONGEST = 100
NAME = rf"[a-z0-9][a-z0-9._-]{{0,{LONGEST - 1}}}"
NAME_RULE = (
    f"lower-case letters, digits, '.', '_' and '-', starting with a letter or digit, at most {LONGEST} characters"
)


def is_name(text: str) -> bool:
    """Return whether the text is a valid name of a shard."""
    return re.fullmatch(NAME, text) is not None


def name_from(text: str, fallback: str) -> str:
    """Return the most similar valid name of a shard: ``my-profile`` for ``My Profile``."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("._-")[:LONGEST] or fallback


def nearest(word: str, known: Collection[str]) -> list[str]:
    """Return up to three names most similar to ``word``, ignoring case, best first.

    Of equally similar names, that with the longer common prefix comes first.
    """
    by_lower = {name.lower(): name for name in sorted(known, reverse=True)}
    word = word.lower()
    matcher = difflib.SequenceMatcher(b=word)

    def likeness(name: str) -> tuple[float, int, str]:
        matcher.set_seq1(name)
        return -matcher.ratio(), -len(list(itertools.takewhile(bool, map(str.__eq__, name, word)))), name

    near = difflib.get_close_matches(word, sorted(by_lower), n=9, cutoff=0.6)
    return [by_lower[name] for name in sorted(near, key=likeness)[:3]]


def did_you_mean(word: str, known: Collection[str]) -> str:
    """Return ``did you mean a or b?``; without a similar name, all known names if they are few."""
    near = nearest(word, known)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"one of: {', '.join(sorted(known))}" if len(known) <= 40 else ""


def check_exists(option: str, selected: Iterable[str], known: Collection[str], noun: str) -> None:
    """Raise UserError with similar names for a selected name that does not exist."""
    for name in selected:
        if name not in known:
            raise UserError(f"{option} {name}: no such {noun}", did_you_mean(name, known))
