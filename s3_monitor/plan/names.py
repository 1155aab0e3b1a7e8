"""Names of shards, and near misses of names that people type."""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Collection

LONGEST = 100
NAME = rf"[a-z0-9][a-z0-9._-]{{0,{LONGEST - 1}}}"
NAME_RULE = f"small letters, digits, '.', '_' and '-', beginning with a letter or digit, at most {LONGEST} characters"


def is_name(text: str) -> bool:
    return re.fullmatch(NAME, text) is not None


def name_from(text: str, otherwise: str) -> str:
    """The nearest valid name of a shard: ``My Profile`` gives ``my-profile``."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("._-")[:LONGEST] or otherwise


def nearest(word: str, known: Collection[str]) -> list[str]:
    """Up to three names that look most like ``word``, whatever their case, the best first; of equals the one that
    begins like it."""
    by_lower = {name.lower(): name for name in sorted(known, reverse=True)}
    word = word.lower()
    matcher = difflib.SequenceMatcher(b=word)

    def likeness(name: str) -> tuple[float, int, str]:
        matcher.set_seq1(name)
        return -matcher.ratio(), -len(list(itertools.takewhile(bool, map(str.__eq__, name, word)))), name

    near = difflib.get_close_matches(word, sorted(by_lower), n=9, cutoff=0.6)
    return [by_lower[name] for name in sorted(near, key=likeness)[:3]]


def did_you_mean(word: str, known: Collection[str]) -> str:
    """``did you mean a, b or c?``; where nothing is near: all that is known, if that is a short list."""
    near = nearest(word, known)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"one of: {', '.join(sorted(known))}" if len(known) <= 40 else ""
