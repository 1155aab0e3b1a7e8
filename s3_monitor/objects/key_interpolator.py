"""Texts as numbers, so that the middle of two keys is where about half of the keys between them come before it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import zip_longest

LAST = "\U0010ffff"  # sorts behind every other character
_DIGITS = 8  # characters behind the common beginning that count
_POSITIONS = 256  # beyond, every character is thought possible

Kinds = Sequence[frozenset[str]]  # position → the kinds of characters that stand there


class KeyInterpolator:
    """The characters that keys are made of, as seen so far, by kind: digits, small letters, and so on. Where a digit
    stands in some keys any digit may stand in others, and what never stands there does not weigh."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._known: dict[str, set[str]] = {}
        self._signs: dict[frozenset[str], list[str]] = {}

    def learn(self, keys: Sequence[str]) -> Kinds:
        """The kinds that stand at each position of some keys."""
        found: list[frozenset[str]] = []
        for signs in map(set, zip_longest(*(key[:_POSITIONS] for key in keys), fillvalue="")):
            signs.discard("")
            for sign in signs - self._kinds.keys():
                kind = self._kinds[sign] = _kind(sign)
                self._known.setdefault(kind, set()).add(sign)
                self._signs.clear()
            found.append(frozenset([self._kinds[sign] for sign in signs]))
        return found

    def value(self, text: str, begin: int, kinds: Kinds) -> float:
        """What stands behind its first ``begin`` characters as a number from 0 to below 1."""
        value, weight = 0.0, 1.0
        for position in range(begin, min(len(text), begin + _DIGITS)):
            signs = self._at(position, kinds)
            weight /= len(signs) + 2  # a place for the end of the text before all signs, and one for others behind them
            place = bisect_left(signs, text[position])
            value += weight * (place + 1 if signs[place : place + 1] == [text[position]] else place + 0.5)
        return value

    def text(self, value: float, begin: int, kinds: Kinds) -> str:
        """The characters behind the first ``begin`` that make up a number; none where it is nearly 0."""
        found = ""
        for position in range(begin, begin + _DIGITS):
            signs = self._at(position, kinds)
            value *= len(signs) + 2
            digit = int(value)
            value -= digit
            if digit == 0:
                break
            found += signs[digit - 1] if digit <= len(signs) else LAST
        return found

    def _at(self, position: int, kinds: Kinds) -> list[str]:
        here = kinds[position] if position < len(kinds) else frozenset(self._known)
        signs = self._signs.get(here)
        if signs is None:
            signs = self._signs[here] = sorted(sign for kind in here for sign in self._known[kind])
        return signs


def shared_length(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


def _kind(sign: str) -> str:
    if sign.isdigit():
        return "digit"
    if sign.isalpha():
        return "small" if sign.islower() else "large"
    return sign
