"""Keys as numbers, so that about half of the keys between two keys are before their mean."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import zip_longest

LAST = "\U0010ffff"  # sorts after every other character
_DIGITS = 8  # characters after the shared prefix that count
_POSITIONS = 256  # after these, every character is considered possible

Kinds = Sequence[frozenset[str]]  # position → the kinds of characters that occur there


class KeyInterpolator:
    """Interpolates between keys, based on the characters seen so far by kind: digits, lower case, and so on.

    If some keys have a digit at a position, others may have any digit there. Characters of kinds that do not occur at a
    position have no weight.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._by_kind: dict[str, set[str]] = {}
        self._sorted: dict[frozenset[str], list[str]] = {}

    def learn(self, keys: Sequence[str]) -> Kinds:
        """Add the characters of some keys, and return their kinds at each position."""
        kinds: list[frozenset[str]] = []
        for chars in map(set, zip_longest(*(key[:_POSITIONS] for key in keys), fillvalue="")):
            chars.discard("")
            for char in chars - self._kinds.keys():
                kind = self._kinds[char] = _kind(char)
                self._by_kind.setdefault(kind, set()).add(char)
                self._sorted.clear()
            kinds.append(frozenset([self._kinds[char] for char in chars]))
        return kinds

    def value(self, text: str, begin: int, kinds: Kinds) -> float:
        """Return the characters from index ``begin`` on as a number from 0 to below 1."""
        value, weight = 0.0, 1.0
        for position in range(begin, min(len(text), begin + _DIGITS)):
            chars = self._at(position, kinds)
            weight /= len(chars) + 2  # digits before all characters (end of the text) and after them (unseen ones)
            index = bisect_left(chars, text[position])
            value += weight * (index + 1 if chars[index : index + 1] == [text[position]] else index + 0.5)
        return value

    def text(self, value: float, begin: int, kinds: Kinds) -> str:
        """Return the characters from index ``begin`` on that represent a number; empty if it is nearly 0."""
        text = ""
        for position in range(begin, begin + _DIGITS):
            chars = self._at(position, kinds)
            value *= len(chars) + 2
            digit = int(value)
            value -= digit
            if digit == 0:
                break
            text += chars[digit - 1] if digit <= len(chars) else LAST
        return text

    def _at(self, position: int, kinds: Kinds) -> list[str]:
        here = kinds[position] if position < len(kinds) else frozenset(self._by_kind)
        if here not in self._sorted:
            self._sorted[here] = sorted(char for kind in here for char in self._by_kind[kind])
        return self._sorted[here]


def shared_length(left: str, right: str) -> int:
    """Return the length of the longest common prefix."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(left), len(right)))


def _kind(char: str) -> str:
    if char.isdigit():
        return "digit"
    if char.isalpha():
        return "lower" if char.islower() else "other letter"
    return char
