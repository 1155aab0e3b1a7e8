"""Objects and bytes added up by what they have in common, a page of keys at a time: of millions, each counts."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import chain, pairwise
from typing import TypeVar

from s3_monitor.model.object_stats import Amount

K = TypeVar("K", bound=Hashable)


def sum_by_name(names: Sequence[K], sizes: Sequence[int]) -> dict[K, Amount]:
    """``sizes``: in bytes, one for each of ``names``."""
    if len(set(names)) <= 1:
        return {names[0]: Amount(len(names), sum(sizes))} if names else {}
    totals: defaultdict[K, int] = defaultdict(int)
    for name, size in zip(names, sizes, strict=True):
        totals[name] += size
    return {name: Amount(count, totals[name]) for name, count in Counter(names).items()}


def sum_by_bin(edges: Sequence[int], sizes: Sequence[int]) -> dict[int, Amount]:
    """By how many of the ``edges`` (ascending) are at most the size, as bisect_right tells."""
    ordered = sorted(sizes)
    places = [0, *(bisect_left(ordered, edge) for edge in edges), len(ordered)]
    return {
        number: Amount(end - start, sum(ordered[start:end])) for number, (start, end) in enumerate(pairwise(places))
    }


def merge_sums(parts: Iterable[Mapping[K, Amount]]) -> dict[K, Amount]:
    """What several sums say together."""
    found: dict[K, Amount] = {}
    for name, amount in chain.from_iterable(part.items() for part in parts):
        known = found.get(name)
        found[name] = amount if known is None else known + amount
    return found


class ClassSums:
    """The storage classes of a page's objects, and their bytes."""

    def __init__(self, classes: Sequence[str], sizes: Sequence[int]) -> None:
        self._classes, self._sizes = classes, sizes
        self._alike = len(set(classes)) == 1
        self._span, self._sums = (0, 0), dict[str, Amount]()

    def size(self, start: int, end: int) -> int:
        """Bytes of those from a place to before another."""
        return sum(self._sizes[start:end])

    def between(self, start: int, end: int) -> dict[str, Amount]:
        """The same by class. Prefixes of all depths often span the same."""
        if self._alike or end - start == 1:
            return {self._classes[start]: Amount(end - start, self.size(start, end))}
        if (start, end) != self._span:
            self._sums = sum_by_name(self._classes[start:end], self._sizes[start:end])
            self._span = start, end
        return self._sums
